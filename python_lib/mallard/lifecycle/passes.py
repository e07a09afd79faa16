"""What a pass over the customers says about their segments."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans.distances import nearest
from mallard.kmeans.points import Floats


class Pass(NamedTuple):
    """Sums over the customers of each segment, in the scaled units of one version.

    They are additive over any partition of the customers, but for the largest distance, which is the largest of its
    parts. Without weights, `weights` and `squared_weights` are the numbers of customers.

    Attributes:
        counts: number of customers, shape (n_segments,).
        weights: how often they count together, shape (n_segments,).
        squared_weights: sum of the squares of their weights, shape (n_segments,).
        sums: of each feature, shape (n_segments, n_features).
        squares: sums of the squares of each feature, shape (n_segments, n_features).
        squared_distances: sum of the squared distances to the centroid, shape (n_segments,).
        fourth_powers: sum of their squares, shape (n_segments,).
        largest: the largest squared distance to the centroid, shape (n_segments,).
        n_far: number of customers beyond the largest distance at the fit, shape (n_segments,).
    """

    counts: Floats
    weights: Floats
    squared_weights: Floats
    sums: Floats
    squares: Floats
    squared_distances: Floats
    fourth_powers: Floats
    largest: Floats
    n_far: Floats

    @classmethod
    def of(
        cls, rows: Floats, centroids: Floats, weights: Floats | None = None, largest_at_fit: Floats | None = None
    ) -> Pass:
        """The pass over rows held in memory.

        Args:
            rows: shape (n_rows, n_features).
            centroids: shape (n_segments, n_features).
            weights: how often each row counts, shape (n_rows,); once by default.
            largest_at_fit: `largest` of the pass at the fit, if this is a later one.
        """
        labels, squared = nearest(rows, centroids)
        weight = np.ones(len(rows)) if weights is None else weights
        largest = np.zeros(len(centroids))
        np.maximum.at(largest, labels, squared)

        def add_up(values: Floats) -> Floats:
            return np.bincount(labels, values, len(centroids)).astype(np.float64)

        is_far = np.zeros(len(rows)) if largest_at_fit is None else (squared > largest_at_fit[labels]).astype(float)
        return cls(
            add_up(np.ones(len(rows))),
            add_up(weight),
            add_up(weight**2),
            np.column_stack([add_up(feature * weight) for feature in rows.T]),
            np.column_stack([add_up(feature**2 * weight) for feature in rows.T]),
            add_up(squared * weight),
            add_up(squared**2 * weight),
            largest,
            add_up(is_far),
        )

    @property
    def total(self) -> float:
        """Number of all customers."""
        return float(self.counts.sum())

    @property
    def weight(self) -> float:
        """How often all customers count together."""
        return float(self.weights.sum())

    @property
    def effective(self) -> Floats:
        """How many customers of equal weight say as much about a mean, shape (n_segments,)."""
        return np.asarray(np.divide(self.weights**2, self.squared_weights, where=self.counts > 0, out=self.counts * 0))

    @property
    def effective_total(self) -> float:
        """How many customers of equal weight say as much about a mean over all."""
        return float(self.weight**2 / self.squared_weights.sum())

    @property
    def shares(self) -> Floats:
        """Share of each segment in all customers, shape (n_segments,)."""
        return self.weights / self.weight

    @property
    def means(self) -> Floats:
        """Mean of each feature in each segment; NaN without customers, shape (n_segments, n_features)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums / self.weights[:, None], dtype=np.float64)

    @property
    def variances(self) -> Floats:
        """Variance of each feature in each segment; NaN without customers, shape (n_segments, n_features)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.maximum(self.squares / self.weights[:, None] - self.means**2, 0.0), dtype=np.float64)

    @property
    def mean_squared_distances(self) -> Floats:
        """Mean squared distance to the centroid in each segment; NaN without customers, shape (n_segments,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.squared_distances / self.weights, dtype=np.float64)

    @property
    def variances_of_squared_distances(self) -> Floats:
        """Variance of the squared distances in each segment; NaN without customers, shape (n_segments,)."""
        with np.errstate(invalid="ignore"):
            variances = self.fourth_powers / self.weights - self.mean_squared_distances**2
        return np.asarray(np.maximum(variances, 0.0), dtype=np.float64)

    @property
    def overall_mean(self) -> Floats:
        """Mean of each feature over all customers, shape (n_features,)."""
        return np.asarray(self.sums.sum(axis=0) / self.weight, dtype=np.float64)

    @property
    def overall_variance(self) -> Floats:
        """Variance of each feature over all customers, shape (n_features,)."""
        return np.asarray(
            np.maximum(self.squares.sum(axis=0) / self.weight - self.overall_mean**2, 0.0), dtype=np.float64
        )
