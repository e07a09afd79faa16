from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mallard.choice.selection import Tried, select

LINE = [10.0, 8.0, 6.0, 4.0, 2.0]
BENT = [100.0, 50.0, 10.0, 9.0, 8.0]
SCORES = [None, 0.3, 0.5, 0.6, 0.4]


def tried(inertia: list[float], silhouette: list[float | None], natural: int | None = None, **more: Any) -> Tried:
    ks = range(1, len(inertia) + 1)
    return Tried(dict(zip(ks, inertia, strict=True)), dict(zip(ks, silhouette, strict=True)), natural, **more)


@pytest.mark.parametrize("figures", ["raw", "standardised"])
@pytest.mark.parametrize("rule", ["evidence", "elbow", "silhouette", 5])
def test_all_criteria_agree_on_five_mall_segments(
    figures: str, rule: str | int, best_known: dict[str, dict[int, dict[str, Any]]]
) -> None:
    of = best_known[figures]
    inertia, silhouette = ({k: row.get(name) for k, row in of.items()} for name in ("inertia", "silhouette"))
    selection = select(rule, Tried(inertia, silhouette, natural=5))
    assert (selection.n_clusters, selection.natural, selection.elbow, selection.best_silhouette) == (5, 5, 5, 5)
    assert selection.criteria_agree
    assert selection.reason.endswith("all three agree.")


def test_the_evidence_decides_and_the_reason_tells_what_the_others_say() -> None:
    selection = select("evidence", tried(BENT, SCORES, 2))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (2, 3, 4)
    assert not selection.criteria_agree
    assert selection.reason == (
        "k = 2, as many as there are groups: at k = 2, there are clearly fewer customers at every border than inside "
        "the "
        "segments; the elbow of the inertia curve is at k = 3; the silhouette is highest at k = 4 (0.600)."
    )


def test_without_groups_as_many_slices_are_made_as_come_back_nearly_best() -> None:
    asked: list[list[int]] = []

    def stability(several: list[int]) -> Mapping[int, float]:
        asked.append(several)
        return {3: 0.80, 4: 0.70, 5: 0.76, 6: 0.74}

    of = tried([*BENT, 7.0, 6.0], [*SCORES, 0.3, 0.2], stability=stability)
    selection = select("evidence", of)
    assert asked == [[3, 4, 5, 6]]
    assert selection.n_clusters == 5
    assert selection.reason == (
        "k = 5, slices of one cloud, because there are no separate groups: at no k tried are there clearly fewer "
        "customers at every border than inside the segments; the elbow of the inertia curve is at k = 3; the "
        "silhouette is highest at k = 4 (0.600)."
    )


def test_slices_may_be_of_several_groups_that_no_number_of_segments_keeps_apart() -> None:
    stable = {3: 0.9, 4: 0.1, 5: 0.1}
    of = tried(BENT, SCORES, n_groups={2: 1, 3: 2}, stability=lambda several: stable)
    assert select("evidence", of).reason.startswith(
        "k = 3, slices of 2 groups, because no k tried has borders between groups only: at no k tried are there "
    )


def test_where_no_three_to_six_slices_are_tried_others_are_compared() -> None:
    of = Tried({8: 5.0, 9: 4.0}, {8: 0.2, 9: 0.1}, stability=lambda several: dict.fromkeys(several, 0.5))
    assert select("evidence", of).n_clusters == 9


def test_without_groups_there_may_be_one_segment() -> None:
    selection = select("evidence", tried(BENT, SCORES, without_groups="one"))
    assert selection.n_clusters == 1
    assert selection.reason.startswith("k = 1, the smallest k tried, because there are no separate groups: ")
    assert select("evidence", tried(BENT, SCORES, 4, without_groups="one")).n_clusters == 4


def test_the_elbow_decides_when_told_to_and_the_reason_tells_that_the_silhouette_disagrees() -> None:
    selection = select("elbow", tried(BENT, SCORES))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (3, 3, 4)
    assert not selection.criteria_agree
    assert selection.reason == (
        "k = 3, chosen at the elbow: at no k tried are there clearly fewer customers at every border than inside the "
        "segments; the elbow of the inertia curve is at k = 3; the silhouette is highest at k = 4 (0.600)."
    )


def test_the_silhouette_decides_where_there_is_no_elbow_and_the_reason_says_so() -> None:
    selection = select("elbow", tried(LINE, SCORES))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (4, None, 4)
    assert not selection.criteria_agree
    assert selection.reason == (
        "k = 4, chosen by silhouette, for want of an elbow: at no k tried are there clearly fewer customers at every "
        "border "
        "than inside the segments; the inertia curve has no clear elbow; the silhouette is highest at k = 4 (0.600)."
    )


def test_the_silhouette_decides_when_told_to() -> None:
    selection = select("silhouette", tried(BENT, SCORES))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (4, 3, 4)
    assert selection.reason.startswith("k = 4, chosen by silhouette: ")


def test_a_number_set_by_hand_is_kept_next_to_what_the_criteria_say() -> None:
    selection = select(2, tried(BENT, SCORES))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (2, 3, 4)
    assert selection.reason.startswith("k = 2, set by hand: ")


def test_the_smaller_of_two_k_with_the_same_silhouette_is_best() -> None:
    assert select("silhouette", tried(BENT, [None, 0.5, 0.6, 0.6, 0.1])).best_silhouette == 3


def test_negative_silhouettes_are_silhouettes() -> None:
    selection = select("silhouette", tried(LINE, [None, -0.3, -0.1, -0.2, None]))
    assert (selection.n_clusters, selection.best_silhouette) == (3, 3)
    assert "(-0.100)" in selection.reason


@pytest.mark.parametrize("rule", ["evidence", "elbow", "silhouette"])
def test_one_segment_is_chosen_when_it_is_the_only_k(rule: str) -> None:
    selection = select(rule, tried([42.0], [None]))
    assert (selection.n_clusters, selection.elbow, selection.best_silhouette) == (1, None, None)
    assert not selection.criteria_agree
    assert selection.reason == ("k = 1, the smallest k tried: no other number was tried; it has no silhouette.")


def test_of_one_number_the_reason_is_that_no_other_was_tried() -> None:
    assert select(3, Tried({3: 1.0}, {3: 0.5})).reason == (
        "k = 3, set by hand: no other number was tried; its silhouette is 0.500."
    )
