"""Which engine a connection or a relation is of, and what the rest of the library asks of either.

An engine is imported only where something is of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from mallard.errors import MallardError

if TYPE_CHECKING:
    import pyarrow as pa

    from mallard.kmeans.compress import Customers
    from mallard.kmeans.points import Floats
    from mallard.sql.columns import Column

Connection = Any
"""A connection of DuckDB, or a session of Spark."""


class Relation(Protocol):
    """A table, a view or a query: DuckDB's relation, or Spark's data frame."""

    @property
    def columns(self) -> list[str]: ...


class Session(Protocol):
    """A connection, with the methods that the steps of a segmentation need."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows that a query returns.

        Raises:
            QueryError: the engine can't run the query.
        """

    def relation(self, table: str) -> Relation:
        """A table or view, by its name in SQL."""

    def write(self, table: str, rows: pa.Table) -> None:
        """Create or replace a temporary table with these rows."""


def is_of_spark(of: object) -> bool:
    """Whether a connection or a relation is Spark's."""
    return type(of).__module__.partition(".")[0] == "pyspark"


def session_of(connection: Connection, scratch: str | None = None) -> Session:
    """The session on a connection.

    Args:
        scratch: on Spark, what the names of temporary views begin with in place of `mallard`.
    """
    if is_of_spark(connection):
        from mallard.engines.spark.session import Session as SparkSession

        return SparkSession(connection, scratch)
    from mallard.engines.duckdb.session import Session as DuckDBSession

    return DuckDBSession(connection)


def query_on(relation: Any, name: str, sql: str) -> list[tuple[Any, ...]]:
    """All rows that a query returns in which a relation has a name."""
    if is_of_spark(relation):
        from mallard.engines.spark.rows import rows_of_query

        return rows_of_query(relation, name, sql)
    found = relation.query(name, sql)
    rows: list[tuple[Any, ...]] = found.fetchall()
    return rows


def as_rows_of(relation: Relation, rows: pa.Table) -> Any:
    """The rows as a Python model hands them to dbt that reads this relation."""
    if not is_of_spark(relation):
        return rows
    from mallard.engines.spark.driver import data_frame_of

    return data_frame_of(relation.sparkSession, rows)  # type: ignore[attr-defined]


def check_is_of_duckdb(relation: Relation, what: str) -> None:
    """Refuse a relation of Spark.

    Args:
        what: runs on DuckDB alone.

    Raises:
        MallardError: it is one.
    """
    if is_of_spark(relation):
        raise MallardError(f"{what} runs on DuckDB alone: build this model there, and read its table on Spark.")


def columns_of(relation: Any) -> list[Column]:
    """The columns of a relation, in order, with DuckDB's names of types."""
    if is_of_spark(relation):
        from mallard.engines.spark.session import columns_of as of_spark

        return of_spark(relation)
    from mallard.engines.duckdb.session import columns_of as of_duckdb

    return of_duckdb(relation)


@contextmanager
def customers_of(relation: Any, columns: Sequence[str], weight: str | None) -> Iterator[Customers]:
    """The customers of a relation, ready for many passes over them.

    Args:
        columns: those with scaled features.
        weight: the column with the weights, if there is one.
    """
    if is_of_spark(relation):
        from mallard.engines.spark.rows import spark_rows

        with spark_rows(relation, columns, weight) as rows:
            yield rows
        return
    from mallard.engines.duckdb.rows import DuckDBRows, rows_in_order

    with rows_in_order(relation):
        yield DuckDBRows(relation, columns, weight)


def shuffled_sample(relation: Any, columns: Sequence[str], n_rows: int, random_state: int) -> list[Floats]:
    """At most `n_rows` rows with a value in every column, in an order that depends on their values alone.

    Returns:
        For each column, its values, shape (n_drawn,), or (n_drawn, n_positions) of vectors.
    """
    if is_of_spark(relation):
        from mallard.engines.spark.samples import shuffled_sample as of_spark

        return of_spark(relation, columns, n_rows, random_state)
    from mallard.engines.duckdb.samples import shuffled_sample as of_duckdb

    return of_duckdb(relation, columns, n_rows, random_state)
