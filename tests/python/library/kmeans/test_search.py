from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.random import RandomState
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.search import Search
from mallard.kmeans.seeding import sample

MALL_CLUSTERS = range(1, 11)


def _inertia(points: WeightedPoints, centroids: Floats) -> float:
    return float(np.sum(points.weights * cdist(points.coordinates, centroids, "sqeuclidean").min(axis=1)))


def _check(points: WeightedPoints, fits: dict[int, Fit]) -> None:
    """What holds for every search whatever it finds."""
    for k, fit in fits.items():
        assert fit.centroids.shape == (k, points.coordinates.shape[1])
        assert fit.centroids.tolist() == sorted(fit.centroids.tolist())
        assert fit.inertia == pytest.approx(_inertia(points, fit.centroids), rel=1e-10)
        assert fit.converged
    inertia = [fit.inertia for _, fit in sorted(fits.items())]
    assert inertia == sorted(inertia, reverse=True)


@pytest.mark.parametrize("scaling", ["raw", "standardised"])
@pytest.mark.parametrize("seed", range(20))
def test_the_best_partitions_known_of_the_mall_data_are_found_whatever_the_seed(
    mall: dict[str, np.ndarray], best_known: dict[str, dict[int, dict[str, Any]]], scaling: str, seed: int
) -> None:
    points = WeightedPoints.from_rows(mall[scaling])
    fits = Search().best_fits(points, MALL_CLUSTERS, RandomState(seed))
    assert list(fits) == list(MALL_CLUSTERS)
    _check(points, fits)
    for k, fit in fits.items():
        assert fit.inertia == pytest.approx(best_known[scaling][k]["inertia"], rel=1e-9), f"k = {k}"


@pytest.mark.parametrize("n_clusters", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_all_partitions_of_a_few_points_is_found(n_clusters: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, weights = rng.random((9, 2)), rng.integers(1, 4, 9).astype(float)
    memberships = np.eye(n_clusters)[list(product(range(n_clusters), repeat=9))]
    weighted = memberships * weights[:, None]
    sizes = weighted.sum(axis=1)
    sums = np.einsum("pic,if->pcf", weighted, rows)
    between = np.sum(np.sum(sums**2, axis=2) / np.maximum(sizes, 1), axis=1)
    lowest = np.sum(weights[:, None] * rows**2) - between.max()
    fits = Search().best_fits(WeightedPoints.from_rows(rows, weights), [n_clusters], RandomState(seed))
    assert fits[n_clusters].inertia == pytest.approx(lowest, rel=1e-12)


def test_every_k_up_to_the_number_of_points_can_be_asked_for() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [5.0], [7.0]], [1.0, 3.0, 1.0, 1.0])
    fits = Search().best_fits(points, [1, 2, 3, 4], RandomState(0))
    np.testing.assert_allclose(fits[1].centroids, [[2.5]])
    np.testing.assert_allclose(fits[2].centroids, [[0.75], [6.0]])
    np.testing.assert_allclose(fits[3].centroids, [[0.75], [5.0], [7.0]])
    np.testing.assert_allclose(fits[4].centroids, points.coordinates, atol=1e-15)
    np.testing.assert_allclose([fits[k].inertia for k in fits], [39.5, 2.75, 0.75, 0.0], rtol=1e-14, atol=1e-14)


def test_a_single_point_is_its_own_centroid() -> None:
    fits = Search().best_fits(WeightedPoints.from_rows([[3.0, 4.0]], [5.0]), [1], RandomState(0))
    np.testing.assert_array_equal(fits[1].centroids, [[3.0, 4.0]])
    assert fits[1].inertia == 0.0


def test_only_the_k_asked_for_come_back_in_their_order(mall: dict[str, np.ndarray]) -> None:
    fits = Search(n_init=1).best_fits(WeightedPoints.from_rows(mall["raw"]), [7, 3], RandomState(0))
    assert list(fits) == [7, 3]
    assert [len(fit.centroids) for fit in fits.values()] == [7, 3]


def test_the_same_seed_gives_the_same_bits(mall: dict[str, np.ndarray]) -> None:
    points = WeightedPoints.from_rows(mall["standardised"])
    first, second = (Search(n_init=2).best_fits(points, [4, 8], RandomState(5)) for _ in range(2))
    for k in (4, 8):
        assert first[k].centroids.tobytes() == second[k].centroids.tobytes()
        assert first[k].inertia == second[k].inertia


def test_more_points_than_a_start_looks_at_end_no_worse_than_ten_restarts() -> None:
    rows, _ = make_blobs(5000, n_features=3, centers=6, cluster_std=2.5, random_state=0)
    points = WeightedPoints.from_rows(rows)
    assert len(points) == 5000
    n_clusters = [2, 4, 6]
    fits = Search().best_fits(points, n_clusters, RandomState(0))
    _check(points, fits)
    for k in n_clusters:
        restarts = KMeans(k, n_init=10, tol=0.0, random_state=0).fit(rows)
        assert fits[k].inertia <= 1.001 * restarts.inertia_, f"k = {k}"


@pytest.mark.parametrize("seed", range(2))
def test_many_blobs_of_many_points_are_all_found(seed: int) -> None:
    """A random start on all points misses some of the 25 blobs; the search on a sample of the points doesn't."""
    places = 10.0 * np.array(list(product(range(5), repeat=2)))
    rows = np.repeat(places, 200, axis=0) + np.random.default_rng(seed).normal(size=(5000, 2))
    points = WeightedPoints.from_rows(rows)
    fits = Search(init="random", n_init=3).best_fits(points, [25], RandomState(seed))
    _check(points, fits)
    np.testing.assert_allclose(fits[25].centroids[np.lexsort(fits[25].centroids.round(-1).T[::-1])], places, atol=0.5)


def test_a_run_from_given_centroids_keeps_their_order() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [10.0], [11.0]])
    fit = Search().fit_from(points, np.array([[9.0], [2.0]]))
    np.testing.assert_allclose(fit.centroids, [[10.5], [0.5]], rtol=1e-15)
    assert fit.inertia == pytest.approx(1.0, rel=1e-14)
    assert (fit.n_iter, fit.converged) == (2, True)


def test_a_run_from_given_centroids_stops_at_max_iter() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [2.0], [3.0]])
    fit = Search(max_iter=1).fit_from(points, np.array([[0.0], [1.0]]))
    np.testing.assert_allclose(fit.centroids, [[0.0], [2.0]], atol=1e-15)
    assert (fit.n_iter, fit.converged) == (1, False)


def test_a_sample_with_fewer_points_than_clusters_is_no_obstacle() -> None:
    """Nearly all weight stands on one point and nearly all inertia on another: a sample has hardly a third."""
    rows = np.append(np.arange(6999.0), 1e9)[:, None]
    points = WeightedPoints.from_rows(rows, np.where(rows[:, 0] == 300.0, 1e12, 1e-6))
    assert len(sample(points, 2048, RandomState(0))) < 10
    (fit,) = Search(n_init=1).best_fits(points, [30], RandomState(0)).values()
    assert np.unique(fit.centroids).size == 30
    assert fit.centroids.max() == 1e9
