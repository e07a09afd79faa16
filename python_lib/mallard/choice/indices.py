"""Two quality indices of a partition that need only the centroids and sums over the segments."""

from __future__ import annotations

import numpy as np

from mallard.kmeans.assignment import Assignment
from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats


def davies_bouldin_score(centroids: Floats, assignment: Assignment) -> float:
    """Mean over the clusters of their worst ratio of scatter to separation; lower is better.

    The ratio of two clusters is (s_i + s_j) / d_ij, where s is the mean distance of a cluster's points to their
    centroid and d the distance between the centroids.

    D. Davies and D. Bouldin, "A cluster separation measure", 1979, doi 10.1109/TPAMI.1979.4766909.

    Args:
        centroids: shape (n_clusters, n_features), at least two.
        assignment: of all points to the centroids.
    """
    scatter = assignment.distances / assignment.counts
    between = np.sqrt(squared_distances(centroids, centroids))
    np.fill_diagonal(between, np.inf)
    return float(np.mean(np.max((scatter[:, None] + scatter[None]) / between, axis=1)))


def calinski_harabasz_score(centroids: Floats, assignment: Assignment) -> float:
    """Between-cluster over within-cluster sum of squares, each divided by its degrees of freedom; higher is better.

    T. Calinski and J. Harabasz, "A dendrite method for cluster analysis", 1974, doi 10.1080/03610927408827101.

    Args:
        centroids: shape (n_clusters, n_features), at least two.
        assignment: of all points to the centroids.
    """
    counts, means = assignment.counts[:, None], assignment.means
    n_clusters, total = len(counts), float(np.sum(counts))
    between = np.sum(counts * (means - np.sum(assignment.sums, axis=0) / total) ** 2)
    within = assignment.total_inertia - np.sum(counts * (means - centroids) ** 2)
    return float(between / (n_clusters - 1) / (within / (total - n_clusters))) if within > 0 else 1.0
