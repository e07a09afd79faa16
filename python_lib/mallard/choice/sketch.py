"""What the evidence looks at: the points that were clustered, or a sample of them."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import RandomState

from mallard.choice.grids import Grid
from mallard.kmeans.compress import Compression
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.seeding import sample

MOST_POINTS = 20_000


@dataclass(frozen=True)
class Sketch:
    """Points that stand for the customers, and the space that each of them stands for."""

    points: WeightedPoints
    grid: Grid

    @classmethod
    def of(cls, compression: Compression, random_state: int) -> Sketch:
        """All points, or a sample of at most `MOST_POINTS`."""
        points = sample(compression.points, MOST_POINTS, RandomState(random_state))
        is_sample = points is not compression.points or not compression.is_lossless
        return cls(points, Grid.of(points, is_sample))
