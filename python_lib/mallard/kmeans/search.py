"""The best partitions that can be found, for several k at once: restarts first, then a local search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.lloyd import lloyd, stack_runs
from mallard.kmeans.neighbours import Sites, neighbours
from mallard.kmeans.parallel import each
from mallard.kmeans.points import Floats, Labels, WeightedPoints
from mallard.kmeans.seeding import STARTS, micro_clusters

SEARCH_POINTS = 512
"""The local search looks at no more points than this (or 20 a cluster); of more points it looks at a sketch."""
POOL_CENTROIDS = 64
MAX_POOL_SIZE = 4
"""Partitions of each k that are kept and explored: as many as have `POOL_CENTROIDS` centroids together, or these."""
MAX_ROUNDS = 20
"""Rounds of exploring, at most; a handful is usual."""
ROUNDS_ON_SKETCH = 2
"""A sketch isn't worth more: what sets its very best partition apart is lost on the points themselves."""
ROUGH_TOL = 1e-5
"""Where runs on many points stop to be compared, in units of the mean variance of the features; the best go on."""
RESTARTS_ON_ALL = 6
"""On many points so many of the restarts run; all of them run on the sketch."""
ROUNDS_ON_ALL = 2
EXPLORED_ON_ALL = 2
"""Partitions of each k that are explored in each of these rounds."""
FEW_STEPS = {+1: 1, -1: 2, 0: 4}
"""Splits, merges and swaps that are tried on many points around each of them."""
SINGLE_PRECISION_POINTS = 2**17
"""From so many points on rough runs compute in float32: what that saves is more than what compiling for it costs."""
N_NEIGHBOURS = 4
"""Values of k that are searched together, at least."""


class Fit(NamedTuple):
    """A partition, by its centroids.

    Attributes:
        centroids: shape (n_clusters, n_features).
        inertia: weighted sum of squared distances to the nearest centroid (also called WSS or WCSS).
        n_iter: iterations of the Lloyd run that ended here.
        converged: whether that run came to rest before `max_iter`.
    """

    centroids: Floats
    inertia: float
    n_iter: int
    converged: bool

    @property
    def order(self) -> Labels:
        """What puts the centroids in lexicographic order: the first feature decides, then the second, and so on."""
        return np.lexsort(self.centroids.T[::-1])

    def in_order(self) -> Fit:
        """The centroids in lexicographic order."""
        return self._replace(centroids=self.centroids[self.order])

    def shifted(self, by: Floats) -> Fit:
        return self._replace(centroids=self.centroids + by)


