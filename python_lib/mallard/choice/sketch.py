"""Which customers silhouettes and evidence look at: all, or a sample of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from mallard.choice.grids import Grid
from mallard.kmeans.compress import Compression, Customers
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.seeding import sample

ALL_POINTS = 20_000
"""With more points, a sample of the customers is looked at."""
DRAWN = 10_000
"""Number of customers drawn for it."""
MOST_VALUES, FEWEST_POINTS = 2**21, 2000
"""The evidence looks at fewer points, if each has many values."""


@dataclass(frozen=True)
class Sketch:
    """Customers to look at.

    A coreset won't do: it is made for inertia, and leaves gaps where there are none.

    Attributes:
        points: they stand for all customers.
        drawn: the sample, shape (n_drawn, n_features); None if all customers are looked at.
        few: the points that the evidence looks at.
        grid: the space that each of these stands for.
    """

    points: WeightedPoints
    drawn: Floats | None
    few: WeightedPoints
    grid: Grid

    @classmethod
    def of(cls, customers: Customers, compression: Compression, random_state: int) -> Sketch:
        points, drawn = compression.points, None
        n_customers = points.total_weight
        if not compression.is_lossless or len(points) > ALL_POINTS:
            drawn = customers.even_sample(DRAWN, random_state)
            n_customers = len(drawn)
            points = WeightedPoints.from_rows(drawn, np.full(n_customers, points.total_weight / n_customers))
        few = at_most(points, ALL_POINTS, MOST_VALUES, FEWEST_POINTS, random_state)
        return cls(points, drawn, few, Grid.of(few, n_customers if few is points else len(few)))


def at_most(points: WeightedPoints, most: int, most_values: int, fewest: int, random_state: int) -> WeightedPoints:
    """The points, or a sample of them: at most `most`, and at most `most_values` values, but at least `fewest`."""
    return sample(points, min(most, max(fewest, most_values // points.n_features)), RandomState(random_state))
