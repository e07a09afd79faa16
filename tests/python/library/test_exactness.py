"""What compression may change: nothing where it is lossless, and the inertia by a thousandth where it isn't."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.search import Search

N = 20_000
CLUSTERS = {2: [[0, 0], [7, 1], [2, 9], [15, 12]], 3: [[0, 0, 0], [7, 1, 2], [2, 9, -1], [15, 12, 8]]}


def _around(rng: np.random.Generator, places: object, sizes: list[int]) -> Floats:
    """Normal clusters of variance 1, their rows shuffled."""
    centers = np.repeat(np.asarray(places, dtype=float), sizes, axis=0)
    return rng.permutation(centers + rng.normal(size=centers.shape))


def _overlapping(rng: np.random.Generator) -> Floats:
    return _around(rng, [[0, 0], [2.5, 0], [1, 2.5], [3.5, 2.5], [2, 5]], [N // 5] * 5)


def _elongated(rng: np.random.Generator) -> Floats:
    long = rng.normal(size=(N, 2)) * [6, 0.5] + [0, 3] * rng.integers(0, 4, (N, 1))
    return long @ np.array([[1, 0.5], [-0.5, 1]])


def _a_hundred_to_one(rng: np.random.Generator) -> Floats:
    return _around(rng, [[0, 0], [6, 0], [0, 7]], [N - 400, 200, 200])


def _many_small(rng: np.random.Generator) -> Floats:
    return _around(rng, rng.uniform(0, 100, (20, 2)), [N // 20] * 20)


def _heavy_tails(rng: np.random.Generator) -> Floats:
    return rng.lognormal(size=(N, 2))


def _sixteen_features(rng: np.random.Generator) -> Floats:
    return _around(rng, rng.normal(size=(8, 16)), [N // 8] * 8)


def _assert_figures_are_those_of_all_rows(rows: Floats, found: dict[int, tuple[Floats, Floats, float]]) -> None:
    """For every k: the centroids, the sizes and the inertia reported."""
    for k, (centroids, sizes, inertia) in found.items():
        squared = np.sum((rows[:, None] - centroids) ** 2, axis=2)
        np.testing.assert_array_equal(sizes, np.bincount(squared.argmin(axis=1), minlength=k))
        assert inertia == pytest.approx(squared.min(axis=1).sum(), rel=1e-12)


@pytest.mark.parametrize("n_features", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_lossless_compression_gives_the_centroids_and_labels_of_all_customers(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], seed: int, n_features: int
) -> None:
    """Clusters far apart, so that both find the best partitions."""
    rows = np.round(_around(np.random.default_rng(seed), CLUSTERS[n_features], [900, 800, 700, 600]))
    exact, none = (segmented(in_duckdb(rows), compression=method, max_clusters=4) for method in ("exact", "none"))
    assert len(none.compression.points) == 3000
    assert len(exact.compression.points) == len(np.unique(rows, axis=0)) < 1000
    for k in (1, 2, 3, 4):
        of_exact, of_none = exact.partitions[k], none.partitions[k]
        np.testing.assert_allclose(of_exact.fit.centroids, of_none.fit.centroids, rtol=1e-9, atol=1e-9)
        labels = [cdist(rows, of.fit.centroids).argmin(axis=1) for of in (of_exact, of_none)]
        np.testing.assert_array_equal(*labels)
        np.testing.assert_array_equal(of_exact.assignment.counts, of_none.assignment.counts)
        assert of_exact.fit.inertia == pytest.approx(of_none.fit.inertia, rel=1e-9)
        if of_exact.quality and of_none.quality:
            assert of_exact.quality.silhouette.mean == pytest.approx(of_none.quality.silhouette.mean, rel=1e-9)
            assert of_exact.quality.davies_bouldin == pytest.approx(of_none.quality.davies_bouldin, rel=1e-9)
            assert of_exact.quality.calinski_harabasz == pytest.approx(of_none.quality.calinski_harabasz, rel=1e-9)


@pytest.mark.parametrize("n_features", [2, 3])
@pytest.mark.parametrize("n_clusters", [3, 8])
def test_a_run_on_weighted_points_ends_where_one_on_the_repeated_rows_and_that_of_scikit_learn_do(
    n_clusters: int, n_features: int
) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        rows, weights = rng.normal(size=(200, n_features)), rng.integers(1, 30, 200)
        repeated = np.repeat(rows, weights, axis=0)
        on_points = Search().fit_from(WeightedPoints.from_rows(rows, weights), rows[:n_clusters])
        every = WeightedPoints.in_order(repeated, np.ones(len(repeated)))
        assert len(every) == weights.sum()
        on_rows = Search().fit_from(every, rows[:n_clusters])
        expected = KMeans(n_clusters, init=rows[:n_clusters], n_init=1, tol=0.0).fit(repeated)
        np.testing.assert_allclose(on_points.centroids, on_rows.centroids, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(on_points.centroids, expected.cluster_centers_, rtol=1e-9, atol=1e-12)
        assert on_points.n_iter == on_rows.n_iter
        assert on_points.inertia == pytest.approx(on_rows.inertia, rel=1e-12)
        assert on_points.inertia == pytest.approx(expected.inertia_, rel=1e-12)


def test_a_search_on_weighted_points_finds_what_one_on_the_repeated_rows_finds() -> None:
    rng = np.random.default_rng(0)
    rows, weights = rng.normal(size=(100, 2)), rng.integers(1, 9, 100)
    repeated = np.repeat(rows, weights, axis=0)
    on_points = Search().best_fits(WeightedPoints.from_rows(rows, weights), [2, 3, 4, 5], np.random.RandomState(0))
    every = WeightedPoints.in_order(repeated, np.ones(len(repeated)))
    on_rows = Search().best_fits(every, [2, 3, 4, 5], np.random.RandomState(0))
    for k, fit in on_points.items():
        np.testing.assert_allclose(fit.centroids, on_rows[k].centroids, rtol=1e-9)
        assert fit.inertia == pytest.approx(on_rows[k].inertia, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "n_clusters", "max_points"),
    [
        (_overlapping, [3, 5], 1000),
        (_elongated, [3, 5, 8], 1000),
        (_a_hundred_to_one, [3, 8], 1000),
        (_many_small, [5, 20], 1000),
        (_heavy_tails, [3, 5], 1000),
        (_sixteen_features, [3, 8], 2000),
    ],
)
def test_a_coreset_and_a_polish_end_within_a_thousandth_of_the_best_of_many_runs_on_all_customers(
    in_duckdb: Callable[..., DuckDBRows],
    segmented: Callable[..., Segmentation],
    monkeypatch: pytest.MonkeyPatch,
    shape: Callable[[np.random.Generator], Floats],
    n_clusters: list[int],
    max_points: int,
) -> None:
    monkeypatch.setattr("mallard.choice.sketch.DRAWN", 100)
    rows = shape(np.random.default_rng(0))
    customers = in_duckdb(rows)
    best = {k: KMeans(k, n_init=30, tol=0.0, max_iter=1000, random_state=0).fit(rows).inertia_ for k in n_clusters}
    for seed in (0, 1):
        found = segmented(
            customers,
            min_clusters=min(n_clusters),
            max_clusters=max(n_clusters),
            max_points=max_points,
            random_state=seed,
        )
        assert found.compression.method == "coreset"
        assert len(found.compression.points) <= max_points
        for k in n_clusters:
            assert found.partitions[k].fit.inertia <= 1.001 * best[k], f"k = {k}, random_state = {seed}"


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("shape", [_elongated, _many_small, _heavy_tails, _sixteen_features])
def test_inertia_and_sizes_of_a_lossy_fit_are_those_of_all_customers_for_every_k(
    in_duckdb: Callable[..., DuckDBRows],
    segmented: Callable[..., Segmentation],
    monkeypatch: pytest.MonkeyPatch,
    shape: Callable[[np.random.Generator], Floats],
    offset: float,
) -> None:
    monkeypatch.setattr("mallard.choice.sketch.DRAWN", 100)
    rows = shape(np.random.default_rng(1)) + offset
    partitions = segmented(in_duckdb(rows), compression="coreset", max_points=1000, max_clusters=8).partitions
    assert list(partitions) == list(range(1, 9))
    _assert_figures_are_those_of_all_rows(
        rows, {k: (of.fit.centroids, of.assignment.counts, of.fit.inertia) for k, of in partitions.items()}
    )
    for of_k in partitions.values():
        assert of_k.assignment.inertia.sum() == pytest.approx(of_k.fit.inertia, rel=1e-14)
