from __future__ import annotations

import numpy as np
import pytest

from mallard.choice.grids import Grid, Smeared
from mallard.kmeans.points import WeightedPoints


def grid_of(*columns: list[float], weights: list[float] | None = None) -> Grid:
    points = WeightedPoints.from_rows(np.transpose(columns), weights)
    return Grid.of(points, points.total_weight)


def test_whole_numbers_stand_for_half_a_unit_on_either_side() -> None:
    grid = grid_of([1.0, 2.0, 3.0], weights=[10.0, 10.0, 10.0])
    assert grid.below.tolist() == grid.above.tolist() == [[0.5], [0.5], [0.5]]


def test_a_gap_more_than_twice_as_wide_as_the_other_counts_as_twice_as_wide() -> None:
    grid = grid_of([0.0, 1.0, 11.0, 12.0], weights=[10.0] * 4)
    assert grid.below.tolist() == [[0.5], [0.5], [1.0], [0.5]]
    assert grid.above.tolist() == [[0.5], [1.0], [0.5], [0.5]]


def test_logarithms_of_counts_fill_the_line_without_gaps() -> None:
    values = np.log1p(np.arange(30.0))
    grid = grid_of(values.tolist(), weights=[100.0] * 30)
    assert values[:-1] + grid.above[:-1, 0] == pytest.approx(values[1:] - grid.below[1:, 0])


def test_values_that_no_two_customers_share_stand_for_themselves() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 2))
    grid = Grid.of(WeightedPoints.from_rows(rows), 100)
    assert grid.features.tolist() == []
    back, forth = grid.ends_along(np.array([1.0, 0.0]), np.arange(3))
    assert back.tolist() == forth.tolist() == [0.0, 0.0, 0.0]


def test_independent_features_add_squares_and_a_change_of_category_moves_two_at_once() -> None:
    counts = grid_of([0.0, 0.0, 1.0, 1.0, 2.0, 2.0] * 4, [0.0, 2.0, 4.0, 0.0, 2.0, 4.0] * 4)
    diagonal = np.array([0.6, 0.8])
    assert counts.ends_along(diagonal, np.array([0]))[0] == pytest.approx(np.hypot(0.6 * 0.5, 0.8 * 1.0))
    categories = grid_of([0.0, 1.0] * 12, [1.0, 0.0] * 12)
    assert categories.ends_along(diagonal, np.array([0]))[0] == pytest.approx(0.5 * 0.6 + 0.5 * 0.8)


def test_the_direction_decides_which_end_is_back() -> None:
    grid = grid_of([0.0, 1.0, 11.0, 12.0], weights=[10.0] * 4)
    assert grid.ends_along(np.array([1.0]), np.array([1]))[0].tolist() == [0.5]
    assert grid.ends_along(np.array([-1.0]), np.array([1]))[0].tolist() == [1.0]


def test_customers_who_share_common_values_are_all_evidence_and_copies_are_not() -> None:
    assert grid_of([1.0, 2.0, 3.0], weights=[100.0, 200.0, 300.0]).n_independent == 600
    copies = np.random.default_rng(0).normal(size=50)
    assert grid_of(copies.tolist(), weights=[4.0] * 50).n_independent == 50


def test_a_sample_is_evidence_of_as_many_customers_as_were_drawn() -> None:
    drawn = np.random.default_rng(0).normal(size=(500, 2))
    points = WeightedPoints.from_rows(drawn, np.full(500, 2000.0))
    assert Grid.of(points, 500).n_independent == pytest.approx(500)


def test_smeared_points_add_up_along_the_line() -> None:
    smeared = Smeared.of(np.array([0.0, 0.0]), np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    places = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 9.0])
    assert smeared(places) == pytest.approx([0.0, 0.0, 1.0, 2.0, 2.5, 3.0, 3.0])
