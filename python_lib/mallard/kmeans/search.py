"""Search for the best partitions, for several k at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from mallard import progress
from mallard.kmeans.fit import Fit
from mallard.kmeans.lloyd import lloyd
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.racing import Finish, Track
from mallard.kmeans.seeding import STARTS, sample
from mallard.kmeans.sweep import N_NEIGHBOURS, Sweep

SEARCHED_POINTS, SEARCHED_PER_CLUSTER = 2**15, 1000
"""With more points than this, the search looks at a sample of them, and what is best there runs on all."""
CLOSE = 1e-4
"""The best partition and those within this fraction of its inertia run to their ends, before one is chosen."""
CLOSE_ON_SAMPLE = 1e-3
"""The same if the search has seen only a sample."""
FINAL_TOL = 1e-10
"""The last races rest when an iteration lowers inertia by at most this fraction of it."""


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
        searched = sample(points, max(SEARCHED_POINTS, SEARCHED_PER_CLUSTER * max(n_clusters)), random_state)
        track = Track.of(searched, max(n_clusters) + N_NEIGHBOURS, self.max_iter, self.spherical)
        pools = Sweep(track, searched, STARTS[self.init], self.n_init, random_state).pools(n_clusters)
        progress.doing("last runs")
        share = CLOSE
        if searched is not points:
            share = CLOSE_ON_SAMPLE
            track = Track.of(points, max(n_clusters), self.max_iter, self.spherical)
        found = [finish for k in n_clusters for finish in pools[k].near_best(share)]
        fits = self._finished(points, track, found)
        return {k: fits[k].in_order().shifted(origin) for k in n_clusters}

    def fit_from(self, points: WeightedPoints, centroids: Floats) -> Fit:
        """Run Lloyd's algorithm once from the given centroids, which keep their order.

        Args:
            centroids: shape (n_clusters, n_features).
        """
        origin = self._origin(points)
        (fit,) = self._run(points.shifted(-origin), [centroids - origin])
        return fit.shifted(origin)

    def _origin(self, points: WeightedPoints) -> Floats:
        """Origin for the search: the mean of the points, where products keep the most digits; on the sphere, 0."""
        return np.zeros_like(points.mean) if self.spherical else points.mean

    def _finished(self, points: WeightedPoints, track: Track, found: Sequence[Finish]) -> dict[int, Fit]:
        """The best partition of every k, from which plain Lloyd iterations move no centroid."""
        ends = track.race([finish.centroids for finish in found], tol=FINAL_TOL)
        best: dict[int, tuple[Finish, int]] = {}
        for before, end in zip(found, ends, strict=True):
            k = len(end.centroids)
            if k not in best or end.inertia < best[k][0].inertia:
                best[k] = end, before.n_iter + end.n_iter
        fits = self._run(points, [end.centroids for end, _ in best.values()])
        return {
            k: fit._replace(n_iter=n_iter + fit.n_iter)
            for (k, (_, n_iter)), fit in zip(best.items(), fits, strict=True)
        }

    def _run(self, points: WeightedPoints, starts: Sequence[Floats]) -> list[Fit]:
        """Run Lloyd's algorithm from each of the given centroids."""
        return lloyd(points, starts, max_iter=self.max_iter, tol=self.tol, spherical=self.spherical)
