"""Weighted points, the input of every algorithm in this package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


class Rows(Protocol):
    """Any number of customers, wherever they are: `ChunkedRows`, or those that `kmeans.assignment` knows besides."""

    @property
    def n_features(self) -> int: ...

    def __len__(self) -> int: ...


@runtime_checkable
class ChunkedRows(Rows, Protocol):
    """Customers that come chunk by chunk; every pass over them has the same order."""

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats | float]]:
        """Yield chunks of `size` rows, the last one smaller: features, shape (n_features, rows in chunk), and weights.

        The weights have shape (rows in chunk,), or are one number for all rows.
        """


@dataclass(frozen=True, eq=False)
class WeightedPoints:
    """Points, each with the weight of the customers that it represents.

    K-means on n rows equals weighted K-means on their distinct values. The points are sorted, so that the order of the
    rows can't change a result. Sums run over the points one after the other, so that the number of threads can't change
    it either.

    Attributes:
        coordinates: shape (n_points, n_features), in lexicographic order; distinct unless made by `in_order`.
        weights: shape (n_points,), all positive.
    """

    coordinates: Floats
    weights: Floats

    @classmethod
    def from_rows(cls, rows: ArrayLike, sample_weight: ArrayLike | None = None) -> WeightedPoints:
        """Merge equal rows and drop rows with weight 0.

        Args:
            rows: shape (n_rows, n_features).
            sample_weight: shape (n_rows,), not negative; None means 1 for every row.
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
        """Make one point per row, without merging equal rows.

        Args:
            coordinates: shape (n_points, n_features).
            weights: shape (n_points,).
        """
        coordinates = coordinates + 0.0  # turns -0.0 into 0.0, which it equals
        order = np.argsort(coordinates[:, 0], kind="stable")
        if not np.all(np.diff(coordinates[order, 0])):  # otherwise the first feature decides the order
            order = np.lexsort((weights, *coordinates.T[::-1]))
        return cls(coordinates[order], weights[order])

    def __len__(self) -> int:
        return len(self.coordinates)

    @property
    def n_features(self) -> int:
        return int(self.coordinates.shape[1])

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats]]:
        """Yield chunks of `size` points, the last one smaller: features, shape (n_features, n), and weights."""
        for start in range(0, len(self), size):
            yield self.coordinates[start : start + size].T, self.weights[start : start + size]

    @cached_property
    def total_weight(self) -> float:
        """Sum of the weights: the number of customers."""
        return float(np.sum(self.weights))

    @cached_property
    def mean(self) -> Floats:
        """Weighted mean of each feature, shape (n_features,)."""
        sums: Floats = np.sum(self.weights[:, None] * self.coordinates, axis=0)
        return sums / self.total_weight

    @cached_property
    def n_distinct(self) -> int:
        """Number of points that differ when they are measured from their mean.

        That is where the search computes, and a DOUBLE has 16 digits: beside 1e17, it can't tell 0 from 1.
        """
        return len(np.unique(self.coordinates - self.mean, axis=0))

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
