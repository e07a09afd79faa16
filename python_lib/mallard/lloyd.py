"""Lloyd's algorithm for many runs at once.

A batch of runs is one array of centroids, shape (n_runs, n_clusters, n_features). Runs of a smaller k are filled up
with rows of NaN, to which no point is ever assigned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mallard import kernels, parallel
from mallard._tensorflow import tf
from mallard.blocks import Blocks, block_size
from mallard.distances import nearest
from mallard.points import Floats, WeightedPoints

RUNS_PER_CALL = 16
"""Runs that a core takes at a time, at most: enough to make the call cheap."""

CALLS_PER_CORE = 4
"""Calls for each core, at least, if there are runs enough: so all are busy to the end."""
MANY_POINTS = 2**17
"""From so many points on the cores share the points of a run, below they share the runs."""
N_SHARES = 16
"""Fixed, so that results don't depend on the number of cores."""
CLUSTERS_STEP = 4
"""The kernel gets a multiple of so many clusters, so that one compilation serves several k."""


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


def lloyd(
    points: WeightedPoints,
    centroids: Floats,
    *,
    max_iter: int,
    tol: float,
    spherical: bool = False,
    dtype: type[np.floating] = np.float64,
) -> LloydResult:
    """Alternate E-step and M-step until the centroids rest; a run that rests costs nothing more.

    S. Lloyd, "Least squares quantization in PCM", 1982, doi 10.1109/TIT.1982.1056489.

    Args:
        centroids: where to start, shape (n_runs, n_clusters, n_features).
        tol: a run has converged when the squared shifts of its centroids add up to no more than this.
        spherical: keep the centroids on the unit sphere (Dhillon and Modha 2001, doi 10.1023/A:1007612920971).
        dtype: in which to compute; float32 takes half the time and keeps seven digits.
    """
    n_runs, n_clusters, n_features = centroids.shape
    blocks = Blocks.of(points, block_size(n_clusters * (n_features + 1)), dtype)
    result = LloydResult(centroids.copy(), np.empty(n_runs), np.zeros(n_runs, int), np.zeros(n_runs, bool))
    stopped = np.ones(n_runs, dtype=bool)
    while stopped.any():
        runs = np.flatnonzero(stopped)
        descend = _descend if len(points) < MANY_POINTS else _descend_together
        stopped[runs] = descend(blocks, result, runs, max_iter, tol, spherical)
        for run in np.flatnonzero(stopped):
            before = result.centroids[run].copy()
            result.centroids[run] = _move_with_empty_clusters(points, before, spherical)
            result.n_iter[run] += 1
            result.converged[run] = np.nansum((result.centroids[run] - before) ** 2) <= tol
    return result


def _descend(
    blocks: Blocks, result: LloydResult, runs: NDArray[np.int64], max_iter: int, tol: float, spherical: bool
) -> NDArray[np.bool_]:
    """Take some runs on from where they are (in place) and tell which have stopped at an empty cluster."""
    n_clusters = result.centroids.shape[1]

    def descend_some(some: NDArray[np.int64]) -> list[NDArray[Any]]:
        starts = _filled_up(result.centroids[some], RUNS_PER_CALL, blocks.weights.dtype.as_numpy_dtype)
        iterations_left = np.zeros(RUNS_PER_CALL, dtype=np.int32)
        iterations_left[: len(some)] = np.where(result.converged[some], 0, max_iter - result.n_iter[some])
        found = kernels.descend(
            blocks,
            tf.constant(starts),
            tf.constant(len(some)),
            tf.constant(iterations_left),
            tf.constant(tol, blocks.weights.dtype),
            spherical,
        )
        return [values.numpy()[: len(some)] for values in found]

    n_calls = max(-(-len(runs) // RUNS_PER_CALL), min(len(runs), CALLS_PER_CORE * parallel.n_cores()))
    found = parallel.each(descend_some, np.array_split(runs, n_calls))
    centroids, inertia, n_iter, converged, has_empty = (np.concatenate(values) for values in zip(*found, strict=True))
    result.centroids[runs] = centroids[:, :n_clusters]
    result.inertia[runs] = inertia
    result.n_iter[runs] += n_iter
    result.converged[runs] |= converged
    return has_empty


def _descend_together(
    blocks: Blocks, result: LloydResult, runs: NDArray[np.int64], max_iter: int, tol: float, spherical: bool
) -> NDArray[np.bool_]:
    """The same for many points: run after run, with all cores on the same one, each on its shares of the points."""
    bounds = np.linspace(0, int(blocks.n_used), N_SHARES + 1).astype(np.int32)
    shares = [(tf.constant(first), tf.constant(last)) for first, last in pairwise(bounds)]
    has_empty = np.zeros(len(runs), dtype=bool)
    for i, run in enumerate(runs):
        is_used = ~np.isnan(result.centroids[run, :, 0])
        centroids = result.centroids[run, is_used]
        while not (result.converged[run] or has_empty[i] or result.n_iter[run] == max_iter):
            total = _over_shares(kernels.add_up, blocks, shares, centroids)[: len(centroids)]
            has_empty[i] = np.any(total[:, -1] == 0)
            if not has_empty[i]:
                before, centroids = centroids, _means(total[:, :-1], total[:, -1:], spherical)
                result.n_iter[run] += 1
                result.converged[run] = np.sum((centroids - before) ** 2) <= tol
        result.centroids[run, is_used] = centroids
        result.inertia[run] = _over_shares(kernels.inertia, blocks, shares, centroids)
    return has_empty


def _over_shares(
    kernel: Callable[..., tf.Tensor], blocks: Blocks, shares: list[tuple[tf.Tensor, tf.Tensor]], centroids: Floats
) -> Any:
    """What a kernel gives for every share of the blocks, added up in float64."""
    given = tf.constant(_filled_up(centroids[None], 1, blocks.weights.dtype.as_numpy_dtype)[0])
    found = parallel.each(lambda share: kernel(blocks, *share, given).numpy(), shares)
    return np.sum(found, axis=0, dtype=np.float64)


def _filled_up(runs: Floats, n_slots: int, dtype: type[np.floating]) -> NDArray[Any]:
    """Room for `n_slots` runs, and for a multiple of `CLUSTERS_STEP` clusters; NaN where nothing is."""
    n_runs, n_clusters, n_features = runs.shape
    filled_up = np.full((n_slots, -(-n_clusters // CLUSTERS_STEP) * CLUSTERS_STEP, n_features), np.nan, dtype)
    filled_up[:n_runs, :n_clusters] = runs
    return filled_up


def _means(sums: Floats, counts: Floats, spherical: bool) -> Floats:
    means = sums / counts
    if spherical:
        means /= np.linalg.norm(means, axis=1, keepdims=True)
    return means


def _move_with_empty_clusters(points: WeightedPoints, centroids: Floats, spherical: bool) -> Floats:
    """M-step where clusters are empty: each of them takes a point that lies farthest from its centroid.

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
