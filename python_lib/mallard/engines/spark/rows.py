"""Customers in Spark. They stay there: what comes to the driver is points in their place, and sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from pyspark import StorageLevel

from mallard import progress
from mallard.engines.compressing import Compressing
from mallard.engines.spark.dialect import spark_sql
from mallard.engines.spark.passes import Feature, assigned_sql, assignment_of
from mallard.engines.spark.session import EngineError, Session, first_line
from mallard.errors import QueryError
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.sql import points as queries
from mallard.sql.columns import Bounds, Scaled
from mallard.sql.points import Weight
from mallard.stopping import seam

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

LONGEST_METHOD = 8000
"""The JVM interprets a longer one, in bytes, for good. Above this, Spark cuts its code into shorter ones."""
CODE_LIMIT = "spark.sql.codegen.hugeMethodLimit"


@contextmanager
def spark_rows(relation: DataFrame, columns: Sequence[str], weight_column: str | None) -> Iterator[SparkRows]:
    """The customers of a data frame, kept in the memory and on the disks of the executors meanwhile."""
    spark = relation.sparkSession
    before = spark.conf.get(CODE_LIMIT)
    spark.conf.set(CODE_LIMIT, str(LONGEST_METHOD))
    rows = SparkRows(relation, columns, weight_column)
    try:
        yield rows
    finally:
        rows.close()
        spark.conf.set(CODE_LIMIT, str(before))


def rows_of_query(relation: DataFrame, name: str, sql: str) -> list[tuple[Any, ...]]:
    """All rows that a query returns in which a data frame has a name."""
    with _named(relation) as view:
        return Session(relation.sparkSession).query(sql.replace(name, view))


@contextmanager
def _named(relation: DataFrame) -> Iterator[str]:
    """A temporary view that no other has the name of."""
    view = f"mallard_rows_{uuid4().hex}"
    relation.createOrReplaceTempView(view)
    try:
        yield view
    finally:
        relation.sparkSession.catalog.dropTempView(view)


class SparkRows:
    """Some columns of a data frame, numbers or lists of numbers, of which each has one length.

    Attributes:
        sizes: for each column, the number of positions of a vector; None for a number.
        bounds: for each column, the smallest and largest value, at any position of a vector.
        n_distinct: approximate number of distinct rows.
        n_missing: for each column, the number of rows without a value.
        n_without_weight: number of rows without a usable weight.
    """

    def __init__(self, relation: DataFrame, columns: Sequence[str], weight_column: str | None = None) -> None:
        self._spark: SparkSession = relation.sparkSession
        self._table = f"mallard_rows_{uuid4().hex}"
        self._kept = _projection(relation, columns, weight_column).persist(StorageLevel.MEMORY_AND_DISK)
        self._kept.createOrReplaceTempView(self._table)
        try:
            self._columns = [Scaled(column, size) for column, size in zip(columns, self._sizes(columns), strict=True)]
            self._look_at(weight_column)
        except BaseException:
            self.close()
            raise

    def _look_at(self, weight_column: str | None) -> None:
        self.sizes: Sequence[int | None] = [column.size for column in self._columns]
        self._n_rows: int
        self.n_distinct: int
        [(self._n_rows, self.n_distinct, *of_columns)] = self._query(queries.summary_sql(self._table, self._columns))
        self.bounds: Sequence[Bounds] = list(zip(of_columns[1::3], of_columns[2::3], strict=True))
        self.n_missing: Sequence[int] = [self._n_rows - n_known for n_known in of_columns[::3]]
        self.n_without_weight = 0
        self._weight: Weight | None = None
        if weight_column is not None:
            [(self.n_without_weight, _, largest, _)] = self._query(queries.weights_sql(self._table, weight_column))
            self._weight = Weight(weight_column, largest)

    def close(self) -> None:
        """Give the memory of the executors back."""
        self._spark.catalog.dropTempView(self._table)
        self._kept.unpersist()

    def __len__(self) -> int:
        return self._n_rows

    @property
    def n_features(self) -> int:
        return sum(size or 1 for size in self.sizes)

    def count_distinct(self) -> int:
        """The exact number of distinct rows."""
        [(n_distinct,)] = self._query(queries.count_distinct_sql(self._table, self._columns))
        return int(n_distinct)

    def lengths(self) -> tuple[float, float]:
        """Smallest and largest Euclidean length of a row."""
        [(shortest, longest)] = self._query(queries.lengths_sql(self._table, self._columns))
        return shortest, longest

    @cached_property
    def total_weight(self) -> float:
        """Total weight of all rows."""
        [(total,)] = self._query(queries.total_sql(self._table, self._weight))
        return float(total)

    def assigned(self, runs: Sequence[Floats]) -> list[Assignment]:
        """Assign every row to its nearest centroid (on a tie, the first) and add up, for each run in a query.

        Args:
            runs: the centroids of each run, shape (n_clusters, n_features).
        """
        names = [f"x{place}" for place in range(len(self._columns))]
        known = ", ".join(f"{_known(column)} as {name}" for column, name in zip(self._columns, names, strict=True))
        weight = None
        if self._weight:
            known += f", coalesce({_quoted(self._weight.column)}, 0D) as w"
            weight = ("w", self._weight.largest)
        table = f"(select {known} from {self._table})"
        features = [Feature(*of) for of in zip(names, self.sizes, self.bounds, strict=True)]
        progress.consists_of(len(runs))
        found = []
        for centroids in runs:
            sql, exact = assigned_sql(table, features, centroids, weight, len(self))
            found.append(assignment_of(self._run(sql).collect(), exact, centroids, weight is not None))
        return found

    def all_points(self) -> WeightedPoints:
        """One point per row."""
        coordinates, weights = self._fetch(queries.rows_sql(self._table, self._columns, self._weight))
        return WeightedPoints.in_order(coordinates, np.ones(len(coordinates)) if weights is None else weights)

    def distinct_points(self) -> WeightedPoints:
        """The distinct rows; identical ones add up their weights."""
        sql = queries.distinct_points_sql(self._table, self._columns, self._weight)
        return WeightedPoints.from_rows(*self._fetch(sql))

    def coreset(self, max_points: int, random_state: int) -> WeightedPoints:
        """About `max_points` weighted points for all rows, or fewer: means of grid cells, or a weighted sample."""
        return self._compression.coreset(max_points, random_state)

    def even_sample(self, n_draws: int, random_state: int) -> Floats:
        """About `n_draws` rows, or as many as there are, by their weight, shape (number drawn, n_features), sorted.

        A row that weighs much can be drawn more than once.
        """
        return self._compression.even_sample(n_draws, random_state)

    @cached_property
    def _compression(self) -> Compressing:
        return Compressing(self, self._table, self._columns, self._weight, self._fetch, self._query)

    def _sizes(self, columns: Sequence[str]) -> list[int | None]:
        """The lengths of vectors, as the first row has them."""
        lists = [field.name for field in self._kept.schema if field.dataType.typeName() == "array"]
        if not lists:
            return [None for _ in columns]
        sizes = ", ".join(f"max(array_size({_quoted(name)}))" for name in lists)
        [found] = self._run(f"select {sizes} from {self._table}").collect()
        of_lists = dict(zip(lists, found, strict=True))
        return [of_lists.get(column) for column in columns]

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        return Session(self._spark).query(sql)

    def _run(self, sql: str) -> DataFrame:
        seam()
        return self._spark.sql(sql)

    def _fetch(self, sql: str) -> tuple[Floats, Floats | None]:
        """Coordinates, shape (n_rows, n_features), and weights, shape (n_rows,), if the query returns any."""
        try:
            found = self._run(spark_sql(sql)).toArrow()
        except EngineError as error:
            raise QueryError(first_line(error)) from None
        coordinates = np.column_stack([_values_of(found[column.name], column.size) for column in self._columns])
        return coordinates, _values_of(found["weight"], None) if "weight" in found.column_names else None


def _projection(relation: DataFrame, columns: Sequence[str], weight_column: str | None) -> DataFrame:
    """The columns alone, as doubles."""
    lists = {field.name for field in relation.schema if field.dataType.typeName() == "array"}
    kinds = {column: "array<double>" if column in lists else "double" for column in columns}
    if weight_column is not None:
        kinds[weight_column] = "double"
    return relation.selectExpr(
        *(f"cast({_quoted(column)} as {kind}) as {_quoted(column)}" for column, kind in kinds.items())
    )


def _known(column: Scaled) -> str:
    """A column in which nothing is missing, as a fit has made sure: that makes Spark's code short."""
    name = _quoted(column.name)
    return f"coalesce({name}, 0D)" if column.size is None else name


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _values_of(column: pa.ChunkedArray, size: int | None) -> Floats:
    """The values of a column, NaN where there is none: shape (n_rows,), or (n_rows, size) of vectors."""
    import pyarrow.compute as pc

    if size is None:
        return np.asarray(column.to_numpy(), dtype=np.float64)
    values = pc.list_flatten(column.combine_chunks())
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64).reshape(-1, size)
