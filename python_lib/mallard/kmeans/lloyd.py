"""Lloyd's algorithm for many runs at once.

A batch of runs is one array of centroids, shape (n_runs, n_clusters, n_features). Runs with a smaller k are padded with
rows of NaN, to which no point is ever assigned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mallard.kmeans import kernels, parallel
from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import Blocks, block_size, room_for
from mallard.kmeans.distances import nearest
from mallard.kmeans.kernels import Stage
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.stopping import seam

RUNS_PER_CALL = 16
"""Most runs per call of the kernel: enough to make the overhead of a call negligible."""

CALLS_PER_CORE = 4
"""Fewest calls per core, if there are enough runs: this keeps all cores busy to the end."""
MANY_POINTS = 2**17
"""From this many points on, the cores share the points of a run; below, they share the runs."""
N_SHARES = 4
"""Fixed, so that results don't depend on the number of cores."""
CALL_WORK = 2**29
"""Most distances along single features that a call of the kernel computes, if it can choose: about 0.3 s. Between two
calls, the work can be stopped."""
CLUSTERS_STEP = 16
"""The kernel has room for a multiple of this many clusters, so that one compilation serves several k."""


class LloydResult(NamedTuple):
    """Where each run ended.

    Attributes:
        centroids: shape (n_runs, n_clusters, n_features).
        inertia: of the points assigned to exactly these centroids, shape (n_runs,).
        n_iter: number of iterations, shape (n_runs,).
        converged: whether the centroids came to rest before `max_iter`, shape (n_runs,).
    """

    centroids: Floats
    inertia: Floats
    n_iter: NDArray[np.int64]
    converged: NDArray[np.bool_]


def stack_runs(runs: Sequence[Floats]) -> Floats:
    """Stack runs that may differ in k: each (k, n_features) becomes a row of (n_runs, largest k, n_features)."""
    batch = np.full((len(runs), max(map(len, runs)), runs[0].shape[1]), np.nan)
    for run, centroids in zip(batch, runs, strict=True):
        run[: len(centroids)] = centroids
    return batch


