"""Features whose values lie apart, such as counts and categories: how far each value stands for its surroundings.

Whole numbers leave empty space between them, which is no border between groups. So each value is spread over the space
that it stands for: half of the way to its neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mallard.kmeans.points import Floats, WeightedPoints

LARGEST_RATIO = 2.0
"""A gap more than this many times as wide as the one on the other side of a value isn't part of its surroundings: there
may be a border in it. On logarithms of 0, 1, 2, ... gaps differ by less."""
COMMON = 0.05
"""Values are common to many customers if there are at most this many different ones for each customer."""


class Grid(NamedTuple):
    """The space that each point stands for.

    Attributes:
        below, above: distance from each value to the ends of its space, shape (n_points, n_features).
        is_binary: whether a feature has two values, as a category has, shape (n_features,).
        n_independent: number of customers that are evidence of their own: all, if many share each value of every
            feature, and otherwise the effective number, for which copies and unequal weights don't count in full.
    """

    below: Floats
    above: Floats
    is_binary: NDArray[np.bool_]
    n_independent: float

    @classmethod
    def of(cls, points: WeightedPoints, is_sample: bool = False) -> Grid:
        """The grid of some points.

        Args:
            is_sample: whether the points are a sample of the customers, whose weights say what each stands for.
        """
        below, above = np.zeros_like(points.coordinates), np.zeros_like(points.coordinates)
        n_values = np.empty(points.n_features)
        for i, feature in enumerate(points.coordinates.T):
            values, places = np.unique(feature, return_inverse=True)
            n_values[i] = len(values)
            if len(values) > 1:
                gaps = np.diff(values)
                left, right = np.append(gaps[0], gaps), np.append(gaps, gaps[-1])
                below[:, i] = (np.minimum(left, LARGEST_RATIO * right) / 2)[places]
                above[:, i] = (np.minimum(right, LARGEST_RATIO * left) / 2)[places]
        total, effective = points.total_weight, points.total_weight**2 / float(points.weights @ points.weights)
        is_discrete = not is_sample and np.all(n_values <= np.maximum(2, COMMON * total))
        return cls(below, above, n_values == 2, total if is_discrete else min(total, effective))

    def ends_along(self, direction: Floats, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """How far the space of some points reaches back and forth along a direction, both of shape (n_rows,).

        Independent features add their squares. A change of category moves two features at once, so that the two
        categories that matter most add up plainly.

        Args:
            direction: unit vector, shape (n_features,).
        """
        forward, size = direction > 0, np.abs(direction)
        below, above = self.below[rows], self.above[rows]
        back = np.where(forward, below, above) * size
        forth = np.where(forward, above, below) * size
        return self._length(back), self._length(forth)

    def _length(self, parts: Floats) -> Floats:
        squares: Floats = np.sum(parts[:, ~self.is_binary] ** 2, axis=1)
        if self.is_binary.any():
            flips = np.sort(parts[:, self.is_binary], axis=1)[:, ::-1]
            squares += flips[:, :2].sum(axis=1) ** 2 + np.sum(flips[:, 2:] ** 2, axis=1)
        return np.sqrt(squares)


class Smeared(NamedTuple):
    """Points on a line, each spread evenly over a stretch: their weight up to any place.

    Attributes:
        starts, ends: of the stretches, ascending each.
        up_to_start, up_to_end: weight, density and moment of the stretches that begin or end before.
    """

    starts: Floats
    ends: Floats
    up_to_start: Floats
    up_to_end: Floats

    @classmethod
    def of(cls, starts: Floats, ends: Floats, weights: Floats) -> Smeared:
        width = ends - starts
        return cls(np.sort(starts), np.sort(ends), _summed(starts, width, weights, starts), _summed(starts, width, weights, ends))

    def __call__(self, places: Floats) -> Floats:
        """Weight up to each place."""
        begun = self.up_to_start[:, np.searchsorted(self.starts, places, side="right")]
        ended = self.up_to_end[:, np.searchsorted(self.ends, places, side="right")]
        (_, density, moment), (weight, *_) = begun - ended, ended
        weight_of_begun: Floats = weight + density * places - moment
        return weight_of_begun


def _summed(starts: Floats, width: Floats, weights: Floats, by: Floats) -> Floats:
    terms = np.array([weights, weights / width, weights / width * starts])
    sums = np.zeros((3, len(starts) + 1))
    np.cumsum(terms[:, np.argsort(by, kind="stable")], axis=1, out=sums[:, 1:])
    return sums
