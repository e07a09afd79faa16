"""E-steps for a block of points: the nearest centroid of each, in the kernels that XLA compiles.

Every E-step returns the index of the nearest centroid and the squared distance to it, both of shape (block_size,); then
the block's coordinates and weights, passed on so that they are read only once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mallard.kmeans._tensorflow import tf

FEW_FEATURES = 4
"""With up to this many features, distances can be bit-identical to those of SQL."""
SUMMED_FEATURES = 16
"""With up to this many features, squared differences are summed; with more, distances come from products."""
PAIR = 2
"""Centroids that are compared at once: with one, the loop costs as much as its work; with four, registers run out."""
FAR = 1e150
"""Coordinate of the centroids that fill up a batch. Its square is finite."""
TINY = 1e-290
"""Smallest squared distance: of a 0, the processor would drop the index as a number too small to count."""


def nearest_as_in_sql(
    x: tf.Tensor, weights: tf.Tensor, centroids: tf.Tensor, n_clusters: tf.Tensor, one: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """The squared distance is the sum of (x - c)^2 over the features, one after the other, as in SQL.

    Args:
        x: shape (n_features, block_size).
        weights: shape (block_size,).
        centroids: shape (n_slots, n_features), of which the first `n_clusters` are used.
        one: the value 1, unknown to the compiler. Multiplying a square by it forces a rounding before the addition;
            otherwise, the compiler would fuse square and addition into one operation with one rounding.
    """

    def squared_distance(cluster: tf.Tensor) -> tf.Tensor:
        squared = None
        for i, coordinate in enumerate(tf.unstack(centroids[cluster])):
            term = one * tf.math.squared_difference(x[i], coordinate)
            squared = term if squared is None else squared + term
        return squared

    return _smallest(squared_distance, x, weights, n_clusters)


def nearest_by_products(
    x: tf.Tensor, weights: tf.Tensor, centroids: tf.Tensor, n_clusters: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """|x - c|^2 = |x|^2 + |c|^2 - 2 c.x. Arguments as of `nearest_as_in_sql`."""
    products = tf.matmul(-2.0 * centroids, x)
    norms = tf.reduce_sum(centroids**2, axis=1)
    label, smallest, x, weights = _smallest(lambda cluster: products[cluster] + norms[cluster], x, weights, n_clusters)
    return label, tf.maximum(smallest + tf.reduce_sum(x**2, axis=0), 0.0), x, weights


def _smallest(
    squared_distance: Callable[[tf.Tensor], tf.Tensor], x: tf.Tensor, weights: tf.Tensor, n_clusters: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """The centroid with the smallest distance; on a tie, the first."""

    def compare(
        cluster: tf.Tensor, label: tf.Tensor, smallest: tf.Tensor, x: tf.Tensor, weights: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        squared = squared_distance(cluster)
        label, smallest = tf.where(squared < smallest, cluster, label), tf.minimum(squared, smallest)
        return cluster + 1, label, smallest, x, weights

    start = tf.constant(0), tf.zeros(x.shape[1], tf.int32), tf.fill([x.shape[1]], tf.constant(np.inf, x.dtype))
    return tuple(tf.while_loop(lambda cluster, *_: cluster < n_clusters, compare, (*start, x, weights))[1:])


def nearest_to_most_digits(
    x: tf.Tensor, weights: tf.Tensor, centroids: tf.Tensor, n_clusters: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """The index of a centroid replaces the last bits of the squared distance to it.

    So a minimum of numbers finds both: up to four times as fast as a comparison that carries the index along. Arguments
    as of `nearest_as_in_sql`, in float64; centroids that aren't used are `FAR` away.
    """
    n_slots, n_features = centroids.shape
    index_bits = np.int64((1 << (n_slots - 1).bit_length()) - 1)
    by_products = n_features > SUMMED_FEATURES
    if by_products:
        products = tf.matmul(-2.0 * centroids, x) + tf.reduce_sum(centroids**2, axis=1, keepdims=True)
        products = tf.maximum(products + tf.reduce_sum(x**2, axis=0), TINY)

    def squared_distance(cluster: tf.Tensor) -> tf.Tensor:
        if by_products:
            return products[cluster]
        squared = tf.constant(TINY, x.dtype)
        for i, coordinate in enumerate(tf.unstack(centroids[cluster])):
            squared += tf.math.squared_difference(x[i], coordinate)
        return squared

    def compare(first: tf.Tensor, smallest: tf.Tensor, x: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, ...]:
        for cluster in (first + i for i in range(PAIR)):
            digits = tf.bitwise.bitwise_and(tf.bitcast(squared_distance(cluster), tf.int64), ~index_bits)
            packed = tf.bitcast(tf.bitwise.bitwise_or(digits, tf.cast(cluster, tf.int64)), x.dtype)
            smallest = tf.where(packed < smallest, packed, smallest)
        return first + PAIR, smallest, x, weights

    start = tf.constant(0), tf.fill([x.shape[1]], tf.constant(np.inf, x.dtype)), x, weights
    _, smallest, x, weights = tf.while_loop(lambda first, *_: first < n_clusters, compare, start)
    label = tf.bitwise.bitwise_and(tf.bitcast(smallest, tf.int64), index_bits)
    return tf.cast(label, tf.int32), smallest, x, weights
