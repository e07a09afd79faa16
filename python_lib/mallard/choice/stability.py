"""Stability of segments: do they come back where the customers are drawn anew?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from mallard.choice.sketch import Sketch, at_most
from mallard.kmeans.distances import nearest
from mallard.kmeans.parallel import each
from mallard.kmeans.points import Floats, Labels, WeightedPoints
from mallard.kmeans.racing import Track
from mallard.kmeans.seeding import kmeans_plus_plus

N_RESAMPLES = 50
MOST_POINTS, MOST_VALUES, FEWEST_POINTS = 2000, 2**17, 500
"""With more points, a sample of this size stands for them, in which segments come back less often than among all."""
MOST_DRAWS = 10**9
N_STARTS, MORE_STARTS = 6, 24
"""Random starts for each resample, besides the centroids that are judged, and how many there are to draw them from."""
MAX_ITER, TOL = 100, 1e-4


@dataclass(frozen=True)
class Resampling:
    """Points to draw customers from.

    Attributes:
        points: all of them, or a sketch, with the origin where the search has it.
        origin: where that is.
        n_draws: number of customers in a resample.
        spherical: whether centroids are on the unit sphere.
        random_state: seed of the draws.
    """

    points: WeightedPoints
    origin: Floats
    n_draws: int
    spherical: bool
    random_state: int

    @classmethod
    def of(cls, sketch: Sketch, spherical: bool, random_state: int) -> Resampling:
        points = at_most(sketch.few, MOST_POINTS, MOST_VALUES, FEWEST_POINTS, random_state)
        n_draws = round(min(sketch.grid.n_independent, MOST_DRAWS)) if points is sketch.few else len(points)
        origin = np.zeros(points.n_features) if spherical else points.mean
        return cls(points.shifted(-origin), origin, max(1, n_draws), spherical, random_state)

    def stability(self, centroids: Floats, n_resamples: int = N_RESAMPLES) -> Floats:
        """Mean Jaccard similarity of each cluster with the one most like it in bootstrap resamples, 0 to 1.

        Each resample draws customers, finds clusters among them anew and assigns all customers to these.

        C. Hennig, "Cluster-wise assessment of cluster stability", 2007, doi 10.1016/j.csda.2006.11.025: at least 0.85
        is highly stable, 0.75 stable, 0.6 a pattern; what is below isn't to be trusted.

        Args:
            centroids: shape (n_clusters, n_features), at least two.

        Returns:
            Shape (n_clusters,).
        """
        draws = RandomState(self.random_state)
        centroids = centroids - self.origin
        labels, _ = nearest(self.points.coordinates, centroids)
        track = Track.of(self.points, len(centroids), MAX_ITER, self.spherical)
        starts = [kmeans_plus_plus(self.points, len(centroids), draws) for _ in range(MORE_STARTS)]
        shares = self.points.weights / self.points.total_weight
        drawn = [
            (draws.multinomial(self.n_draws, shares), draws.choice(MORE_STARTS, N_STARTS, replace=False))
            for _ in range(n_resamples)
        ]

        def similarity(resample: tuple[Labels, Labels]) -> Floats:
            weights, some = resample
            track_of_resample = track.weighed(weights.astype(np.float64))
            ends = track_of_resample.race([centroids, *(starts[i] for i in some)], tol=TOL, on_one_core=True)
            found, _ = nearest(self.points.coordinates, min(ends, key=lambda end: end.inertia).centroids)
            return _best_jaccard(labels, found, self.points.weights, len(centroids))

        mean: Floats = np.mean(each(similarity, drawn), axis=0)
        return mean


def _best_jaccard(labels: Labels, found: Labels, weights: Floats, n_clusters: int) -> Floats:
    """For each cluster of one partition, the largest Jaccard similarity with a cluster of the other."""
    both = np.bincount(labels * n_clusters + found, weights, n_clusters**2).reshape(n_clusters, n_clusters)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    best: Floats = np.max(both / np.maximum(either, np.finfo(float).tiny), axis=1)
    return best
