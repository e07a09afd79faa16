from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from mallard.kmeans import blocks
from mallard.kmeans.lloyd import lloyd, stack_runs
from mallard.kmeans.points import WeightedPoints


def _points(seed: int, n_points: int = 200, n_features: int = 3) -> WeightedPoints:
    rng = np.random.default_rng(seed)
    return WeightedPoints.from_rows(rng.normal(size=(n_points, n_features)), rng.random(n_points) + 0.1)


def _on_a_line(*values: float) -> WeightedPoints:
    return WeightedPoints.from_rows([[value] for value in values])


def test_stack_runs_fills_smaller_runs_up_with_nan() -> None:
    batch = stack_runs([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])])
    np.testing.assert_array_equal(batch, [[[1.0, 2.0], [np.nan, np.nan]], [[3.0, 4.0], [5.0, 6.0]]])


def test_iterations_convergence_and_tolerance_on_a_case_done_by_hand() -> None:
    """0 | 1 2 3, then 0 1 | 2 3 by the tie at 1, then rest: the squared shifts are 1, 0.5 and 0."""
    points, start = _on_a_line(0, 1, 2, 3), np.array([[[0.0], [1.0]]])
    for max_iter, tol, centroids, inertia, n_iter, converged in [
        (300, 0.0, [0.5, 2.5], 1.0, 3, True),
        (3, 0.0, [0.5, 2.5], 1.0, 3, True),
        (2, 0.0, [0.5, 2.5], 1.0, 2, False),
        (1, 0.0, [0.0, 2.0], 2.0, 1, False),
        (300, 0.5, [0.5, 2.5], 1.0, 2, True),
        (300, 1.0, [0.0, 2.0], 2.0, 1, True),
    ]:
        result = lloyd(points, start, max_iter=max_iter, tol=tol)
        np.testing.assert_allclose(result.centroids[0, :, 0], centroids, rtol=1e-15)
        np.testing.assert_allclose(result.inertia, [inertia], rtol=1e-15)
        assert result.n_iter.tolist() == [n_iter]
        assert result.converged.tolist() == [converged]
    np.testing.assert_array_equal(start, [[[0.0], [1.0]]])


