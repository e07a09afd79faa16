"""Folders of Parquet files as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from mallard.sql.text import literal, quoted

DATABASE = "memory"
"""What DuckDB calls a database without a file."""


@contextmanager
def opened_parquet(folders: Mapping[tuple[str, str], Path]) -> Iterator[DuckDBPyConnection]:
    """A connection with a view of the files of each folder.

    Args:
        folders: by the schema and the name of the view.
    """
    with duckdb.connect() as connection:
        for (schema, name), folder in folders.items():
            files = literal(str(folder / "*.parquet"))
            connection.execute(f"create schema if not exists {quoted(schema)}")
            connection.execute(f"create view {quoted(schema)}.{quoted(name)} as from read_parquet({files})")
        yield connection
