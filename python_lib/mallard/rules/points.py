"""Weighted points with their segments, as a threshold tree sees them: by the order of their values alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mallard.kmeans.distances import nearest
from mallard.kmeans.points import Floats, Labels, WeightedPoints

Ranks = NDArray[np.int64]


class SegmentedPoints(NamedTuple):
    """Points with their segments.

    A split of a feature depends on the order of its values alone. Ranks are exact where values have too many digits, or
    are too large, for the single precision in which scikit-learn grows trees.

    Attributes:
        coordinates: shape (n_points, n_features).
        weights: shape (n_points,).
        labels: index of the nearest centroid, from 0, shape (n_points,).
        centroids: shape (n_segments, n_features).
        values: for each feature, its distinct values in ascending order.
        ranks: place of each coordinate among these values, from 0, shape (n_points, n_features).
        centroid_ranks: place of the last value that isn't above the centroid, -1 if all are, shape (n_segments,
            n_features).
    """

    coordinates: Floats
    weights: Floats
    labels: Labels
    centroids: Floats
    values: list[Floats]
    ranks: Ranks
    centroid_ranks: Ranks

    @classmethod
    def of(cls, points: WeightedPoints, centroids: Floats) -> SegmentedPoints:
        """The points, each in the segment of its nearest centroid."""
        labels, _ = nearest(points.coordinates, centroids)
        uniques = [np.unique(column, return_inverse=True) for column in points.coordinates.T]
        values = [of_feature for of_feature, _ in uniques]
        ranks = np.column_stack([inverse for _, inverse in uniques])
        of_centroids = [
            np.searchsorted(of_feature, column, "right") - 1
            for of_feature, column in zip(values, centroids.T, strict=True)
        ]
        return cls(points.coordinates, points.weights, labels, centroids, values, ranks, np.column_stack(of_centroids))

    def weights_by_segment(self, rows: Labels) -> Floats:
        """Weight of these points in each segment, shape (n_segments,)."""
        weights = np.bincount(self.labels[rows], weights=self.weights[rows], minlength=len(self.centroids))
        return weights.astype(np.float64)

    def values_beside(self, feature: int, rank: int, next_rank: int) -> tuple[float, float]:
        """The values of a feature that have these ranks."""
        return float(self.values[feature][rank]), float(self.values[feature][next_rank])

    def inertia_of(self, labels: Labels) -> float:
        """Sum of the squared distances of the points to the mean of their group.

        Args:
            labels: the group of each point, shape (n_points,).
        """
        inertia = 0.0
        for label in np.unique(labels):
            of_group = labels == label
            mean = np.average(self.coordinates[of_group], axis=0, weights=self.weights[of_group])
            squares = np.sum((self.coordinates[of_group] - mean) ** 2, axis=1)
            inertia += float(np.sum(self.weights[of_group] * squares))
        return inertia
