"""Publish tables for BI tools: a file in a format that old clients read, put in place when it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mallard.errors import MallardError
from mallard.publish.copies import check_copies, folder_of_copies, write_copies
from mallard.publish.types import published_columns_sql
from mallard.sql.text import folded, literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STORAGE_VERSION = "v1.0.0"
"""DuckDB 1.0 and all later versions read this format."""
PUBLICATION = "publication"
"""The table with the time and the run of the publication."""


@dataclass(frozen=True)
class Table:
    """A table of the warehouse.

    Attributes:
        description: used if the table has no comment in the warehouse.
        columns: descriptions of the columns by name, used if a column has no comment in the warehouse.
    """

    database: str
    schema: str
    name: str
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        return ".".join(map(quoted, (self.database, self.schema, self.name)))


def publish(
    connection: DuckDBPyConnection, tables: Sequence[Table], file: Path, run_id: str, copies: Sequence[str] = ()
) -> None:
    """Write tables into a new file, which then replaces the published file in one step.

    A client that has the old file open keeps reading it. If anything fails, the old file stays.

    Args:
        connection: connection to the warehouse.
        tables: tables to publish, in the schema main, under their names.
        file: the published file; its folder is created.
        run_id: the run that made the tables, for the table `publication`.
        copies: formats, of "parquet" and "csv"; a folder beside the file, with its name, gets a file for each table.

    Raises:
        MallardError: two tables have the same name, a format is unknown, the file has no extension, or it is the
            warehouse.
    """
    _check(connection, tables, file)
    check_copies(copies)
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(file)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with connection.cursor() as cursor, _attached(cursor, unfinished) as database:
        cursor.execute("begin")  # so that all tables show the same moment
        for table in tables:
            select = f"select {published_columns_sql(cursor, table.sql)} from {table.sql}"
            cursor.execute(f"create table {database}.main.{quoted(table.name)} as {select}")
            for comment in _comments(cursor, table, database):
                cursor.execute(comment)
        cursor.execute(
            f"create table {database}.main.{PUBLICATION} as select cast(? as timestamp) as published_at, ? as run_id",
            [datetime.now(UTC).replace(tzinfo=None), run_id],
        )
        cursor.execute("commit")
        write_copies(cursor, [table.name for table in tables], database, file, copies)
    _put_in_place(unfinished, file)


def _check(connection: DuckDBPyConnection, tables: Sequence[Table], file: Path) -> None:
    if not file.suffix:
        raise MallardError("the file needs an extension, such as .duckdb.")
    open_files = connection.execute("select path from duckdb_databases() where path is not null").fetchall()
    if file.resolve() in [Path(path).resolve() for (path,) in open_files]:
        raise MallardError("it is the warehouse itself: choose another file.")
    names = [folded(table.name) for table in tables] + [PUBLICATION]
    for name in names:
        if names.count(name) > 1:
            raise MallardError(f"two tables to publish have the name {name}: give one of them another alias.")


def _remove_leftovers(file: Path) -> None:
    """Remove the temporary files of runs that were killed."""
    for leftover in [*file.parent.glob(f".{file.name}.*.tmp*"), *folder_of_copies(file).glob(".*.tmp")]:
        leftover.unlink()


@contextmanager
def _attached(cursor: DuckDBPyConnection, file: Path) -> Iterator[str]:
    """Attach a new database and detach it at the end; after an error, remove it."""
    name = "mallard__publication"
    cursor.execute(f"attach {literal(str(file))} as {name} (storage_version '{STORAGE_VERSION}')")
    try:
        yield name
    except BaseException:
        with suppress(Exception):
            cursor.execute("rollback")
        cursor.execute(f"detach {name}")
        _remove(file)
        raise
    cursor.execute(f"detach {name}")


def _remove(file: Path) -> None:
    for part in (file, file.with_name(f"{file.name}.wal")):
        part.unlink(missing_ok=True)


def _comments(cursor: DuckDBPyConnection, table: Table, database: str) -> list[str]:
    """SQL that comments the published table and its columns."""
    where = "database_name = ? and schema_name = ? and table_name = ?"
    parameters = [table.database, table.schema, table.name]
    published = f"{database}.main.{quoted(table.name)}"
    [(of_table,)] = cursor.execute(
        f"select comment from duckdb_tables() where {where} "
        f"union all select comment from duckdb_views() where {where.replace('table_name', 'view_name')}",
        parameters * 2,
    ).fetchall()
    of_columns = cursor.execute(
        f"select column_name, comment from duckdb_columns() where {where}", parameters
    ).fetchall()
    descriptions = {folded(name): description for name, description in table.columns.items()}
    comments = [(f"table {published}", of_table or table.description)] + [
        (f"column {published}.{quoted(column)}", comment or descriptions.get(folded(column), ""))
        for column, comment in of_columns
    ]
    return [f"comment on {what} is {literal(comment)}" for what, comment in comments if comment]


def _put_in_place(unfinished: Path, file: Path) -> None:
    """Replace the published file once the new one is safely on disk."""
    try:
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(unfinished, file)
    except OSError:
        _remove(unfinished)
        raise
