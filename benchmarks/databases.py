"""DuckDB connections outside dbt, to the input and output files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

CONFIG: dict[str, Any] = {"threads": 2}
"""The same setting as in the profile of the dbt project."""


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection without a progress bar."""
    connection = duckdb.connect(path, read_only=read_only, config=CONFIG)
    connection.execute("set enable_progress_bar = false")
    return connection


def create(path: Path, **attached: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a new file, with other files attached read-only under the given names."""
    remove(path)
    connection = connect(path)
    for name, other in attached.items():
        connection.execute(f"attach '{other}' as {name} (read_only)")
    return connection


def remove(path: Path) -> None:
    """Remove a DuckDB file and its write-ahead log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
