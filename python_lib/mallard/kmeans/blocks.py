"""Points laid out for the kernels: feature by feature, in blocks that fit the processor's cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans._tensorflow import tf
from mallard.kmeans.points import Floats

LANES = 16
"""A block is a multiple of so many points, which is what a processor computes side by side at most; an odd multiple,
since rows a power of two apart get in each other's way in its cache."""
MAX_LANES = 32
VALUES = 1024
"""Coordinates, or distances to centroids, for each lane of a block, at most: so much fits the cache. XLA would also
split work on larger blocks between threads of its own, which are busy with other blocks."""
MIN_BLOCKS = 64


def block_size(n_features: int, n_clusters: int = 1) -> int:
    """Points in a block."""
    return LANES * (min(MAX_LANES, VALUES // n_features, VALUES // n_clusters) | 1)


class Blocks(NamedTuple):
    """Points, feature by feature, with the weights of the customers that stand there.

    There is room for more blocks than are used, because a kernel is compiled for every number of blocks. What isn't
    used has no weight.

    Attributes:
        coordinates: shape (n_blocks, n_features, block_size).
        weights: shape (n_blocks, block_size).
        n_used: how many blocks are used.
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
        """Points given feature by feature.

        Args:
            features: shape (n_features, n_points).
            weights: shape (n_points,), or one for all.
            size: points in a block, see `block_size`.
            n_blocks: for which there is room.
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


def room_for(n_blocks: int) -> int:
    """Room for a number of blocks, the same for similar numbers."""
    return max(MIN_BLOCKS, 1 << (n_blocks - 1).bit_length())
