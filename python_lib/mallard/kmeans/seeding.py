"""Initial centroids of the runs, and sketches of the points."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, Labels, WeightedPoints


def kmeans_plus_plus(points: WeightedPoints, n_clusters: int, random_state: RandomState) -> Floats:
    """Greedy k-means++: each new centroid is the best of a few points, drawn by squared distance to the previous ones.

    Centroids are chosen one after the other, so the first k of them are a start for k clusters, for every k.

    D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, also the source of 2 +
    log k draws per centroid.

    Args:
        n_clusters: number of centroids, at most the number of points.

    Returns:
        Shape (n_clusters, n_features).
    """
    n_draws = 2 + int(np.log(n_clusters))
    x = points.coordinates
    weights = points.weights[:, None]
    chosen = _draw(points.weights, 1, random_state)
    potential = weights * squared_distances(x, x[chosen])
    for _ in range(1, n_clusters):
        drawn = _draw(potential[:, 0], n_draws, random_state)
        potentials = np.minimum(potential, weights * squared_distances(x, x[drawn]))
        best = potentials.sum(axis=0).argmin()
        chosen = np.append(chosen, drawn[best])
        potential = potentials[:, [best]]
    return points.coordinates[chosen]


def random_points(points: WeightedPoints, n_clusters: int, random_state: RandomState) -> Floats:
    """Distinct points, drawn by weight; the first k of them are a start for k clusters, for every k.

    Args:
        n_clusters: number of centroids, at most the number of points.

    Returns:
        Shape (n_clusters, n_features).
    """
    chosen = random_state.choice(len(points), n_clusters, replace=False, p=points.weights / points.total_weight)
    return points.coordinates[chosen]


STARTS = {"k-means++": kmeans_plus_plus, "random": random_points}
"""Methods to choose initial centroids, by the value of `init`."""


def sample(points: WeightedPoints, n_draws: int, random_state: RandomState, at_least: int = 1) -> WeightedPoints:
    """Some of the points, drawn half by weight and half by distance, and weighted so that they stand for all.

    So neither crowds nor outliers are missed. O. Bachem, M. Lucic and A. Krause, "Scalable k-means clustering via
    lightweight coresets", KDD 2018, doi 10.1145/3219819.3219973.

    Args:
        n_draws: number of draws with replacement, and so the largest number of points returned.
        at_least: with fewer points than this, all of them are returned.
    """
    if len(points) <= n_draws:
        return points
    squared = points.weights * np.sum((points.coordinates - points.mean) ** 2, axis=1)
    chances = points.weights / points.total_weight / 2 + squared / squared.sum() / 2
    drawn, times = np.unique(_draw(chances, n_draws, random_state), return_counts=True)
    if len(drawn) < at_least:
        return points
    return WeightedPoints(points.coordinates[drawn], times * points.weights[drawn] / (n_draws * chances[drawn]))


def _draw(chances: Floats, n_draws: int, random_state: RandomState) -> Labels:
    """Indices drawn with replacement, in proportion to `chances`, which don't need to add up to 1."""
    cumulated = np.cumsum(chances)
    drawn: Labels = np.searchsorted(cumulated, random_state.random_sample(n_draws) * cumulated[-1], side="right")
    return np.minimum(drawn, len(chances) - 1, dtype=np.int64)