@pytest.mark.parametrize("tol", [0.0, 0.05])
def test_runs_that_pause_end_where_they_would_without_a_pause(monkeypatch: pytest.MonkeyPatch, tol: float) -> None:
    points = _points(6)
    rng = np.random.default_rng(7)
    runs = [points.coordinates[rng.choice(len(points), k, replace=False)] for k in (2, 9, 5) * 4]
    runs[1][3] = 100.0  # stays empty
    for max_iter in (1, 3, 300):
        at_once = lloyd(points, stack_runs(runs), max_iter=max_iter, tol=tol)
        with monkeypatch.context() as patch:
            patch.setattr("mallard.kmeans.lloyd.CALL_WORK", 1)
            in_pieces = lloyd(points, stack_runs(runs), max_iter=max_iter, tol=tol)
        for expected, found in zip(at_once, in_pieces, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_runs_in_a_batch_end_where_each_ends_alone() -> None:
    points = _points(4)
    rng = np.random.default_rng(5)
    runs = [points.coordinates[rng.choice(len(points), k, replace=False)] for k in (1, 3, 8, 3, 5)]
    batch = lloyd(points, stack_runs(runs), max_iter=300, tol=0.0)
    for i, run in enumerate(runs):
        alone = lloyd(points, run[None], max_iter=300, tol=0.0)
        np.testing.assert_allclose(batch.centroids[i, : len(run)], alone.centroids[0], rtol=1e-12)
        assert np.isnan(batch.centroids[i, len(run) :]).all()
        assert batch.inertia[i] == pytest.approx(alone.inertia[0], rel=1e-12)
        assert batch.n_iter[i] == alone.n_iter[0]
        assert batch.converged[i]
    assert len(set(batch.n_iter.tolist())) > 2


@pytest.mark.parametrize("seed", range(5))
def test_one_run_ends_where_that_of_scikit_learn_does(seed: int) -> None:
    points = _points(seed, n_points=300)
    start = points.coordinates[np.random.default_rng(seed).choice(len(points), 6, replace=False)]
    expected = KMeans(6, init=start, n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
    result = lloyd(points, start[None], max_iter=300, tol=0.0)
    np.testing.assert_allclose(result.centroids[0], expected.cluster_centers_, rtol=1e-10)
    assert result.inertia[0] == pytest.approx(expected.inertia_, rel=1e-12)
    labels = cdist(points.coordinates, result.centroids[0]).argmin(axis=1)
    np.testing.assert_array_equal(labels, expected.labels_)


def test_many_clusters_of_many_features_end_where_those_of_scikit_learn_do() -> None:
    """So many that a block is small, and more runs than a core takes at a time."""
    points = _points(9, n_points=3000, n_features=20)
    starts = points.coordinates[: 40 * 20].reshape(20, 40, 20)
    result = lloyd(points, starts, max_iter=300, tol=0.0)
    for run in (0, 19):
        expected = KMeans(40, init=starts[run], n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
        np.testing.assert_allclose(result.centroids[run], expected.cluster_centers_, rtol=1e-9, atol=1e-12)
        assert result.inertia[run] == pytest.approx(expected.inertia_, rel=1e-12)


def test_lloyd_in_single_precision_ends_near_where_it_does_in_double() -> None:
    points = _points(10, n_points=300)
    starts = points.coordinates[None, ::50]
    double = lloyd(points, starts, max_iter=300, tol=0.0)
    single = lloyd(points, starts, max_iter=300, tol=1e-10, dtype=np.float32)
    np.testing.assert_allclose(single.centroids, double.centroids, atol=1e-4)
    np.testing.assert_allclose(single.inertia, double.inertia, rtol=1e-5)


def test_lloyd_in_small_blocks_ends_in_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    points = _points(6)
    start = points.coordinates[None, ::50]
    whole = lloyd(points, start, max_iter=300, tol=0.0)
    monkeypatch.setattr(blocks, "MAX_LANES", 1)
    in_blocks = lloyd(points, start, max_iter=300, tol=0.0)
    np.testing.assert_allclose(in_blocks.centroids, whole.centroids, rtol=1e-12)
    np.testing.assert_allclose(in_blocks.inertia, whole.inertia, rtol=1e-12)


def test_empty_clusters_take_the_points_farthest_from_their_centroid() -> None:
    """All points belong to the centroid at 1, from which 10 is farthest and -6 next."""
    start = np.array([[[1.0], [100.0], [200.0]]])
    result = lloyd(_on_a_line(0, 1, 2, 10, -6), start, max_iter=1, tol=0.0)
    np.testing.assert_array_equal(result.centroids, [[[1.0], [10.0], [-6.0]]])
    np.testing.assert_array_equal(result.inertia, [2.0])


def test_a_relocated_point_takes_its_whole_weight_along() -> None:
    points = WeightedPoints.from_rows([[0.0], [3.0], [9.0]], [2.0, 1.0, 3.0])
    result = lloyd(points, np.array([[[2.0], [50.0]]]), max_iter=1, tol=0.0)
    np.testing.assert_array_equal(result.centroids, [[[1.0], [9.0]]])
    np.testing.assert_array_equal(result.inertia, [6.0])


def test_the_padding_of_a_smaller_run_is_no_empty_cluster() -> None:
    starts = stack_runs([np.array([[1.0], [11.0]]), np.array([[1.0], [11.0], [100.0]])])
    result = lloyd(_on_a_line(0, 1, 2, 10, 14), starts, max_iter=1, tol=0.0)
    np.testing.assert_array_equal(result.centroids[..., 0], [[1.0, 12.0, np.nan], [1.0, 10.0, 14.0]])
    np.testing.assert_array_equal(result.inertia, [10.0, 2.0])


def test_an_empty_cluster_is_filled_as_scikit_learn_fills_it() -> None:
    points = _points(7)
    start = np.vstack([points.coordinates[[0, 80, 160]], [[50.0, 50.0, 50.0]]])
    expected = KMeans(4, init=start, n_init=1, tol=0.0).fit(points.coordinates, sample_weight=points.weights)
    result = lloyd(points, start[None], max_iter=300, tol=0.0)
    np.testing.assert_allclose(result.centroids[0], expected.cluster_centers_, rtol=1e-10)
    assert result.inertia[0] == pytest.approx(expected.inertia_, rel=1e-12)


def test_more_clusters_than_points_come_to_rest_on_the_points() -> None:
    result = lloyd(_on_a_line(0, 1), np.array([[[0.0], [1.0], [5.0]]]), max_iter=300, tol=0.0)
    assert set(result.centroids.ravel().tolist()) == {0.0, 1.0}
    assert result.inertia.tolist() == [0.0]
    assert result.converged.tolist() == [True]


def test_spherical_centroids_are_the_directions_of_the_means() -> None:
    points = WeightedPoints.from_rows([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], [3.0, 4.0, 1.0])
    start = np.array([[[0.8, 0.6], [-1.0, 0.0]]])
    result = lloyd(points, start, max_iter=1, tol=0.0, spherical=True)
    np.testing.assert_allclose(result.centroids, [[[0.6, 0.8], [-1.0, 0.0]]], rtol=1e-15)
    assert result.inertia[0] == pytest.approx(3 * (2 - 2 * 0.6) + 4 * (2 - 2 * 0.8), rel=1e-14)


def test_spherical_centroids_have_unit_length() -> None:
    rows = np.random.default_rng(8).normal(size=(200, 4))
    points = WeightedPoints.from_rows(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    start = stack_runs([points.coordinates[:5], points.coordinates[50:53]])
    result = lloyd(points, start, max_iter=300, tol=0.0, spherical=True)
    lengths = np.linalg.norm(result.centroids, axis=2)
    np.testing.assert_allclose(lengths[0], np.ones(5), rtol=1e-14)
    np.testing.assert_allclose(lengths[1, :3], np.ones(3), rtol=1e-14)
    assert result.converged.all()
