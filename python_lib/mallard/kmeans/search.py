"""Search for the best partitions, for several k at once: restarts, then a local search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState

from mallard import progress
from mallard.kmeans.lloyd import lloyd, stack_runs
from mallard.kmeans.neighbours import Sites, neighbours
from mallard.kmeans.parallel import each
from mallard.kmeans.points import Floats, Labels, WeightedPoints
from mallard.kmeans.seeding import STARTS, micro_clusters

SEARCH_POINTS = 512
"""Most points in the local search (or 20 per cluster, if that is more); with more points, it uses a sketch of them."""
POOL_CENTROIDS = 64
MAX_POOL_SIZE = 4
"""Most partitions of each k that are kept and explored: this many, or as many as have `POOL_CENTROIDS` centroids in
total, whichever is fewer."""
MAX_ROUNDS = 20
"""Most rounds of exploration; a handful is usual."""
ROUNDS_ON_SKETCH = 2
"""More rounds aren't worth their time: the advantage of a sketch's very best partition is lost on the points."""
ROUGH_TOL = 1e-5
"""Tolerance of rough runs on many points, as a fraction of the mean variance of the features. The runs are compared
there, and only the best continue."""
RESTARTS_ON_ALL = 6
"""Most restarts that run on many points; all restarts run on the sketch."""
ROUNDS_ON_ALL = 2
EXPLORED_ON_ALL = 2
"""Partitions of each k that are explored in each of these rounds."""
FEW_STEPS = {+1: 1, -1: 2, 0: 4}
"""Most splits, merges and swaps of each that are tried on many points."""
SINGLE_PRECISION_POINTS = 2**17
"""From this many points on, rough runs compute in float32: this saves more time than its compilation costs."""
N_NEIGHBOURS = 4
"""Fewest values of k that are searched together."""


class Fit(NamedTuple):
    """A partition, given by its centroids.

    Attributes:
        centroids: shape (n_clusters, n_features).
        inertia: weighted sum of squared distances to the nearest centroid (also called WSS or WCSS).
        n_iter: number of iterations of the Lloyd run that ended here.
        converged: whether the centroids of that run came to rest before `max_iter`.
    """

    centroids: Floats
    inertia: float
    n_iter: int
    converged: bool

    @property
    def order(self) -> Labels:
        """Indices that sort the centroids lexicographically: by the first feature, then by the second, and so on."""
        return np.lexsort(self.centroids.T[::-1])

    def in_order(self) -> Fit:
        """The centroids in lexicographic order."""
        return self._replace(centroids=self.centroids[self.order])

    def shifted(self, by: Floats) -> Fit:
        return self._replace(centroids=self.centroids + by)


@dataclass(frozen=True)
class Search:
    """Settings of the search, with the meaning of those of `mallard.KMeans`; `tol` is in units of squared distance."""

    init: str = "k-means++"
    n_init: int = 10
    max_iter: int = 300
    tol: float = 0.0
    spherical: bool = False

    def best_fits(self, points: WeightedPoints, n_clusters: Sequence[int], random_state: RandomState) -> dict[int, Fit]:
        """Best partition found for every k, with its centroids in lexicographic order.

        Args:
            n_clusters: values of k, each from 1 to the number of points.
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
        """Run Lloyd's algorithm once from the given centroids, which keep their order.

        Args:
            centroids: shape (n_clusters, n_features).
        """
        origin = self._origin(points)
        (fit,) = self._run(points.shifted(-origin), [centroids - origin])
        return fit.shifted(origin)

    def _starts(self, points: WeightedPoints, n_clusters: int, random_state: RandomState) -> list[Floats]:
        return [STARTS[self.init](points, n_clusters, random_state) for _ in range(self.n_init)]

    def _origin(self, points: WeightedPoints) -> Floats:
        """Origin for the search: the mean of the points, where products keep the most digits; on the sphere, 0."""
        return np.zeros_like(points.mean) if self.spherical else points.mean

    def _run(self, points: WeightedPoints, starts: Sequence[Floats]) -> list[Fit]:
        """Run Lloyd's algorithm from each of the given centroids, in one batch."""
        return self._run_to(self.tol, np.float64, points, starts)

    def _run_roughly(self, points: WeightedPoints, starts: Sequence[Floats]) -> list[Fit]:
        """The same, but only far enough to see which runs are worth continuing."""
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
        """Run a few restarts, and the partitions found on a sketch, on all points; try a few steps; continue the best.

        As on few points, the search includes one more k on either side.
        """
        progress.doing("sketching the points")
        sketch = micro_clusters(points, n_looked_at, random_state)
        found = self._explore(sketch, n_clusters, random_state, ROUNDS_ON_SKETCH, " on a sketch of the points")
        progress.doing("first runs on all points")
        few = replace(self, n_init=min(self.n_init, RESTARTS_ON_ALL))
        searched = range(max(1, min(n_clusters) - 1), max(n_clusters) + 2)
        starts = few._starts(points, searched[-1], random_state)
        rough, rested = _Pools(), _Pools()
        runs = [run for k in searched for run in [*(start[:k] for start in starts), *found.centroids(k)]]
        rough.add(self._run_roughly(points, runs))
        sites = Sites.at_points(sketch)
        explored: list[Fit] = []
        for round_ in range(1, ROUNDS_ON_ALL + 1):
            progress.doing(f"round {round_} on all points")
            best = [fit for k in searched for fit in rough.of(k)[:EXPLORED_ON_ALL]]
            new = [fit.centroids for fit in best if not any(fit is known for known in explored)]
            explored = best
            around = each(partial(_few_neighbours, sketch, sites), new)
            steps = [step for around_one in around for step in around_one if len(step) in searched]
            if not steps:
                break
            rough.add(self._run_roughly(points, steps))
        progress.doing("last runs on all points")
        finalists = [rough.of(k)[0] for k in n_clusters]
        fits = self._run(points, [fit.centroids for fit in finalists])
        rested.add([fit._replace(n_iter=fit.n_iter + rough.n_iter) for fit, rough in zip(fits, finalists, strict=True)])
        return rested

    def _explore(
        self,
        points: WeightedPoints,
        n_clusters: Sequence[int],
        random_state: RandomState,
        max_rounds: int,
        where: str = "",
    ) -> _Pools:
        """Run restarts, then try promising swaps, merges and splits of the best partitions until nothing new turns up.

        A good partition for k - 1 or k + 1 is often one step from a good one for k. Therefore, the search includes one
        more k on either side, and at least `N_NEIGHBOURS` in total: a small k alone has few ways out of a poor
        partition.

        Args:
            where: what to add to lines of progress.
        """
        low = max(1, min(len(points), min(n_clusters)) - 1)
        high = min(len(points), max(max(n_clusters) + 1, low + N_NEIGHBOURS - 1))
        starts = self._starts(points, high, random_state)
        pools = _Pools()
        progress.doing(f"first runs{where}")
        pools.add(self._run(points, [start[:k] for k in range(low, high + 1) for start in starts]))
        sites = Sites.at_points(points)
        for round_ in range(1, max_rounds + 1):
            progress.doing(f"round {round_}{where}")
            found = each(lambda fit: list(neighbours(points, fit.centroids, sites)), pools.take_unexplored())
            steps = [step for around_one in found for step in around_one if low <= len(step) <= high]
            if not steps:
                break
            pools.add(self._run(points, steps))
        return pools


