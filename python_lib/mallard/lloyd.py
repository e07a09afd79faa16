"""Lloyd's algorithm for many runs at once: the TensorFlow kernel.

A batch of runs is one array of centroids, shape (n_runs, n_clusters, n_features). Runs of a smaller k are filled up
with rows of NaN, to which no point is ever assigned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mallard._tensorflow import tf
from mallard.distances import blocks, nearest
from mallard.points import Floats, WeightedPoints


class Assignment(NamedTuple):
    """What the points of each cluster add up to; additive over any partition of the points.

    Attributes:
        counts: total weight, shape (n_runs, n_clusters).
        sums: weighted sum of the points, shape (n_runs, n_clusters, n_features).
        inertia: weighted sum of squared distances to the centroid, shape (n_runs, n_clusters).
    """

    counts: Floats
    sums: Floats
    inertia: Floats


class LloydResult(NamedTuple):
    """Where each run ended.

    Attributes:
        centroids: shape (n_runs, n_clusters, n_features).
        inertia: of the points assigned to exactly these centroids, shape (n_runs,).
        n_iter: iterations run, shape (n_runs,).
        converged: whether the centroids came to rest before `max_iter`, shape (n_runs,).
    """

    centroids: Floats
    inertia: Floats
    n_iter: NDArray[np.int64]
    converged: NDArray[np.bool_]


def stack_runs(runs: Sequence[Floats]) -> Floats:
    """One batch of runs that may differ in k: each (k, n_features) becomes a row of (n_runs, largest k, n_features)."""
    batch = np.full((len(runs), max(map(len, runs)), runs[0].shape[1]), np.nan)
    for run, centroids in zip(batch, runs, strict=True):
        run[: len(centroids)] = centroids
    return batch


def assign(points: WeightedPoints, centroids: Floats) -> Assignment:
    """E-step: give every point to its nearest centroid, the first of them at a tie, and add up.

    Nothing here depends on the number of threads: the blocks have a fixed size and are added in order, and TensorFlow's
    segment sum adds the rows of a segment one after the other.

    Args:
        centroids: shape (n_runs, n_clusters, n_features).
    """
    n_runs, n_clusters, n_features = centroids.shape
    norms = np.where(np.isnan(centroids[..., 0]), np.inf, np.sum(centroids**2, axis=2))
    minus_twice = tf.constant(-2.0 * np.nan_to_num(centroids).reshape(-1, n_features))
    first_cluster = np.arange(n_runs, dtype=np.int32) * n_clusters
    totals = np.zeros((n_runs * n_clusters, n_features + 2))
    for block in blocks(len(points), n_runs * n_clusters):
        x, weights = tf.constant(points.coordinates[block]), tf.constant(points.weights[block, None])
        scores = tf.reshape(tf.matmul(x, minus_twice, transpose_b=True), (-1, n_runs, n_clusters)) + norms
        labels = tf.argmin(scores, axis=2, output_type=tf.int32)
        squared = tf.maximum(tf.reduce_min(scores, axis=2) + tf.reduce_sum(x**2, axis=1, keepdims=True), 0.0)
        of_points = tf.concat([weights, weights * x], axis=1)
        terms = tf.concat(
            [
                tf.repeat(tf.expand_dims(of_points, 1), n_runs, axis=1),
                tf.expand_dims(weights * squared, 2),
            ],
            axis=2,
        )
        totals += tf.math.unsorted_segment_sum(terms, labels + first_cluster, n_runs * n_clusters).numpy()
    totals = totals.reshape(n_runs, n_clusters, n_features + 2)
    return Assignment(totals[..., 0], totals[..., 1:-1], totals[..., -1])


def lloyd(
    points: WeightedPoints, centroids: Floats, *, max_iter: int, tol: float, spherical: bool = False
) -> LloydResult:
    """Alternate E-step and M-step until the centroids rest; a run that rests costs nothing more.

    S. Lloyd, "Least squares quantization in PCM", 1982, doi 10.1109/TIT.1982.1056489.

    Args:
        centroids: where to start, shape (n_runs, n_clusters, n_features).
        tol: a run has converged when the squared shifts of its centroids add up to no more than this.
        spherical: keep the centroids on the unit sphere (Dhillon and Modha 2001, doi 10.1023/A:1007612920971).
    """
    centroids = centroids.copy()
    n_iter = np.full(len(centroids), max_iter)
    converged = np.zeros(len(centroids), dtype=bool)
    active = np.arange(len(centroids))
    for iteration in range(1, max_iter + 1):
        before = centroids[active]
        after = _move(points, before, spherical)
        centroids[active] = after
        rests = np.nansum((after - before) ** 2, axis=(1, 2)) <= tol
        n_iter[active[rests]] = iteration
        converged[active[rests]] = True
        active = active[~rests]
        if not len(active):
            break
    return LloydResult(centroids, assign(points, centroids).inertia.sum(axis=1), n_iter, converged)


def _move(points: WeightedPoints, centroids: Floats, spherical: bool) -> Floats:
    """M-step: the mean of each cluster's points; a cluster without points gets one that lies far from its centroid."""
    counts, sums, _ = assign(points, centroids)
    is_empty = (counts == 0) & ~np.isnan(centroids[..., 0])
    for run in np.flatnonzero(is_empty.any(axis=1)):
        _relocate_empty_clusters(points, centroids[run], counts[run], sums[run], np.flatnonzero(is_empty[run]))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts[..., None]
        if spherical:
            means /= np.linalg.norm(means, axis=-1, keepdims=True)
    return np.where(np.isfinite(means), means, centroids)


def _relocate_empty_clusters(
    points: WeightedPoints, centroids: Floats, counts: Floats, sums: Floats, empty: NDArray[np.int64]
) -> None:
    """Take the points farthest from their centroids out of their clusters, one for each empty cluster (in place)."""
    labels, squared = nearest(points.coordinates, centroids[~np.isnan(centroids[:, 0])])
    farthest = np.argsort(-squared, kind="stable")[: len(empty)]
    for cluster, point in zip(empty, farthest, strict=False):
        weight, donor = points.weights[point], labels[point]
        counts[donor] -= weight
        sums[donor] -= weight * points.coordinates[point]
        counts[cluster] = weight
        sums[cluster] = weight * points.coordinates[point]
