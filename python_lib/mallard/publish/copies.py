"""Copies of published tables as Parquet or CSV, in a folder beside the file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mallard.errors import MallardError
from mallard.sql.text import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COPIES = {"parquet": "format parquet", "csv": "format csv, header"}
"""Formats of copies, with the options for DuckDB."""


def check_copies(copies: Sequence[str]) -> None:
    """Raise an error for an unknown format."""
    for kind in copies:
        if kind not in COPIES:
            raise MallardError(f"{kind} isn't a format for copies: choose from {', '.join(COPIES)}.")


def folder_of_copies(file: Path) -> Path:
    """Folder with the copies of a published file: the name of the file without its extension."""
    return file.with_suffix("")


def write_copies(
    cursor: DuckDBPyConnection, names: Sequence[str], database: str, file: Path, copies: Sequence[str]
) -> None:
    """Write each table of the attached database in every format."""
    folder = folder_of_copies(file)
    for kind in copies:
        folder.mkdir(exist_ok=True)
        for name in names:
            copy = folder / f"{name.replace(os.sep, '_')}.{kind}"
            unfinished = copy.with_name(f".{copy.name}.tmp")
            cursor.execute(f"copy {database}.main.{quoted(name)} to {literal(str(unfinished))} ({COPIES[kind]})")
            os.replace(unfinished, copy)
