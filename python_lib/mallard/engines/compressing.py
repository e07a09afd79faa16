"""Points in place of the rows of a table, by queries that every engine runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mallard.kmeans.compress import Customers, are_few
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.sql import points as queries
from mallard.sql.columns import Scaled
from mallard.sql.points import GRID_FEATURES, Moments, Weight

FEWEST_CELLS_SHARE = 64
"""If a grid has fewer points than it could by more than this factor, its cells are too wide."""
FEW_EQUAL = 4
"""Up to about so many equal rows each, rows are sampled as they are: to merge them takes long."""
CROWDED, FEWEST_CROWDED = 4, 32
"""A bucket with so many times as many rows as others, and with so many, may have many that are equal."""
SAMPLE_SHARE = 4
"""A sample has fewer points than allowed by this factor: with many features, points cost more, and the polish makes up
for what the sample misses."""


@dataclass(frozen=True)
class Compressing:
    """Compression of the rows of a table.

    Attributes:
        customers: the rows.
        fetch: the coordinates that a query returns, shape (n_rows, n_features), and the weights, if it returns any.
        query: all rows that a query returns.
    """

    customers: Customers
    table: str
    columns: Sequence[Scaled]
    weight: Weight | None
    fetch: Callable[[str], tuple[Floats, Floats | None]]
    query: Callable[[str], list[tuple[Any, ...]]]

    def coreset(self, max_points: int, random_state: int) -> WeightedPoints:
        """About `max_points` weighted points for all rows, or fewer: means of grid cells, or a weighted sample.

        It is a sample if there are many features, or if distant outliers stretch the grid so that most rows share a few
        cells.
        """
        of, moments = self.customers, self._moments
        if of.n_features <= GRID_FEATURES and not any(of.sizes):
            n_varying = sum(one.highest > one.lowest for one in moments.values())
            n_cells = int(max_points ** (1 / max(1, n_varying)))
            points = WeightedPoints.from_rows(*self.fetch(queries.grid_sql(self.table, moments, n_cells, self.weight)))
            if len(points) >= min(max_points, of.n_distinct) / FEWEST_CELLS_SHARE:
                return points
        n_draws = max_points // SAMPLE_SHARE
        sql = queries.sample_sql(self._merged, moments, of.total_weight, n_draws, random_state)
        points = WeightedPoints.from_rows(*self.fetch(sql))
        # Engines differ in the last bit of some weights, by which a search can end elsewhere.
        weights = points.weights.astype(np.float32).astype(np.float64)
        return WeightedPoints(points.coordinates, weights * (of.total_weight / weights.sum()))

    def even_sample(self, n_draws: int, random_state: int) -> Floats:
        """About `n_draws` rows, or as many as there are, by their weight, shape (number drawn, n_features), sorted.

        A row that weighs much can be drawn more than once.
        """
        of = self.customers
        n_draws = min(n_draws, len(of))
        coordinates, times = self.fetch(
            queries.even_sample_sql(self._merged, self.columns, of.total_weight, n_draws, random_state)
        )
        assert times is not None  # the query has them
        drawn = WeightedPoints.in_order(coordinates, times)
        return np.repeat(drawn.coordinates, drawn.weights.astype(int), axis=0)

    @cached_property
    def _merged(self) -> str:
        """A query for the rows with their weights, in which rows that many others are equal to are merged.

        A sample draws equal rows together. To merge all takes long where few are equal.
        """
        of = self.customers
        if are_few(of, len(of) // FEW_EQUAL):
            return queries.distinct_points_sql(self.table, self.columns, self.weight)
        fewest = max(CROWDED * len(of) // queries.N_BUCKETS, FEWEST_CROWDED)
        crowded = self.query(queries.crowded_buckets_sql(self.table, self.columns, fewest))
        return queries.merged_points_sql(self.table, self.columns, [bucket for bucket, _ in crowded], self.weight)

    @cached_property
    def _moments(self) -> dict[Scaled, Moments]:
        of_columns = dict(zip(self.columns, self.customers.bounds, strict=True))
        [means] = self.query(queries.means_sql(self.table, of_columns, self.weight))
        found = zip(of_columns.items(), means[::2], means[1::2], strict=True)
        return {column: Moments.of_means(bounds, excess, square) for (column, bounds), excess, square in found}
