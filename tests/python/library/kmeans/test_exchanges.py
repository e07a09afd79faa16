from __future__ import annotations

import numpy as np

from mallard.kmeans.distances import nearest
from mallard.kmeans.exchanges import exchanged
from mallard.kmeans.lloyd import lloyd
from mallard.kmeans.points import Floats, Labels, WeightedPoints


def _random_points(seed: int) -> WeightedPoints:
    random = np.random.default_rng(seed)
    return WeightedPoints.from_rows(random.normal(size=(40, 2)), random.integers(1, 4, 40))


def _rested(points: WeightedPoints, start: Floats) -> tuple[Floats, float]:
    [fit] = lloyd(points, [start], max_iter=100, tol=0.0)
    return fit.centroids, fit.inertia


def _inertia(points: WeightedPoints, labels: Labels) -> float:
    """Of the clusters around their own means."""
    total = 0.0
    for label in np.unique(labels):
        x, weights = points.coordinates[labels == label], points.weights[labels == label]
        total += float(weights @ np.sum((x - np.average(x, axis=0, weights=weights)) ** 2, axis=1))
    return total


def test_no_single_point_lowers_inertia_any_more_by_changing_its_cluster() -> None:
    n_improved = 0
    for seed in range(20):
        points = _random_points(seed)
        centroids, before = _rested(points, points.coordinates[:4])
        moved = exchanged(points, centroids)
        after = before
        if moved is not None:
            centroids, after = _rested(points, moved)
            assert after < before * (1 - 1e-6)
            n_improved += 1
        if exchanged(points, centroids) is None:
            labels, _ = nearest(points.coordinates, centroids)
            for i in range(len(points)):
                for label in range(4):
                    other = labels.copy()
                    other[i] = label
                    assert _inertia(points, other) >= after * (1 - 1e-9)
    assert n_improved >= 5


def test_a_point_between_two_clusters_goes_where_it_costs_least() -> None:
    """Of 0, 4 | 7, 7, 7, Lloyd's algorithm keeps 4 at 2, but the cluster of 7 grows by less: 9 x 3/4 < 4 x 2."""
    points = WeightedPoints.from_rows([[0.0], [4.0], [7.0]], [1.0, 1.0, 3.0])
    centroids, before = _rested(points, np.array([[2.0], [7.0]]))
    assert before == 8.0
    moved = exchanged(points, centroids)
    assert moved is not None
    np.testing.assert_allclose(moved, [[0.0], [6.25]])


def test_where_nothing_is_gained_there_is_nothing_to_start_from() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [10.0], [11.0]])
    assert exchanged(points, np.array([[0.5], [10.5]])) is None
    assert exchanged(points, points.coordinates) is None
