from __future__ import annotations

import numpy as np
import pytest
from numpy.random import RandomState

from mallard.kmeans import reservoir
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.reservoir import Reservoir, neighbourly, thinned


def _filled(rows: np.ndarray, weights: np.ndarray, n_batches: int) -> WeightedPoints:
    found = Reservoir(rows.shape[1], RandomState(0))
    for some in np.array_split(np.arange(len(rows)), n_batches):
        found.add(rows[some], weights[some])
    assert found.n_rows == len(rows)
    return found.points


@pytest.mark.parametrize("n_batches", [1, 7, 600])
def test_as_long_as_there_is_room_the_points_are_the_distinct_rows(n_batches: int) -> None:
    rows = np.random.default_rng(0).integers(0, 9, (600, 2)).astype(float)
    weights = np.random.default_rng(1).integers(0, 3, 600).astype(float)
    expected, found = WeightedPoints.from_rows(rows, weights), _filled(rows, weights, n_batches)
    np.testing.assert_array_equal(found.coordinates, expected.coordinates)
    np.testing.assert_array_equal(found.weights, expected.weights)


def test_a_look_changes_nothing_that_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservoir, "MOST_POINTS", 1000)
    rows = np.random.default_rng(2).normal(size=(5000, 3))
    looked_at, other = Reservoir(3, RandomState(0)), Reservoir(3, RandomState(0))
    for batch in np.array_split(rows, 20):
        looked_at.add(batch, np.ones(len(batch)))
        other.add(batch, np.ones(len(batch)))
        assert len(looked_at.points) <= 3000
    np.testing.assert_array_equal(looked_at.points.coordinates, other.points.coordinates)
    np.testing.assert_array_equal(looked_at.points.weights, other.points.weights)


@pytest.mark.parametrize("is_sorted", [False, True])
def test_the_points_have_the_weight_the_mean_and_the_spread_of_all_rows(
    monkeypatch: pytest.MonkeyPatch, is_sorted: bool
) -> None:
    monkeypatch.setattr(reservoir, "MOST_POINTS", 1000)
    rng = np.random.default_rng(3)
    rows, weights = rng.normal(size=(30_000, 2)), rng.uniform(0.5, 2, 30_000)
    if is_sorted:
        rows = rows[np.argsort(rows[:, 0])]
    found = _filled(rows, weights, 100)
    assert len(found) <= 3000
    assert found.total_weight == pytest.approx(weights.sum(), rel=1e-9)
    np.testing.assert_allclose(found.mean, np.average(rows, axis=0, weights=weights), atol=0.02)
    np.testing.assert_allclose(found.standard_deviation, [1.0, 1.0], rtol=0.02)


def test_heavy_points_and_outliers_are_always_kept() -> None:
    rows = np.random.default_rng(4).normal(size=(5000, 2))
    weights = np.ones(5000)
    rows[17], weights[33] = [300.0, 0.0], 900.0
    points = thinned(WeightedPoints.from_rows(rows, weights), 500, RandomState(0))
    assert len(points) <= 500
    for place in (17, 33):
        [kept] = np.flatnonzero((points.coordinates == rows[place]).all(axis=1))
        assert points.weights[kept] == weights[place]


def test_every_point_stands_on_average_for_its_own_weight() -> None:
    """Horvitz and Thompson: over many draws, the weights of a point have its weight as their mean."""
    rows = np.random.default_rng(5).normal(size=(60, 2))
    points = WeightedPoints.from_rows(rows, np.random.default_rng(6).uniform(1, 3, 60))
    total = np.zeros(60)
    for seed in range(2000):
        some = thinned(points, 20, RandomState(seed))
        places = [np.flatnonzero((points.coordinates == row).all(axis=1))[0] for row in some.coordinates]
        total[places] += some.weights
    np.testing.assert_allclose(total / 2000, points.weights, rtol=0.2)


def test_neighbours_follow_each_other() -> None:
    """On a line the order is that of the line; on a grid, a step is as short as a few cells."""
    line = np.random.default_rng(7).permutation(64).astype(float)[:, None]
    np.testing.assert_array_equal(line[neighbourly(line), 0], np.arange(64))
    grid = np.stack(np.meshgrid(np.arange(32.0), np.arange(32.0)), axis=-1).reshape(-1, 2)
    shuffled = np.random.default_rng(8).permutation(grid)
    order = neighbourly(shuffled)
    assert sorted(order.tolist()) == list(range(1024))
    assert np.linalg.norm(np.diff(shuffled[order], axis=0), axis=1).mean() < 3
