"""Copies of published tables in Parquet or CSV, in a folder beside the file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mallard.errors import MallardError
from mallard.files import keep_access
from mallard.publish.place import Place
from mallard.sql.spreadsheets import spreadsheet_columns_sql
from mallard.sql.text import folded, literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COPIES = {"parquet": "format parquet", "csv": "format csv, header"}
"""The formats of copies, and how DuckDB writes them."""
LIST = ".mallard"
"""A file in the folder of the copies: the name of the published file, then those of the copies, a line each."""

LEFT_BY_FILE_MANAGERS = re.compile(r"\.DS_Store|\._.*|Thumbs\.db|desktop\.ini", re.IGNORECASE)
"""Names of files that programs which show folders put there, and that nobody misses."""


def check_copies(names: Sequence[str], place: Place, copies: Sequence[str]) -> None:
    """Refuse formats that don't exist, names that would share a file, and a folder with files of others.

    Raises:
        MallardError: the copies can't be written.
    """
    for kind in copies:
        if kind not in COPIES:
            raise MallardError(f"{kind} isn't a format for copies: choose from {', '.join(COPIES)}.")
    if not copies:
        return
    files = [folded(_file_name(name)) for name in names]
    for name, file in zip(names, files, strict=True):
        if files.count(file) > 1:
            raise MallardError(
                f"the copy of table {name} would have the file name of another table's: give one of them another alias."
            )
    if place.folder.exists() and not _has_only_copies(place):
        raise MallardError(
            f"where the copies go, {place.folder}, is something that Mallard didn't write for this publication: move "
            "it away, or publish under another name."
        )


def _has_only_copies(place: Place) -> bool:
    """Whether a folder is empty, or has nothing but the copies of this publication."""
    if not place.folder.is_dir():
        return False
    files = {file.name for file in place.folder.iterdir() if not LEFT_BY_FILE_MANAGERS.fullmatch(file.name)}
    if not files:
        return True
    if LIST not in files:
        return False
    of_file, *written = (place.folder / LIST).read_text("utf-8").split("\n")
    return of_file == place.file.name and files <= {LIST, *written}


def write_copies(
    cursor: DuckDBPyConnection, names: Sequence[str], database: str, place: Place, copies: Sequence[str]
) -> None:
    """Write each table of the attached database once in every format, into a folder that isn't in place yet."""
    folder = place.unfinished(place.folder)
    folder.mkdir()
    files = [f"{_file_name(name)}.{kind}" for kind in copies for name in names]
    (folder / LIST).write_text("\n".join([place.file.name, *files]), "utf-8")
    for kind in copies:
        for name in names:
            table = f"{database}.main.{quoted(name)}"
            columns = _columns_for_spreadsheets_sql(cursor, table) if kind == "csv" else "*"
            file = folder / f"{_file_name(name)}.{kind}"
            cursor.execute(f"copy (select {columns} from {table}) to {literal(str(file))} ({COPIES[kind]})")


def put_copies_in_place(place: Place) -> None:
    """Replace the folder of the copies as a whole, so that they are all of one run."""
    new = place.unfinished(place.folder)
    keep_access(place.folder, new)
    old = new.with_suffix(".old")
    if place.folder.exists():
        os.rename(place.folder, old)
    os.rename(new, place.folder)
    if old.exists():
        shutil.rmtree(old)


def remove_copies(place: Place) -> bool:
    """Remove the copies of an earlier publication, which would disagree with the file; whether there were any."""
    if not (place.folder.is_dir() and any(place.folder.iterdir()) and _has_only_copies(place)):
        return False
    shutil.rmtree(place.folder)
    return True


def _file_name(table: str) -> str:
    return table.replace(os.sep, "_").replace("\\", "_")


def _columns_for_spreadsheets_sql(cursor: DuckDBPyConnection, table: str) -> str:
    described = cursor.execute(f"describe {table}").fetchall()
    return spreadsheet_columns_sql({name: kind for name, kind, *_ in described})
