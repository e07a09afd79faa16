"""Customers of whom everything is known by queries that every engine runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from mallard.errors import MallardError
from mallard.kmeans.compress import are_few
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.sql import points as queries
from mallard.sql.columns import Bounds, Scaled
from mallard.sql.evenness import EVEN
from mallard.sql.points import CHANCE, GRID_FEATURES, Moments, Weight

FEWEST_CELLS_SHARE = 64
"""If a grid has fewer points than it could by more than this factor, its cells are too wide."""
FEW_EQUAL = 4
"""Up to about so many equal rows each, rows are sampled as they are: to merge them takes long."""
CROWDED, FEWEST_CROWDED = 4, 32
"""A bucket with so many times as many rows as others, and with so many, may have many that are equal."""
SAMPLE_SHARE = 4
"""A sample has fewer points than allowed by this factor: with many features, points cost more, and the polish makes up
for what the sample misses."""
FEWEST_DRAWN = 4
"""If a sample is smaller than it should be by more than this factor, the numbers by which rows are drawn are alike."""
UNSCALED = (
    "no sample can be drawn for the fit, because the features aren't scaled, and their values are larger than 1e25, "
    "smaller than 1e-40, or differ in their last digits alone: scale them, as the setting scale does by default."
)


class Draw(NamedTuple):
    """Rows from which samples are drawn, see `mallard.sql.points.sample_sql`.

    Attributes:
        n_draws: size of the largest sample.
        coordinates: shape (n_rows, n_features).
        weights: shape (n_rows,).
        chances: of a row to be among `n_draws`, for each unit of its weight, shape (n_rows,).
        numbers: shape (n_rows,).
    """

    n_draws: int
    random_state: int
    coordinates: Floats
    weights: Floats
    chances: Floats
    numbers: Floats


class QueriedRows(ABC):
    """Some columns of a table, numbers or vectors of numbers.

    Attributes:
        sizes: for each column, the number of positions of a vector; None for a number.
        bounds: for each column, the smallest and largest value, at any position of a vector.
        n_distinct: approximate number of distinct rows.
        n_missing: for each column, the number of rows without a value.
        n_without_weight: number of rows without a usable weight.
    """

    def __init__(self, table: str, columns: Sequence[Scaled], weight_column: str | None) -> None:
        """Look at the rows.

        Args:
            table: what queries call it.
            weight_column: the column with the weights, if there is one.
        """
        self._table = table
        self._columns = columns
        self._draw: Draw | None = None
        self.sizes: Sequence[int | None] = [column.size for column in columns]
        self._n_rows: int
        self.n_distinct: int
        [(self._n_rows, self.n_distinct, *of_columns)] = self._rows(queries.summary_sql(table, columns))
        self.bounds: Sequence[Bounds] = list(zip(of_columns[1::3], of_columns[2::3], strict=True))
        self.n_missing: Sequence[int] = [self._n_rows - n_known for n_known in of_columns[::3]]
        self.n_without_weight = 0
        self._weight: Weight | None = None
        if weight_column is not None:
            [(self.n_without_weight, _, largest, _)] = self._rows(queries.weights_sql(table, weight_column))
            self._weight = Weight(weight_column, largest)

    @abstractmethod
    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows that a query returns."""

    @abstractmethod
    def _fetch(self, sql: str, *others: str) -> tuple[Floats, ...]:
        """What a query returns: coordinates, shape (n_rows, n_features), and other columns, shape (n_rows,) each."""

    def __len__(self) -> int:
        return self._n_rows

    @property
    def n_features(self) -> int:
        return sum(size or 1 for size in self.sizes)

    def count_distinct(self) -> int:
        """The exact number of distinct rows."""
        [(n_distinct,)] = self._rows(queries.count_distinct_sql(self._table, self._columns))
        return int(n_distinct)

    def lengths(self) -> tuple[float, float]:
        """Smallest and largest Euclidean length of a row."""
        [(shortest, longest)] = self._rows(queries.lengths_sql(self._table, self._columns))
        return shortest, longest

    @cached_property
    def total_weight(self) -> float:
        """Total weight of all rows."""
        [(total,)] = self._rows(queries.total_sql(self._table, self._weight))
        return float(total)

    def all_points(self) -> WeightedPoints:
        """One point per row."""
        others = ["weight"] if self._weight else []
        coordinates, *weights = self._fetch(queries.rows_sql(self._table, self._columns, self._weight), *others)
        return WeightedPoints.in_order(coordinates, weights[0] if weights else np.ones(len(coordinates)))

    def distinct_points(self) -> WeightedPoints:
        """The distinct rows; identical ones add up their weights."""
        sql = queries.distinct_points_sql(self._table, self._columns, self._weight)
        return WeightedPoints.from_rows(*self._fetch(sql, "weight"))

    def coresets(self, sizes: Sequence[int], random_state: int) -> list[WeightedPoints]:
        """For each size, about so many weighted points for all rows, or fewer: means of grid cells, or a sample.

        They are samples if there are many features, or if distant outliers stretch the grid so that most rows share a
        few cells. One pass over the rows draws them all.

        Raises:
            MallardError: the rows can't be told apart by what samples and grids are made of.
        """
        if self.n_features <= GRID_FEATURES and not any(self.sizes):
            grids = self._grids(sizes)
            if grids:
                return grids
        return self._samples([size // SAMPLE_SHARE for size in sizes], random_state)

    def _grids(self, sizes: Sequence[int]) -> list[WeightedPoints]:
        """The means of the cells of a grid for each size; none at all where there is no grid, or one has too few."""
        variances = [one.variance for one in self._moments.values() if one.highest > one.lowest]
        if not all(0 < variance < np.inf for variance in variances):
            return []
        grids = []
        for size in sizes:
            n_cells = int(size ** (1 / max(1, len(variances))))
            sql = queries.grid_sql(self._table, self._moments, n_cells, self._weight)
            grids.append(WeightedPoints.from_rows(*self._fetch(sql, "weight")))
            if len(grids[-1]) < min(size, self.n_distinct) / FEWEST_CELLS_SHARE:
                return []
        return grids

    def _samples(self, sizes: Sequence[int], random_state: int) -> list[WeightedPoints]:
        """A weighted sample of about each size, of which the smaller are parts of the larger."""
        draw = self._drawn(max(sizes), random_state)
        samples = []
        for size in sizes:
            expected = draw.weights * (draw.chances * (size / draw.n_draws))
            is_drawn = draw.numbers < expected
            if not is_drawn.any():
                raise MallardError(UNSCALED)
            weights = draw.weights[is_drawn] / np.minimum(expected[is_drawn], 1.0)
            points = WeightedPoints.from_rows(draw.coordinates[is_drawn], weights)
            # Engines differ in the last bit of some weights, by which a search can end elsewhere.
            weights = points.weights.astype(np.float32).astype(np.float64)
            samples.append(WeightedPoints(points.coordinates, weights * (self.total_weight / weights.sum())))
        self._draw = draw
        return samples

    def even_sample(self, n_draws: int, random_state: int) -> Floats:
        """About `n_draws` rows, or as many as there are, by their weight, shape (number drawn, n_features), sorted.

        A row that weighs much can be drawn more than once.

        Raises:
            MallardError: the rows can't be told apart by what decides who is drawn.
        """
        n_draws = min(n_draws, len(self))
        draw = self._drawn(2 * n_draws, random_state)
        expected = draw.weights * (n_draws / self.total_weight)
        times = np.floor(expected)
        times += draw.numbers < expected - times
        if times.sum() < n_draws / FEWEST_DRAWN:
            raise MallardError(UNSCALED)
        drawn = WeightedPoints.in_order(draw.coordinates[times > 0], times[times > 0])
        return np.repeat(drawn.coordinates, drawn.weights.astype(int), axis=0)

    def _drawn(self, n_draws: int, random_state: int) -> Draw:
        """Rows to draw samples of up to `n_draws` from: those of the coresets, for who comes after them."""
        kept, self._draw = self._draw, None
        if kept is not None and kept.random_state == random_state and kept.n_draws >= n_draws:
            return kept
        variance = sum(one.variance for one in self._moments.values())
        if not 0 < variance < np.inf and any(lowest < highest for lowest, highest in self.bounds):
            raise MallardError(UNSCALED)
        sql = queries.sample_sql(self._merged, self._moments, self.total_weight, n_draws, random_state)
        return Draw(n_draws, random_state, *self._fetch(sql, "weight", CHANCE, EVEN))

    @cached_property
    def _merged(self) -> str:
        """A query for the rows with their weights, in which rows that many others are equal to are merged.

        A sample draws equal rows together. To merge all takes long where few are equal.
        """
        if are_few(self, len(self) // FEW_EQUAL):
            return queries.distinct_points_sql(self._table, self._columns, self._weight)
        fewest = max(CROWDED * len(self) // queries.N_BUCKETS, FEWEST_CROWDED)
        crowded = self._rows(queries.crowded_buckets_sql(self._table, self._columns, fewest))
        return queries.merged_points_sql(self._table, self._columns, [bucket for bucket, _ in crowded], self._weight)

    @cached_property
    def _moments(self) -> dict[Scaled, Moments]:
        of_columns = dict(zip(self._columns, self.bounds, strict=True))
        [means] = self._rows(queries.means_sql(self._table, of_columns, self._weight))
        found = zip(of_columns.items(), means[::2], means[1::2], strict=True)
        return {column: Moments.of_means(bounds, excess, square) for (column, bounds), excess, square in found}
