from __future__ import annotations

import numpy as np
import pytest

from mallard.kmeans.points import WeightedPoints


def test_equal_rows_are_merged_their_weights_added_and_the_points_sorted() -> None:
    rows = [[2.0, 1.0], [1.0, 5.0], [2.0, 1.0], [1.0, -3.0]]
    points = WeightedPoints.from_rows(rows, [1.0, 2.0, 0.5, 4.0])
    np.testing.assert_array_equal(points.coordinates, [[1.0, -3.0], [1.0, 5.0], [2.0, 1.0]])
    np.testing.assert_array_equal(points.weights, [4.0, 2.0, 1.5])
    assert len(points) == 3
    assert points.total_weight == 7.5


def test_rows_count_for_one_each_without_weights() -> None:
    points = WeightedPoints.from_rows([[3], [1], [3], [3]])
    np.testing.assert_array_equal(points.coordinates, [[1.0], [3.0]])
    np.testing.assert_array_equal(points.weights, [1.0, 3.0])


def test_negative_zero_is_zero_whichever_row_comes_first() -> None:
    for rows in ([[0.0], [-0.0]], [[-0.0], [0.0]]):
        points = WeightedPoints.from_rows(rows)
        assert points.coordinates.tobytes() == np.zeros((1, 1)).tobytes()
        assert points.weights.tolist() == [2.0]


def test_rows_that_agree_in_one_feature_only_stay_apart() -> None:
    points = WeightedPoints.from_rows([[1.0, 2.0], [1.0, 3.0], [2.0, 3.0]])
    np.testing.assert_array_equal(points.coordinates, [[1.0, 2.0], [1.0, 3.0], [2.0, 3.0]])


def test_rows_without_weight_are_left_out() -> None:
    points = WeightedPoints.from_rows([[1.0], [2.0], [2.0], [3.0]], [0.0, 0.0, 5.0, 1.0])
    np.testing.assert_array_equal(points.coordinates, [[2.0], [3.0]])
    np.testing.assert_array_equal(points.weights, [5.0, 1.0])


def test_no_rows_are_no_points() -> None:
    points = WeightedPoints.from_rows(np.empty((0, 2)))
    assert len(points) == 0
    assert points.coordinates.shape == (0, 2)
    assert points.weights.shape == (0,)


def test_the_order_is_lexicographic() -> None:
    rows = np.random.default_rng(0).integers(0, 4, (500, 3))
    expected = sorted(set(map(tuple, rows.tolist())))
    np.testing.assert_array_equal(WeightedPoints.from_rows(rows).coordinates, expected)


@pytest.mark.parametrize("seed", range(5))
def test_row_order_is_irrelevant_to_the_last_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, weights = rng.integers(0, 5, (1000, 2)) / 10, rng.random(1000)
    shuffled = rng.permutation(1000)
    points = WeightedPoints.from_rows(rows, weights)
    others = WeightedPoints.from_rows(rows[shuffled], weights[shuffled])
    assert len(points) == 25
    assert others.coordinates.tobytes() == points.coordinates.tobytes()
    assert others.weights.tobytes() == points.weights.tobytes()
    assert others.mean.tobytes() == points.mean.tobytes()
    assert others.standard_deviation.tobytes() == points.standard_deviation.tobytes()


def test_mean_and_standard_deviation_are_those_of_the_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    rows, weights = rng.normal(50, 20, (300, 4)), rng.integers(0, 7, 300)
    points = WeightedPoints.from_rows(rows, weights)
    repeated = np.repeat(rows, weights, axis=0)
    assert points.total_weight == len(repeated)
    np.testing.assert_allclose(points.mean, repeated.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(points.standard_deviation, repeated.std(axis=0), rtol=1e-13)


def test_shifted_moves_the_points_and_leaves_their_weights() -> None:
    points = WeightedPoints.from_rows([[1.0, 2.0], [3.0, 4.0]], [2.0, 5.0]).shifted(np.array([10.0, -1.0]))
    np.testing.assert_array_equal(points.coordinates, [[11.0, 1.0], [13.0, 3.0]])
    np.testing.assert_array_equal(points.weights, [2.0, 5.0])
