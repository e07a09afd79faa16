"""The compiled kernels: what XLA makes of the inner loops of K-means.

Each call runs on one core; `mallard.parallel` gives every core its share. Sums run over the blocks in order, so that no
result depends on the number of threads. A run of fewer clusters is filled up with centroids of NaN, to which no point
is ever assigned.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mallard._tensorflow import tf
from mallard.blocks import Blocks

FEW_FEATURES = 4


def _compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel for the shapes it is called with.

    TensorFlow warns of a function that is compiled often. Ours are, for data of many shapes, and there is nothing that
    a user could do about it, so the warning is passed by.
    """
    function = tf.function(kernel, jit_compile=True, autograph=False)

    @wraps(kernel)
    def call(*arguments: Any) -> Any:
        return function.get_concrete_function(*arguments)(*arguments)

    return call


@_compiled
def descend(
    blocks: Blocks,
    starts: tf.Tensor,
    n_runs: tf.Tensor,
    max_iter: tf.Tensor,
    tol: tf.Tensor,
    spherical: bool,
) -> tuple[tf.Tensor, ...]:
    """Lloyd's algorithm, one run after the other, each until its centroids rest or one of its clusters is empty.

    Args:
        starts: centroids, shape (n_slots, n_clusters, n_features), of which the first `n_runs` are used.
        max_iter: of each run, shape (n_slots,).
        tol: a run rests when the squared shifts of its centroids add up to no more than this.
        spherical: keep the centroids on the unit sphere.

    Returns:
        Centroids, their inertia, iterations run, whether the run came to rest, and whether it stopped before an
        iteration because that would have left a cluster empty; one of each for every slot.
    """

    def iterate(
        centroids: tf.Tensor, _rests: tf.Tensor, _is_empty: tf.Tensor, n_iter: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        total = _total(blocks, tf.constant(0), blocks.n_used, centroids)
        sums, counts = total[:, :-1], total[:, -1:]
        is_padding = tf.math.is_nan(centroids)
        is_empty = tf.reduce_any((counts == 0) & ~is_padding)
        means = sums / counts
        if spherical:
            means = means / tf.norm(means, axis=1, keepdims=True)
        means = tf.where(tf.math.is_finite(means), means, centroids)
        shift = tf.reduce_sum(tf.where(is_padding, tf.zeros_like(means), (means - centroids) ** 2))
        return (
            tf.where(is_empty, centroids, means),
            ~is_empty & (shift <= tol),
            is_empty,
            n_iter + tf.cast(~is_empty, tf.int32),
        )

    def run(slot: tf.Tensor, *results: tf.Tensor) -> tuple[tf.Tensor, ...]:
        centroids, rests, is_empty, n_iter = tf.while_loop(
            lambda _, rests, is_empty, n_iter: ~rests & ~is_empty & (n_iter < max_iter[slot]),
            iterate,
            (starts[slot], tf.constant(False), tf.constant(False), tf.constant(0)),
        )
        found = (centroids, _inertia(blocks, tf.constant(0), blocks.n_used, centroids), n_iter, rests, is_empty)
        return slot + 1, *(
            tf.tensor_scatter_nd_update(result, [[slot]], value[None])
            for result, value in zip(results, found, strict=True)
        )

    n_slots = starts.shape[0]
    nothing = (
        starts,
        tf.zeros(n_slots, starts.dtype),
        tf.zeros(n_slots, tf.int32),
        tf.zeros(n_slots, tf.bool),
        tf.zeros(n_slots, tf.bool),
    )
    _, *results = tf.while_loop(lambda slot, *_: slot < n_runs, run, (tf.constant(0), *nothing))
    return tuple(results)


@_compiled
def add_up(blocks: Blocks, first: tf.Tensor, last: tf.Tensor, centroids: tf.Tensor) -> tf.Tensor:
    """What an iteration of one run needs of some of the blocks: weighted sums and total weights, see `_total`."""
    return _total(blocks, first, last, centroids)


@_compiled
def inertia(blocks: Blocks, first: tf.Tensor, last: tf.Tensor, centroids: tf.Tensor) -> tf.Tensor:
    """What some of the blocks add to the inertia of one run."""
    return _inertia(blocks, first, last, centroids)


@_compiled
def assign(blocks: Blocks, runs: tf.Tensor, n_runs: tf.Tensor) -> tf.Tensor:
    """E-step of several runs: give every point to its nearest centroid, the first of them at a tie, and add up.

    With few features the distances are those that SQL computes when it scores, to the last bit, so that ties end the
    same. With many a matrix product is four times as fast; points and centroids should then lie about the origin, where
    it keeps its digits, and ties can't be expected.

    Args:
        runs: centroids, shape (n_slots, n_clusters, n_features), of which the first `n_runs` are used.

    Returns:
        For each cluster the weighted sum of its points, their total weight, and the weighted sums of their squared
        distances and of their distances to the centroid, shape (n_slots, n_clusters, n_features + 3).
    """
    n_slots, n_clusters, n_features = runs.shape
    by_point = _by_point(runs)

    def add_run(block: tf.Tensor, run: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, ...]:
        x = blocks.coordinates[block]
        if n_features <= FEW_FEATURES:
            squared = _squared_distances(x, runs[run])
        else:
            squared = tf.maximum(tf.matmul(by_point[run], x) + tf.reduce_sum(x[:-1] ** 2, axis=0), 0.0)
        smallest = tf.reduce_min(squared, axis=0)
        terms = tf.concat([x, smallest[None], tf.sqrt(smallest)[None]], axis=0)
        total = tf.matmul(_members(squared, blocks.weights[block]), terms, transpose_b=True)
        return block, run + 1, tf.tensor_scatter_nd_add(totals, [[run]], total[None])

    def add_block(block: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        _, _, totals = tf.while_loop(lambda _, run, __: run < n_runs, add_run, (block, tf.constant(0), totals))
        return block + 1, totals

    nothing = tf.zeros((n_slots, n_clusters, n_features + 3), runs.dtype)
    return tf.while_loop(lambda block, _: block < blocks.n_used, add_block, (tf.constant(0), nothing))[1]


@_compiled
def distance_sums(blocks: Blocks, memberships: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """What the distances from some points to all members of each cluster add up to.

    Args:
        memberships: the weight of each point in its cluster, 0 in others, shape (n_blocks, n_clusters, block_size).
        points: shape (n_features, n_points).

    Returns:
        Shape (n_clusters, n_points).
    """

    def add_block(block: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = blocks.coordinates[block]
        squared = tf.add_n(
            [tf.math.squared_difference(x[i, :, None], of_points) for i, of_points in enumerate(tf.unstack(points))]
        )
        return block + 1, total + tf.matmul(memberships[block], tf.sqrt(squared))

    nothing = tf.zeros((memberships.shape[1], points.shape[1]), points.dtype)
    return tf.while_loop(lambda block, _: block < blocks.n_used, add_block, (tf.constant(0), nothing))[1]


def _total(blocks: Blocks, first: tf.Tensor, last: tf.Tensor, centroids: tf.Tensor) -> tf.Tensor:
    """Weighted sum of the points of each cluster and their total weight, shape (n_clusters, n_features + 1).

    Of the blocks from `first` up to, but without, `last`.
    """
    by_point = _by_point(centroids)

    def add_block(block: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x = blocks.coordinates[block]
        members = _members(tf.matmul(by_point, x), blocks.weights[block])
        return block + 1, total + tf.matmul(members, x, transpose_b=True)

    return tf.while_loop(lambda block, _: block < last, add_block, (first, tf.zeros_like(by_point)))[1]


def _inertia(blocks: Blocks, first: tf.Tensor, last: tf.Tensor, centroids: tf.Tensor) -> tf.Tensor:
    """Weighted sum of the squared distances to the nearest centroid, of some of the blocks."""

    def add_block(block: tf.Tensor, inertia: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        squared = tf.reduce_min(_squared_distances(blocks.coordinates[block], centroids), axis=0)
        return block + 1, inertia + tf.tensordot(blocks.weights[block], squared, 1)

    return tf.while_loop(lambda block, _: block < last, add_block, (first, tf.zeros([], centroids.dtype)))[1]


def _squared_distances(x: tf.Tensor, centroids: tf.Tensor) -> tf.Tensor:
    """Squared distance of every centroid to every point, infinite where a run is filled up.

    The sum of (x - c)^2 over the features, one after the other, as SQL adds them up. The factor is the 1 that follows
    the features of each point: the compiler doesn't know that it is one, and so can't fuse square and sum into one
    operation with one rounding.

    Args:
        x: a block, shape (n_features + 1, block_size).
        centroids: shape (n_clusters, n_features).

    Returns:
        Shape (n_clusters, block_size).
    """
    centroids = tf.where(tf.math.is_nan(centroids), _infinity(centroids.dtype), centroids)
    return tf.reduce_sum(x[-1] * tf.math.squared_difference(centroids[:, :, None], x[None, :-1]), axis=1)


def _infinity(dtype: tf.DType) -> tf.Tensor:
    return tf.constant(float("inf"), dtype)


def _members(scores: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """The weight of each point in the row of the first cluster that has its lowest score, 0 in the others.

    Args:
        scores: shape (n_clusters, block_size).
        weights: shape (block_size,).
    """
    nearest = tf.argmin(scores, axis=0, output_type=tf.int32)
    return tf.where(tf.range(scores.shape[0])[:, None] == nearest, weights, tf.zeros_like(weights))


def _by_point(centroids: tf.Tensor) -> tf.Tensor:
    """What gives |c|^2 - 2 c.x when multiplied with points, each of which is followed by a 1.

    That is the squared distance but for |x|^2, which is the same for all centroids.

    Args:
        centroids: shape (..., n_clusters, n_features).

    Returns:
        Shape (..., n_clusters, n_features + 1); the product is infinite where a run is filled up.
    """
    norms = tf.reduce_sum(centroids**2, axis=-1, keepdims=True)
    for_padding = tf.concat([tf.zeros_like(centroids), tf.fill(norms.shape, _infinity(norms.dtype))], axis=-1)
    return tf.where(tf.math.is_nan(norms), for_padding, tf.concat([-2.0 * centroids, norms], axis=-1))
