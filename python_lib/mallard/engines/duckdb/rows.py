"""Customers in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from mallard.engines.compressing import Compressing
from mallard.engines.duckdb.session import first_line
from mallard.errors import MallardError
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.sql import points as queries
from mallard.sql.columns import Bounds, Scaled
from mallard.sql.points import Weight
from mallard.stopping import seam

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

TABLE = "mallard__rows"
"""Name of the relation in queries; no view beneath the relation may refer to this name."""
BATCH_ROWS = 2**17


@contextmanager
def rows_in_order(relation: DuckDBPyRelation) -> Iterator[None]:
    """Read rows in the order of the table, also where the setting preserve_insertion_order is off.

    The last bits of sums over chunks depend on that order, and no query can ask for it without a sort.

    Raises:
        MallardError: the setting is off and locked.
    """
    name = "preserve_insertion_order"
    [(is_on,)] = _run(relation, f"select current_setting('{name}')")
    if is_on:
        yield
        return
    try:
        _run(relation, f"set {name} = true")
    except duckdb.Error as error:
        raise MallardError(
            f"DuckDB's setting {name} is off and can't be turned on for the fit ({first_line(error)}): turn it on in "
            "profiles.yml."
        ) from None
    try:
        yield
    finally:
        _run(relation, f"set {name} = false")


def _run(relation: DuckDBPyRelation, statement: str) -> list[tuple[Any, ...]]:
    """What a statement returns on the connection of a relation. DuckDB 2.0 runs it when its result is read."""
    result = relation.query(TABLE, statement)
    return [] if result is None else result.fetchall()


class DuckDBRows:
    """Some columns of a relation, numbers or arrays of numbers; NULL becomes NaN.

    Attributes:
        sizes: for each column, the number of positions of a vector; None for a number.
        bounds: for each column, the smallest and largest value, at any position of a vector.
        n_distinct: approximate number of distinct rows.
        n_missing: for each column, the number of rows without a value.
        n_without_weight: number of rows without a usable weight.
    """

    def __init__(self, relation: DuckDBPyRelation, columns: Sequence[str], weight_column: str | None = None) -> None:
        kinds = dict(zip(relation.columns, relation.types, strict=True))
        self._relation = relation
        self._columns = [Scaled(column, _size_of(kinds[column])) for column in columns]
        self.sizes: Sequence[int | None] = [column.size for column in self._columns]
        self._n_rows: int
        self.n_distinct: int
        summary = queries.summary_sql(TABLE, self._columns)
        [(self._n_rows, self.n_distinct, *of_columns)] = self._query(summary).fetchall()
        self.bounds: Sequence[Bounds] = list(zip(of_columns[1::3], of_columns[2::3], strict=True))
        self.n_missing: Sequence[int] = [self._n_rows - n_known for n_known in of_columns[::3]]
        self.n_without_weight = 0
        self._weight: Weight | None = None
        if weight_column is not None:
            [(self.n_without_weight, _, largest, _)] = self._query(queries.weights_sql(TABLE, weight_column)).fetchall()
            self._weight = Weight(weight_column, largest)

    def __len__(self) -> int:
        return self._n_rows

    @property
    def n_features(self) -> int:
        return sum(size or 1 for size in self.sizes)

    def count_distinct(self) -> int:
        """The exact number of distinct rows."""
        [(n_distinct,)] = self._query(queries.count_distinct_sql(TABLE, self._columns)).fetchall()
        return int(n_distinct)

    def lengths(self) -> tuple[float, float]:
        """Smallest and largest Euclidean length of a row."""
        [(shortest, longest)] = self._query(queries.lengths_sql(TABLE, self._columns)).fetchall()
        return shortest, longest

    @cached_property
    def total_weight(self) -> float:
        """Total weight of all rows."""
        [(total,)] = self._query(queries.total_sql(TABLE, self._weight)).fetchall()
        return float(total)

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats | float]]:
        """Yield chunks of shape (n_features, rows in chunk), in the order of the relation, and their weights."""
        widths = [*(of or 1 for of in self.sizes), *([1] if self._weight else [])]
        n_columns, ends = sum(widths), np.cumsum(widths)
        places = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
        piece, n_filled = np.empty((n_columns, size)), 0
        for columns in self._batches():  # their size depends on the number of threads, unlike ours
            start, stop = 0, len(columns[0])
            while start < stop:
                n_taken = min(stop - start, size - n_filled)
                for place, column in zip(places, columns, strict=True):
                    piece[place, n_filled : n_filled + n_taken] = column[start : start + n_taken].T
                start, n_filled = start + n_taken, n_filled + n_taken
                if n_filled == size:
                    yield self._with_weights(piece)
                    piece, n_filled = np.empty((n_columns, size)), 0
        if n_filled:
            yield self._with_weights(piece[:, :n_filled])

    def _with_weights(self, piece: Floats) -> tuple[Floats, Floats | float]:
        return (piece[:-1], piece[-1]) if self._weight else (piece, 1.0)

    def all_points(self) -> WeightedPoints:
        """One point per row."""
        coordinates, weights = self._fetch(queries.rows_sql(TABLE, self._columns, self._weight))
        return WeightedPoints.in_order(coordinates, np.ones(len(coordinates)) if weights is None else weights)

    def distinct_points(self) -> WeightedPoints:
        """The distinct rows; identical ones add up their weights."""
        sql = queries.distinct_points_sql(TABLE, self._columns, self._weight)
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
        return Compressing(
            self, TABLE, self._columns, self._weight, self._fetch, lambda sql: self._query(sql).fetchall()
        )

    def _batches(self) -> Iterator[list[Floats]]:
        """Yield all rows in batches, in the order of the relation: columns, the last one with the weights, if any."""
        for batch in self._query(queries.rows_sql(TABLE, self._columns, self._weight)).to_arrow_reader(BATCH_ROWS):
            yield [values_of(column) for column in batch.columns]

    def _fetch(self, sql: str) -> tuple[Floats, Floats | None]:
        """Coordinates, shape (n_rows, n_features), and weights, shape (n_rows,), if the query returns any."""
        found = self._query(sql).to_arrow_table()
        coordinates = np.column_stack([values_of(found[column.name].combine_chunks()) for column in self._columns])
        return coordinates, values_of(found["weight"].combine_chunks()) if "weight" in found.column_names else None

    def _query(self, sql: str) -> DuckDBPyRelation:
        seam()
        result = self._relation.query(TABLE, sql)
        assert result is not None  # None only for statements without a result
        return result


def _size_of(kind: DuckDBPyType) -> int | None:
    """Number of positions of an array; None for a number."""
    size = dict(kind.children)["size"] if kind.id == "array" else None
    return size if isinstance(size, int) else None


def values_of(column: pa.Array) -> Floats:
    """The values of a column, NaN where there is none: shape (n_rows,), or (n_rows, n_positions) of arrays."""
    if isinstance(column, pa.FixedSizeListArray):
        rows = values_of(column.values).reshape(-1, column.type.list_size)[column.offset : column.offset + len(column)]
        return np.where(column.is_valid().to_numpy(zero_copy_only=False)[:, None], rows, np.nan)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
