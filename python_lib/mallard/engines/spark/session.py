"""The Spark session on which dbt runs a model: queries in, temporary views out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from mallard.engines.spark.dialect import spark_sql
from mallard.engines.spark.driver import driver_of, show_rows
from mallard.errors import QueryError
from mallard.sql.columns import Column
from mallard.stopping import seam

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

EngineError = (PySparkException, Py4JError)
"""What pyspark raises where Spark can't do something."""
KINDS = {
    "string": "varchar",
    "int": "integer",
    "byte": "tinyint",
    "short": "smallint",
    "long": "bigint",
    "timestamp_ntz": "timestamp",
    "array": "list",
    "binary": "blob",
}
"""DuckDB's names of types that have another name in pyspark."""

LONGEST_METHOD = 8000
"""The JVM interprets a longer one, in bytes, for good. Above this, Spark cuts its code into shorter ones."""
CODE_LIMIT = "spark.sql.codegen.hugeMethodLimit"

logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it writes the traces of the JVM to the terminal


class Session:
    """A Spark session, with the methods that the steps of a segmentation need.

    Queries are Mallard's SQL. What it calls `mallard__<x>` is a temporary view `<scratch>__<x>`, because all models
    that dbt builds share the session, or a small table, see `mallard.engines.spark.driver`.
    """

    def __init__(self, spark: SparkSession, scratch: str | None = None) -> None:
        self.spark = spark
        self.scratch = scratch
        self._driver = None if scratch is None else driver_of(scratch)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows that a query returns; whole numbers of any size are integers.

        Raises:
            QueryError: Spark can't run the query.
        """
        if self._driver is not None and self._driver.can_run(sql):
            return self._driver.run(sql, parameters).fetchall()
        self.show(sql)
        return self.rows(spark_sql(sql, self.scratch, tuple(parameters)))

    def show(self, sql: str) -> None:
        """Have Spark know the small tables that a statement reads."""
        if self._driver is not None:
            self._driver.show(self.spark, sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows that a query in Spark's own SQL returns.

        Raises:
            QueryError: Spark can't run the query.
        """
        seam()
        try:
            found = self.spark.sql(sql).collect()
        except EngineError as error:
            raise QueryError(first_line(error)) from None
        return [tuple(map(_plain, row)) for row in found]

    def arrow(self, sql: str) -> pa.Table:
        """What a query returns, as a table.

        Raises:
            QueryError: Spark can't run the query.
        """
        seam()
        self.show(sql)
        try:
            return self.spark.sql(spark_sql(sql, self.scratch)).toArrow()
        except EngineError as error:
            raise QueryError(first_line(error)) from None

    def relation(self, table: str) -> Any:
        """A table or view, by its name in SQL; a small table is DuckDB's relation."""
        if self._driver is not None and self._driver.can_run(f"from {table}"):
            return self._driver.relation(table)
        return self.spark.sql(spark_sql(f"from {table}", self.scratch))

    def write(self, table: str, rows: pa.Table) -> None:
        """Create or replace a small table."""
        if self._driver is None:
            show_rows(self.spark, rows, table)
        else:
            self._driver.write(table, rows)


def open_session(settings: Mapping[str, Any]) -> SparkSession:
    """The session that dbt-spark opens with these settings; in it, Java compiles all that Spark writes."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.enableHiveSupport()
    for name, value in {CODE_LIMIT: LONGEST_METHOD, **settings}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def first_line(error: BaseException) -> str:
    """What Spark says, without the query and the trace of the JVM."""
    words = error.getMessage() if isinstance(error, PySparkException) else None
    lines = (words or str(error)).strip().splitlines()
    return lines[0].partition(" SQLSTATE:")[0] if lines else type(error).__name__


def columns_of(relation: DataFrame) -> list[Column]:
    """The columns of a relation, in order, with DuckDB's names of types."""
    return [Column(field.name, *_kind_of(field.dataType)) for field in relation.schema]


def _kind_of(kind: DataType) -> tuple[str, str | None]:
    element = getattr(kind, "elementType", None)
    return _name_of(kind), None if element is None else _name_of(element)


def _name_of(kind: DataType) -> str:
    name = kind.typeName()
    for of_types in ("decimal", "varchar", "char"):
        if name.startswith(of_types):
            return "decimal" if of_types == "decimal" else "varchar"
    return KINDS.get(name, name)


def _plain(value: Any) -> Any:
    """A value as DuckDB gives it: structs are dictionaries."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, list):
        return [_plain(of) for of in value]
    if hasattr(value, "asDict"):
        return {name: _plain(of) for name, of in value.asDict().items()}
    return value
