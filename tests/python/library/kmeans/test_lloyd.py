from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from mallard.kmeans import blocks
from mallard.kmeans.lloyd import LITTLE_WORK, lloyd
from mallard.kmeans.points import WeightedPoints


@pytest.fixture(autouse=True, params=["NumPy", "a kernel"])
def who_makes_a_pass(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs twice, because a kernel makes the passes that are much work."""
    monkeypatch.setattr("mallard.kmeans.lloyd.LITTLE_WORK", LITTLE_WORK if request.param == "NumPy" else 0)


def _points(seed: int, n_points: int = 200, n_features: int = 3) -> WeightedPoints:
    rng = np.random.default_rng(seed)
    return WeightedPoints.from_rows(rng.normal(size=(n_points, n_features)), rng.random(n_points) + 0.1)


def _on_a_line(*values: float) -> WeightedPoints:
    return WeightedPoints.from_rows([[value] for value in values])


def test_iterations_convergence_and_tolerance_on_a_case_done_by_hand() -> None:
    """0 | 1 2 3, then 0 1 | 2 3 by the tie at 1, then rest: the squared shifts are 1, 0.5 and 0."""
    points, start = _on_a_line(0, 1, 2, 3), np.array([[0.0], [1.0]])
    for max_iter, tol, centroids, inertia, n_iter, converged in [
        (300, 0.0, [0.5, 2.5], 1.0, 3, True),
        (3, 0.0, [0.5, 2.5], 1.0, 3, True),
        (2, 0.0, [0.5, 2.5], 1.0, 2, False),
        (1, 0.0, [0.0, 2.0], 2.0, 1, False),
        (300, 0.5, [0.5, 2.5], 1.0, 2, True),
        (300, 1.0, [0.0, 2.0], 2.0, 1, True),
    ]:
        [fit] = lloyd(points, [start], max_iter=max_iter, tol=tol)
        np.testing.assert_allclose(fit.centroids[:, 0], centroids, rtol=1e-15)
        assert fit.inertia == pytest.approx(inertia, rel=1e-15)
        assert (fit.n_iter, fit.converged) == (n_iter, converged)
    np.testing.assert_array_equal(start, [[0.0], [1.0]])


def test_runs_in_a_batch_end_where_each_ends_alone() -> None:
    points = _points(4)
    rng = np.random.default_rng(5)
    runs = [points.coordinates[rng.choice(len(points), k, replace=False)] for k in (1, 3, 8, 3, 5)]
    together = lloyd(points, runs, max_iter=300, tol=0.0)
    for run, fit in zip(runs, together, strict=True):
        [alone] = lloyd(points, [run], max_iter=300, tol=0.0)
        np.testing.assert_array_equal(fit.centroids, alone.centroids)
        assert fit[1:] == alone[1:]
        assert fit.converged
    assert len({fit.n_iter for fit in together}) > 2


@pytest.mark.parametrize("seed", range(5))
def test_one_run_ends_where_that_of_scikit_learn_does(seed: int) -> None:
    points = _points(seed, n_points=300)
    start = points.coordinates[np.random.default_rng(seed).choice(len(points), 6, replace=False)]
    expected = KMeans(6, init=start, n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
    [fit] = lloyd(points, [start], max_iter=300, tol=0.0)
    np.testing.assert_allclose(fit.centroids, expected.cluster_centers_, rtol=1e-10)
    assert fit.inertia == pytest.approx(expected.inertia_, rel=1e-12)
    labels = cdist(points.coordinates, fit.centroids).argmin(axis=1)
    np.testing.assert_array_equal(labels, expected.labels_)


def test_many_clusters_of_many_features_end_where_those_of_scikit_learn_do() -> None:
    """So many that a block is small."""
    points = _points(9, n_points=3000, n_features=20)
    starts = points.coordinates[: 40 * 3].reshape(3, 40, 20)
    for start, fit in zip(starts, lloyd(points, starts, max_iter=300, tol=0.0), strict=True):
        expected = KMeans(40, init=start, n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
        np.testing.assert_allclose(fit.centroids, expected.cluster_centers_, rtol=1e-9, atol=1e-12)
        assert fit.inertia == pytest.approx(expected.inertia_, rel=1e-12)


def test_lloyd_in_single_precision_ends_near_where_it_does_in_double() -> None:
    points = _points(10, n_points=300)
    start = points.coordinates[::50]
    [double] = lloyd(points, [start], max_iter=300, tol=0.0)
    [single] = lloyd(points, [start], max_iter=300, tol=1e-10, dtype=np.float32)
    np.testing.assert_allclose(single.centroids, double.centroids, atol=1e-4)
    assert single.inertia == pytest.approx(double.inertia, rel=1e-5)


def test_lloyd_in_small_blocks_ends_in_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    points = _points(6)
    start = points.coordinates[::50]
    [whole] = lloyd(points, [start], max_iter=300, tol=0.0)
    monkeypatch.setattr(blocks, "MAX_LANES", 1)
    [in_blocks] = lloyd(points, [start], max_iter=300, tol=0.0)
    np.testing.assert_allclose(in_blocks.centroids, whole.centroids, rtol=1e-12)
    assert in_blocks.inertia == pytest.approx(whole.inertia, rel=1e-12)


def test_empty_clusters_take_the_points_farthest_from_their_centroid() -> None:
    """All points belong to the centroid at 1, from which 10 is farthest and -6 next."""
    start = np.array([[1.0], [100.0], [200.0]])
    [fit] = lloyd(_on_a_line(0, 1, 2, 10, -6), [start], max_iter=1, tol=0.0)
    np.testing.assert_array_equal(fit.centroids, [[1.0], [10.0], [-6.0]])
    assert fit.inertia == 2.0


def test_a_relocated_point_takes_its_whole_weight_along() -> None:
    points = WeightedPoints.from_rows([[0.0], [3.0], [9.0]], [2.0, 1.0, 3.0])
    [fit] = lloyd(points, [np.array([[2.0], [50.0]])], max_iter=1, tol=0.0)
    np.testing.assert_array_equal(fit.centroids, [[1.0], [9.0]])
    assert fit.inertia == 6.0


def test_a_smaller_run_has_no_empty_cluster() -> None:
    starts = [np.array([[1.0], [11.0]]), np.array([[1.0], [11.0], [100.0]])]
    smaller, larger = lloyd(_on_a_line(0, 1, 2, 10, 14), starts, max_iter=1, tol=0.0)
    np.testing.assert_array_equal(smaller.centroids[:, 0], [1.0, 12.0])
    np.testing.assert_array_equal(larger.centroids[:, 0], [1.0, 10.0, 14.0])
    assert (smaller.inertia, larger.inertia) == (10.0, 2.0)


def test_an_empty_cluster_is_filled_as_scikit_learn_fills_it() -> None:
    points = _points(7)
    start = np.vstack([points.coordinates[[0, 80, 160]], [[50.0, 50.0, 50.0]]])
    expected = KMeans(4, init=start, n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
    [fit] = lloyd(points, [start], max_iter=300, tol=0.0)
    np.testing.assert_allclose(fit.centroids, expected.cluster_centers_, rtol=1e-10)
    assert fit.inertia == pytest.approx(expected.inertia_, rel=1e-12)


def test_more_clusters_than_points_come_to_rest_on_the_points() -> None:
    [fit] = lloyd(_on_a_line(0, 1), [np.array([[0.0], [1.0], [5.0]])], max_iter=300, tol=0.0)
    assert set(fit.centroids.ravel().tolist()) == {0.0, 1.0}
    assert (fit.inertia, fit.converged) == (0.0, True)


def test_spherical_centroids_are_the_directions_of_the_means() -> None:
    points = WeightedPoints.from_rows([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], [3.0, 4.0, 1.0])
    [fit] = lloyd(points, [np.array([[0.8, 0.6], [-1.0, 0.0]])], max_iter=1, tol=0.0, spherical=True)
    np.testing.assert_allclose(fit.centroids, [[0.6, 0.8], [-1.0, 0.0]], rtol=1e-15)
    assert fit.inertia == pytest.approx(3 * (2 - 2 * 0.6) + 4 * (2 - 2 * 0.8), rel=1e-14)


def test_a_spherical_centroid_stays_where_opposite_directions_cancel_out() -> None:
    points = WeightedPoints.from_rows([[1.0, 0.0], [-1.0, 0.0]])
    [fit] = lloyd(points, [np.array([[0.0, 1.0]])], max_iter=300, tol=0.0, spherical=True)
    np.testing.assert_array_equal(fit.centroids, [[0.0, 1.0]])
    assert fit.converged


def test_spherical_centroids_have_unit_length() -> None:
    rows = np.random.default_rng(8).normal(size=(200, 4))
    points = WeightedPoints.from_rows(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    starts = [points.coordinates[:5], points.coordinates[50:53]]
    for fit in lloyd(points, starts, max_iter=300, tol=0.0, spherical=True):
        np.testing.assert_allclose(np.linalg.norm(fit.centroids, axis=1), 1.0, rtol=1e-14)
        assert fit.converged
