"""Publish tables for BI tools: a file in a format that old clients read, put in place when it is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mallard.engines.duckdb.session import EngineError
from mallard.errors import MallardError
from mallard.files import keep_access
from mallard.publish.copies import check_copies, put_copies_in_place, write_copies
from mallard.publish.macros import Macro
from mallard.publish.place import PUBLICATION, Place, check_access, check_owner
from mallard.publish.types import published_columns_sql
from mallard.sql.text import folded, literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STORAGE_VERSION = "v1.0.0"
BLOCK_SIZE = 262_144
"""DuckDB 1.0 and all later versions read files of this format, which has blocks of this size."""


@dataclass(frozen=True)
class Table:
    """A table of the warehouse.

    Attributes:
        description: used if the table has no comment in the warehouse.
        columns: descriptions of the columns by name, used if a column has no comment in the warehouse.
        exclude: columns that aren't published.
    """

    database: str
    schema: str
    name: str
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    exclude: Sequence[str] = ()

    @property
    def sql(self) -> str:
        return ".".join(map(quoted, (self.database, self.schema, self.name)))


def publish(
    connection: DuckDBPyConnection,
    tables: Sequence[Table],
    place: Place,
    run_id: str,
    copies: Sequence[str] = (),
    macros: Sequence[Macro] = (),
) -> None:
    """Write tables and macros into a file that replaces the last publication in one step.

    A client that has the old file open keeps reading it. When anything fails, the old file stays.

    Args:
        connection: to the warehouse.
        tables: what to publish, in the schema main, under their names.
        place: where to publish; its folder is made.
        run_id: the run that made the tables, for the table `publication`.
        copies: of "parquet" and "csv"; a folder beside the file, with its name, gets a file for each table.
        macros: what the file can be asked besides its tables.

    Raises:
        MallardError: something else is there, two tables have the same name, a format is unknown, or a column to leave
            out isn't there.
    """
    _check_names(tables)
    names = [*(table.name for table in tables), PUBLICATION]
    check_access(connection, place)
    check_owner(connection, place)
    check_copies(names, place, copies)
    for path in (place.file, place.folder):
        path.parent.mkdir(parents=True, exist_ok=True)
    _remove(*place.leftovers(place.file), *place.leftovers(place.folder))
    unfinished = place.unfinished(place.file)
    try:
        with connection.cursor() as cursor, _attached(cursor, unfinished) as database:
            _set_time(cursor)
            cursor.execute("begin")  # so that all tables show the same moment
            for table in tables:
                _write(cursor, table, database)
            for macro in macros:
                cursor.execute(macro.create_sql(database))
            cursor.execute(
                f"create table {database}.main.{PUBLICATION} as "
                'select cast(? as timestamp) as "published_at", ? as "run_id"',
                [datetime.now(UTC).replace(tzinfo=None), run_id],
            )
            cursor.execute("commit")
            if copies:
                write_copies(cursor, names, database, place, copies)
        _put_in_place(unfinished, place)
        if copies:
            put_copies_in_place(place)
    except BaseException:
        _remove(unfinished, unfinished.with_name(f"{unfinished.name}.wal"), place.unfinished(place.folder))
        raise


def _set_time(cursor: DuckDBPyConnection) -> None:
    """Have moments converted in UTC and in years as most people count them, on this cursor alone."""
    with suppress(EngineError):  # where settings are locked, texts of moments have another offset
        cursor.execute("set session TimeZone = 'UTC'")
    [(calendar,)] = cursor.execute("select current_setting('Calendar')").fetchall()
    if calendar != "gregorian":
        cursor.execute("set session Calendar = 'gregorian'")


def _check_names(tables: Sequence[Table]) -> None:
    names = [folded(table.name) for table in tables] + [PUBLICATION]
    for name in names:
        if names.count(name) > 1:
            raise MallardError(f"two tables to publish have the name {name}: give one of them another alias.")


def _write(cursor: DuckDBPyConnection, table: Table, database: str) -> None:
    select = f"select {published_columns_sql(cursor, table.sql, table.exclude)} from {table.sql}"
    cursor.execute(f"create table {database}.main.{quoted(table.name)} as {select}")
    for comment in _comments(cursor, table, database):
        cursor.execute(comment)


@contextmanager
def _attached(cursor: DuckDBPyConnection, file: Path) -> Iterator[str]:
    """Attach a new database, and detach it at the end."""
    name = "mallard__publication"
    cursor.execute(
        f"attach {literal(str(file))} as {name} (storage_version '{STORAGE_VERSION}', block_size {BLOCK_SIZE})"
    )
    try:
        yield name
    except BaseException:
        with suppress(Exception):
            cursor.execute("rollback")
        cursor.execute(f"detach {name}")
        raise
    cursor.execute(f"detach {name}")


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


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
    left_out = set(map(folded, table.exclude))
    comments = [(f"table {published}", of_table or table.description)] + [
        (f"column {published}.{quoted(column)}", comment or descriptions.get(folded(column), ""))
        for column, comment in of_columns
        if folded(column) not in left_out
    ]
    return [f"comment on {what} is {literal(comment)}" for what, comment in comments if comment]


def _put_in_place(unfinished: Path, place: Place) -> None:
    """Replace the published file once the new one is safely on disk.

    Changes that a client left beside the old file go first: DuckDB would apply them to the new one.
    """
    keep_access(place.file, unfinished)
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    place.wal.unlink(missing_ok=True)
    os.replace(unfinished, place.file)
