"""What a pass over the customers says about their segments."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans.points import Floats


class Pass(NamedTuple):
    """Sums over the customers of each segment, in the scaled units of one version; additive over any partition of them.

    Attributes:
        counts: number of customers, shape (n_segments,).
        sums: of each feature, shape (n_segments, n_features).
        squares: sums of the squares of each feature, shape (n_segments, n_features).
        squared_distances: sum of the squared distances to the centroid, shape (n_segments,).
        fourth_powers: sum of their squares, shape (n_segments,).
    """

    counts: Floats
    sums: Floats
    squares: Floats
    squared_distances: Floats
    fourth_powers: Floats

    @classmethod
    def of(cls, rows: Floats, centroids: Floats) -> Pass:
        """The pass over rows held in memory.

        Args:
            rows: shape (n_rows, n_features).
            centroids: shape (n_segments, n_features).
        """
        squared = ((rows[:, None, :] - centroids) ** 2).sum(axis=2)
        labels, nearest = squared.argmin(axis=1), squared.min(axis=1)
        k = len(centroids)

        def add_up(values: Floats) -> Floats:
            return np.bincount(labels, values, k).astype(np.float64)

        return cls(
            add_up(np.ones(len(rows))),
            np.column_stack([add_up(feature) for feature in rows.T]),
            np.column_stack([add_up(feature**2) for feature in rows.T]),
            add_up(nearest),
            add_up(nearest**2),
        )

    @property
    def total(self) -> float:
        """Number of all customers."""
        return float(self.counts.sum())

    @property
    def shares(self) -> Floats:
        """Share of each segment in all customers, shape (n_segments,)."""
        return self.counts / self.total

    @property
    def means(self) -> Floats:
        """Mean of each feature in each segment; NaN without customers, shape (n_segments, n_features)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums / self.counts[:, None], dtype=np.float64)

    @property
    def variances(self) -> Floats:
        """Variance of each feature in each segment; NaN without customers, shape (n_segments, n_features)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.maximum(self.squares / self.counts[:, None] - self.means**2, 0.0), dtype=np.float64)

    @property
    def overall_mean(self) -> Floats:
        """Mean of each feature over all customers, shape (n_features,)."""
        return np.asarray(self.sums.sum(axis=0) / self.total, dtype=np.float64)

    @property
    def overall_variance(self) -> Floats:
        """Variance of each feature over all customers, shape (n_features,)."""
        return np.asarray(
            np.maximum(self.squares.sum(axis=0) / self.total - self.overall_mean**2, 0.0), dtype=np.float64
        )
