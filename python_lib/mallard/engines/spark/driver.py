"""Small tables of a build, which the driver holds: DuckDB has them, in this process, and runs what reads no others.

Spark takes a second for what DuckDB does in a millisecond, and the text of the query is DuckDB's anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from mallard.engines.duckdb.session import first_line
from mallard.engines.spark.dialect import made_by, scratch_name, tables_read_by
from mallard.errors import QueryError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from pyspark.sql import DataFrame, SparkSession


class Driver:
    """The small tables of a model.

    Attributes:
        connection: has them under the names that Mallard's SQL uses.
    """

    def __init__(self, scratch: str) -> None:
        self.connection: DuckDBPyConnection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        self._scratch = scratch
        self._tables: set[str] = set()
        self._shown: set[str] = set()

    def can_run(self, sql: str) -> bool:
        """Whether a statement reads small tables alone."""
        return tables_read_by(sql) <= self._tables

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> DuckDBPyConnection:
        """Run a statement that reads small tables alone; the connection has the result.

        Raises:
            QueryError: DuckDB can't run it.
        """
        made = made_by(sql)
        if made is not None:
            self._tables.add(made)
            self._shown.discard(made)
        try:
            return self.connection.execute(sql, parameters)
        except duckdb.Error as error:
            raise QueryError(first_line(error)) from None

    def relation(self, table: str) -> DuckDBPyRelation:
        return self.connection.sql(f"from {table}")

    def write(self, table: str, rows: pa.Table) -> None:
        """Create or replace a small table."""
        self.connection.register("mallard__rows_to_write", rows)
        self.run(f"create or replace temp table {table} as select * from mallard__rows_to_write")
        self.connection.unregister("mallard__rows_to_write")

    def show(self, spark: SparkSession, sql: str) -> None:
        """Have Spark know the small tables that a statement reads."""
        for table in (tables_read_by(sql) & self._tables) - self._shown:
            show_rows(spark, self.relation(table).to_arrow_table(), scratch_name(table, self._scratch))
            self._shown.add(table)


def show_rows(spark: SparkSession, rows: pa.Table, view: str) -> None:
    """Have Spark know rows under a name."""
    data_frame_of(spark, rows).createOrReplaceTempView(view)


def data_frame_of(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """Rows as Spark has them. If there are none, Spark has to be told their types."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return spark.createDataFrame(rows) if len(rows) else spark.createDataFrame([], from_arrow_schema(rows.schema))


_drivers: dict[str, Driver] = {}


def driver_of(scratch: str) -> Driver:
    """The small tables of the model whose temporary views begin with this."""
    if scratch not in _drivers:
        _drivers[scratch] = Driver(scratch)
    return _drivers[scratch]


def forget(scratch: str) -> None:
    """Drop the small tables of a model."""
    driver = _drivers.pop(scratch, None)
    if driver is not None:
        driver.connection.close()