@dataclass
class _Pools:
    """The best distinct partitions of each k, best first, and which of them are new."""

    _fits: dict[int, list[Fit]] = field(default_factory=dict)
    _new: list[Fit] = field(default_factory=list)

    def of(self, n_clusters: int) -> list[Fit]:
        return self._fits.get(n_clusters, [])

    def centroids(self, n_clusters: int) -> list[Floats]:
        return [fit.centroids for fit in self.of(n_clusters)]

    def add(self, fits: Sequence[Fit]) -> None:
        """Keep the fits that are new and among the best; partitions with the same inertia count as the same."""
        for fit in fits:
            n_clusters = len(fit.centroids)
            pool = self._fits.setdefault(n_clusters, [])
            if not any(math.isclose(fit.inertia, known.inertia, rel_tol=1e-9) for known in pool):
                self._new.append(fit)
                pool.append(fit)
                pool.sort(key=lambda known: known.inertia)
                del pool[max(1, min(MAX_POOL_SIZE, POOL_CENTROIDS // n_clusters)) :]

    def take_unexplored(self) -> list[Fit]:
        """Fits that are still in a pool and haven't been taken before, in order of k."""
        kept = [fit for _, pool in sorted(self._fits.items()) for fit in pool if any(fit is new for new in self._new)]
        self._new.clear()
        return kept


def _few_neighbours(points: WeightedPoints, sites: Sites, centroids: Floats) -> list[Floats]:
    """The most promising splits, merges and swaps, few enough to try on many points."""
    steps = list(neighbours(points, centroids, sites))
    return [
        step
        for change, n_tried in FEW_STEPS.items()
        for step in [step for step in steps if len(step) == len(centroids) + change][:n_tried]
    ]
