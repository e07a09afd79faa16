"""How good a partition is. Every figure agrees with `sklearn.metrics` on the rows that the points stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mallard import kernels
from mallard._tensorflow import tf
from mallard.assignment import Assignment
from mallard.blocks import Blocks, room_for
from mallard.distances import squared_distances
from mallard.parallel import each
from mallard.points import Floats, Labels, WeightedPoints

POINTS_PER_CALL = 1024
N_GROUPS = 10
"""Groups of a sample by which its error is estimated."""
MAX_GROUPS = 256
"""Into so many groups several partitions together may cut the points, if one pass is to serve them."""
MIN_ROOM = 2**14
"""Room for so many members, at least, so that one compilation serves many numbers of points."""
MEMBER_VALUES = 32
"""Coordinates in a block of members, about: each is an instruction or two of the kernel."""

DistanceSums = Callable[[Floats], Floats]
"""From coordinates, shape (n, n_features), to their summed distances to each group, shape (n_groups, n)."""


def silhouette_samples(points: WeightedPoints, labels: Labels, metric: str = "euclidean") -> Floats:
    """Exact silhouette of every point in each of several partitions; one pass over the distances serves several.

    (b - a) / max(a, b), where a is the mean distance to the other members of the point's own cluster and b the
    smallest mean distance to the members of another one; 0 in a cluster of one. A point of weight w counts as w
    members.

    P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987,
    doi 10.1016/0377-0427(87)90125-7.

    Args:
        labels: shape (n_partitions, n_points), each row with at least two clusters.
        metric: "euclidean", or "cosine" for points of unit length: 1 - cos.

    Returns:
        Shape (n_partitions, n_points).
    """
    labels = np.array([np.unique(row, return_inverse=True)[1] for row in labels])
    distance_sums = {"euclidean": _euclidean_sums, "cosine": _cosine_sums}[metric]
    return np.concatenate(
        [_silhouette_samples(points, some, groups, distance_sums(points, groups)) for some, groups in _passes(labels)]
    )


def _passes(labels: Labels) -> Iterator[tuple[Labels, Labels]]:
    """Partitions that one pass over the distances can serve, and for every point the group of those like it in all.

    Args:
        labels: shape (n_partitions, n_points), without gaps.
    """
    some, groups = labels[:1], labels[0]
    for row in labels[1:]:
        finer = np.unique(groups * (row.max() + 1) + row, return_inverse=True)[1]
        if finer.max() < MAX_GROUPS:
            some, groups = np.vstack([some, row]), finer
        else:
            yield some, groups
            some, groups = row[None], row
    yield some, groups


def _silhouette_samples(points: WeightedPoints, labels: Labels, groups: Labels, distance_sums: DistanceSums) -> Floats:
    """The same from one pass over the distances.

    Args:
        labels: shape (n_partitions, n_points).
        groups: points of the same one share a cluster in every partition, shape (n_points,), without gaps.
        distance_sums: to the members of each of these groups.
    """
    clusters_of_groups = labels[:, np.unique(groups, return_index=True)[1]]

    def silhouettes_of(start: int) -> Floats:
        these = slice(start, min(start + POINTS_PER_CALL, len(points)))
        to_groups = distance_sums(points.coordinates[these])
        return np.array(
            [
                _silhouettes(_add_up(to_groups, clusters), cluster_sums(points.weights, row), row[these])
                for clusters, row in zip(clusters_of_groups, labels, strict=True)
            ]
        )

    return np.concatenate(each(silhouettes_of, range(0, len(points), POINTS_PER_CALL)), axis=1)


def _euclidean_sums(points: WeightedPoints, groups: Labels) -> DistanceSums:
    members, group_of_block = _blocks_of_groups(points, groups)
    n_groups = int(groups.max()) + 1

    def distance_sums(coordinates: Floats) -> Floats:
        filled_up = np.zeros((coordinates.shape[1], POINTS_PER_CALL))
        filled_up[:, : len(coordinates)] = coordinates.T
        room = max(MAX_GROUPS, room_for(n_groups))
        sums: Floats = kernels.distance_sums(members, group_of_block, room, tf.constant(filled_up)).numpy()
        return sums[:n_groups, : len(coordinates)]

    return distance_sums


def _cosine_sums(points: WeightedPoints, groups: Labels) -> DistanceSums:
    """The sum of 1 - x.y over all y of a group is their weight - x.(their sum), so no pair is looked at."""
    weights = np.bincount(groups, points.weights)
    sums = np.array([np.bincount(groups, points.weights * feature) for feature in points.coordinates.T])
    return lambda coordinates: np.maximum(weights[:, None] - np.einsum("fg,pf->gp", sums, coordinates), 0.0)


def _blocks_of_groups(points: WeightedPoints, group_of_point: Labels) -> tuple[Blocks, tf.Tensor]:
    """The points in blocks of one group each, and the group of each block.

    Args:
        group_of_point: shape (n_points,), without gaps.
    """
    n_features = points.coordinates.shape[1]
    size = max(2, min(8, MEMBER_VALUES // n_features))
    counts = np.bincount(group_of_point)
    n_blocks = -(-counts // size)
    order = np.argsort(group_of_point, kind="stable")
    place_in_group = np.arange(len(points)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat((np.cumsum(n_blocks) - n_blocks) * size, counts) + place_in_group
    room = room_for(max(MIN_ROOM // size, int(np.sum(n_blocks))))
    features, weights = np.zeros((n_features, room * size)), np.zeros(room * size)
    features[:, places], weights[places] = points.coordinates[order].T, points.weights[order]
    group_of_block = np.zeros(room, dtype=np.int32)
    group_of_block[: np.sum(n_blocks)] = np.repeat(np.arange(len(counts)), n_blocks)
    members = Blocks.of(features, weights, size, room)
    return members._replace(n_used=tf.constant(np.sum(n_blocks, dtype=np.int32))), tf.constant(group_of_block)


def _add_up(to_groups: Floats, clusters: Labels) -> Floats:
    """Sum the rows of each cluster.

    Args:
        to_groups: shape (n_groups, n_points).
        clusters: of each group, shape (n_groups,), without gaps.

    Returns:
        Shape (n_points, n_clusters).
    """
    order = np.argsort(clusters, kind="stable")
    firsts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    return np.add.reduceat(to_groups[order], firsts, axis=0).T


class Silhouette(NamedTuple):
    """Mean silhouette of a partition.

    Attributes:
        of_clusters: of the customers of each cluster, shape (n_clusters,); NaN where the sample has none of them.
        mean: of all customers; NaN where the sample has those of one cluster only.
        standard_error: of the mean, None if it is exact; NaN where the sample is too small to tell.
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
    drawn: Floats, labels: Labels, counts: Sequence[Floats], random_state: int, metric: str = "euclidean"
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
        metric: as for `silhouette_samples`.
    """
    whole = _stratified_means(drawn, labels, counts, metric)
    shuffled = np.random.RandomState(random_state).permutation(len(drawn))
    groups = [_stratified_means(drawn[of], labels[:, of], counts, metric) for of in np.array_split(shuffled, N_GROUPS)]
    errors = [_spread([group[i][1] for group in groups]) / np.sqrt(N_GROUPS) for i in range(len(labels))]
    return [Silhouette(*of_one, float(error)) for of_one, error in zip(whole, errors, strict=True)]


def _spread(estimates: Sequence[float]) -> float:
    """Standard deviation of those that are known, NaN if fewer than two are."""
    known = [estimate for estimate in estimates if not np.isnan(estimate)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else np.nan


def stratified_mean(samples: Floats, labels: Labels, counts: Floats) -> tuple[Floats, float]:
    """Mean silhouette of the customers drawn from each cluster, NaN where there are none, and the mean of all.

    Where all were drawn from one cluster no silhouette is defined, and all are NaN.

    Args:
        samples: silhouette of each customer drawn, shape (n_drawn,).
        labels: shape (n_drawn,).
        counts: all customers of each cluster, shape (n_clusters,).
    """
    n_drawn = np.bincount(labels, minlength=len(counts))
    with np.errstate(invalid="ignore"):
        of_clusters = np.bincount(labels, samples, len(counts)) / n_drawn
    is_drawn = n_drawn > 0
    if np.sum(is_drawn) < 2:
        return np.full(len(counts), np.nan), np.nan
    return of_clusters, float(np.average(of_clusters[is_drawn], weights=counts[is_drawn]))


def _stratified_means(
    drawn: Floats, labels: Labels, counts: Sequence[Floats], metric: str
) -> list[tuple[Floats, float]]:
    order = np.lexsort(drawn.T[::-1])
    samples = silhouette_samples(WeightedPoints(drawn[order], np.ones(len(drawn))), labels[:, order], metric)
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
