"""New partitions out of two of the same k, whose centroids are matched with each other.

D. Gribel and T. Vidal, "HG-means: a scalable hybrid genetic algorithm for minimum sum-of-squares clustering", 2019, doi
10.1016/j.patcog.2018.12.022, match the centroids of two partitions and take one of each pair by chance. D. Whitley, D.
Hains and A. Howe, "Tunneling between optima: partition crossover for the traveling salesman problem", GECCO 2009, doi
10.1145/1569901.1570026, take apart where two tours differ, and of each part the better one. With many clusters, the
better of two partitions is seldom better everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from scipy.optimize import linear_sum_assignment

from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, Labels

Nearest = tuple[Labels, Floats]
LINKED = 0.03
"""Two clusters belong to one part if so large a fraction of the smaller one goes from one to the other."""


def crossed(first: Floats, second: Floats, random_state: RandomState) -> Floats:
    """Either centroid of each pair, by chance; shape (n_clusters, n_features), as both arguments."""
    is_second = random_state.random_sample(len(first)) < 0.5
    taken: Floats = np.where(is_second[:, None], second[_partners(first, second)], first)
    return taken


def recombined(first: Floats, to_first: Nearest, second: Floats, to_second: Nearest, weights: Floats) -> Floats | None:
    """The better of two partitions in each part in which they differ; None if one of them is better in all.

    Args:
        first, second: shape (n_clusters, n_features).
        to_first, to_second: nearest centroid of each point and the squared distance to it, both of shape (n_points,).
        weights: of the points, shape (n_points,).
    """
    k, partners = len(first), _partners(first, second)
    labels = to_first[0], np.argsort(partners)[to_second[0]]
    overlap = np.bincount(labels[0] * k + labels[1], weights, k * k).reshape(k, k)
    sizes = np.minimum(overlap.sum(axis=0), overlap.sum(axis=1))
    parts = _parts(overlap > LINKED * np.minimum(sizes[:, None], sizes))
    gains = np.zeros(k)
    for of_points in labels:  # a point that changes its cluster counts half in either
        gains += np.bincount(parts[of_points], weights * (to_first[1] - to_second[1]) / 2, k)
    is_second = gains[parts] > 0
    if is_second.all() or not is_second.any():
        return None
    taken: Floats = np.where(is_second[:, None], second[partners], first)
    return taken


def _partners(first: Floats, second: Floats) -> Labels:
    """For each centroid of the first partition, one of the second, so that all are as close as can be."""
    partners: Labels = linear_sum_assignment(squared_distances(first, second))[1]
    return partners


def _parts(is_linked: np.ndarray) -> Labels:
    """Part of each cluster, named by its first cluster: clusters that are linked, directly or by others."""
    is_linked = is_linked | is_linked.T | np.eye(len(is_linked), dtype=bool)
    parts = np.arange(len(is_linked))
    while True:
        before, parts = parts, np.where(is_linked, parts, len(parts)).min(axis=1)
        if np.array_equal(before, parts):
            return np.asarray(parts)
