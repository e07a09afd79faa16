"""Weighted points: what every algorithm here clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


class Rows(Protocol):
    """Customers, wherever they are and however many; every pass over them gives them in the same order."""

    @property
    def n_features(self) -> int: ...

    def __len__(self) -> int: ...

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats | float]]:
        """Pieces of `size` rows but for the last: features, shape (n_features, number of rows in it), and weights.

        The weights have shape (number of rows in the piece,), or are one number for all.
        """


@dataclass(frozen=True, eq=False)
class WeightedPoints:
    """Points and how many customers stand at each.

    K-means on n rows equals weighted K-means on their distinct values. The points are sorted, so that the order of
    the rows they come from cannot change a result; sums run over them one after the other, so that threads cannot
    either.

    Attributes:
        coordinates: shape (n_points, n_features), in lexicographic order; distinct unless made by `in_order`.
        weights: shape (n_points,), all above zero.
    """

    coordinates: Floats
    weights: Floats

    @classmethod
    def from_rows(cls, rows: ArrayLike, sample_weight: ArrayLike | None = None) -> WeightedPoints:
        """Merge equal rows and leave out those without weight.

        Args:
            rows: shape (n_rows, n_features).
            sample_weight: shape (n_rows,), none below zero; one for every row if None.
        """
        coordinates = np.asarray(rows, dtype=np.float64)
        weights = np.ones(len(coordinates)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        points = cls.in_order(coordinates[weights > 0], weights[weights > 0])
        differs = np.any(points.coordinates[1:] != points.coordinates[:-1], axis=1)
        firsts = np.flatnonzero(np.concatenate([[True], differs]))[: len(points)]
        return cls(
            points.coordinates[firsts], np.add.reduceat(points.weights, firsts) if len(firsts) else points.weights
        )

    @classmethod
    def in_order(cls, coordinates: Floats, weights: Floats) -> WeightedPoints:
        """A point for every row, equal ones too.

        Args:
            coordinates: shape (n_points, n_features).
            weights: shape (n_points,).
        """
        coordinates = coordinates + 0.0  # makes -0.0 the 0.0 that it equals
        order = np.argsort(coordinates[:, 0], kind="stable")
        if not np.all(np.diff(coordinates[order, 0])):  # else the first feature decides alone
            order = np.lexsort((weights, *coordinates.T[::-1]))
        return cls(coordinates[order], weights[order])

    def __len__(self) -> int:
        return len(self.coordinates)

    @property
    def n_features(self) -> int:
        return int(self.coordinates.shape[1])

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats]]:
        """Pieces of `size` points but for the last: features, shape (n_features, number of points), and weights."""
        for start in range(0, len(self), size):
            yield self.coordinates[start : start + size].T, self.weights[start : start + size]

    @cached_property
    def total_weight(self) -> float:
        """How many customers there are."""
        return float(np.sum(self.weights))

    @cached_property
    def mean(self) -> Floats:
        """Weighted mean of each feature, shape (n_features,)."""
        sums: Floats = np.sum(self.weights[:, None] * self.coordinates, axis=0)
        return sums / self.total_weight

    @cached_property
    def standard_deviation(self) -> Floats:
        """Weighted population standard deviation (ddof=0) of each feature, shape (n_features,)."""
        squared: Floats = np.sum(self.weights[:, None] * (self.coordinates - self.mean) ** 2, axis=0)
        return np.sqrt(squared / self.total_weight)

    def shifted(self, by: Floats) -> WeightedPoints:
        """The same points, moved.

        Args:
            by: shape (n_features,).
        """
        return WeightedPoints(self.coordinates + by, self.weights)
