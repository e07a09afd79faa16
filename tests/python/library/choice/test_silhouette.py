from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn import metrics

from mallard.choice.indices import calinski_harabasz_score, davies_bouldin_score
from mallard.choice.silhouette import (
    cluster_sums,
    estimated_silhouettes,
    exact_silhouette,
    silhouette_samples,
    stratified_mean,
)
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats, Labels, WeightedPoints

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


def _scores(points: WeightedPoints, labels: Labels) -> list[float]:
    """Silhouette, Davies-Bouldin and Calinski-Harabasz."""
    centroids = np.array(
        [
            np.average(points.coordinates[labels == cluster], axis=0, weights=points.weights[labels == cluster])
            for cluster in np.unique(labels)
        ]
    )
    assignment = Assignment.of_labels(points, labels, centroids)
    return [
        exact_silhouette(points, silhouette_samples(points, labels[None])[0], labels).mean,
        davies_bouldin_score(centroids, assignment),
        calinski_harabasz_score(centroids, assignment),
    ]


def _scores_of_scikit_learn(rows: Floats, labels: Labels) -> list[float]:
    of_all = (metrics.silhouette_score, metrics.davies_bouldin_score, metrics.calinski_harabasz_score)
    return [score(rows, labels) for score in of_all]


@pytest.mark.parametrize("n_clusters", [2, 3, 8])
@pytest.mark.parametrize(
    ("n_features", "grid"),
    [(1, False), (2, False), (2, True), (5, False), (5, True), (40, False), (40, True), (600, False)],
)
def test_every_metric_is_that_of_scikit_learn_on_the_rows(n_features: int, n_clusters: int, grid: bool) -> None:
    points, labels, rows, row_labels = _case(n_features, n_features, n_clusters, grid=grid)
    repeats = points.weights.astype(int)
    samples = silhouette_samples(points, labels[None])[0]
    np.testing.assert_allclose(
        np.repeat(samples, repeats), metrics.silhouette_samples(rows, row_labels), rtol=1e-9, atol=1e-12
    )
    assert _scores(points, labels) == pytest.approx(_scores_of_scikit_learn(rows, row_labels), rel=1e-9)


def test_a_customer_alone_in_a_cluster_counts_as_in_scikit_learn() -> None:
    points, labels, rows, row_labels = _case(11, 2, 3, grid=False)
    labels[labels == 2] = 0
    labels[5] = 2
    row_labels = labels
    samples = silhouette_samples(points, labels[None])[0]
    assert samples[5] == 0.0
    np.testing.assert_allclose(samples, metrics.silhouette_samples(rows, row_labels), rtol=1e-9, atol=1e-12)
    assert _scores(points, labels) == pytest.approx(_scores_of_scikit_learn(rows, row_labels), rel=1e-9)


def test_customers_at_one_place_are_a_perfect_cluster() -> None:
    """Several customers at the only point of a cluster are at distance 0 from each other, unlike a customer alone."""
    points = WeightedPoints.from_rows([[0.0, 0.0], [3.0, 4.0], [9.0, 9.0]], [3.0, 2.0, 1.0])
    np.testing.assert_array_equal(silhouette_samples(points, np.array([[0, 1, 2]])), [[1.0, 1.0, 0.0]])
    assert _scores(points, np.array([0, 1, 2])) == [5 / 6, 0.0, 1.0]


def test_the_metrics_of_a_case_done_by_hand() -> None:
    """0 and 2 against two customers at 10: a = 2 and b = 10 or 8; the others have a = 0."""
    np.testing.assert_allclose(silhouette_samples(HAND, HAND_LABELS[None]), [[0.8, 0.75, 1.0]], rtol=1e-15)
    by_hand = [(0.8 + 0.75 + 1 + 1) / 4, (1 + 0) / 9, (4 * 4.5**2 / 1) / (2 / 2)]
    assert _scores(HAND, HAND_LABELS) == pytest.approx(by_hand, rel=1e-15)


def test_the_exact_silhouette_of_each_cluster_is_the_mean_over_its_customers() -> None:
    points, labels, rows, row_labels = _case(15, 2, 4, grid=True)
    found = exact_silhouette(points, silhouette_samples(points, labels[None])[0], labels)
    samples = metrics.silhouette_samples(rows, row_labels)
    np.testing.assert_allclose(
        found.of_clusters, [samples[row_labels == cluster].mean() for cluster in range(4)], rtol=1e-9, atol=1e-12
    )
    assert found.standard_error is None


def test_several_partitions_at_once_are_each_as_alone() -> None:
    points, labels, _, _ = _case(12, 2, 4, grid=False)
    others = np.random.default_rng(0).permutation(labels)
    others[others == 3] = 0
    both = silhouette_samples(points, np.array([labels, others]))
    np.testing.assert_allclose(both[0], silhouette_samples(points, labels[None])[0], rtol=0, atol=1e-14)
    np.testing.assert_allclose(both[1], silhouette_samples(points, others[None])[0], rtol=0, atol=1e-14)
    assert not np.allclose(both[0], both[1])


