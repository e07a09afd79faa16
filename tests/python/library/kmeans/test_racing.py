from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mallard.kmeans.lloyd import lloyd
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.racing import Track


def _points(seed: int, n_points: int = 400, n_features: int = 3) -> WeightedPoints:
    rng = np.random.default_rng(seed)
    return WeightedPoints.from_rows(rng.normal(size=(n_points, n_features)), rng.random(n_points) + 0.1)


def _starts(points: WeightedPoints, *sizes: int) -> list[Floats]:
    rng = np.random.default_rng(1)
    return [points.coordinates[rng.choice(len(points), k, replace=False)] for k in sizes]


def _inertia(points: WeightedPoints, centroids: Floats) -> float:
    return float(np.sum(points.weights * cdist(points.coordinates, centroids, "sqeuclidean").min(axis=1)))


@pytest.mark.parametrize("n_features", [1, 2, 5, 16, 17, 40])
def test_a_run_ends_where_plain_iterations_move_no_centroid(n_features: int) -> None:
    points = _points(0, n_features=n_features)
    starts = _starts(points, 1, 4, 7, 18)
    ends = Track.of(points, 18, 1000, False).race(starts, tol=0.0)
    after = lloyd(points, [end.centroids for end in ends], max_iter=50, tol=0.0)
    for start, end, rested in zip(starts, ends, after, strict=True):
        assert end.centroids.shape == start.shape
        assert end.inertia == pytest.approx(_inertia(points, end.centroids), rel=1e-9)
        assert end.inertia == pytest.approx(rested.inertia, rel=1e-3)
        assert end.counts.sum() == pytest.approx(points.total_weight, rel=1e-12)
        assert not end.abandoned


def test_momentum_saves_iterations_and_ends_no_higher_on_average() -> None:
    points = _points(2, n_points=3000, n_features=2)
    starts = _starts(points, *[8] * 30)
    ends = Track.of(points, 8, 1000, False).race(starts, tol=0.0)
    plain = lloyd(points, starts, max_iter=1000, tol=0.0)
    assert sum(end.n_iter for end in ends) < 0.8 * sum(fit.n_iter for fit in plain)
    assert np.mean([end.inertia for end in ends]) < 1.001 * np.mean([fit.inertia for fit in plain])


def test_a_run_without_momentum_is_one_of_lloyd() -> None:
    """Momentum begins with the fourth step."""
    points = _points(3)
    [start] = _starts(points, 5)
    [end] = Track.of(points, 5, 3, False).race([start], tol=0.0)
    [plain] = lloyd(points, [start], max_iter=3, tol=0.0)
    np.testing.assert_allclose(end.centroids, plain.centroids, rtol=1e-12)
    assert end.n_iter == 3
    assert end.inertia >= plain.inertia


def test_points_on_a_centroid_belong_to_it() -> None:
    """Their distance is 0, which leaves no digits for the index of the centroid."""
    points = WeightedPoints.from_rows([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]])
    [end] = Track.of(points, 3, 10, False).race([points.coordinates[[2, 0, 1]]], tol=0.0)
    np.testing.assert_array_equal(end.centroids, [[5.0, 5.0], [0.0, 0.0], [1.0, 0.0]])
    np.testing.assert_array_equal(end.counts, [1.0, 1.0, 1.0])
    assert end.inertia == pytest.approx(0.0, abs=1e-200)


def test_a_run_that_cannot_win_is_abandoned() -> None:
    points = _points(4, n_points=3000, n_features=2)
    starts = _starts(points, 6, 6)
    track = Track.of(points, 6, 1000, False)
    free, _ = track.race(starts, tol=0.0)
    hopeless, winning = track.race([starts[0], starts[0]], [free.inertia / 2, free.inertia * 1.2], tol=0.0)
    assert hopeless.abandoned
    assert hopeless.n_iter < free.n_iter
    assert (winning.inertia, winning.n_iter) == (free.inertia, free.n_iter)


def test_runs_in_a_batch_and_in_pieces_end_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    points = _points(5)
    starts = _starts(points, 2, 9, 5, *[7] * 30)
    track = Track.of(points, 9, 300, False)
    at_once = track.race(starts, tol=1e-9)
    monkeypatch.setattr("mallard.kmeans.racing.CALL_WORK", 1)
    monkeypatch.setattr("mallard.kmeans.racing.CALLS_PER_CORE", 1)
    in_pieces = track.race(starts, tol=1e-9)
    for one, other in zip(at_once, in_pieces, strict=True):
        np.testing.assert_array_equal(one.centroids, other.centroids)
        assert (one.inertia, one.n_iter) == (other.inertia, other.n_iter)


def test_spherical_centroids_have_unit_length_and_rest() -> None:
    rows = np.random.default_rng(6).normal(size=(300, 4))
    points = WeightedPoints.from_rows(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    [end] = Track.of(points, 5, 1000, True).race(_starts(points, 5), tol=0.0)
    np.testing.assert_allclose(np.linalg.norm(end.centroids, axis=1), np.ones(5), rtol=1e-12)
    [after] = lloyd(points, [end.centroids], max_iter=50, tol=0.0, spherical=True)
    assert end.inertia == pytest.approx(after.inertia, rel=1e-3)
    assert end.inertia == pytest.approx(_inertia(points, end.centroids), rel=1e-9)
