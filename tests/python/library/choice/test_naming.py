from __future__ import annotations

import numpy as np
import pytest

from mallard.choice.naming import name_segments


def test_the_mall_segments_are_named_after_income_and_spending() -> None:
    z_scores = np.array([[-1.31, -1.14], [-1.33, 1.13], [-0.20, -0.03], [0.99, 1.24], [1.06, -1.28]])
    assert name_segments(z_scores, ["income", "spending"]) == [
        "low income, low spending",
        "low income, high spending",
        "average income, average spending",
        "high income, high spending",
        "high income, low spending",
    ]


@pytest.mark.parametrize(
    ("z_score", "word"),
    [
        (-3.0, "very low"),
        (-1.5, "very low"),
        (np.nextafter(-1.5, 0), "low"),
        (-0.5, "low"),
        (np.nextafter(-0.5, 0), "average"),
        (0.0, "average"),
        (0.5, "average"),
        (np.nextafter(0.5, 1), "high"),
        (1.5, "high"),
        (np.nextafter(1.5, 2), "very high"),
        (9.0, "very high"),
    ],
)
def test_five_levels_and_their_bounds(z_score: float, word: str) -> None:
    assert name_segments(np.array([[z_score]]), ["age"]) == [f"{word} age"]


def test_the_three_features_that_differ_most_are_named_in_their_own_order() -> None:
    z_scores = np.array([[0.0, 1.0, 0.1, -2.0, 0.0], [1.0, -1.0, 0.0, 2.0, 0.2]])
    assert name_segments(z_scores, ["a", "b", "c", "d", "e"]) == [
        "average a, high b, very low d",
        "high a, low b, very high d",
    ]


def test_segments_that_would_share_a_name_are_told_apart_by_rank_where_they_differ_most() -> None:
    z_scores = np.array([[0.10, 0.3], [0.12, -0.1], [0.14, 0.1], [3.0, 3.0]])
    assert name_segments(z_scores, ["age", "income"]) == [
        "average age, average income (highest income of 3)",
        "average age, average income (lowest income of 3)",
        "average age, average income (number 2 from the lowest income of 3)",
        "very high age, very high income",
    ]


def test_a_feature_that_is_not_in_the_name_may_tell_segments_apart() -> None:
    z_scores = np.array([[2.0, 2.0, 2.0, -0.1], [-2.0, -2.0, -2.0, 0.0], [2.0, 2.0, 2.0, 0.1]])
    names = name_segments(z_scores, ["a", "b", "c", "d"])
    assert names[0] == "very high a, very high b, very high c (lowest d of 2)"
    assert names[2] == "very high a, very high b, very high c (highest d of 2)"


@pytest.mark.parametrize("n_features", [1, 2, 5])
@pytest.mark.parametrize("n_segments", [2, 5, 30])
def test_no_two_names_are_equal_even_of_equal_segments(n_segments: int, n_features: int) -> None:
    words = [f"feature {i}" for i in range(n_features)]
    rng = np.random.default_rng(n_segments)
    equal = np.zeros((n_segments, n_features))
    for z_scores in (equal, *(rng.integers(-2, 3, (n_segments, n_features)).astype(float) for _ in range(50))):
        names = name_segments(z_scores, words)
        assert len(set(names)) == n_segments
        assert all(1 <= name.split(" (")[0].count("feature") <= 3 for name in names)


def test_the_only_segment_is_average() -> None:
    assert name_segments(np.zeros((1, 2)), ["income", "spending"]) == ["average income, average spending"]
