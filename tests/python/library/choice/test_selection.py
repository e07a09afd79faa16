from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mallard.choice.selection import find_elbow, select

LINE = [10.0, 8.0, 6.0, 4.0, 2.0]
BENT = [100.0, 50.0, 10.0, 9.0, 8.0]
SCORES = [None, 0.3, 0.5, 0.6, 0.4]
TRIED = [1, 2, 3, 4, 5]


@pytest.fixture(params=["raw", "standardised"])
def mall_curves(
    request: pytest.FixtureRequest, best_known: dict[str, dict[int, dict[str, Any]]]
) -> tuple[list[int], list[float], list[float | None]]:
    figures = best_known[request.param]
    return list(figures), [f["inertia"] for f in figures.values()], [f.get("silhouette") for f in figures.values()]


def test_elbow_and_silhouette_agree_on_five_mall_segments(
    mall_curves: tuple[list[int], list[float], list[float | None]],
) -> None:
    tried, inertia, silhouette = mall_curves
    for rule in ("elbow", "silhouette", 5):
        selection = select(rule, tried, inertia, silhouette)
        assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (5, 5, 5)
        assert selection.criteria_agree
        assert selection.reason.endswith("the two agree.")


def test_the_elbow_is_where_the_curve_bends_most() -> None:
    assert find_elbow(TRIED, BENT) == 3
    assert find_elbow([2, 4, 6, 8], [100.0, 20.0, 15.0, 10.0]) == 4


@pytest.mark.parametrize(
    ("tried", "inertia"),
    [(TRIED, LINE), ([1, 2], [9.0, 1.0]), ([4], [3.0]), ([2, 3, 4], [7.0, 7.0, 7.0]), ([1, 2, 3], [0.0, 0.0, 0.0])],
)
def test_no_elbow_on_a_straight_line_a_flat_one_or_one_too_short(tried: list[int], inertia: list[float]) -> None:
    assert find_elbow(tried, inertia) is None


@pytest.mark.parametrize("highest", range(3, 21))
def test_rounding_makes_no_elbow_of_a_straight_line(highest: int) -> None:
    tried = np.arange(1, highest + 1)
    for slope in np.random.default_rng(highest).random(20):
        assert find_elbow(tried.tolist(), (30 * slope - slope * tried).tolist()) is None


def test_the_elbow_decides_and_the_reason_tells_that_the_silhouette_disagrees() -> None:
    selection = select("elbow", TRIED, BENT, SCORES)
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (3, 3, 4)
    assert not selection.criteria_agree
    assert selection.reason == (
        "k = 3, chosen at the elbow: the elbow of the inertia curve is at k = 3; "
        "the silhouette is highest at k = 4 (0.600); the two disagree."
    )


def test_the_silhouette_decides_where_there_is_no_elbow_and_the_reason_says_so() -> None:
    selection = select("elbow", TRIED, LINE, SCORES)
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (4, None, 4)
    assert not selection.criteria_agree
    assert selection.reason == (
        "k = 4, chosen by silhouette, for want of an elbow: the inertia curve has no clear elbow; "
        "the silhouette is highest at k = 4 (0.600)."
    )


def test_the_silhouette_decides_when_told_to() -> None:
    selection = select("silhouette", TRIED, BENT, SCORES)
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (4, 3, 4)
    assert selection.reason.startswith("k = 4, chosen by silhouette: the elbow of the inertia curve is at k = 3;")


def test_a_number_set_by_hand_is_kept_next_to_what_the_criteria_say() -> None:
    selection = select(2, TRIED, BENT, SCORES)
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (2, 3, 4)
    assert selection.reason.startswith("k = 2, set by hand: ")
    assert selection.reason.endswith("the two disagree.")


def test_the_smaller_of_two_k_with_the_same_silhouette_is_best() -> None:
    assert select("silhouette", TRIED, BENT, [None, 0.5, 0.6, 0.6, 0.1]).best_silhouette == 3


def test_negative_silhouettes_are_silhouettes() -> None:
    selection = select("silhouette", TRIED, LINE, [None, -0.3, -0.1, -0.2, None])
    assert (selection.n_clusters, selection.best_silhouette) == (3, 3)
    assert "(-0.100)" in selection.reason


@pytest.mark.parametrize("rule", ["elbow", "silhouette"])
def test_one_segment_is_chosen_when_it_is_the_only_k(rule: str) -> None:
    selection = select(rule, [1], [42.0], [None])
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (1, None, None)
    assert not selection.criteria_agree
    assert selection.reason == ("k = 1, the smallest k tried: no other number was tried; it has no silhouette.")


def test_of_one_number_the_reason_is_that_no_other_was_tried() -> None:
    assert select(3, [3], [1.0], [0.5]).reason == (
        "k = 3, set by hand: no other number was tried; its silhouette is 0.500."
    )
