"""Customers in Spark. They stay there: what comes to the driver is points in their place, and sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from pyspark import StorageLevel

from mallard import progress
from mallard.engines.queried_rows import QueriedRows
from mallard.engines.spark.dialect import in_backticks
from mallard.engines.spark.passes import Feature, assigned_sql, assignment_of
from mallard.engines.spark.session import CODE_LIMIT, LONGEST_METHOD, Session
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats
from mallard.sql.columns import Scaled
from mallard.sql.text import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


@contextmanager
def spark_rows(relation: DataFrame, columns: Sequence[str], weight_column: str | None) -> Iterator[SparkRows]:
    """The customers of a data frame, kept in the memory and on the disks of the executors meanwhile."""
    spark = relation.sparkSession
    before = spark.conf.get(CODE_LIMIT)
    spark.conf.set(CODE_LIMIT, str(LONGEST_METHOD))
    try:
        rows = SparkRows(relation, columns, weight_column)
        try:
            yield rows
        finally:
            rows.close()
    finally:
        spark.conf.set(CODE_LIMIT, str(before))


def rows_of_query(relation: DataFrame, name: str, sql: str) -> list[tuple[Any, ...]]:
    """All rows that a query returns in which a data frame has a name."""
    with named(relation) as view:
        return Session(relation.sparkSession).query(sql.replace(name, view))


@contextmanager
def named(relation: DataFrame) -> Iterator[str]:
    """A temporary view that no other has the name of."""
    view = f"mallard_rows_{uuid4().hex}"
    relation.createOrReplaceTempView(view)
    try:
        yield view
    finally:
        relation.sparkSession.catalog.dropTempView(view)


class SparkRows(QueriedRows):
    """Some columns of a data frame, numbers or lists of numbers, of which each has one length."""

    def __init__(self, relation: DataFrame, columns: Sequence[str], weight_column: str | None = None) -> None:
        self._session = Session(relation.sparkSession)
        self._table = f"mallard_rows_{uuid4().hex}"
        self._kept = _projection(relation, columns, weight_column).persist(StorageLevel.MEMORY_AND_DISK)
        self._kept.createOrReplaceTempView(self._table)
        try:
            sizes = sizes_of(self._kept, self._table)
            super().__init__(self._table, [Scaled(column, sizes.get(column)) for column in columns], weight_column)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the memory of the executors back."""
        self._session.spark.catalog.dropTempView(self._table)
        self._kept.unpersist()

    def assigned(self, runs: Sequence[Floats]) -> list[Assignment]:
        """Assign every row to its nearest centroid (on a tie, the first) and add up, for each run in a query.

        Args:
            runs: the centroids of each run, shape (n_clusters, n_features).
        """
        names = [f"x{place}" for place in range(len(self._columns))]
        known = ", ".join(f"{_known(column)} as {name}" for column, name in zip(self._columns, names, strict=True))
        weight = None
        if self._weight:
            known += f", coalesce({in_backticks(self._weight.column)}, 0D) as w"
            weight = ("w", self._weight.largest)
        table = f"(select {known} from {self._table})"
        features = [Feature(*of) for of in zip(names, self.sizes, self.bounds, strict=True)]
        progress.consists_of(len(runs))
        found = []
        for centroids in runs:
            sql, exact = assigned_sql(table, features, centroids, weight, len(self))
            found.append(assignment_of(self._session.rows(sql), exact, centroids, weight is not None))
        return found

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._session.query(sql)

    def _fetch(self, sql: str, *others: str) -> tuple[Floats, ...]:
        found = self._session.arrow(sql)
        coordinates = np.column_stack([array_of(found[column.name], column.size) for column in self._columns])
        return coordinates, *(array_of(found[other], None) for other in others)


def sizes_of(relation: DataFrame, view: str) -> dict[str, int]:
    """The lengths of the lists of each column with lists."""
    lists = [field.name for field in relation.schema if field.dataType.typeName() == "array"]
    if not lists:
        return {}
    sizes = ", ".join(f"max(len({quoted(name)}))" for name in lists)
    [found] = Session(relation.sparkSession).query(f"select {sizes} from {view}")
    return dict(zip(lists, found, strict=True))


def _projection(relation: DataFrame, columns: Sequence[str], weight_column: str | None) -> DataFrame:
    """The columns alone, as doubles."""
    lists = {field.name for field in relation.schema if field.dataType.typeName() == "array"}
    kinds = {column: "array<double>" if column in lists else "double" for column in columns}
    if weight_column is not None:
        kinds[weight_column] = "double"
    return relation.selectExpr(
        *(f"cast({in_backticks(column)} as {kind}) as {in_backticks(column)}" for column, kind in kinds.items())
    )


def _known(column: Scaled) -> str:
    """A column in which nothing is missing, as a fit has made sure: that makes Spark's code short."""
    name = in_backticks(column.name)
    return f"coalesce({name}, 0D)" if column.size is None else name


def array_of(column: pa.ChunkedArray, size: int | None) -> Floats:
    """The values of a column, NaN where there is none: shape (n_rows,), or (n_rows, size) of vectors."""
    import pyarrow.compute as pc

    if size is None:
        return np.asarray(column.to_numpy(), dtype=np.float64)
    values = pc.list_flatten(column.combine_chunks())
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64).reshape(-1, size)
