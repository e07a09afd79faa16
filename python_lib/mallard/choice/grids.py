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
SHARED, COMMON = 0.5, 0.05
"""Customers share the values of a feature if there are at most this many different ones for each customer; the values
are common to many if there are at most so many."""
PEEK = 1000
"""Points by which features are told that have different values for all."""


class Grid(NamedTuple):
    """The space that each point stands for, in the features whose values many customers share.

    Attributes:
        features: indices of these features, shape (n_shared,).
        below, above: distance from each value to the ends of its space, shape (n_points, n_shared).
        is_binary: whether a feature has two values, as a category has, shape (n_shared,).
        n_independent: number of customers that are evidence of their own: all, if each value of every feature is common
            to many, and otherwise the effective number, for which copies and unequal weights don't count in full.
    """

    features: NDArray[np.int64]
    below: Floats
    above: Floats
    is_binary: NDArray[np.bool_]
    n_independent: float

    @classmethod
    def of(cls, points: WeightedPoints, n_customers: float) -> Grid:
        """The grid of some points.

        Args:
            n_customers: number of customers who were looked at; fewer than the points stand for, if they are a sample.
        """
        some = points.coordinates[:: -(-len(points) // PEEK)]
        shared, spaces, n_values = [], [], []
        for i, feature in enumerate(points.coordinates.T):
            if len(np.unique(some[:, i])) > SHARED * min(n_customers, PEEK):
                continue
            values, places = np.unique(feature, return_inverse=True)
            if len(values) <= SHARED * n_customers:
                shared.append(i)
                n_values.append(len(values))
                spaces.append([ends[places] for ends in _space_around(values)])
        below, above = np.reshape(spaces, (len(shared), 2, len(points))).transpose(1, 2, 0)
        most = np.maximum(2, COMMON * n_customers)
        is_common = len(shared) == points.n_features and bool(np.all(np.array(n_values) <= most))
        effective = points.total_weight**2 / float(points.weights @ points.weights)
        n_independent = n_customers if is_common else min(n_customers, effective)
        return cls(np.array(shared, int), below, above, np.array(n_values) == 2, n_independent)

    def ends_along(self, direction: Floats, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """How far the space of some points reaches back and forth along a direction, both of shape (n_rows,).

        Independent features add their squares. A change of category moves two features at once, so that the two
        categories that matter most add up plainly.

        Args:
            direction: unit vector, shape (n_features,).
        """
        along = direction[self.features]
        below, above = self.below[rows], self.above[rows]
        back = np.where(along > 0, below, above) * np.abs(along)
        forth = np.where(along > 0, above, below) * np.abs(along)
        return self._length(back), self._length(forth)

    def _length(self, parts: Floats) -> Floats:
        squares: Floats = np.sum(parts[:, ~self.is_binary] ** 2, axis=1)
        if self.is_binary.any():
            flips = np.sort(parts[:, self.is_binary], axis=1)[:, ::-1]
            squares += flips[:, :2].sum(axis=1) ** 2 + np.sum(flips[:, 2:] ** 2, axis=1)
        return np.sqrt(squares)


def _space_around(values: Floats) -> tuple[Floats, Floats]:
    """Distance from each value to the ends of its space: half of the way to its neighbours.

    Args:
        values: ascending, shape (n_values,).
    """
    if len(values) == 1:
        return np.zeros(1), np.zeros(1)
    gaps = np.diff(values)
    left, right = np.append(gaps[0], gaps), np.append(gaps, gaps[-1])
    return np.minimum(left, LARGEST_RATIO * right) / 2, np.minimum(right, LARGEST_RATIO * left) / 2


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
        density = weights / (ends - starts)
        terms = np.array([weights, density, density * starts])
        by_start, by_end = (np.argsort(places, kind="stable") for places in (starts, ends))
        return cls(starts[by_start], ends[by_end], _up_to(terms[:, by_start]), _up_to(terms[:, by_end]))

    def __call__(self, places: Floats) -> Floats:
        """Weight up to each place."""
        begun = self.up_to_start[:, np.searchsorted(self.starts, places, side="right")]
        ended = self.up_to_end[:, np.searchsorted(self.ends, places, side="right")]
        (_, density, moment), (weight, *_) = begun - ended, ended
        weight_of_begun: Floats = weight + density * places - moment
        return weight_of_begun


def _up_to(terms: Floats) -> Floats:
    """Sums of the terms before each place, and of all, shape (n_terms, n_places + 1)."""
    sums = np.zeros((len(terms), terms.shape[1] + 1))
    np.cumsum(terms, axis=1, out=sums[:, 1:])
    return sums
