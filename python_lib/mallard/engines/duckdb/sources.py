"""Read-only access to a table that isn't a segmentation yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mallard.engines.duckdb.database import COPIES, Database, unreadable
from mallard.errors import MallardError
from mallard.sql.text import literal, quoted


def delimiter_of(path: Path) -> str:
    """What stands between the values of a CSV file that `opened_source` can read."""
    with duckdb.connect() as connection:
        sniffed = connection.execute(f"select delimiter from sniff_csv({literal(str(path))}, all_varchar = true)")
        [(delimiter,)] = sniffed.fetchall()
    return str(delimiter)


@contextmanager
def opened_source(path: Path, as_text: bool = False) -> Iterator[Database]:
    """Open a DuckDB file, or a CSV or Parquet file as a view with the name of the file.

    Args:
        as_text: whether all columns of a CSV file are text.

    Raises:
        MallardError: the path doesn't exist or can't be read.
    """
    if not path.is_file():
        raise MallardError(f"there is no file {path}: name a DuckDB file, or a CSV or Parquet file.")
    if not os.access(path, os.R_OK):
        raise MallardError(f"you may not read {path}: ask its owner for the right to.")
    reader = COPIES.get(path.suffix.lower())
    try:
        with duckdb.connect() if reader else duckdb.connect(path, read_only=True) as connection:
            if reader:
                options = ", all_varchar = true" if as_text and reader == COPIES[".csv"] else ""
                connection.execute(f"create view {quoted(path.stem)} as from {reader}({literal(str(path))}{options})")
            yield Database(connection)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise unreadable(path, error, "a table", "a DuckDB file, or a CSV file in UTF-8 or a Parquet file") from None
