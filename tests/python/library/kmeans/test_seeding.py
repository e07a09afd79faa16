from __future__ import annotations

import numpy as np
import pytest
from numpy.random import RandomState

from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.seeding import STARTS, kmeans_plus_plus, random_points, sample


def _points(seed: int = 0, n_points: int = 60) -> WeightedPoints:
    rng = np.random.default_rng(seed)
    return WeightedPoints.from_rows(rng.normal(size=(n_points, 2)), rng.integers(1, 5, n_points))


def _rows(array: np.ndarray) -> set[tuple[float, ...]]:
    return set(map(tuple, array.tolist()))


@pytest.mark.parametrize("init", STARTS)
@pytest.mark.parametrize("seed", range(5))
def test_starts_are_distinct_points_of_the_data(init: str, seed: int) -> None:
    points = _points(seed)
    start = STARTS[init](points, 12, RandomState(seed))
    assert start.shape == (12, 2)
    assert len(_rows(start)) == 12
    assert _rows(start) <= _rows(points.coordinates)


@pytest.mark.parametrize("init", STARTS)
def test_as_many_centroids_as_points_are_all_the_points(init: str) -> None:
    points = _points(n_points=10)
    for seed in range(10):
        assert _rows(STARTS[init](points, 10, RandomState(seed))) == _rows(points.coordinates)


@pytest.mark.parametrize("init", STARTS)
def test_the_seed_decides_the_start(init: str) -> None:
    points = _points()
    first, same, other = (STARTS[init](points, 6, RandomState(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_the_first_centroids_of_a_longer_kmeans_plus_plus_are_a_shorter_one() -> None:
    """For 3 to 7 clusters alike 2 + int(log k) = 3 points are drawn a centroid."""
    points = _points()
    longest = kmeans_plus_plus(points, 7, RandomState(3))
    for k in (3, 4, 5, 6):
        np.testing.assert_array_equal(kmeans_plus_plus(points, k, RandomState(3)), longest[:k])


@pytest.mark.parametrize("seed", range(20))
def test_kmeans_plus_plus_hits_every_blob_that_lies_far_from_the_others(seed: int) -> None:
    """Also for every smaller k: its first k centroids are in k different blobs."""
    rng = np.random.default_rng(seed)
    blob = np.repeat(np.arange(6), [200, 5, 50, 3, 100, 1])
    rows = 1e5 * np.column_stack([np.cos(blob), np.sin(blob)]) + rng.normal(size=(len(blob), 2))
    start = kmeans_plus_plus(WeightedPoints.from_rows(rows), 8, RandomState(seed))
    hit = [int(blob[np.flatnonzero((rows == centroid).all(axis=1))[0]]) for centroid in start]
    assert sorted(hit[:6]) == [0, 1, 2, 3, 4, 5]


def test_kmeans_plus_plus_keeps_the_best_of_its_draws() -> None:
    """Greedy draws are better on average than the plain k-means++ of one draw a centroid."""
    points = WeightedPoints.from_rows(np.random.default_rng(0).normal(size=(100, 2)))

    def potential(start: np.ndarray) -> float:
        return float(((points.coordinates[:, None] - start) ** 2).sum(axis=2).min(axis=1).sum())

    def plain(random_state: RandomState) -> np.ndarray:
        start = points.coordinates[[random_state.randint(100)]]
        while len(start) < 8:
            squared = ((points.coordinates[:, None] - start) ** 2).sum(axis=2).min(axis=1)
            start = np.vstack([start, points.coordinates[random_state.choice(100, p=squared / squared.sum())]])
        return start

    greedy = np.mean([potential(kmeans_plus_plus(points, 8, RandomState(seed))) for seed in range(50)])
    assert greedy < 0.9 * np.mean([potential(plain(RandomState(seed))) for seed in range(50)])


def test_random_points_are_drawn_by_their_weight() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [2.0]], [1.0, 2.0, 7.0])
    drawn = [random_points(points, 1, RandomState(seed)).item() for seed in range(2000)]
    np.testing.assert_allclose(np.bincount(np.array(drawn, dtype=int)) / 2000, [0.1, 0.2, 0.7], atol=0.04)


def test_the_first_centroid_of_kmeans_plus_plus_is_drawn_by_weight() -> None:
    points = WeightedPoints.from_rows([[0.0], [1.0], [2.0]], [1.0, 2.0, 7.0])
    drawn = [kmeans_plus_plus(points, 1, RandomState(seed)).item() for seed in range(2000)]
    np.testing.assert_allclose(np.bincount(np.array(drawn, dtype=int)) / 2000, [0.1, 0.2, 0.7], atol=0.04)


def test_a_sample_is_of_few_points_in_order_that_stand_for_all() -> None:
    points = _points(n_points=500)
    drawn = sample(points, 80, RandomState(0))
    assert 50 < len(drawn) <= 80
    assert drawn.coordinates.tolist() == sorted(drawn.coordinates.tolist())
    samples = [sample(points, 80, RandomState(seed)) for seed in range(200)]
    assert np.mean([some.total_weight for some in samples]) == pytest.approx(points.total_weight, rel=0.02)
    np.testing.assert_allclose(np.mean([some.mean for some in samples], axis=0), points.mean, atol=0.05)


def test_a_sample_of_as_many_points_as_there_are_is_the_points() -> None:
    points = _points(n_points=50)
    assert sample(points, 50, RandomState(0)) is points


def test_a_sample_of_fewer_points_than_needed_is_the_points() -> None:
    """Nearly all weight stands on one point and nearly all inertia on another: a sample has hardly a third."""
    rows = np.append(np.arange(699.0), 1e9)[:, None]
    points = WeightedPoints.from_rows(rows, np.where(rows[:, 0] == 300.0, 1e12, 1e-6))
    assert len(sample(points, 600, RandomState(0))) < 10
    assert sample(points, 600, RandomState(0), at_least=30) is points
