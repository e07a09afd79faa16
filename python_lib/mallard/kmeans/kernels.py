"""The inner loops of K-means as kernels, compiled by XLA.

Each call runs on one core; `mallard.kmeans.parallel` distributes the calls over the cores. Sums run over the blocks in
order, so that no result depends on the number of threads.

Loops over clusters are loops in the compiled code too. That keeps the code small and quick to compile, and the values
that leave a loop are computed once. Without the loop, the compiler would fuse the steps into one and recompute the
nearest centroid for every sum that uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import Blocks
from mallard.kmeans.e_step import (
    FAR,
    FEW_FEATURES,
    SUMMED_FEATURES,
    nearest_as_in_sql,
    nearest_by_products,
    nearest_to_most_digits,
)

ROUNDING = 1e-13
"""A squared distance of at most this fraction of the squared lengths may be the rounding of their products."""
TURNS = 4
"""Sums of each cluster, to which its points are added in turn: an addition needn't wait for the one before."""


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel once for each combination of argument shapes.

    TensorFlow has such a cache too, but its look-up takes as long as the call. It also warns about functions that are
    compiled often, as these are for data of many shapes, and a user can't do anything about that.
    """
    function = tf.function(kernel, jit_compile=True, autograph=False)
    by_signature: dict[tuple[Any, ...], Callable[..., Any]] = {}
    lock = Lock()

    @wraps(kernel)
    def call(*arguments: Any) -> Any:
        values = tf.nest.flatten(arguments)
        signature = tuple((value.dtype, *value.shape) if tf.is_tensor(value) else value for value in values)
        with lock:
            if signature not in by_signature:
                by_signature[signature] = function.get_concrete_function(*arguments)
        return by_signature[signature](*arguments)

    return call


@compiled
def totals(blocks: Blocks, centroids: tf.Tensor, n_clusters: tf.Tensor, n_runs: tf.Tensor) -> tf.Tensor:
    """Assign the points to their nearest centroids (on a tie, the first), one run after the other, and add up.

    With few features, the distances are bit-identical to those that SQL computes when it scores, so that ties end the
    same way. With more, ties may end differently; with many, distances are computed from products, and points and
    centroids should lie around the origin, where products keep their digits.

    Args:
        centroids: shape (n_slots, most clusters, n_features), of which the first `n_runs` are used.
        n_clusters: of each run, shape (n_slots,).

    Returns:
        Weighted sums over the points nearest to each centroid, shape (n_slots, most clusters, n_features + 3): of the
        points, of 1, of their squared distances to the centroid, and of their distances.
    """

    def run(slot: tf.Tensor, found: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        total = _total(blocks, centroids[slot], n_clusters[slot])
        return slot + 1, tf.tensor_scatter_nd_update(found, [[slot]], total[None])

    n_slots, most_clusters, n_features = centroids.shape
    nothing = tf.zeros((n_slots, most_clusters, n_features + 3), centroids.dtype)
    return tf.while_loop(lambda slot, _: slot < n_runs, run, (tf.constant(0), nothing))[1]


@compiled
def distance_sums(groups: Blocks, group_of_block: tf.Tensor, n_groups: int, points: tf.Tensor) -> tf.Tensor:
    """Weighted sums of the distances from points to all members of each group, for few features.

    The code grows with the features, and so does the time to compile it.

    Args:
        groups: the members; a block contains members of one group only.
        group_of_block: shape (n_blocks,).
        points: shape (n_features, n_points).

    Returns:
        Shape (n_groups, n_points).
    """
    n_features, n_points = points.shape

    def add_block(block: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x, weights = groups.coordinates[block], groups.weights[block]
        distances = []
        for member in range(weights.shape[0]):
            squared = [tf.math.squared_difference(points[i], x[i, member]) for i in range(n_features)]
            distances.append(weights[member] * tf.sqrt(tf.add_n(squared)))
        return block + 1, tf.tensor_scatter_nd_add(totals, [[group_of_block[block]]], tf.add_n(distances)[None])

    nothing = tf.zeros((n_groups, n_points), points.dtype)
    return tf.while_loop(lambda block, _: block < groups.n_used, add_block, (tf.constant(0), nothing))[1]


@compiled
def distance_sums_by_products(
    members: Blocks, group_of_member: tf.Tensor, n_groups: int, points: tf.Tensor
) -> tf.Tensor:
    """The same for any number of features: |x - y|^2 = |x|^2 + |y|^2 - 2 x.y.

    Points and members should lie around the origin, where products keep their digits. What may be rounding counts as no
    distance.

    Args:
        members: in any order.
        group_of_member: shape (n_blocks, block_size).
        points: shape (n_features, n_points).

    Returns:
        Shape (n_groups, n_points).
    """
    norms = tf.reduce_sum(points**2, axis=0)

    def add_block(block: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x, weights = members.coordinates[block], members.weights[block]
        norms_of_both = tf.reduce_sum(x**2, axis=0)[:, None] + norms
        squared = norms_of_both - 2.0 * tf.matmul(x, points, transpose_a=True)
        squared = tf.where(squared > ROUNDING * norms_of_both, squared, tf.zeros_like(squared))
        distances = weights[:, None] * tf.sqrt(squared)
        return block + 1, totals + tf.math.unsorted_segment_sum(distances, group_of_member[block], n_groups)

    nothing = tf.zeros((n_groups, points.shape[1]), points.dtype)
    return tf.while_loop(lambda block, _: block < members.n_used, add_block, (tf.constant(0), nothing))[1]


def _total(blocks: Blocks, centroids: tf.Tensor, n_clusters: tf.Tensor) -> tf.Tensor:
    """Weighted sums over the points nearest to each centroid, as `totals` returns them.

    Args:
        centroids: shape (n_slots, n_features), of which the first `n_clusters` are used.

    Returns:
        Shape (n_slots, n_features + 3).
    """
    n_slots, n_features = centroids.shape
    one = tf.cast(blocks.n_used > 0, centroids.dtype)
    is_used = tf.range(n_slots) < n_clusters

    def nearest(x: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, ...]:
        if n_features <= FEW_FEATURES:
            return nearest_as_in_sql(x, weights, centroids, n_clusters, one)
        if n_features <= SUMMED_FEATURES and x.dtype == tf.float64:
            return nearest_to_most_digits(x, weights, tf.where(is_used[:, None], centroids, FAR), n_clusters)
        return nearest_by_products(x, weights, centroids, n_clusters)

    def add_block(block: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        label, squared, x, weights = nearest(blocks.coordinates[block], blocks.weights[block])
        terms = tf.concat([x, tf.ones_like(x[:1]), squared[None], tf.sqrt(squared)[None]], axis=0) * weights
        return block + 1, total + sums_in_turns(terms, label, n_slots)

    nothing = tf.zeros((n_slots * TURNS, n_features + 3), centroids.dtype)
    return of_all_turns(tf.while_loop(lambda block, _: block < blocks.n_used, add_block, (tf.constant(0), nothing))[1])


def sums_in_turns(terms: tf.Tensor, label: tf.Tensor, n_slots: int) -> tf.Tensor:
    """Add up what the points of each cluster have, in `TURNS` sums each.

    Args:
        terms: shape (n_terms, block_size).
        label: the cluster of each point, shape (block_size,).
        n_slots: number of clusters.

    Returns:
        Shape (n_slots * TURNS, n_terms).
    """
    place = label * TURNS + tf.range(label.shape[0]) % TURNS
    return tf.math.unsorted_segment_sum(tf.transpose(terms), place, n_slots * TURNS)


def of_all_turns(sums: tf.Tensor) -> tf.Tensor:
    """One sum for each cluster, shape (n_slots, n_terms)."""
    return tf.reduce_sum(tf.reshape(sums, (-1, TURNS, sums.shape[1])), axis=1)
