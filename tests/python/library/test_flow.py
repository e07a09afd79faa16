from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn import metrics
from sklearn.cluster import KMeans

from mallard import MallardError
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation
from mallard.inputs.values import listed


def _labels(rows: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    return cdist(rows, centroids).argmin(axis=1)


def test_the_mall_customers_fall_into_five_named_segments(
    mall: dict[str, np.ndarray],
    best_known: dict[str, dict[int, dict[str, Any]]],
    in_duckdb: Callable[..., DuckDBRows],
    segmented: Callable[..., Segmentation],
) -> None:
    found = segmented(in_duckdb(mall["standardised"]))
    assert found.selection.n_clusters == 5
    assert found.selection.criteria_agree
    assert (found.compression.method, len(found.compression.points), found.compression.n_customers) == (
        "exact",
        196,
        200,
    )
    assert sorted(found.partitions[5].names) == [
        "average customers",
        "high income, high spending",
        "high income, low spending",
        "low income, high spending",
        "low income, low spending",
    ]
    assert list(found.partitions) == list(range(1, 11))
    for k, known in best_known["standardised"].items():
        partition = found.partitions[k]
        assert partition.assignment.inertia.sum() == pytest.approx(known["inertia"], rel=1e-9)
        assert sorted(partition.assignment.counts.tolist(), reverse=True) == known["sizes_sorted"]
        if partition.quality is not None:
            assert partition.quality.silhouette.mean == pytest.approx(known["silhouette"], rel=1e-6)
            assert partition.quality.davies_bouldin == pytest.approx(known["davies_bouldin"], rel=1e-6)
            assert partition.quality.calinski_harabasz == pytest.approx(known["calinski_harabasz"], rel=1e-6)
        else:
            assert "silhouette" not in known


def test_the_figures_of_each_segment_are_those_of_its_customers(
    mall: dict[str, np.ndarray], in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    rows = mall["standardised"]
    partition = segmented(in_duckdb(rows), min_clusters=6, max_clusters=6).partitions[6]
    squared = cdist(rows, partition.fit.centroids, "sqeuclidean")
    labels = squared.argmin(axis=1)
    silhouettes = metrics.silhouette_samples(rows, labels)
    assert partition.quality is not None
    assert partition.quality.silhouette.standard_error is None
    for cluster in range(6):
        members = labels == cluster
        assert partition.assignment.counts[cluster] == members.sum()
        np.testing.assert_allclose(partition.assignment.means[cluster], rows[members].mean(axis=0), rtol=1e-12)
        assert partition.assignment.inertia[cluster] == pytest.approx(squared[members, cluster].sum(), rel=1e-12)
        assert partition.assignment.distances[cluster] == pytest.approx(
            np.sqrt(squared[members, cluster]).sum(), rel=1e-12
        )
        assert partition.quality.silhouette.of_clusters[cluster] == pytest.approx(silhouettes[members].mean(), rel=1e-9)


def test_the_scores_of_a_lossy_segmentation_are_of_all_customers_and_its_silhouette_is_an_estimate(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mallard.choice.sketch.DRAWN", 2000)
    rng = np.random.default_rng(0)
    rows = rng.permutation(np.repeat([[0.0, 0.0], [5.0, 1.0], [2.0, 6.0]], 2000, axis=0)) + rng.normal(size=(6000, 2))
    found = segmented(in_duckdb(rows), compression="coreset", max_points=1000, max_clusters=4, selection="silhouette")
    assert found.partitions[1].quality is None
    for k in (2, 3, 4):
        quality, centroids = found.partitions[k].quality, found.partitions[k].fit.centroids
        labels = _labels(rows, centroids)
        samples = metrics.silhouette_samples(rows, labels)
        assert quality is not None
        assert quality.silhouette.mean == pytest.approx(samples.mean(), abs=0.02)
        assert quality.silhouette.of_clusters == pytest.approx(
            [samples[labels == cluster].mean() for cluster in range(k)], abs=0.05
        )
        assert quality.silhouette.standard_error is not None
        assert 0.001 < quality.silhouette.standard_error < 0.02
        assert quality.calinski_harabasz == pytest.approx(metrics.calinski_harabasz_score(rows, labels), rel=1e-9)
        # scikit-learn's centroids are the means, ours nearly
        assert quality.davies_bouldin == pytest.approx(metrics.davies_bouldin_score(rows, labels), rel=0.01)
    assert found.selection.n_clusters == 3
    assert ", estimated)" in found.selection.reason


def test_the_silhouette_of_many_distinct_customers_is_an_estimate_though_nothing_was_lost(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sample of everybody it is the exact one all the same."""
    rows = np.random.default_rng(1).normal(size=(1500, 2))
    customers, given = in_duckdb(rows), {"compression": "exact", "n_clusters": 3}
    exact = segmented(customers, **given)
    monkeypatch.setattr("mallard.choice.sketch.ALL_POINTS", 1499)
    estimated = segmented(customers, **given)
    assert exact.partitions[3].quality is not None
    assert estimated.partitions[3].quality is not None
    of_exact, of_estimated = exact.partitions[3].quality.silhouette, estimated.partitions[3].quality.silhouette
    expected = metrics.silhouette_score(rows, _labels(rows, exact.partitions[3].fit.centroids))
    assert of_exact.mean == pytest.approx(expected, rel=1e-9)
    assert of_estimated.mean == pytest.approx(expected, rel=1e-9)
    assert of_exact.standard_error is None
    assert of_estimated.standard_error is not None
    assert "estimated" not in exact.selection.reason
    assert estimated.selection.reason.endswith(", estimated.")


@pytest.mark.parametrize("compression", ["exact", "none"])
def test_one_segment_and_a_segment_for_every_customer_have_no_quality(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], compression: str
) -> None:
    customers = in_duckdb(np.array([[0.0, 0.0], [1.0, 3.0], [9.0, 9.0]]))
    found = segmented(customers, max_clusters=3, compression=compression)
    assert [partition.quality is None for partition in found.partitions.values()] == [True, False, True]
    assert found.selection.best_silhouette == 2


@pytest.mark.parametrize("n_features", [2, 5])
def test_a_coreset_of_fewer_customers_than_it_may_have_points_is_no_obstacle(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], n_features: int
) -> None:
    rows = np.random.default_rng(3).normal(size=(200, n_features))
    found = segmented(in_duckdb(rows), compression="coreset", max_clusters=4)
    for k, partition in found.partitions.items():
        assert partition.assignment.counts.sum() == 200
        assert len(np.unique(partition.fit.centroids, axis=0)) == k


@pytest.mark.parametrize("compression", ["auto", "exact", "coreset", "none"])
@pytest.mark.parametrize("n_features", [2, 4])
def test_a_feature_that_cannot_be_scaled_is_refused_by_name_however_many_customers_there_are(
    segmented: Callable[..., Segmentation], n_features: int, compression: str
) -> None:
    """A feature without a spread comes as NULL."""
    names = [f"scaled_{i}" for i in range(n_features)]
    columns = [f"{'sin(range)' if i != 1 else 'cast(null as double)'} as {name}" for i, name in enumerate(names)]
    with duckdb.connect() as connection:
        customers = DuckDBRows(connection.sql(f"select {', '.join(columns)} from range(2500)"), names)
        with pytest.raises(MallardError, match="feature spending_score can't be scaled, because it varies too"):
            segmented(customers, compression=compression, max_points=1000, max_clusters=3)


@pytest.mark.parametrize(
    ("rows", "changed", "message"),
    [
        ([], {}, "there are no customers to segment"),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"max_clusters": 3},
            "setting max_clusters is 3: the 3 customers have only 2 different combinations of "
            "annual_income, spending_score; set it to 2 or less",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"max_clusters": 3, "compression": "none"},
            "setting max_clusters is 3: the 3 customers have only 2 different combinations of",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"n_clusters": 2, "max_clusters": 1000},
            "setting max_clusters is 1000: the 3 customers have only 2 different .*; set it to 2 or less",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"n_clusters": 4, "max_clusters": 1000},
            "setting n_clusters is 4: the 3 customers have only 2 different combinations of .*; set it to 2 or less",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"min_clusters": 3},
            "setting min_clusters is 3: the 3 customers have only 2 different combinations of .*; set it to 2 or less",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"max_clusters": 3, "compression": "coreset"},
            "setting max_clusters is 3: only 2 points stand for the 3 customers",
        ),
    ],
)
def test_customers_that_cannot_be_segmented_are_refused(
    in_duckdb: Callable[..., DuckDBRows],
    segmented: Callable[..., Segmentation],
    rows: list[list[float]],
    changed: dict[str, Any],
    message: str,
) -> None:
    customers = in_duckdb(np.reshape(np.array(rows, dtype=float), (-1, 2)))
    with pytest.raises(MallardError, match=message):
        segmented(customers, **changed)


def test_no_segment_is_left_without_customers_by_the_polish(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    """500 and 500.99 share a cell, whose mean is farther from both than other centroids are."""
    rows = np.repeat([0.0, 1000.0, 499.9, 500.0, 500.99, 501.1], [100, 100, 10, 1, 1, 10])[:, None]
    found = segmented(in_duckdb(rows), compression="coreset", n_clusters=5)
    assert found.partitions[5].assignment.counts.min() > 0
    assert found.partitions[5].assignment.counts.sum() == 222


@pytest.mark.parametrize("compression", ["exact", "coreset", "none"])
def test_the_first_feature_orders_the_segments_then_the_second_and_the_assignment_goes_along(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], compression: str
) -> None:
    """One, two, three and four customers where the centroids are."""
    places = np.array([[1.0, 5.0], [1.0, -5.0], [-2.0, 0.0], [0.0, 9.0]])
    rows = np.repeat(places, [1, 2, 3, 4], axis=0)
    partition = segmented(in_duckdb(rows), compression=compression, n_clusters=4).partitions[4]
    assert partition.fit.centroids.tolist() == [[-2.0, 0.0], [0.0, 9.0], [1.0, -5.0], [1.0, 5.0]]
    assert partition.assignment.counts.tolist() == [3.0, 4.0, 2.0, 1.0]
    assert partition.assignment.sums.tolist() == [[-6.0, 0.0], [0.0, 36.0], [2.0, -10.0], [1.0, 5.0]]


@pytest.mark.parametrize("compression", ["exact", "coreset", "none"])
@pytest.mark.parametrize("seed", range(3))
def test_given_centroids_go_where_scikit_learn_takes_them_and_keep_their_order(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], seed: int, compression: str
) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(3000, 2))
    starts = rows[:6]
    found = segmented(in_duckdb(rows), starts, compression=compression, max_points=1000)
    expected = KMeans(6, init=starts, n_init=1, tol=0.0).fit(rows)
    assert list(found.partitions) == [6]
    assert (found.selection.n_clusters, found.selection.reason[:18]) == (6, "k = 6, set by hand")
    if compression == "coreset":
        assert found.partitions[6].assignment.inertia.sum() == pytest.approx(expected.inertia_, rel=0.02)
    else:
        np.testing.assert_allclose(found.partitions[6].fit.centroids, expected.cluster_centers_, atol=1e-9)
        np.testing.assert_array_equal(found.partitions[6].assignment.counts, np.bincount(expected.labels_))


def test_a_segment_that_no_drawn_customer_belongs_to_leaves_the_silhouette_open_and_the_rest_as_it_is(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One customer so far away that k = 2 puts all the others together; the sample of 50 doesn't have it."""
    monkeypatch.setattr("mallard.choice.sketch.DRAWN", 50)
    rows = np.random.default_rng(0).normal(size=(6000, 2))
    rows[4321] = 1e6
    customers = in_duckdb(rows)
    assert customers.even_sample(50, 0).max() < 10
    found = segmented(customers, compression="coreset", max_points=1000, max_clusters=3)
    partition = found.partitions[2]
    assert sorted(partition.assignment.counts) == [1, 5999]
    assert partition.quality is not None
    assert np.isnan(partition.quality.silhouette.mean)
    assert partition.quality.davies_bouldin == pytest.approx(
        metrics.davies_bouldin_score(rows, _labels(rows, partition.fit.centroids)), rel=1e-3
    )
    assert found.selection.best_silhouette in (None, 3)


def test_the_default_range_ends_with_the_number_of_different_customers(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    customers = in_duckdb(np.array([[0.0], [1.0], [2.0], [2.0], [4.0], [9.0]]))
    assert list(segmented(customers).partitions) == [1, 2, 3, 4, 5]
    assert list(segmented(customers, min_clusters=2).partitions) == [2, 3, 4, 5]
    with pytest.raises(MallardError, match="setting min_clusters is 6: the 6 customers have only 5 different"):
        segmented(customers, min_clusters=6)


def test_a_feature_that_some_customers_lack_is_refused_as_such(segmented: Callable[..., Segmentation]) -> None:
    with duckdb.connect() as connection:
        rows = DuckDBRows(connection.sql("select case when range > 2 then range end as x from range(9)"), ["x"])
        with pytest.raises(MallardError, match="feature annual_income is missing for 3 of 9 customers: fill it in"):
            segmented(rows)


@pytest.mark.parametrize("n_features", [1, 4])
@pytest.mark.parametrize("n", range(2, 12))
def test_a_coreset_of_a_handful_of_customers_is_all_of_them(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], n: int, n_features: int
) -> None:
    rows = np.random.default_rng(n).normal(size=(n, n_features))
    found, exact = (segmented(in_duckdb(rows), compression=method, n_clusters=2) for method in ("coreset", "exact"))
    assert found.partitions[2].assignment.counts.sum() == n
    assert found.partitions[2].assignment.inertia.sum() == pytest.approx(exact.partitions[2].assignment.inertia.sum())


def test_a_long_list_in_a_message_is_cut_short() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["a", "b, c", "1,5"]) == 'a, "b, c", "1,5"'
    assert listed(range(1, 1025)) == f"{', '.join(map(str, range(1, 21)))} and 1,004 more"


def test_values_that_arithmetic_cannot_tell_apart_count_once(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    """Measured from the mean, 2.5e16, a DOUBLE has steps of 4."""
    customers = in_duckdb(np.array([[0.0], [1.0], [2.0], [1e17]]))
    message = "have only 2 different combinations of annual_income that a DOUBLE can tell apart, because some values"
    with pytest.raises(MallardError, match=message):
        segmented(customers, n_clusters=4)
    found = segmented(customers)
    assert list(found.partitions) == [1, 2]
    assert found.partitions[2].assignment.counts.tolist() == [3.0, 1.0]
    assert found.partitions[2].assignment.inertia.tolist() == [2.0, 0.0]
    assert found.partitions[2].fit.centroids.tolist() == [[1.0], [1e17]]


def test_centroids_keep_small_values_beside_large_ones_in_other_segments(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    small, large = 5 + np.arange(10) % 3, 1e20 * (1 + np.arange(30) % 2)
    rows = np.column_stack([np.concatenate([small, large]), np.zeros(40)])
    partition = segmented(in_duckdb(rows), n_clusters=3).partitions[3]
    np.testing.assert_allclose(partition.fit.centroids[:, 0], [small.mean(), 1e20, 2e20], rtol=1e-15)
    assert partition.assignment.inertia[0] == pytest.approx(small.var() * 10, rel=1e-12)


def test_messages_and_names_call_rows_what_they_are(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    customers = in_duckdb(np.repeat([[0.0], [1.0], [5.0]], [1000, 2000, 4000], axis=0))
    found = segmented(customers, entity="company", n_clusters=2)
    assert found.compressed == "7,000 companies clustered as 3 points (exact, 2.33e+03 companies per point)"
    said = [found.selection.reason, found.verdict.reason, *found.cautions, *(found.partitions[2].names or [])]
    assert not [text for text in said if "customer" in text]
    with pytest.raises(MallardError, match="the 7,000 companies have only 3 different combinations"):
        segmented(customers, entity="company", n_clusters=4)
