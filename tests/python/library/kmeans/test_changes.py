from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mallard.kmeans.changes import changes
from mallard.kmeans.points import Floats, WeightedPoints


def _inertia(points: WeightedPoints, centroids: Floats) -> float:
    return float(np.sum(points.weights * cdist(points.coordinates, centroids, "sqeuclidean").min(axis=1)))


@pytest.mark.parametrize("n_clusters", [2, 5, 9])
def test_a_loss_is_what_inertia_rises_by_without_the_centroid(n_clusters: int) -> None:
    rng = np.random.default_rng(n_clusters)
    points = WeightedPoints.from_rows(rng.normal(size=(80, 3)), rng.integers(1, 5, 80))
    centroids = rng.normal(size=(n_clusters, 3))
    rises = [_inertia(points, np.delete(centroids, i, axis=0)) - _inertia(points, centroids) for i in range(n_clusters)]
    np.testing.assert_allclose(changes(points, centroids, points.total_weight).losses, rises, rtol=1e-10)


def test_gains_and_halves_of_a_case_done_by_hand() -> None:
    """-1 and 1 with weights 1 and 3 around 0.5 cost 3; 9, 10 and 11 around 10 cost 2, and 0.5 in two halves."""
    points = WeightedPoints.from_rows([[-1.0], [1.0], [9.0], [10.0], [11.0]], [1.0, 3.0, 1.0, 1.0, 1.0])
    found = changes(points, np.array([[0.5], [10.0]]), points.total_weight)
    np.testing.assert_allclose(found.gains, [3.0, 1.5], rtol=1e-12)
    assert sorted(found.halves[:, 0, 0].tolist()) == [-1.0, 1.0]
    assert sorted(found.halves[:, 1, 0].tolist()) in ([9.0, 10.5], [9.5, 11.0])


def test_a_sketch_stands_for_the_weight_of_all_points() -> None:
    points = WeightedPoints.from_rows(np.random.default_rng(0).normal(size=(50, 2)))
    centroids = points.coordinates[::10]
    once, thrice = (changes(points, centroids, weight) for weight in (50.0, 150.0))
    np.testing.assert_allclose(thrice.losses, 3 * once.losses, rtol=1e-12)
    np.testing.assert_allclose(thrice.gains, 3 * once.gains, rtol=1e-12)


def test_one_cluster_cannot_be_left_out_and_one_of_equal_points_gains_nothing() -> None:
    points = WeightedPoints.from_rows([[2.0, 3.0]], [4.0])
    found = changes(points, np.array([[2.0, 3.0]]), 4.0)
    assert found.losses.tolist() == [np.inf]
    assert found.gains.tolist() == [0.0]
