"""Few weighted points that stand for rows that come in batches, however many there are."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.points import Floats, Labels, WeightedPoints

MOST_POINTS = 2**17
"""With more than twice as many distinct rows, so many points stand for them."""


class Reservoir:
    """Distinct rows, with their weights, as long as there is room for them; then points drawn from them.

    Attributes:
        n_rows: number of rows so far.
    """

    def __init__(self, n_features: int, random_state: RandomState) -> None:
        self.n_rows = 0
        self._random_state = random_state
        self._kept = WeightedPoints(np.empty((0, n_features)), np.empty(0))
        self._waiting: list[tuple[Floats, Floats]] = []
        self._n_waiting = 0

    def add(self, rows: Floats, weights: Floats) -> None:
        """Take a batch in.

        Args:
            rows: shape (n_rows, n_features).
            weights: shape (n_rows,), not negative.
        """
        self.n_rows += len(rows)
        for start in range(0, len(rows), MOST_POINTS):  # so that a large batch takes no more memory than a small one
            some = slice(start, start + MOST_POINTS)
            self._waiting.append((rows[some], weights[some]))
            self._n_waiting += len(rows[some])
            if self._n_waiting >= MOST_POINTS:
                self._kept, self._waiting, self._n_waiting = self.points, [], 0
                if len(self._kept) > 2 * MOST_POINTS:
                    self._kept = thinned(self._kept, MOST_POINTS, self._random_state)

    @property
    def points(self) -> WeightedPoints:
        """The points that stand for all rows so far."""
        parts = [(self._kept.coordinates, self._kept.weights), *self._waiting]
        rows, weights = (np.concatenate(of_parts) for of_parts in zip(*parts, strict=True))
        return WeightedPoints.from_rows(rows, weights)


def thinned(points: WeightedPoints, most: int, random_state: RandomState) -> WeightedPoints:
    """At most `most` of the points, drawn half by weight and half by distance, and weighted so that they stand for all.

    Points are drawn at equal steps along an order in which neighbours follow each other, so that every neighbourhood
    has its share of the draws: D. Stevens and A. Olsen, "Spatially balanced sampling of natural resources", 2004, doi
    10.1198/016214504000000250. As in `seeding.sample`, neither crowds nor outliers are missed.
    """
    squared = points.weights * np.sum((points.coordinates - points.mean) ** 2, axis=1)
    sizes = points.weights / points.total_weight / 2 + squared / squared.sum() / 2
    chances = _chances(sizes, most)
    is_kept = chances >= 1  # heavy points and outliers, which nothing else can stand for
    some = np.flatnonzero(~is_kept)
    some = some[neighbourly(points.coordinates[some])]
    steps = np.floor(np.cumsum(chances[some]) + random_state.random_sample())
    drawn = some[np.flatnonzero(np.diff(steps, prepend=0.0))]
    weights = points.weights / np.minimum(chances, 1.0)
    weights[drawn] *= points.weights[some].sum() / weights[drawn].sum()
    is_kept[drawn] = True
    return WeightedPoints(points.coordinates[is_kept], weights[is_kept])


def _chances(sizes: Floats, most: int) -> Floats:
    """Chances of points to be drawn, in proportion to their sizes, or 1; they add up to `most`."""
    is_sure = np.zeros(len(sizes), dtype=bool)
    while True:
        chances = np.where(is_sure, 1.0, sizes * (most - is_sure.sum()) / sizes[~is_sure].sum())
        if not (chances > 1).any():
            return chances
        is_sure |= chances > 1


def neighbourly(coordinates: Floats) -> Labels:
    """An order of points in which neighbours follow each other: that of the leaves of a k-d tree.

    Each cell is halved along its widest feature until it has one or two points. J. Bentley, "Multidimensional binary
    search trees used for associative searching", 1975, doi 10.1145/361002.361007.

    Args:
        coordinates: shape (n_points, n_features).

    Returns:
        Indices of the points, shape (n_points,).
    """
    order = np.arange(len(coordinates))
    cells = np.zeros(len(coordinates), dtype=np.int64)
    while True:
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        sizes = np.diff(starts, append=len(coordinates))
        if not (sizes > 2).any():
            return order
        x = coordinates[order]
        widths = np.maximum.reduceat(x, starts) - np.minimum.reduceat(x, starts)
        along = x[np.arange(len(x)), widths.argmax(axis=1)[cells]]
        order = order[np.lexsort((along, cells))]
        is_second = np.arange(len(x)) - starts[cells] >= (sizes[cells] + 1) // 2
        halves = 2 * cells + is_second
        cells = np.cumsum(np.diff(halves, prepend=halves[0]) != 0)
