"""Points that change clusters one by one, where Lloyd's algorithm rests.

A point that leaves a cluster takes its mean away from it, and that of the next cluster towards it; Lloyd's algorithm
doesn't count on that, and rests where a move still lowers inertia. M. Telgarsky and A. Vattani, "Hartigan's method:
k-means clustering without Voronoi", AISTATS 2010. With few points, that is where most of its local optima come from.
"""

from __future__ import annotations

import numpy as np

from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, WeightedPoints

MOST_PASSES = 20
ROUNDING = 1e-12
"""A gain of at most this fraction of the inertia is none."""


def exchanged(points: WeightedPoints, centroids: Floats) -> Floats | None:
    """Means of the clusters after moves of single points that lower inertia; None if there is none.

    In each pass, the best moves are made of which no two touch the same cluster.

    Args:
        centroids: where Lloyd's algorithm rests, shape (n_clusters, n_features).
    """
    x, weights = points.coordinates, points.weights
    rows = np.arange(len(x))
    squared = squared_distances(x, centroids)
    labels = squared.argmin(axis=1)
    sizes = np.bincount(labels, weights, len(centroids))
    means, n_moves = centroids.copy(), 0
    for _ in range(MOST_PASSES):
        own, left = squared[rows, labels], sizes[labels] - weights
        leaving = np.where(left > 0, sizes[labels] * weights * own / np.where(left > 0, left, 1.0), 0.0)
        joining = sizes * weights[:, None] / (sizes + weights[:, None]) * squared
        joining[rows, labels] = np.inf
        to = joining.argmin(axis=1)
        gains = leaving - joining[rows, to]
        is_gain = gains > ROUNDING * np.sum(weights * own)
        touched = np.zeros(len(means), dtype=bool)
        for i in np.flatnonzero(is_gain)[np.argsort(-gains[is_gain], kind="stable")].tolist():
            source, target, weight = labels[i], to[i], weights[i]
            if touched[source] or touched[target]:
                continue
            touched[[source, target]] = True
            means[source] += weight / (sizes[source] - weight) * (means[source] - x[i])
            means[target] += weight / (sizes[target] + weight) * (x[i] - means[target])
            sizes[source] -= weight
            sizes[target] += weight
            labels[i] = target
            n_moves += 1
        if not touched.any():
            break
        squared[:, touched] = squared_distances(x, means[touched])
    return means if n_moves else None
