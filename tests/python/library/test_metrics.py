from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from mallard import blocks
from mallard.metrics import (
    calinski_harabasz_score,
    cluster_means,
    cluster_sums,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)
from mallard.points import Floats, Labels, WeightedPoints

HAND = WeightedPoints.from_rows([[0.0], [2.0], [10.0]], [1.0, 1.0, 2.0])
HAND_LABELS = np.array([0, 0, 1])


def _case(seed: int, n_features: int, n_clusters: int, *, grid: bool) -> tuple[WeightedPoints, Labels, Floats, Labels]:
    """Points and labels, and the rows and labels that they stand for; on a grid with duplicates and weights."""
    rng = np.random.default_rng(seed)
    if grid:
        rows, weights = rng.integers(0, 5, (120, n_features)).astype(float), rng.integers(1, 6, 120)
    else:
        rows, weights = rng.normal(size=(120, n_features)), np.ones(120, dtype=int)
    points = WeightedPoints.from_rows(rows, weights)
    labels = rng.integers(0, n_clusters, len(points))
    labels[:n_clusters] = np.arange(n_clusters)
    repeats = points.weights.astype(int)
    return points, labels, np.repeat(points.coordinates, repeats, axis=0), np.repeat(labels, repeats)


@pytest.mark.parametrize("n_clusters", [2, 3, 8])
@pytest.mark.parametrize(("n_features", "grid"), [(1, False), (2, False), (2, True), (5, False), (5, True)])
def test_every_metric_is_that_of_scikit_learn_on_the_rows(n_features: int, n_clusters: int, grid: bool) -> None:
    points, labels, rows, row_labels = _case(n_features, n_features, n_clusters, grid=grid)
    repeats = points.weights.astype(int)
    samples = silhouette_samples(points, labels[None])[0]
    np.testing.assert_allclose(
        np.repeat(samples, repeats), metrics.silhouette_samples(rows, row_labels), rtol=1e-9, atol=1e-12
    )
    assert silhouette_score(points, labels) == pytest.approx(metrics.silhouette_score(rows, row_labels), rel=1e-9)
    assert davies_bouldin_score(points, labels) == pytest.approx(
        metrics.davies_bouldin_score(rows, row_labels), rel=1e-9
    )
    assert calinski_harabasz_score(points, labels) == pytest.approx(
        metrics.calinski_harabasz_score(rows, row_labels), rel=1e-9
    )


def test_a_customer_alone_in_a_cluster_counts_as_in_scikit_learn() -> None:
    points, labels, rows, row_labels = _case(11, 2, 3, grid=False)
    labels[labels == 2] = 0
    labels[5] = 2
    row_labels = labels
    samples = silhouette_samples(points, labels[None])[0]
    assert samples[5] == 0.0
    np.testing.assert_allclose(samples, metrics.silhouette_samples(rows, row_labels), rtol=1e-9, atol=1e-12)
    for ours, theirs in [
        (silhouette_score, metrics.silhouette_score),
        (davies_bouldin_score, metrics.davies_bouldin_score),
        (calinski_harabasz_score, metrics.calinski_harabasz_score),
    ]:
        assert ours(points, labels) == pytest.approx(theirs(rows, row_labels), rel=1e-9)


def test_customers_at_one_place_are_a_perfect_cluster() -> None:
    """Several customers at the only point of a cluster are at distance 0 from each other, unlike a customer alone."""
    points = WeightedPoints.from_rows([[0.0, 0.0], [3.0, 4.0], [9.0, 9.0]], [3.0, 2.0, 1.0])
    np.testing.assert_array_equal(silhouette_samples(points, np.array([[0, 1, 2]])), [[1.0, 1.0, 0.0]])
    assert davies_bouldin_score(points, np.array([0, 1, 2])) == 0.0
    assert calinski_harabasz_score(points, np.array([0, 1, 2])) == 1.0


def test_the_metrics_of_a_case_done_by_hand() -> None:
    """0 and 2 against two customers at 10: a = 2 and b = 10 or 8; the others have a = 0."""
    np.testing.assert_allclose(silhouette_samples(HAND, HAND_LABELS[None]), [[0.8, 0.75, 1.0]], rtol=1e-15)
    assert silhouette_score(HAND, HAND_LABELS) == pytest.approx((0.8 + 0.75 + 1 + 1) / 4, rel=1e-15)
    assert davies_bouldin_score(HAND, HAND_LABELS) == pytest.approx((1 + 0) / 9, rel=1e-15)
    assert calinski_harabasz_score(HAND, HAND_LABELS) == pytest.approx((4 * 4.5**2 / 1) / (2 / 2), rel=1e-15)


def test_several_partitions_at_once_are_each_as_alone() -> None:
    points, labels, _, _ = _case(12, 2, 4, grid=False)
    others = np.random.default_rng(0).permutation(labels)
    others[others == 3] = 0
    both = silhouette_samples(points, np.array([labels, others]))
    np.testing.assert_array_equal(both[0], silhouette_samples(points, labels[None])[0])
    np.testing.assert_array_equal(both[1], silhouette_samples(points, others[None])[0])
    assert not np.allclose(both[0], both[1])


def test_silhouettes_are_the_same_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels, _, _ = _case(13, 3, 4, grid=True)
    whole = silhouette_samples(points, labels[None])
    monkeypatch.setattr(blocks, "BLOCK_SIZE", 16)
    np.testing.assert_allclose(silhouette_samples(points, labels[None]), whole, rtol=1e-12)


def test_metrics_survive_an_offset_far_from_the_origin() -> None:
    points, labels, _, _ = _case(14, 2, 3, grid=True)
    moved = points.shifted(np.array([1e6, -1e6]))
    for metric in (silhouette_score, davies_bouldin_score, calinski_harabasz_score):
        assert metric(moved, labels) == pytest.approx(metric(points, labels), rel=1e-9)


def test_cluster_sums_and_means() -> None:
    points = WeightedPoints.from_rows([[0.0, 1.0], [2.0, 5.0], [4.0, 4.0]], [1.0, 3.0, 2.0])
    labels = np.array([1, 1, 0])
    np.testing.assert_array_equal(cluster_sums(points.weights, labels), [2.0, 4.0])
    np.testing.assert_array_equal(cluster_means(points, labels), [[4.0, 4.0], [1.5, 4.0]])
