"""What it costs to leave out a cluster and what it gains to split one, estimated on a sketch of the points.

M. Telgarsky and A. Vattani, "Hartigan's method: k-means clustering without Voronoi", AISTATS 2010, give the gain of two
means over one. P. Fraenti, "Efficiency of random swap clustering", 2018, doi 10.1186/s40537-018-0122-y, moves a
centroid to a random place; B. Fritzke, "Breathing k-means", 2020, arXiv 2006.15666, to where the error is largest and
from where it adds least. Here each place is the better half of a cluster.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, WeightedPoints

AXIS_STEPS = 3
HALVING_STEPS = 4


class Changes(NamedTuple):
    """Changes of a partition.

    Attributes:
        losses: what inertia rises by, at most, without each of the centroids, shape (n_clusters,).
        gains: what inertia falls by, at least, with two centroids instead of each, shape (n_clusters,).
        halves: these two centroids, shape (2, n_clusters, n_features).
    """

    losses: Floats
    gains: Floats
    halves: Floats


def changes(sketch: WeightedPoints, centroids: Floats, total_weight: float) -> Changes:
    """Cost and gain of every change, for points of some total weight that the sketch stands for."""
    k, n_features = centroids.shape
    x, weights = sketch.coordinates, sketch.weights * (total_weight / sketch.total_weight)
    squared = squared_distances(x, centroids)
    rows = np.arange(len(x))
    labels = squared.argmin(axis=1)
    nearest = squared[rows, labels]
    losses = np.full(k, np.inf)
    if k > 1:
        squared[rows, labels] = np.inf
        losses = np.bincount(labels, weights * (squared.min(axis=1) - nearest), k)

    def sums(values: Floats, groups: np.ndarray, n_groups: int) -> Floats:
        return np.transpose([np.bincount(groups, values[:, i], n_groups) for i in range(values.shape[1])])

    counts = np.bincount(labels, weights, k)
    weighted = x * weights[:, None]
    means = sums(weighted, labels, k) / np.maximum(counts, 1e-300)[:, None]
    from_mean = x - means[labels]
    axis = np.sqrt(sums(weights[:, None] * from_mean**2, labels, k))
    axis *= np.where(sums(weights[:, None] * from_mean * from_mean[:, :1], labels, k) < 0, -1.0, 1.0)
    for _ in range(AXIS_STEPS):
        along = np.einsum("ij,ij->i", from_mean, axis[labels])
        axis = sums((weights * along)[:, None] * from_mean, labels, k)
        axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-300)
    is_second = np.einsum("ij,ij->i", from_mean, axis[labels]) > 0
    for _ in range(HALVING_STEPS):
        groups = labels + k * is_second
        sizes = np.bincount(groups, weights, 2 * k)
        halves = (sums(weighted, groups, 2 * k) / np.maximum(sizes, 1e-300)[:, None]).reshape(2, k, n_features)
        first, second = halves
        normal = second - first
        is_second = (
            np.einsum("ij,ij->i", x, normal[labels]) > np.einsum("ij,ij->i", normal, (first + second) / 2)[labels]
        )
    sizes = sizes.reshape(2, k)
    gains = sizes[0] * sizes[1] / np.maximum(counts, 1e-300) * np.sum(normal**2, axis=1)
    return Changes(losses, gains, halves)
