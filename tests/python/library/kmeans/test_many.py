from __future__ import annotations

import numpy as np
import pytest
from numpy.random import RandomState

from mallard.kmeans.many import improved
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.racing import Track
from mallard.kmeans.search import Search

PLACES = 10.0 * np.array([[i // 10, i % 10] for i in range(100)])


def _points(seed: int) -> WeightedPoints:
    rows = np.repeat(PLACES, 40, axis=0) + np.random.default_rng(seed).normal(size=(4000, 2))
    return WeightedPoints.from_rows(rows)


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_groups_are_found_from_points_drawn_at_random(seed: int) -> None:
    """Of a hundred random points a third lie where another does."""
    points = _points(seed)
    start = points.coordinates[RandomState(seed).choice(len(points), 100, replace=False)]
    end = improved(Track.of(points, 100, 300, False), points, points.total_weight, start)
    distances = np.linalg.norm(PLACES[:, None] - end.centroids, axis=2)
    assert distances.min(axis=1).max() < 1.0
    assert end.n_iter < 150


@pytest.mark.parametrize("seed", range(3))
def test_the_search_for_one_large_k_finds_them_whatever_the_seed(seed: int) -> None:
    points = _points(7)
    found = Search().best_fits(points, [100], RandomState(seed))[100]
    of_places = Search().fit_from(points, PLACES)
    assert found.inertia == pytest.approx(of_places.inertia, rel=1e-4)
    assert found.converged
