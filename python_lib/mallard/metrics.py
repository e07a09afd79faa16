"""How good a partition is. Every figure agrees with `sklearn.metrics` on the rows that the points stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mallard import kernels
from mallard._tensorflow import tf
from mallard.assignment import Assignment
from mallard.blocks import Blocks, block_size
from mallard.distances import squared_distances
from mallard.parallel import each
from mallard.points import Floats, Labels, WeightedPoints

POINTS_PER_CALL = 128
N_GROUPS = 10
"""Groups of a sample by which its error is estimated."""
CLUSTERS_STEP = 4
"""The kernel gets a multiple of so many clusters, so that one compilation serves several sets of partitions."""


def silhouette_samples(points: WeightedPoints, labels: Labels) -> Floats:
    """Exact silhouette of every point in each of several partitions; one pass over the distances serves them all.

    (b - a) / max(a, b), where a is the mean distance to the other members of the point's own cluster and b the
    smallest mean distance to the members of another one; 0 in a cluster of one. A point of weight w counts as w
    members.

    P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987,
    doi 10.1016/0377-0427(87)90125-7.

    Args:
        labels: shape (n_partitions, n_points), each row with at least two clusters.

    Returns:
        Shape (n_partitions, n_points).
    """
    labels = np.array([np.unique(row, return_inverse=True)[1] for row in labels])
    sizes = [cluster_sums(points.weights, row) for row in labels]
    first_cluster = np.cumsum([0, *map(len, sizes)])
    n_clusters = -(-int(first_cluster[-1]) // CLUSTERS_STEP) * CLUSTERS_STEP
    blocks = Blocks.of(points, block_size(n_clusters * POINTS_PER_CALL))
    n_blocks, n_rows, size = blocks.coordinates.shape
    memberships = np.zeros((n_clusters, n_blocks * size))
    for row, first in zip(labels, first_cluster, strict=False):
        memberships[first + row, np.arange(len(points))] = points.weights
    by_block = tf.constant(memberships.reshape(n_clusters, n_blocks, size).transpose(1, 0, 2))

    def silhouettes_of(start: int) -> Floats:
        these = slice(start, min(start + POINTS_PER_CALL, len(points)))
        coordinates = np.zeros((n_rows - 1, POINTS_PER_CALL))
        coordinates[:, : these.stop - start] = points.coordinates[these].T
        sums = kernels.distance_sums(blocks, by_block, tf.constant(coordinates)).numpy().T[: these.stop - start]
        return np.array(
            [
                _silhouettes(sums[:, first : first + len(of_clusters)], of_clusters, row[these])
                for row, first, of_clusters in zip(labels, first_cluster, sizes, strict=False)
            ]
        )

    return np.concatenate(each(silhouettes_of, range(0, len(points), POINTS_PER_CALL)), axis=1)


class Silhouette(NamedTuple):
    """Mean silhouette of a partition.

    Attributes:
        of_clusters: of the customers of each cluster, shape (n_clusters,); NaN where the sample has none of them.
        mean: of all customers.
        standard_error: of the mean, None if it is exact.
    """

    of_clusters: Floats
    mean: float
    standard_error: float | None


def exact_silhouette(points: WeightedPoints, samples: Floats, labels: Labels) -> Silhouette:
    """From the silhouettes of all points.

    Args:
        samples: silhouette of each point, shape (n_points,).
        labels: shape (n_points,).
    """
    of_clusters = cluster_sums(points.weights * samples, labels) / cluster_sums(points.weights, labels)
    return Silhouette(of_clusters, float(np.sum(points.weights * samples) / points.total_weight), None)


def estimated_silhouettes(
    drawn: Floats, labels: Labels, counts: Sequence[Floats], random_state: int
) -> list[Silhouette]:
    """From the silhouettes of some customers among each other, of several partitions.

    Every cluster weighs as much as it has customers, however many of them were drawn (W. Cochran, "Sampling
    techniques", 1977, section 5A.9). The standard error is that of the mean of random groups of the customers drawn
    (the same, section 11.18): the silhouettes of one sample are no independent numbers, since each is measured against
    the others, and their variance would promise too much.

    Args:
        drawn: customers, each with the same chance, shape (n_drawn, n_features).
        labels: shape (n_partitions, n_drawn).
        counts: for every partition all customers of each cluster, shape (n_clusters,).
    """
    whole = _stratified_means(drawn, labels, counts)
    shuffled = np.random.RandomState(random_state).permutation(len(drawn))
    groups = [_stratified_means(drawn[of], labels[:, of], counts) for of in np.array_split(shuffled, N_GROUPS)]
    return [
        Silhouette(of_clusters, mean, float(np.std([group[i][1] for group in groups], ddof=1) / np.sqrt(N_GROUPS)))
        for i, (of_clusters, mean) in enumerate(whole)
    ]


def stratified_mean(samples: Floats, labels: Labels, counts: Floats) -> tuple[Floats, float]:
    """Mean silhouette of the customers drawn from each cluster, NaN where there are none, and the mean of all.

    Args:
        samples: silhouette of each customer drawn, shape (n_drawn,).
        labels: shape (n_drawn,).
        counts: all customers of each cluster, shape (n_clusters,).
    """
    n_drawn = np.bincount(labels, minlength=len(counts))
    with np.errstate(invalid="ignore"):
        of_clusters = np.bincount(labels, samples, len(counts)) / n_drawn
    is_drawn = n_drawn > 0
    return of_clusters, float(np.average(of_clusters[is_drawn], weights=counts[is_drawn]))


def _stratified_means(drawn: Floats, labels: Labels, counts: Sequence[Floats]) -> list[tuple[Floats, float]]:
    order = np.lexsort(drawn.T[::-1])
    samples = silhouette_samples(WeightedPoints(drawn[order], np.ones(len(drawn))), labels[:, order])
    return [stratified_mean(*of_one) for of_one in zip(samples, labels[:, order], counts, strict=True)]


def davies_bouldin_score(centroids: Floats, assignment: Assignment) -> float:
    """Mean over the clusters of their worst ratio of scatter to separation; lower is better.

    The ratio of two clusters is (s_i + s_j) / d_ij, where s is the mean distance of a cluster's points to their
    centroid and d the distance between the centroids.

    D. Davies and D. Bouldin, "A cluster separation measure", 1979, doi 10.1109/TPAMI.1979.4766909.

    Args:
        centroids: shape (n_clusters, n_features), at least two.
        assignment: of all points to them.
    """
    scatter = assignment.distances / assignment.counts
    between = np.sqrt(squared_distances(centroids, centroids))
    np.fill_diagonal(between, np.inf)
    return float(np.mean(np.max((scatter[:, None] + scatter[None]) / between, axis=1)))


def calinski_harabasz_score(centroids: Floats, assignment: Assignment) -> float:
    """Between-cluster over within-cluster sum of squares, each by its degrees of freedom; higher is better.

    T. Calinski and J. Harabasz, "A dendrite method for cluster analysis", 1974, doi 10.1080/03610927408827101.

    Args:
        centroids: shape (n_clusters, n_features), at least two.
        assignment: of all points to them.
    """
    counts, means = assignment.counts[:, None], assignment.means
    n_clusters, total = len(counts), float(np.sum(counts))
    between = np.sum(counts * (means - np.sum(assignment.sums, axis=0) / total) ** 2)
    within = np.sum(assignment.inertia) - np.sum(counts * (means - centroids) ** 2)
    return float(between / (n_clusters - 1) / (within / (total - n_clusters))) if within > 0 else 1.0


def cluster_sums(values: Floats, labels: Labels) -> Floats:
    """Sum of `values`, shape (n_points,), over each cluster's points, shape (n_clusters,)."""
    sums: Floats = np.bincount(labels, values).astype(np.float64)
    return sums


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