def test_partitions_in_several_passes_have_the_silhouettes_of_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels, _, _ = _case(14, 2, 5, grid=False)
    rng = np.random.default_rng(1)
    several = np.array([labels, rng.permutation(labels), labels // 2, rng.permutation(labels)])
    one_pass = silhouette_samples(points, several)
    monkeypatch.setattr("mallard.choice.silhouette.MAX_GROUPS", 6)
    np.testing.assert_allclose(silhouette_samples(points, several), one_pass, rtol=0, atol=1e-14)


def test_silhouettes_are_the_same_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    points, labels, _, _ = _case(13, 3, 4, grid=True)
    whole = silhouette_samples(points, labels[None])
    monkeypatch.setattr("mallard.kmeans.distance_sums.MEMBER_VALUES", 6)
    monkeypatch.setattr("mallard.choice.silhouette.POINTS_PER_CALL", 16)
    monkeypatch.setattr("mallard.kmeans.distance_sums.POINTS_PER_CALL", 16)
    np.testing.assert_allclose(silhouette_samples(points, labels[None]), whole, rtol=1e-12)


def test_metrics_survive_an_offset_far_from_the_origin() -> None:
    points, labels, _, _ = _case(14, 2, 3, grid=True)
    moved = points.shifted(np.array([1e6, -1e6]))
    assert _scores(moved, labels) == pytest.approx(_scores(points, labels), rel=1e-9)


def test_davies_bouldin_and_calinski_harabasz_take_centroids_that_arent_quite_the_means() -> None:
    """Calinski-Harabasz is of the means all the same; the scatter of Davies-Bouldin is about what is given.

    About 1 and 9 the scatters are 1 and 1, the separation 8.
    """
    centroids = np.array([[1.0], [9.0]])
    assignment = Assignment.of_labels(HAND, HAND_LABELS, centroids)
    assert davies_bouldin_score(centroids, assignment) == pytest.approx(2 / 8, rel=1e-15)
    assert calinski_harabasz_score(centroids, assignment) == pytest.approx(81.0, rel=1e-14)


def test_cluster_sums() -> None:
    np.testing.assert_array_equal(cluster_sums(np.array([1.0, 3.0, 2.0]), np.array([1, 1, 0])), [2.0, 4.0])


def test_an_estimate_weighs_every_cluster_by_its_customers() -> None:
    """Three drawn of 600 with mean 0.4; two of 200 with mean 0.7."""
    samples, labels = np.array([0.2, 0.4, 0.8, 0.6, 0.6]), np.array([0, 0, 1, 0, 1])
    of_clusters, mean = stratified_mean(samples, labels, np.array([600.0, 200.0]))
    np.testing.assert_allclose(of_clusters, [0.4, 0.7], rtol=1e-15)
    assert mean == pytest.approx(0.75 * 0.4 + 0.25 * 0.7, rel=1e-15)


def test_a_cluster_with_none_drawn_has_no_estimate_and_no_weight() -> None:
    samples, labels = np.array([0.6, 0.9, 0.8]), np.array([0, 2, 0])
    of_clusters, mean = stratified_mean(samples, labels, np.array([4.0, 2.0, 2.0]))
    np.testing.assert_allclose(of_clusters, [0.7, np.nan, 0.9], rtol=1e-15)
    assert mean == pytest.approx((0.5 * 0.7 + 0.25 * 0.9) / 0.75, rel=1e-15)


def test_a_sample_of_one_cluster_gives_no_estimate_and_a_group_of_one_none_of_the_error() -> None:
    """An outlier among 60: of the ten groups of six customers drawn one has two clusters."""
    drawn = np.append(np.random.default_rng(0).normal(size=59), 100.0)[:, None]
    labels = np.array([np.zeros(60, dtype=int), drawn[:, 0] > 50])
    one, two = estimated_silhouettes(drawn, labels, [np.array([6e6, 2.0]), np.array([6e6, 2.0])], 0)
    assert np.isnan([*one.of_clusters, one.mean, one.standard_error]).all()
    assert two.mean > 0.9
    assert np.isnan(two.standard_error)


@pytest.mark.slow
def test_an_estimate_is_unbiased_and_its_standard_error_is_the_spread_of_estimates(
    in_duckdb: Callable[..., DuckDBRows],
) -> None:
    """In clusters of 2,400, 480 and 120; 500 of the 3,000 customers are drawn 200 times."""
    rng = np.random.default_rng(0)
    centroids = np.array([[0.0, 0.0], [4.0, 0.0], [3.0, 4.0]])
    rows = np.repeat(centroids, [2400, 480, 120], axis=0) + rng.normal(scale=1.2, size=(3000, 2))
    labels = cdist(rows, centroids).argmin(axis=1)
    exact = metrics.silhouette_score(rows, labels)
    customers = in_duckdb(rng.permutation(rows))
    found = []
    for seed in range(200):
        drawn = customers.even_sample(500, seed)
        of_drawn = cdist(drawn, centroids).argmin(axis=1)
        found += estimated_silhouettes(drawn, of_drawn[None], [np.bincount(labels).astype(float)], seed)
    means, errors = np.array([(estimate.mean, estimate.standard_error) for estimate in found]).T
    assert means.mean() == pytest.approx(exact, abs=0.01)
    assert means.std() <= errors.mean() <= 1.6 * means.std()  # with groups of 50 only it errs on the safe side
    assert np.mean(np.abs(means - exact) <= 3 * errors) >= 0.98
