from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mallard.kmeans.neighbours import N_MERGES, N_SPLITS, Sites, neighbours
from mallard.kmeans.points import Floats, WeightedPoints

SEEDS = range(5)


def _case(seed: int, n_clusters: int) -> tuple[WeightedPoints, Floats]:
    """Weighted points and centroids that lie among them."""
    rng = np.random.default_rng(seed)
    points = WeightedPoints.from_rows(rng.normal(size=(30, 2)), rng.integers(1, 5, 30))
    return points, rng.normal(size=(n_clusters, 2))


def _inertia(points: WeightedPoints, centroids: Floats) -> float:
    return float(np.sum(points.weights * cdist(points.coordinates, centroids, "sqeuclidean").min(axis=1)))


def _steps(points: WeightedPoints, centroids: Floats, change: int) -> list[Floats]:
    """The neighbours with so many clusters more."""
    found = list(neighbours(points, centroids, Sites.at_points(points)))
    return [step for step in found if len(step) == len(centroids) + change]


def test_sites_are_the_points_and_their_distances() -> None:
    points, _ = _case(0, 1)
    sites = Sites.at_points(points)
    np.testing.assert_array_equal(sites.coordinates, points.coordinates)
    np.testing.assert_allclose(sites.squared, cdist(points.coordinates, points.coordinates, "sqeuclidean"), rtol=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_clusters", [1, 2, 5])
def test_splits_are_the_cheapest_points_to_add_in_order(seed: int, n_clusters: int) -> None:
    points, centroids = _case(seed, n_clusters)
    costs = sorted(_inertia(points, np.vstack([centroids, point])) for point in points.coordinates)
    steps = _steps(points, centroids, +1)
    assert len(steps) == N_SPLITS
    for step in steps:
        np.testing.assert_array_equal(step[:-1], centroids)
        assert step[-1].tolist() in points.coordinates.tolist()
    np.testing.assert_allclose([_inertia(points, step) for step in steps], costs[:N_SPLITS], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_clusters", [2, 5, 20])
def test_merges_leave_out_the_cheapest_centroids_in_order(seed: int, n_clusters: int) -> None:
    points, centroids = _case(seed, n_clusters)
    costs = sorted(_inertia(points, np.delete(centroids, cluster, axis=0)) for cluster in range(n_clusters))
    steps = _steps(points, centroids, -1)
    assert len(steps) == min(N_MERGES, n_clusters)
    assert all(step.tolist() in [np.delete(centroids, i, axis=0).tolist() for i in range(n_clusters)] for step in steps)
    np.testing.assert_allclose([_inertia(points, step) for step in steps], costs[: len(steps)], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_clusters", [2, 3, 6, 20])
def test_swaps_start_with_the_best_of_all_and_get_dearer(seed: int, n_clusters: int) -> None:
    points, centroids = _case(seed, n_clusters)
    cheapest = np.inf
    for cluster in range(n_clusters):
        for point in points.coordinates:
            swapped = centroids.copy()
            swapped[cluster] = point
            cheapest = min(cheapest, _inertia(points, swapped))
    steps = _steps(points, centroids, 0)
    costs = [_inertia(points, step) for step in steps]
    assert len(steps) >= n_clusters if n_clusters < 16 else len(steps) == 16
    assert all(np.sum((step != centroids).any(axis=1)) == 1 for step in steps)
    assert costs[0] == pytest.approx(cheapest, rel=1e-12)
    np.testing.assert_allclose(costs, sorted(costs), rtol=1e-12)


@pytest.mark.parametrize("n_clusters", [2, 3, 6])
def test_every_centroid_is_swapped_to_the_sites_that_suit_it_best(n_clusters: int) -> None:
    points, centroids = _case(9, n_clusters)
    steps = _steps(points, centroids, 0)
    for cluster in range(n_clusters):
        moved = [step for step in steps if (step[cluster] != centroids[cluster]).any()]
        others = np.delete(centroids, cluster, axis=0)
        costs = sorted(_inertia(points, np.vstack([others, point])) for point in points.coordinates)
        assert len(moved) >= 2
        np.testing.assert_allclose([_inertia(points, step) for step in moved], costs[: len(moved)], rtol=1e-12)


def test_one_cluster_can_only_be_split() -> None:
    points, centroids = _case(0, 1)
    assert {len(step) for step in neighbours(points, centroids, Sites.at_points(points))} == {2}
