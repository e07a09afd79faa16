"""How good a partition is. Every figure agrees with `sklearn.metrics` on the rows that the points stand for."""

from __future__ import annotations

import numpy as np

from mallard._tensorflow import tf
from mallard.distances import blocks, squared_distances
from mallard.points import Floats, Labels, WeightedPoints


def silhouette_samples(points: WeightedPoints, labels: Labels) -> Floats:
    """Exact silhouette of every point in each of several partitions; one pass over the distances serves them all.

    (b - a) / max(a, b), where a is the mean distance to the other members of the point's own cluster and b the
    smallest mean distance to the members of another one; 0 in a cluster of one. A point of weight w counts as w
    members.

    P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987,
    doi 10.1016/0377-0427(87)90125-7.

    Args:
        labels: shape (n_partitions, n_points), each row with at least two clusters numbered from 0 without gaps.

    Returns:
        Shape (n_partitions, n_points).
    """
    x = tf.constant(points.coordinates)
    weights = tf.constant(points.weights)[:, None]
    sizes = [cluster_sums(points.weights, row) for row in labels]
    silhouettes = np.empty(labels.shape)
    for block in blocks(len(points), len(points)):
        distances = weights * tf.sqrt(squared_distances(x, x[block]))
        for partition, row in enumerate(labels):
            to_clusters = tf.math.unsorted_segment_sum(distances, row, len(sizes[partition])).numpy().T
            silhouettes[partition, block] = _silhouettes(to_clusters, sizes[partition], row[block])
    return silhouettes


def silhouette_score(points: WeightedPoints, labels: Labels) -> float:
    """Mean silhouette of all customers in one partition.

    Args:
        labels: shape (n_points,).
    """
    return float(np.sum(points.weights * silhouette_samples(points, labels[None])[0]) / points.total_weight)


def davies_bouldin_score(points: WeightedPoints, labels: Labels) -> float:
    """Mean over the clusters of their worst ratio of scatter to separation; lower is better.

    The ratio of two clusters is (s_i + s_j) / d_ij, where s is the mean distance of a cluster's points to their
    centroid and d the distance between the centroids.

    D. Davies and D. Bouldin, "A cluster separation measure", 1979, doi 10.1109/TPAMI.1979.4766909.

    Args:
        labels: shape (n_points,), at least two clusters numbered from 0 without gaps.
    """
    sizes = cluster_sums(points.weights, labels)
    centroids = cluster_means(points, labels)
    to_centroid = np.sqrt(np.sum((points.coordinates - centroids[labels]) ** 2, axis=1))
    scatter = cluster_sums(points.weights * to_centroid, labels) / sizes
    between = np.sqrt(squared_distances(tf.constant(centroids), tf.constant(centroids)).numpy())
    np.fill_diagonal(between, np.inf)
    return float(np.mean(np.max((scatter[:, None] + scatter[None]) / between, axis=1)))


def calinski_harabasz_score(points: WeightedPoints, labels: Labels) -> float:
    """Between-cluster over within-cluster sum of squares, each by its degrees of freedom; higher is better.

    T. Calinski and J. Harabasz, "A dendrite method for cluster analysis", 1974, doi 10.1080/03610927408827101.

    Args:
        labels: shape (n_points,), at least two clusters numbered from 0 without gaps.
    """
    sizes = cluster_sums(points.weights, labels)
    centroids = cluster_means(points, labels)
    between = np.sum(sizes[:, None] * (centroids - points.mean) ** 2)
    within = np.sum(points.weights[:, None] * (points.coordinates - centroids[labels]) ** 2)
    freedom_between, freedom_within = len(sizes) - 1, points.total_weight - len(sizes)
    return float(between / freedom_between / (within / freedom_within)) if within > 0 else 1.0


def cluster_sums(values: Floats, labels: Labels) -> Floats:
    """Sum of `values`, shape (n_points,), over each cluster's points, shape (n_clusters,)."""
    sums: Floats = np.bincount(labels, values).astype(np.float64)
    return sums


def cluster_means(points: WeightedPoints, labels: Labels) -> Floats:
    """Weighted mean of each cluster's points, shape (n_clusters, n_features)."""
    sums = [cluster_sums(points.weights * feature, labels) for feature in points.coordinates.T]
    return np.transpose(sums) / cluster_sums(points.weights, labels)[:, None]


def _silhouettes(to_clusters: Floats, sizes: Floats, labels: Labels) -> Floats:
    """Silhouettes from each point's summed distances to the members of each cluster.

    Args:
        to_clusters: shape (n_points, n_clusters).
        sizes: shape (n_clusters,).
        labels: shape (n_points,).
    """
    rows = np.arange(len(labels))
    others = np.maximum(sizes[labels] - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        within = to_clusters[rows, labels] / others
        means = to_clusters / sizes
        means[rows, labels] = np.inf
        nearest_other = means.min(axis=1)
        silhouettes = (nearest_other - within) / np.maximum(within, nearest_other)
    return np.where(others > 0, np.nan_to_num(silhouettes), 0.0)
