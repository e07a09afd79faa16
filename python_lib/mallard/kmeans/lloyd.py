"""Lloyd's algorithm for several runs, which may differ in k, until the centroids of each rest.

A search ends with two or three passes. Over few points, NumPy is done with them before TensorFlow has compiled a
kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import NamedTuple

import numpy as np

from mallard.kmeans import kernels, parallel
from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import Blocks, block_size, room_for
from mallard.kmeans.distances import nearest
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, Labels, WeightedPoints

LITTLE_WORK = 2**22
"""Distances along single features that a pass computes. If there are more, a kernel makes the passes: those of NumPy
would take more than some milliseconds each, of which a run from given centroids can need hundreds."""
N_SHARES = 4
"""Shares of the points, so that all cores can pass over them. Fixed, so that results don't depend on their number."""
RUNS_PER_CALL = 16
"""The kernels have room for a multiple of this many runs, and ..."""
CLUSTERS_STEP = 16
"""... for a multiple of this many clusters, so that one compilation serves several numbers of both."""

Totals = Callable[[Floats], Floats]
"""Maps centroids to sums over their nearest points, both as in `assign`."""


def lloyd(
    points: WeightedPoints,
    starts: Sequence[Floats],
    *,
    max_iter: int,
    tol: float,
    spherical: bool = False,
    dtype: type[np.floating] = np.float64,
) -> list[Fit]:
    """Alternate E-step and M-step from each start until the centroids rest.

    S. Lloyd, "Least squares quantization in PCM", 1982, doi 10.1109/TIT.1982.1056489.

    Args:
        starts: initial centroids of each run, shape (n_clusters, n_features).
        tol: a run has converged when the sum of the squared shifts of its centroids is at most this.
        spherical: keep the centroids on the unit sphere (Dhillon and Modha 2001, doi 10.1023/A:1007612920971).
        dtype: type that kernels compute in; float32 takes half the time and keeps seven digits.

    Returns:
        Where each run ended. The inertia is that of the points assigned to exactly these centroids.
    """
    most_clusters = max(map(len, starts))
    if len(points) * most_clusters * points.n_features <= LITTLE_WORK:
        run = partial(_run, points, partial(_totals, points), max_iter=max_iter, tol=tol, spherical=spherical)
        return parallel.each(run, starts)
    size = block_size(points.n_features, most_clusters)
    room = room_for(-(-len(points) // (size * N_SHARES)))
    shares = [Blocks.of(*chunk, size, room, dtype) for chunk in points.chunks(room * size)]

    def totals(centroids: Floats) -> Floats:
        [of_run] = assign(shares, [centroids], dtype)
        return of_run

    return [_run(points, totals, start, max_iter=max_iter, tol=tol, spherical=spherical) for start in starts]


def _run(
    points: WeightedPoints, totals: Totals, centroids: Floats, *, max_iter: int, tol: float, spherical: bool
) -> Fit:
    n_iter, converged = 0, False
    while True:
        total = totals(centroids)
        if converged or n_iter == max_iter:
            return Fit(centroids, float(np.sum(total[:, -2])), n_iter, converged)
        before = centroids
        if np.all(total[:, -3] > 0):
            centroids = _means(total[:, :-3], total[:, -3], before, spherical)
        else:
            centroids = _move_with_empty_clusters(points, before, spherical)
        n_iter += 1
        converged = bool(np.sum((centroids - before) ** 2) <= tol)


def _totals(points: WeightedPoints, centroids: Floats) -> Floats:
    labels, squared = nearest(points.coordinates, centroids)
    return _added_up(points, labels, squared, len(centroids))


def _added_up(points: WeightedPoints, labels: Labels, squared: Floats, n_clusters: int) -> Floats:
    terms = (*points.coordinates.T, np.ones_like(squared), squared, np.sqrt(squared))
    return np.column_stack([np.bincount(labels, points.weights * term, n_clusters) for term in terms])


def assign(shares: Iterable[Blocks], runs: Sequence[Floats], dtype: type[np.floating] = np.float64) -> list[Floats]:
    """E-step of several runs over points in several shares: the nearest centroid; on a tie, the first.

    Args:
        shares: shares of the points.
        runs: the centroids of each run, shape (n_clusters, n_features).
        dtype: of the shares.

    Returns:
        For every run and cluster: the weighted sum of the points, their weight, and the weighted sums of their squared
        distances and of their distances to the centroid, shape (n_clusters, n_features + 3).
    """
    batch = Batch.of(runs, dtype)
    of_shares = parallel.stream(lambda blocks: kernels.totals(blocks, *batch).numpy().astype(np.float64), shares)
    total = reduce(np.add, of_shares)
    return [of_run[: len(run)] for of_run, run in zip(total, runs, strict=False)]


class Batch(NamedTuple):
    """Runs in the layout of the kernels, with room to spare, so that one compilation serves many batches.

    Attributes:
        centroids: shape (n_slots, most clusters, n_features).
        n_clusters: of each run, shape (n_slots,).
        n_runs: number of slots that are used.
    """

    centroids: tf.Tensor
    n_clusters: tf.Tensor
    n_runs: tf.Tensor

    @classmethod
    def of(cls, runs: Sequence[Floats], dtype: type[np.floating]) -> Batch:
        """Lay out the centroids of some runs, shape (n_clusters, n_features) each."""
        n_slots = -(-len(runs) // RUNS_PER_CALL) * RUNS_PER_CALL
        most_clusters = -(-max(map(len, runs)) // CLUSTERS_STEP) * CLUSTERS_STEP
        filled_up = np.zeros((n_slots, most_clusters, runs[0].shape[1]), dtype)
        sizes = np.zeros(n_slots, dtype=np.int32)
        for slot, run in enumerate(runs):
            filled_up[slot, : len(run)] = run
            sizes[slot] = len(run)
        return cls(tf.constant(filled_up), tf.constant(sizes), tf.constant(len(runs)))


def _means(sums: Floats, counts: Floats, before: Floats, spherical: bool) -> Floats:
    """Means of the clusters; where there is none, because the cluster is empty or opposite directions cancel out, the
    centroid before."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts[:, None]
        if spherical:
            means /= np.linalg.norm(means, axis=1, keepdims=True)
    return np.where(np.isfinite(means), means, before)


def _move_with_empty_clusters(points: WeightedPoints, centroids: Floats, spherical: bool) -> Floats:
    """M-step with empty clusters: each empty cluster takes one of the points farthest from their centroids."""
    labels, squared = nearest(points.coordinates, centroids)
    empty = np.setdiff1d(np.arange(len(centroids)), labels)
    farthest = np.argsort(-squared, kind="stable")[: len(empty)]
    labels[farthest] = empty[: len(farthest)]
    total = _added_up(points, labels, squared, len(centroids))
    return _means(total[:, :-3], total[:, -3], centroids, spherical)
