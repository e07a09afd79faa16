"""Neighbours of a partition, one swap, merge or split away, the most promising first.

The cost of a step is the inertia right after it, before any centroid moves. It is an upper bound on the inertia after
Lloyd's algorithm. The distances to the nearest and the second nearest centroid give the costs of all steps at once, as
in FastPAM for the swaps of k-medoids (Schubert and Rousseeuw 2021, doi 10.1016/j.is.2021.101804).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, WeightedPoints

SWAP_CENTROIDS = 96
N_SWAPS = 16
"""Most swaps tried: this many, or as many as have `SWAP_CENTROIDS` centroids in total, whichever is more."""
N_MERGES = 4
N_SPLITS = 2


class Sites(NamedTuple):
    """Points at which a centroid may be placed.

    Attributes:
        coordinates: shape (n_sites, n_features).
        squared: squared distances from every point, shape (n_points, n_sites).
    """

    coordinates: Floats
    squared: Floats

    @classmethod
    def at_points(cls, points: WeightedPoints) -> Sites:
        return cls(points.coordinates, squared_distances(points.coordinates, points.coordinates))


def neighbours(points: WeightedPoints, centroids: Floats, sites: Sites) -> Iterator[Floats]:
    """Yield the centroids of neighbouring partitions with k + 1, k - 1 and k clusters.

    Args:
        centroids: shape (k, n_features).

    Yields:
        Arrays of shape (k, n_features), (k - 1, n_features) or (k + 1, n_features).
    """
    weights = points.weights[:, None]
    to_centroids = squared_distances(points.coordinates, centroids)
    by_distance = np.sort(to_centroids, axis=1)
    kept = np.minimum(by_distance[:, :1], sites.squared)
    kept *= weights
    cost_of_split = kept.sum(axis=0)
    for site in np.argsort(cost_of_split, kind="stable")[:N_SPLITS]:
        yield np.vstack([centroids, sites.coordinates[site]])
    if len(centroids) == 1:
        return

    labels = to_centroids.argmin(axis=1)
    members = [labels == cluster for cluster in range(len(centroids))]
    cost_of_merge = _sums(weights * (by_distance[:, 1:2] - by_distance[:, :1]), members)[:, 0]
    for cluster in np.argsort(cost_of_merge, kind="stable")[:N_MERGES]:
        yield np.delete(centroids, cluster, axis=0)

    moved = np.minimum(by_distance[:, 1:2], sites.squared)
    moved *= weights
    moved -= kept
    cost_of_swap = cost_of_split + _sums(moved, members)
    for cluster, site in _cheapest_swaps(cost_of_swap):
        swapped = centroids.copy()
        swapped[cluster] = sites.coordinates[site]
        yield swapped


def _sums(values: Floats, members: list[np.ndarray]) -> Floats:
    """Sum the rows of `values` over each cluster's members, shape (n_clusters, n_columns)."""
    return np.array([values[is_member].sum(axis=0) for is_member in members])


def _cheapest_swaps(costs: Floats) -> list[tuple[int, int]]:
    """The cheapest pairs (cluster, site), spread evenly over the clusters as far as their number allows."""
    n_clusters = len(costs)
    n_swaps = max(N_SWAPS, SWAP_CENTROIDS // n_clusters)
    sites = np.argsort(costs, axis=1, kind="stable")[:, : max(1, n_swaps // n_clusters)]
    clusters = np.repeat(np.arange(n_clusters), sites.shape[1])
    order = np.argsort(costs[clusters, sites.ravel()], kind="stable")[:n_swaps]
    return [(int(clusters[i]), int(sites.ravel()[i])) for i in order]
