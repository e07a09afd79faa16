"""A file for BI tools: the tables of a warehouse in one that old clients read, put in place when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mallard.compression import folded, literal, quoted
from mallard.errors import MallardError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STORAGE_VERSION = "v1.0.0"
"""What DuckDB 1.0 and all later versions read."""
PUBLICATION = "publication"
"""The table that says what one is looking at."""
COPIES = {"parquet": "format parquet", "csv": "format csv, header"}
"""The kinds of files that may stand beside, and how DuckDB writes them."""
KINDS = {
    "BOOLEAN": "BOOLEAN", "DATE": "DATE", "VARCHAR": "VARCHAR", "DOUBLE": "DOUBLE", "BIGINT": "BIGINT",
    "INTEGER": "INTEGER", "TINYINT": "INTEGER", "SMALLINT": "INTEGER", "UTINYINT": "INTEGER", "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT", "FLOAT": "DOUBLE",
}  # fmt: skip
"""As what a type is published that every BI tool reads; any that is missing here is published as text."""
WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT", "DECIMAL")
"""Numbers that may not fit into a BIGINT, or into the digits of a DOUBLE; columns in which one doesn't are text."""
DIGITS = 15
"""Which every DOUBLE has."""


@dataclass(frozen=True)
class Table:
    """A table of the warehouse."""

    database: str
    schema: str
    name: str

    @property
    def sql(self) -> str:
        return ".".join(map(quoted, (self.database, self.schema, self.name)))


def publish(
    connection: DuckDBPyConnection, tables: Sequence[Table], file: Path, run_id: str, copies: Sequence[str] = ()
) -> None:
    """Write tables into a file that replaces the one of that name in one step.

    Who has the old file open goes on reading it. When anything fails, the old file stays.

    Args:
        connection: to the warehouse.
        tables: what to publish, in the schema main, under their names.
        file: where to; what it lies in is made.
        run_id: says in the table `publication` what run they come from.
        copies: of "parquet" and "csv"; a folder beside the file, with its name, has a file for each table.

    Raises:
        MallardError: two tables have the same name, there is no such kind of copies, or the file is the warehouse.
    """
    _check(connection, tables, file, copies)
    file.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(file)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    with connection.cursor() as cursor, _attached(cursor, unfinished) as database:
        cursor.execute("begin")  # so that all tables are of the same moment
        for table in tables:
            select = f"select {_columns(cursor, table)} from {table.sql}"
            cursor.execute(f"create table {database}.main.{quoted(table.name)} as {select}")
            for comment in _comments(cursor, table, database):
                cursor.execute(comment)
        cursor.execute(
            f"create table {database}.main.{PUBLICATION} as select cast(? as timestamp) as published_at, ? as run_id",
            [datetime.now(UTC).replace(tzinfo=None), run_id],
        )
        cursor.execute("commit")
        _copy(cursor, tables, database, file, copies)
    _put_in_place(unfinished, file)


def _check(connection: DuckDBPyConnection, tables: Sequence[Table], file: Path, copies: Sequence[str]) -> None:
    if not file.suffix:
        raise MallardError("the file needs an ending, such as .duckdb.")
    open_files = connection.execute("select path from duckdb_databases() where path is not null").fetchall()
    if file.resolve() in [Path(path).resolve() for (path,) in open_files]:
        raise MallardError("it is the warehouse itself: name another file.")
    names = [folded(table.name) for table in tables] + [PUBLICATION]
    for name in names:
        if names.count(name) > 1:
            raise MallardError(f"two tables to publish have the name {name}: give one of them another alias.")
    for kind in copies:
        if kind not in COPIES:
            raise MallardError(f"there are no copies of the kind {kind}: choose from {', '.join(COPIES)}.")


def _remove_leftovers(file: Path) -> None:
    """What a run that was killed left behind."""
    for leftover in [*file.parent.glob(f".{file.name}.*.tmp*"), *_folder_of_copies(file).glob(".*.tmp")]:
        leftover.unlink()


def _folder_of_copies(file: Path) -> Path:
    return file.with_suffix("")


@contextmanager
def _attached(cursor: DuckDBPyConnection, file: Path) -> Iterator[str]:
    """A new database, which is closed at the end, and removed if that isn't a good one."""
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


def _columns(cursor: DuckDBPyConnection, table: Table) -> str:
    """A select list with the columns as types that every BI tool reads."""
    described = cursor.execute(f"describe {table.sql}").fetchall()
    return ", ".join(f"{_column(cursor, table, name, kind)} as {quoted(name)}" for name, kind, *_ in described)


def _column(cursor: DuckDBPyConnection, table: Table, name: str, kind: str) -> str:
    column = quoted(name)
    if kind.endswith("]"):
        return f"cast({column} as varchar)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})"
    if kind.startswith("TIMESTAMP"):
        return f"cast({column} as timestamp)"
    if kind.startswith(WIDE):
        scale = int(kind.rstrip(")").rpartition(",")[2]) if "," in kind else 0
        type_, largest = ("double", 10 ** (DIGITS - scale)) if scale else ("bigint", 2**63)
        [(fits,)] = cursor.execute(
            f"select coalesce(max({column}) < {largest} and min({column}) > -{largest}, true) from {table.sql}"
        ).fetchall()
        return f"cast({column} as {type_ if fits else 'varchar'})"
    return f"cast({column} as {KINDS.get(kind, 'VARCHAR')})"


def _comments(cursor: DuckDBPyConnection, table: Table, database: str) -> list[str]:
    """SQL that says of the published table and its columns what the warehouse says."""
    where = "database_name = ? and schema_name = ? and table_name = ? and comment is not null"
    parameters = [table.database, table.schema, table.name]
    published = f"{database}.main.{quoted(table.name)}"
    of_table = cursor.execute(
        f"select comment from duckdb_tables() where {where} "
        f"union all select comment from duckdb_views() where {where.replace('table_name', 'view_name')}",
        parameters * 2,
    ).fetchall()
    of_columns = cursor.execute(
        f"select column_name, comment from duckdb_columns() where {where}", parameters
    ).fetchall()
    return [f"comment on table {published} is {literal(comment)}" for (comment,) in of_table] + [
        f"comment on column {published}.{quoted(column)} is {literal(comment)}" for column, comment in of_columns
    ]


def _copy(
    cursor: DuckDBPyConnection, tables: Sequence[Table], database: str, file: Path, copies: Sequence[str]
) -> None:
    folder = _folder_of_copies(file)
    for kind in copies:
        folder.mkdir(exist_ok=True)
        for table in tables:
            copy = folder / f"{table.name.replace(os.sep, '_')}.{kind}"
            unfinished = copy.with_name(f".{copy.name}.tmp")
            cursor.execute(f"copy {database}.main.{quoted(table.name)} to {literal(str(unfinished))} ({COPIES[kind]})")
            os.replace(unfinished, copy)


def _put_in_place(unfinished: Path, file: Path) -> None:
    """Let the file of that name be this one, on the disk too."""
    try:
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(unfinished, file)
    except OSError:
        _remove(unfinished)
        raise
