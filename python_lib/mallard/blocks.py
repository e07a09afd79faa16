"""Points laid out for the kernels: feature by feature, in blocks that fit the processor's cache."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard._tensorflow import tf
from mallard.points import Floats, WeightedPoints

BLOCK_SIZE = 512
PRODUCT_SIZE = 2**17
"""Multiplications in the matrix product of a block, at most. TensorFlow splits larger ones between threads, and then
the last digits would depend on how many threads there are."""
CAPACITY = 2**14
"""Points for which there is room, at least."""


def block_size(n_products: int) -> int:
    """Points in a block, a power of two, when each of them takes part in so many multiplications."""
    return min(BLOCK_SIZE, max(8, 1 << (PRODUCT_SIZE // n_products).bit_length() - 1))


class Blocks(NamedTuple):
    """Points, feature by feature, with the weights of the customers that stand there.

    There is room for more blocks than are used, because a kernel is compiled for every number of blocks. What isn't
    used has no weight.

    Attributes:
        coordinates: shape (n_blocks, n_features + 1, block_size); a 1 follows the features of each point.
        weights: shape (n_blocks, block_size).
        n_used: how many blocks are used.
    """

    coordinates: tf.Tensor
    weights: tf.Tensor
    n_used: tf.Tensor

    @classmethod
    def of(cls, points: WeightedPoints, size: int = BLOCK_SIZE, dtype: type[np.floating] = np.float64) -> Blocks:
        """All points.

        Args:
            size: points in a block, see `block_size`.
            dtype: of the coordinates and the weights.
        """
        capacity = max(CAPACITY, size << (-(-len(points) // size) - 1).bit_length())
        return cls.of_features(points.coordinates.T, points.weights, size, capacity, dtype)

    @classmethod
    def of_features(
        cls,
        features: Floats,
        weights: Floats | float,
        size: int,
        capacity: int,
        dtype: type[np.floating] = np.float64,
    ) -> Blocks:
        """Points given feature by feature.

        Args:
            features: shape (n_features, n_points).
            weights: shape (n_points,), or one for all.
            size: points in a block, see `block_size`.
            capacity: points for which there is room, a multiple of `size`.
            dtype: of the coordinates and the weights.
        """
        n_features, n_points = features.shape
        coordinates = np.zeros((capacity // size, n_features + 1, size), dtype)
        coordinates[:, -1] = 1.0
        whole, rest = divmod(n_points, size)
        all_weights = np.zeros(capacity, dtype)
        all_weights[:n_points] = weights
        for feature, values in enumerate(features):
            coordinates[:whole, feature] = values[: whole * size].reshape(whole, size)
            coordinates[whole : whole + 1, feature, :rest] = values[whole * size :]
        return cls(
            tf.constant(coordinates), tf.constant(all_weights.reshape(-1, size)), tf.constant(-(-n_points // size))
        )
