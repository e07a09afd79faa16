"""Read-only access to a database file, or to a folder with copies of tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from mallard import __version__
from mallard.engines.duckdb.session import first_line
from mallard.errors import MallardError
from mallard.sql.text import folded, literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COPIES = {".parquet": "read_parquet", ".csv": "read_csv"}
"""DuckDB's function to read a copy of a table, by file extension."""
ANOTHER_VERSION = (
    f"if another version than Mallard {__version__} made these tables, run dbt build with this one, or install that one"
)


class Database:
    """A read-only connection."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def tuples(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows that a query returns."""
        rows: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return rows

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows that a query returns, each as a dictionary by the name of the column in lower case.

        Whoever built the tables may have had DuckDB fold names to upper case.
        """
        result = self._connection.execute(sql)
        names = [folded(name) for name, *_ in result.description or ()]
        return [_Row(zip(names, row, strict=True)) for row in result.fetchall()]

    def copy(self, select: str, file: Path, options: str) -> int:
        """Write what a query returns into a file, in bounded memory; the number of rows.

        Args:
            options: of DuckDB's statement `copy`.

        Raises:
            MallardError: the file, or a type of column in such a file, can't be written.
        """
        try:
            [(n_rows,)] = self.tuples(f"copy ({select}) to {literal(str(file))} ({options}, use_tmp_file false)")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise MallardError(
                f"{first_line(error).rstrip('.')}: make room on the disk, choose another path, or leave out the column "
                "that can't be written."
            ) from None
        return n_rows  # type: ignore[no-any-return]

    def problem(self, sql: str) -> str | None:
        """What keeps a query from running, in one line; None if it runs."""
        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            return first_line(error)
        return None


class _Row(dict[str, Any]):
    """A row by column name."""

    def __missing__(self, column: str) -> Any:
        raise MallardError(f"a table has no column {column}: {ANOTHER_VERSION}.")


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a DuckDB file, or a folder of copies in Parquet or CSV.

    Raises:
        MallardError: the path doesn't exist or can't be read, or what is asked of its tables isn't in them.
    """
    if path.exists() and not os.access(path, os.R_OK):
        raise MallardError(f"you may not read {path}: ask its owner for the right to.")
    try:
        with _folder(path) if path.is_dir() else _file(path) as connection:
            yield Database(connection)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise MallardError(f"{path}: {first_line(error).rstrip('!.')}: {ANOTHER_VERSION}.") from None
    except duckdb.Error as error:
        raise unreadable(path, error, "a database with segments", "a file that dbt built or published") from None


def unreadable(path: Path, error: duckdb.Error, wanted: str, remedy: str) -> MallardError:
    """What to say where DuckDB can't read a file.

    Args:
        wanted: what the file should be.
        remedy: what to name instead.
    """
    said = first_line(error).rstrip(".")
    if "lock" in said.lower() or "used by another process" in said:
        return MallardError(
            f"{path} is open in another process that may write to it, such as dbt build: wait until it is done, close "
            "the file there, or name the published file."
        )
    return MallardError(f"{path} can't be read as {wanted}: {said}. Name {remedy}.")


def _file(path: Path) -> DuckDBPyConnection:
    if not path.is_file():
        raise MallardError(f"there is no file {path}: run dbt build first, or name another file.")
    if path.suffix.lower() in COPIES:
        raise MallardError(
            f"{path} is a copy of one table, but a segmentation has several: name the folder with the copies, "
            f"{path.parent}, or the DuckDB file."
        )
    return duckdb.connect(path, read_only=True)


def _folder(path: Path) -> DuckDBPyConnection:
    """A connection with a view for each copy; if the folder has several formats, the first in `COPIES` counts."""
    for ending, reader in COPIES.items():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ending and file.name[0] != ".")
        if files:
            _check_names(files)
            connection = duckdb.connect()
            for file in files:
                name, source = quoted(file.stem), literal(str(file))
                try:
                    connection.execute(f"create view {name} as from {reader}({source})")
                except duckdb.Error as error:
                    raise MallardError(
                        f"the copy {file} is broken ({first_line(error)}): publish again, or name another folder."
                    ) from None
            return connection
    raise MallardError(f"the folder {path} has no copies of tables: name a DuckDB file, or a folder of Parquet files.")


def _check_names(files: Sequence[Path]) -> None:
    """Refuse copies whose tables would have the same name for DuckDB, which ignores case."""
    by_name: dict[str, Path] = {}
    for file in files:
        same = by_name.setdefault(folded(file.stem), file)
        if same != file:
            raise MallardError(
                f"the folder {file.parent} has both {same.name} and {file.name}, which DuckDB takes for the same "
                "table: move one of them away."
            )
