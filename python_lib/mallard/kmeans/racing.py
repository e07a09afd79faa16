"""Races: runs of Lloyd's algorithm with momentum, in batches, which are abandoned when they can't win."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mallard.kmeans import parallel
from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import MIN_BLOCKS, Blocks, block_size
from mallard.kmeans.e_step import FAR, SUMMED_FEATURES
from mallard.kmeans.lloyd import CLUSTERS_STEP, RUNS_PER_CALL
from mallard.kmeans.momentum import RaceStage, State, race
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.stopping import seam

CALLS_PER_CORE = 4
"""Fewest calls per core, if there are enough runs: this keeps all cores busy to the end."""
CALL_WORK = 2**29
"""Most distances along single features that a call of the kernel computes, if it can choose: about 0.3 s. Between two
calls, the work can be stopped."""


@dataclass(frozen=True, eq=False)
class Finish:
    """Where a run ended.

    Attributes:
        centroids: shape (n_clusters, n_features).
        counts: weights of the clusters, shape (n_clusters,).
        inertia: of these centroids, or a little more.
        n_iter: number of iterations.
        abandoned: whether the run was abandoned before its end.
    """

    centroids: Floats
    counts: Floats
    inertia: float
    n_iter: int
    abandoned: bool


@dataclass(frozen=True, eq=False)
class Track:
    """Points on which runs race.

    Attributes:
        blocks: the points.
        most_clusters: largest number of clusters of a run.
        max_iter: maximum number of iterations of a run.
        spherical: keep the centroids on the unit sphere.
    """

    blocks: Blocks
    most_clusters: int
    max_iter: int
    spherical: bool

    @classmethod
    def of(cls, points: WeightedPoints, most_clusters: int, max_iter: int, spherical: bool) -> Track:
        slots = -(-most_clusters // CLUSTERS_STEP) * CLUSTERS_STEP
        makes_products = points.n_features > SUMMED_FEATURES
        size = block_size(points.n_features, slots) if makes_products else block_size(1)
        blocks = Blocks.of(points.coordinates.T, points.weights, size, _room(-(-len(points) // size)))
        return cls(blocks, slots, max_iter, spherical)

    def weighed(self, weights: Floats) -> Track:
        """The same points with other weights, shape (n_points,)."""
        return replace(self, blocks=self.blocks.weighed(weights))

    def race(
        self, starts: Sequence[Floats], limits: Sequence[float] | None = None, *, tol: float, on_one_core: bool = False
    ) -> list[Finish]:
        """Run from each of the given centroids, in one batch.

        Args:
            starts: shape (n_clusters, n_features) each.
            limits: inertia that each run has to come below; it is abandoned if that is out of reach.
            tol: a run rests when an iteration lowers inertia by at most this fraction of it.
            on_one_core: run where this is called, because several races share the cores.
        """
        n_features = self.blocks.coordinates.shape[1]
        sizes = np.array([len(start) for start in starts], np.int32)
        centroids = np.full((len(starts), self.most_clusters, n_features), FAR)
        for slot, start in zip(centroids, starts, strict=True):
            slot[: len(start)] = start
        means, counts = centroids.copy(), np.zeros(centroids.shape[:2])
        states = np.zeros((len(starts), len(State)))
        states[:, State.INERTIA] = np.inf
        bounds = np.full(len(starts), np.inf) if limits is None else np.array(limits)
        passes = max(
            1, CALL_WORK // (self.blocks.weights.shape[1] * int(self.blocks.n_used) * n_features * int(max(sizes)))
        )

        def run(some: NDArray[np.int64]) -> None:
            while len(some):
                seam()
                pause = max(1, passes // len(some))
                arguments = (_filled_up(of_all[some]) for of_all in (centroids, means, states, sizes, bounds))
                n_runs, max_iter = tf.constant(len(some)), tf.constant(float(self.max_iter), tf.float64)
                found = race(
                    self.blocks,
                    *arguments,
                    n_runs,
                    max_iter,
                    tf.constant(tol, tf.float64),
                    tf.constant(pause),
                    self.spherical,
                )
                for of_all, of_some in zip((centroids, means, states, counts), found, strict=True):
                    of_all[some] = of_some.numpy()[: len(some)]
                some = some[states[some, State.STAGE] == RaceStage.RUNS]

        n_calls = -(-len(starts) // RUNS_PER_CALL)
        if on_one_core:
            for some in np.array_split(np.arange(len(starts)), n_calls):
                run(some)
        else:
            n_calls = max(n_calls, min(len(starts), CALLS_PER_CORE * parallel.n_cores()))
            parallel.each(run, np.array_split(np.arange(len(starts)), n_calls))
        return [
            Finish(
                means[i, :size],
                counts[i, :size],
                float(states[i, State.INERTIA]),
                int(states[i, State.N_ITER]),
                bool(states[i, State.STAGE] == RaceStage.ABANDONED),
            )
            for i, size in enumerate(sizes)
        ]


def _filled_up(of_some: NDArray[Any]) -> tf.Tensor:
    """Values of some runs, with room for as many as a call can take."""
    values = np.zeros((RUNS_PER_CALL, *of_some.shape[1:]), of_some.dtype)
    values[: len(of_some)] = of_some
    return tf.constant(values)


def _room(n_blocks: int) -> int:
    """Number of blocks to make room for, an eighth too many at most."""
    step = max(MIN_BLOCKS, 1 << max(0, (n_blocks - 1).bit_length() - 3))
    return -(-n_blocks // step) * step
