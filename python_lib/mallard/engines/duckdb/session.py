"""The connection on which dbt runs a model: queries in, tables out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import duckdb

from mallard.errors import QueryError
from mallard.sql.columns import Column
from mallard.stopping import seam

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

EngineError = duckdb.Error
"""Base class of the errors that DuckDB raises."""


class Session:
    """A DuckDB connection, with the methods that the steps of a segmentation need."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.connection = connection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows that a query returns.

        Raises:
            QueryError: DuckDB can't run the query.
        """
        seam()
        try:
            rows: list[tuple[Any, ...]] = self.connection.execute(sql, parameters).fetchall()
        except EngineError as error:
            raise QueryError(first_line(error)) from None
        return rows

    def relation(self, table: str) -> DuckDBPyRelation:
        """A table or view, by its name in SQL."""
        return self.connection.sql(f"from {table}")  # duckdb 1.5 knows no views by connection.table

    def write(self, table: str, rows: pa.Table) -> None:
        """Create or replace a temporary table with these rows."""
        self.connection.register("mallard__rows_to_write", rows)
        self.connection.execute(f"create or replace temp table {table} as from mallard__rows_to_write")
        self.connection.unregister("mallard__rows_to_write")


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without the query. With the setting errors_as_json on, its words are in JSON."""
    kind, _, words = str(error).partition(": ")
    with suppress(ValueError, KeyError, TypeError):
        words = json.loads(words)["exception_message"]
    return f"{kind}: {words}".splitlines()[0]


def columns_of(relation: DuckDBPyRelation) -> list[Column]:
    """The columns of a relation, in order."""
    return [Column(name, *_kind_of(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]


def _kind_of(kind: DuckDBPyType) -> tuple[str, str | None]:
    element = dict(kind.children)["child"] if kind.id in ("list", "array") else None
    return kind.id, getattr(element, "id", None)