@dataclass(frozen=True)
class Search:
    """How to search. The parameters mean what they mean in `mallard.KMeans`; `tol` is in units of squared distance."""

    init: str = "k-means++"
    n_init: int = 10
    max_iter: int = 300
    tol: float = 0.0
    spherical: bool = False

    def best_fits(self, points: WeightedPoints, n_clusters: Sequence[int], random_state: RandomState) -> dict[int, Fit]:
        """The best partition found for every k asked for, its centroids in lexicographic order.

        Args:
            n_clusters: the values of k, each from 1 to the number of points.
        """
        origin = self._origin(points)
        points = points.shifted(-origin)
        n_looked_at = max(SEARCH_POINTS, 20 * max(n_clusters))
        if len(points) <= n_looked_at:
            pools = self._explore(points, n_clusters, random_state, MAX_ROUNDS)
        else:
            pools = self._explore_many(points, n_looked_at, n_clusters, random_state)
        return {k: pools.of(k)[0].in_order().shifted(origin) for k in n_clusters}

    def fit_from(self, points: WeightedPoints, centroids: Floats) -> Fit:
        """One run of Lloyd's algorithm from the given centroids, which keep their order.

        Args:
            centroids: shape (n_clusters, n_features).
        """
        origin = self._origin(points)
        (fit,) = self._run(points.shifted(-origin), [centroids - origin])
        return fit.shifted(origin)

    def _starts(self, points: WeightedPoints, n_clusters: int, random_state: RandomState) -> list[Floats]:
        return [STARTS[self.init](points, n_clusters, random_state) for _ in range(self.n_init)]

    def _origin(self, points: WeightedPoints) -> Floats:
        """Where to put the origin: amid the points, where products of coordinates keep the most digits."""
        return np.zeros_like(points.mean) if self.spherical else points.mean

    def _run(self, points: WeightedPoints, starts: Sequence[Floats]) -> list[Fit]:
        """Lloyd's algorithm from each of the given centroids, all in one batch."""
        return self._run_to(self.tol, np.float64, points, starts)

    def _run_roughly(self, points: WeightedPoints, starts: Sequence[Floats]) -> list[Fit]:
        """The same, only as far as needed to see which of them are worth to go on with."""
        tol = max(self.tol, ROUGH_TOL * float(np.mean(points.standard_deviation**2)))
        return self._run_to(tol, np.float64 if len(points) < SINGLE_PRECISION_POINTS else np.float32, points, starts)

    def _run_to(
        self, tol: float, dtype: type[np.floating], points: WeightedPoints, starts: Sequence[Floats]
    ) -> list[Fit]:
        batch = stack_runs(starts)
        result = lloyd(points, batch, max_iter=self.max_iter, tol=tol, spherical=self.spherical, dtype=dtype)
        return [
            Fit(centroids[: len(start)], float(inertia), int(n_iter), bool(converged))
            for start, centroids, inertia, n_iter, converged in zip(starts, *result, strict=True)
        ]

    def _explore_many(
        self, points: WeightedPoints, n_looked_at: int, n_clusters: Sequence[int], random_state: RandomState
    ) -> _Pools:
        """A few restarts on all points, next to what a sketch of them suggests; a few steps; then the best go on.

        As on few points, the search takes in one k more on either side.
        """
        sketch = micro_clusters(points, n_looked_at, random_state)
        found = self._explore(sketch, n_clusters, random_state, ROUNDS_ON_SKETCH)
        few = replace(self, n_init=min(self.n_init, RESTARTS_ON_ALL))
        searched = range(max(1, min(n_clusters) - 1), max(n_clusters) + 2)
        starts = few._starts(points, searched[-1], random_state)
        rough, rested = _Pools(), _Pools()
        runs = [run for k in searched for run in [*(start[:k] for start in starts), *found.centroids(k)]]
        rough.add(self._run_roughly(points, runs))
        sites = Sites.at_points(sketch)
        explored: list[Fit] = []
        for _ in range(ROUNDS_ON_ALL):
            best = [fit for k in searched for fit in rough.of(k)[:EXPLORED_ON_ALL]]
            new = [fit.centroids for fit in best if not any(fit is known for known in explored)]
            explored = best
            around = each(partial(_few_neighbours, sketch, sites), new)
            steps = [step for around_one in around for step in around_one if len(step) in searched]
            if not steps:
                break
            rough.add(self._run_roughly(points, steps))
        finalists = [rough.of(k)[0] for k in n_clusters]
        fits = self._run(points, [fit.centroids for fit in finalists])
        rested.add([fit._replace(n_iter=fit.n_iter + rough.n_iter) for fit, rough in zip(fits, finalists, strict=True)])
        return rested

    def _explore(
        self, points: WeightedPoints, n_clusters: Sequence[int], random_state: RandomState, max_rounds: int
    ) -> _Pools:
        """Restarts, then every promising swap, merge and split of the best partitions until they bring up nothing new.

        A good partition for k - 1 or k + 1 is often one step from a good one for k, so the search takes in one k more
        on either side, and `N_NEIGHBOURS` in all, since a small k alone has few ways out of a poor partition.
        """
        low = max(1, min(len(points), min(n_clusters)) - 1)
        high = min(len(points), max(max(n_clusters) + 1, low + N_NEIGHBOURS - 1))
        starts = self._starts(points, high, random_state)
        pools = _Pools()
        pools.add(self._run(points, [start[:k] for k in range(low, high + 1) for start in starts]))
        sites = Sites.at_points(points)
        for _ in range(max_rounds):
            found = each(lambda fit: list(neighbours(points, fit.centroids, sites)), pools.take_unexplored())
            steps = [step for around_one in found for step in around_one if low <= len(step) <= high]
            if not steps:
                break
            pools.add(self._run(points, steps))
        return pools


@dataclass
class _Pools:
    """The best different partitions of each k, best first, and which of them are new."""

    _fits: dict[int, list[Fit]] = field(default_factory=dict)
    _new: list[Fit] = field(default_factory=list)

    def of(self, n_clusters: int) -> list[Fit]:
        return self._fits.get(n_clusters, [])

    def centroids(self, n_clusters: int) -> list[Floats]:
        return [fit.centroids for fit in self.of(n_clusters)]

    def add(self, fits: Sequence[Fit]) -> None:
        """Keep those that are new and among the best; partitions of the same inertia count as the same."""
        for fit in fits:
            n_clusters = len(fit.centroids)
            pool = self._fits.setdefault(n_clusters, [])
            if not any(math.isclose(fit.inertia, known.inertia, rel_tol=1e-9) for known in pool):
                self._new.append(fit)
                pool.append(fit)
                pool.sort(key=lambda known: known.inertia)
                del pool[max(1, min(MAX_POOL_SIZE, POOL_CENTROIDS // n_clusters)) :]

    def take_unexplored(self) -> list[Fit]:
        """What is still in a pool and hasn't been taken before, in order of k."""
        kept = [fit for _, pool in sorted(self._fits.items()) for fit in pool if any(fit is new for new in self._new)]
        self._new.clear()
        return kept


def _few_neighbours(points: WeightedPoints, sites: Sites, centroids: Floats) -> list[Floats]:
    """The most promising splits, merges and swaps: only so many as can be tried on many points."""
    steps = list(neighbours(points, centroids, sites))
    return [
        step
        for change, n_tried in FEW_STEPS.items()
        for step in [step for step in steps if len(step) == len(centroids) + change][:n_tried]
    ]
