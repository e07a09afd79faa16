"""Points in the layout of the kernels: feature by feature, in blocks that fit the processor's cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans._tensorflow import tf
from mallard.kmeans.points import Floats

LANES = 16
"""The size of a block is a multiple of this, the most points that a processor computes in parallel. The multiple is
odd, because rows a power of two apart evict each other from the cache."""
MAX_LANES = 32
VALUES = 1024
"""Most coordinates, or distances to centroids, per lane of a block: this many fit the cache. XLA would also split
larger blocks between its own threads, which are busy with other blocks."""
MIN_BLOCKS = 64


def block_size(n_features: int, n_clusters: int = 1) -> int:
    """Number of points in a block."""
    return LANES * (min(MAX_LANES, VALUES // n_features, VALUES // n_clusters) | 1)


class Blocks(NamedTuple):
    """Weighted points, feature by feature.

    There is room for more blocks than are used, because a kernel is compiled for each number of blocks. Points in
    unused blocks have weight 0.

    Attributes:
        coordinates: shape (n_blocks, n_features, block_size).
        weights: shape (n_blocks, block_size).
        n_used: number of blocks that are used.
    """

    coordinates: tf.Tensor
    weights: tf.Tensor
    n_used: tf.Tensor

    @classmethod
    def of(
        cls,
        features: Floats,
        weights: Floats | float,
        size: int,
        n_blocks: int,
        dtype: type[np.floating] = np.float64,
    ) -> Blocks:
        """Lay out points that are given feature by feature.

        Args:
            features: shape (n_features, n_points).
            weights: shape (n_points,), or one weight for all points.
            size: number of points in a block, see `block_size`.
            n_blocks: number of blocks to make room for.
            dtype: of the coordinates and the weights.
        """
        n_features, n_points = features.shape
        whole, rest = divmod(n_points, size)
        coordinates, all_weights = np.zeros((n_blocks, n_features, size), dtype), np.zeros((n_blocks, size), dtype)
        for feature, values in enumerate(features):
            coordinates[:whole, feature] = values[: whole * size].reshape(whole, size)
            coordinates[whole : whole + 1, feature, :rest] = values[whole * size :]
        all_weights.ravel()[:n_points] = weights
        return cls(tf.constant(coordinates), tf.constant(all_weights), tf.constant(-(-n_points // size)))

    def weighed(self, weights: Floats) -> Blocks:
        """The same points with other weights, shape (n_points,)."""
        all_weights = np.zeros(self.weights.shape, self.weights.dtype.as_numpy_dtype)
        all_weights.ravel()[: len(weights)] = weights
        return self._replace(weights=tf.constant(all_weights))


def room_for(n_blocks: int) -> int:
    """Number of blocks to make room for; the same for similar numbers, so that they share a compiled kernel."""
    return max(MIN_BLOCKS, 1 << (n_blocks - 1).bit_length())
