"""Exact and estimated silhouettes that agree with `sklearn.metrics` on the rows that the points represent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mallard.kmeans.distance_sums import MAX_GROUPS, POINTS_PER_CALL, DistanceSums
from mallard.kmeans.metric import EUCLIDEAN, Metric
from mallard.kmeans.parallel import each
from mallard.kmeans.points import Floats, Labels, WeightedPoints

N_SUBSAMPLES = 10
"""Number of subsamples from which the standard error is estimated."""


def silhouette_samples(points: WeightedPoints, labels: Labels, metric: Metric = EUCLIDEAN) -> Floats:
    """Exact silhouette of every point in each of several partitions; one pass over the distances serves several.

    (b - a) / max(a, b), where a is the mean distance to the other members of the point's own cluster and b the
    smallest mean distance to the members of another cluster; 0 in a cluster with one member. A point with weight w
    counts as w members.

    P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", 1987,
    doi 10.1016/0377-0427(87)90125-7.

    Args:
        labels: shape (n_partitions, n_points), each row with at least two clusters.
        metric: metric that compares the points, which are prepared for it.

    Returns:
        Shape (n_partitions, n_points).
    """
    labels = np.array([np.unique(row, return_inverse=True)[1] for row in labels])
    return np.concatenate(
        [
            _silhouette_samples(points, some, groups, metric.distance_sums(points, groups))
            for some, groups in _passes(labels)
        ]
    )


def _passes(labels: Labels) -> Iterator[tuple[Labels, Labels]]:
    """Yield partitions that one pass over the distances can serve, with the group of each point.

    Points of the same group share a cluster in each of these partitions.

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
    """Exact silhouettes from one pass over the distances.

    Args:
        labels: shape (n_partitions, n_points).
        groups: points of the same group share a cluster in every partition, shape (n_points,), without gaps.
        distance_sums: sums the distances to the members of each group.
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


def _add_up(to_groups: Floats, clusters: Labels) -> Floats:
    """Add up the groups of each cluster.

    Args:
        to_groups: shape (n_groups, n_points).
        clusters: the cluster of each group, shape (n_groups,), without gaps.

    Returns:
        Shape (n_points, n_clusters).
    """
    order = np.argsort(clusters, kind="stable")
    firsts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    return np.add.reduceat(to_groups[order], firsts, axis=0).T


class Silhouette(NamedTuple):
    """Mean silhouette of a partition.

    Attributes:
        of_clusters: mean of the customers of each cluster, shape (n_clusters,); NaN if none of them is in the sample.
        mean: mean of all customers; NaN if the sample has customers of one cluster only.
        standard_error: of the mean; None if the mean is exact, NaN if the sample is too small.
    """

    of_clusters: Floats
    mean: float
    standard_error: float | None


def exact_silhouette(points: WeightedPoints, samples: Floats, labels: Labels) -> Silhouette:
    """Mean silhouettes from the exact silhouettes of all points.

    Args:
        samples: silhouette of each point, shape (n_points,).
        labels: shape (n_points,).
    """
    of_clusters = cluster_sums(points.weights * samples, labels) / cluster_sums(points.weights, labels)
    return Silhouette(of_clusters, float(np.sum(points.weights * samples) / points.total_weight), None)


def estimated_silhouettes(
    drawn: Floats, labels: Labels, counts: Sequence[Floats], random_state: int, metric: Metric = EUCLIDEAN
) -> list[Silhouette]:
    """Estimate the silhouettes of several partitions from a sample of customers.

    The weight of a cluster is its number of customers, however many of them were drawn (W. Cochran, "Sampling
    techniques", 1977, section 5A.9). The standard error is that of the mean over random groups of the sample (ibid.,
    section 11.18). The silhouettes of one sample aren't independent, because each is measured against the others, so
    their variance would understate the error.

    Args:
        drawn: customers, drawn with equal chances, shape (n_drawn, n_features).
        labels: shape (n_partitions, n_drawn).
        counts: for every partition, the number of customers in each cluster, shape (n_clusters,).
        metric: as for `silhouette_samples`.
    """
    whole = _stratified_means(drawn, labels, counts, metric)
    shuffled = np.random.RandomState(random_state).permutation(len(drawn))
    groups = [
        _stratified_means(drawn[of], labels[:, of], counts, metric) for of in np.array_split(shuffled, N_SUBSAMPLES)
    ]
    errors = [_spread([group[i][1] for group in groups]) / np.sqrt(N_SUBSAMPLES) for i in range(len(labels))]
    return [Silhouette(*of_one, float(error)) for of_one, error in zip(whole, errors, strict=True)]


def _spread(estimates: Sequence[float]) -> float:
    """Standard deviation of the known estimates; NaN if fewer than two are known."""
    known = [estimate for estimate in estimates if not np.isnan(estimate)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else np.nan


def stratified_mean(samples: Floats, labels: Labels, counts: Floats) -> tuple[Floats, float]:
    """Mean silhouette of the drawn customers of each cluster (NaN if there are none), and the mean of all customers.

    If all drawn customers are in one cluster, no silhouette is defined, and all values are NaN.

    Args:
        samples: silhouette of each drawn customer, shape (n_drawn,).
        labels: shape (n_drawn,).
        counts: number of customers in each cluster, shape (n_clusters,).
    """
    n_drawn = np.bincount(labels, minlength=len(counts))
    with np.errstate(invalid="ignore"):
        of_clusters = np.bincount(labels, samples, len(counts)) / n_drawn
    is_drawn = n_drawn > 0
    if np.sum(is_drawn) < 2:
        return np.full(len(counts), np.nan), np.nan
    return of_clusters, float(np.average(of_clusters[is_drawn], weights=counts[is_drawn]))


def _stratified_means(
    drawn: Floats, labels: Labels, counts: Sequence[Floats], metric: Metric
) -> list[tuple[Floats, float]]:
    order = np.lexsort(drawn.T[::-1])
    samples = silhouette_samples(WeightedPoints(drawn[order], np.ones(len(drawn))), labels[:, order], metric)
    return [stratified_mean(*of_one) for of_one in zip(samples, labels[:, order], counts, strict=True)]


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
