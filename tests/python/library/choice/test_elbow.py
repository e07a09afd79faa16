from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mallard.choice.elbow import bends, find_elbow


@pytest.mark.parametrize("figures", ["raw", "standardised"])
@pytest.mark.parametrize("highest", [8, 10])
def test_the_elbow_of_the_mall_is_at_five(
    figures: str, highest: int, best_known: dict[str, dict[int, dict[str, Any]]]
) -> None:
    inertia = {k: of["inertia"] for k, of in best_known[figures].items() if k <= highest}
    assert find_elbow(inertia) == 5


def test_a_bend_is_a_gain_over_the_next_one_both_in_units_of_noise() -> None:
    found = bends({1: 100.0, 2: 50.0, 3: 10.0, 4: 9.0})
    gains = [np.log(2) / np.log(2), np.log(5) / np.log(3 / 2), np.log(10 / 9) / np.log(4 / 3)]
    assert found == pytest.approx({2: gains[0] / gains[1], 3: gains[1] / gains[2]})
    assert find_elbow({1: 100.0, 2: 50.0, 3: 10.0, 4: 9.0}) == 3


@pytest.mark.parametrize("n_features", [1, 2, 5, 30])
def test_noise_bends_the_curve_nowhere_in_any_number_of_dimensions(n_features: int) -> None:
    inertia = {k: 7.0 * k ** (-2 / n_features) for k in range(1, 21)}
    assert bends(inertia) == pytest.approx(dict.fromkeys(range(2, 20), 1.0))
    assert find_elbow(inertia) is None


@pytest.mark.parametrize(
    "inertia",
    [
        {k: 12.0 - 2 * k for k in range(1, 6)},
        {1: 9.0, 2: 1.0},
        {4: 3.0},
        {2: 7.0, 3: 7.0, 4: 7.0},
        {1: 0.0, 2: 0.0, 3: 0.0},
        {},
    ],
)
def test_no_elbow_on_a_straight_line_a_flat_one_or_one_too_short(inertia: dict[int, float]) -> None:
    assert find_elbow(inertia) is None


def test_an_inertia_of_zero_is_the_end_of_the_curve() -> None:
    assert find_elbow({1: 100.0, 2: 60.0, 3: 0.0, 4: 0.0}) == 3


def test_the_unit_of_the_features_changes_nothing() -> None:
    inertia = {1: 100.0, 2: 50.0, 3: 10.0, 4: 9.0}
    assert bends({k: 1e9 * value for k, value in inertia.items()}) == pytest.approx(bends(inertia))