def lloyd(
    points: WeightedPoints,
    centroids: Floats,
    *,
    max_iter: int,
    tol: float,
    spherical: bool = False,
    dtype: type[np.floating] = np.float64,
) -> LloydResult:
    """Alternate E-step and M-step until the centroids rest; a run costs nothing more once its centroids rest.

    S. Lloyd, "Least squares quantization in PCM", 1982, doi 10.1109/TIT.1982.1056489.

    Args:
        centroids: initial centroids, shape (n_runs, n_clusters, n_features).
        tol: a run has converged when the sum of the squared shifts of its centroids is at most this.
        spherical: keep the centroids on the unit sphere (Dhillon and Modha 2001, doi 10.1023/A:1007612920971).
        dtype: type to compute in; float32 takes half the time and keeps seven digits.
    """
    n_runs, n_clusters, n_features = centroids.shape
    size = block_size(n_features, n_clusters)
    n_blocks = -(-len(points) // size)
    room = room_for(n_blocks if len(points) < MANY_POINTS else -(-n_blocks // N_SHARES))
    shares = [Blocks.of(*chunk, size, room, dtype) for chunk in points.chunks(room * size)]
    result = LloydResult(centroids.copy(), np.empty(n_runs), np.zeros(n_runs, int), np.zeros(n_runs, bool))
    stopped = np.ones(n_runs, dtype=bool)
    while stopped.any():
        runs = np.flatnonzero(stopped)
        descend = _descend if len(points) < MANY_POINTS else _descend_together
        stopped[runs] = descend(shares, result, runs, max_iter, tol, spherical)
        for run in np.flatnonzero(stopped):
            before = result.centroids[run].copy()
            result.centroids[run] = _move_with_empty_clusters(points, before, spherical)
            result.n_iter[run] += 1
            result.converged[run] = np.nansum((result.centroids[run] - before) ** 2) <= tol
    return result


def _descend(
    shares: Sequence[Blocks], result: LloydResult, runs: NDArray[np.int64], max_iter: int, tol: float, spherical: bool
) -> NDArray[np.bool_]:
    """Continue some runs, in place, and return which of them stopped at an empty cluster."""
    [blocks] = shares
    dtype = blocks.weights.dtype.as_numpy_dtype

    n_features = blocks.coordinates.shape[1]
    work_per_pass = blocks.weights.shape[1] * int(blocks.n_used) * result.centroids.shape[1] * n_features
    passes_per_call = max(1, CALL_WORK // work_per_pass)

    def descend_once(some: NDArray[np.int64]) -> NDArray[Any]:
        batch = Batch.of(result.centroids[some], RUNS_PER_CALL, dtype)
        iterations_left = np.zeros(RUNS_PER_CALL, dtype)
        iterations_left[: len(some)] = np.where(result.converged[some], 0, max_iter - result.n_iter[some])
        limits = (dtype(of) for of in (tol, max(1, passes_per_call // len(some))))
        found = kernels.descend(blocks, *batch, tf.constant(iterations_left), *map(tf.constant, limits), spherical)
        centroids, totals, progress = (values.numpy()[: len(some)] for values in found)
        is_used = ~np.isnan(result.centroids[some])
        result.centroids[some] = np.where(is_used, centroids[:, : is_used.shape[1]], np.nan)
        result.inertia[some] = np.sum(totals[:, :, -2], axis=1)
        result.n_iter[some] += progress[:, 0].astype(np.int64)
        stages: NDArray[Any] = progress[:, 1]
        result.converged[some] |= (stages == Stage.RESTS) | (stages == Stage.RESTED)
        return stages

    def descend_to_the_end(some: NDArray[np.int64]) -> NDArray[np.bool_]:
        stages = descend_once(some)
        while np.any(goes_on := stages <= Stage.RESTS):
            seam()
            stages[goes_on] = descend_once(some[goes_on])
        return np.asarray(stages == Stage.EMPTY)

    runs_per_call = min(RUNS_PER_CALL, passes_per_call)
    n_calls = max(-(-len(runs) // runs_per_call), min(len(runs), CALLS_PER_CORE * parallel.n_cores()))
    return np.concatenate(parallel.each(descend_to_the_end, np.array_split(runs, n_calls)))


def _descend_together(
    shares: Sequence[Blocks], result: LloydResult, runs: NDArray[np.int64], max_iter: int, tol: float, spherical: bool
) -> NDArray[np.bool_]:
    """The same for many points: one run after the other; all cores share the points of a run."""
    has_empty = np.zeros(len(runs), dtype=bool)
    for i, run in enumerate(runs):
        is_used = ~np.isnan(result.centroids[run, :, 0])
        centroids = result.centroids[run, is_used]
        while True:
            [total] = assign(shares, [centroids], shares[0].weights.dtype.as_numpy_dtype)
            sums, counts = total[:, :-3], total[:, -3:-2]
            if result.converged[run] or result.n_iter[run] == max_iter:
                break
            has_empty[i] = not counts.all()
            if has_empty[i]:
                break
            before, centroids = centroids, _means(sums, counts, spherical)
            result.n_iter[run] += 1
            result.converged[run] = np.sum((centroids - before) ** 2) <= tol
        result.centroids[run, is_used] = centroids
        result.inertia[run] = np.sum(total[:, -2])
    return has_empty


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
    batch = Batch.of(stack_runs(runs), -(-len(runs) // RUNS_PER_CALL) * RUNS_PER_CALL, dtype)
    no_iterations, no_tol, one_pass = (
        tf.zeros(len(batch.n_clusters), dtype),
        tf.constant(dtype(0)),
        tf.constant(dtype(1)),
    )

    def assign_share(blocks: Blocks) -> Floats:
        _, totals, _ = kernels.descend(blocks, *batch, no_iterations, no_tol, one_pass, False)
        return np.asarray(totals.numpy(), dtype=np.float64)

    total = reduce(np.add, parallel.stream(assign_share, shares))
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
    def of(cls, runs: Floats, n_slots: int, dtype: type[np.floating] = np.float64) -> Batch:
        """Lay out runs of shape (n_runs, n_clusters, n_features); those with a smaller k are padded with NaN."""
        n_runs, n_clusters, n_features = runs.shape
        filled_up = np.zeros((n_slots, -(-n_clusters // CLUSTERS_STEP) * CLUSTERS_STEP, n_features), dtype)
        filled_up[:n_runs, :n_clusters] = np.nan_to_num(runs)
        sizes = np.zeros(n_slots, dtype=np.int32)
        sizes[:n_runs] = np.sum(~np.isnan(runs[:, :, 0]), axis=1)
        return cls(tf.constant(filled_up), tf.constant(sizes), tf.constant(n_runs))


def _means(sums: Floats, counts: Floats, spherical: bool) -> Floats:
    means = sums / counts
    if spherical:
        means /= np.linalg.norm(means, axis=1, keepdims=True)
    return means


def _move_with_empty_clusters(points: WeightedPoints, centroids: Floats, spherical: bool) -> Floats:
    """M-step with empty clusters: each empty cluster takes one of the points farthest from their centroids.

    Args:
        centroids: of one run, shape (n_clusters, n_features).
    """
    is_used = ~np.isnan(centroids[:, 0])
    labels, squared = nearest(points.coordinates, centroids[is_used])
    empty = np.setdiff1d(np.flatnonzero(is_used), labels)
    farthest = np.argsort(-squared, kind="stable")[: len(empty)]
    labels[farthest] = empty[: len(farthest)]
    counts = np.bincount(labels, points.weights, len(centroids)).astype(np.float64)
    sums = [np.bincount(labels, points.weights * feature, len(centroids)) for feature in points.coordinates.T]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = _means(np.transpose(sums), counts[:, None], spherical)
    return np.where(np.isfinite(means), means, centroids)
