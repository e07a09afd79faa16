from __future__ import annotations

import numpy as np
import pytest

from mallard.lifecycle.lineage import Descent, lineage
from mallard.lifecycle.matching import Fate, Shared, match, match_by_centroids

NOBODY = np.zeros(3)


def test_segments_that_only_changed_places_keep_their_ids() -> None:
    table = np.array([[0.0, 90, 10], [80, 0, 0], [0, 5, 100]])
    matching = match(Shared(table, table.sum(axis=0), table, NOBODY))
    assert matching.kept == [1, 0, 2]
    assert matching.fates == [
        Fate("survived", 0, (1,)),
        Fate("survived", 1, (0,)),
        Fate("survived", 2, (2,)),
    ]


@pytest.mark.parametrize(("shared", "kept"), [(30.0, [0]), (29.0, [None])])
def test_an_id_is_kept_from_a_similarity_of_three_tenths_on(shared: float, kept: list[int | None]) -> None:
    """A new segment of 100 has so many of the customers of the one old segment; the others are near no old centroid."""
    then = np.zeros((1, 1))
    now = np.array([[shared]])
    assert match(Shared(now, np.array([100.0]), then, NOBODY[:1])).kept == kept


def test_the_larger_of_the_two_similarities_counts() -> None:
    """Today everybody is somewhere else, but those who were there then are together again."""
    now = np.array([[1.0, 99], [99, 1]])
    then = np.array([[100.0, 0], [0, 100]])
    assert match(Shared(now, now.sum(axis=0), then, NOBODY[:2])).kept == [0, 1]


def test_two_that_melt_are_merged_and_the_larger_keeps_its_id() -> None:
    table = np.array([[60.0, 0], [40, 0], [0, 100]])
    matching = match(Shared(table, table.sum(axis=0), table, NOBODY))
    assert matching.kept == [0, 2]
    assert matching.fates == [Fate("merged", 0, (0,)), Fate("merged", 1, (0,)), Fate("survived", 2, (1,))]


def test_one_that_divides_is_split() -> None:
    table = np.array([[55.0, 45, 0], [0, 0, 100]])
    matching = match(Shared(table, table.sum(axis=0), table, NOBODY[:2]))
    assert matching.kept == [0, None, 1]
    assert matching.fates == [Fate("split", 0, (0, 1)), Fate("survived", 1, (2,))]


def test_a_new_kind_emerges() -> None:
    now = np.array([[100.0, 0, 2], [0, 100, 1]])
    then = np.array([[100.0, 0, 0], [0, 100, 0]])
    matching = match(Shared(now, now.sum(axis=0), then, NOBODY[:2]))
    assert matching.kept == [0, 1, None]
    assert matching.fates[-1] == Fate("emerged", None, (2,))


def test_one_whose_customers_left_has_vanished_and_one_whose_customers_are_everywhere_is_dissolved() -> None:
    few = np.array([[15.0, 15], [100, 0], [0, 100]])
    assert match(Shared(few, few.sum(axis=0), few, np.array([70.0, 0, 0]))).fates[0] == Fate("vanished", 0, ())
    table = np.array([[34.0, 33, 33], [200, 0, 0], [0, 200, 0], [0, 0, 200]])
    assert match(Shared(table, table.sum(axis=0), table, np.zeros(4))).fates[0] == Fate("dissolved", 0, (0, 1, 2))


def test_four_that_melt_into_one_that_keeps_no_id_are_where_it_comes_from() -> None:
    then = np.array([[25.0, 0], [25, 0], [25, 0], [25, 0], [0, 100]])
    matching = match(Shared(then, np.array([400.0, 100]), then, np.zeros(5)))
    assert matching.kept == [None, 4]
    assert [fate.what for fate in matching.fates] == ["merged"] * 4 + ["survived"]


def test_what_the_old_version_cant_score_is_matched_by_the_customers_of_both_builds() -> None:
    then = np.array([[10.0, 80], [0, 0], [30, 0]])
    matching = match(Shared(None, then.sum(axis=0), then, np.array([0.0, 70, 0])))
    assert matching.kept == [2, 0]
    assert [fate.what for fate in matching.fates] == ["survived", "vanished", "survived"]
    scattered = np.array([[34.0, 33, 33], [200, 0, 0], [0, 200, 0], [0, 0, 200]])
    fates = match(Shared(None, scattered.sum(axis=0), scattered, np.zeros(4))).fates
    assert fates[0] == Fate("dissolved", 0, (0, 1, 2))


def test_without_shared_customers_a_centroid_near_an_old_one_keeps_its_id() -> None:
    """Old centroids at 0, 10 and 30 reach 5, 5 and 10 to either side."""
    old = np.array([[0.0, 0], [10, 0], [30, 0]])
    matching = match_by_centroids(old, np.array([[6.0, 0], [5.5, 0], [0, -5], [30, 10.5]]))
    assert matching.kept == [1, None, 0, None]
    assert matching.fates == [
        Fate("survived", 0, (2,)),
        Fate("survived", 1, (0,)),
        Fate("vanished", 2, ()),
        Fate("emerged", None, (1,)),
        Fate("emerged", None, (3,)),
    ]


def test_lineage_has_the_shares_of_every_pair() -> None:
    then = np.array([[60.0, 0], [40, 0], [0, 100]])
    now = np.array([[60.0, 0], [30, 0], [0, 100]])
    shared = Shared(now, np.array([100.0, 100]), then, NOBODY)
    assert lineage(match(shared), shared) == [
        Descent(0, "merged", 0, 60, 1.0, 0.6, 0.6, 0.6, True),
        Descent(1, "merged", 0, 40, 1.0, 0.4, 0.3, 0.4, False),
        Descent(2, "survived", 1, 100, 1.0, 1.0, 1.0, 1.0, True),
    ]


def test_lineage_has_a_row_for_what_is_gone_and_for_what_is_new() -> None:
    now = np.array([[100.0, 0], [0, 0]])
    then = np.array([[90.0, 0], [0, 0]])
    shared = Shared(now, np.array([100.0, 50]), then, np.array([5.0, 60]))
    nothing = (0, None, None, None, None, False)
    assert lineage(match(shared), shared) == [
        Descent(0, "survived", 0, 90, 1.0, 1.0, 1.0, 1.0, True),
        Descent(1, "vanished", None, *nothing),
        Descent(None, "emerged", 1, *nothing),
    ]


def test_without_customers_of_the_build_before_those_of_today_say_whether_anything_is_left() -> None:
    nobody = np.zeros((2, 3))
    everywhere = np.array([[90.0, 0.0, 0.0], [30.0, 40.0, 50.0]])
    matching = match(Shared(everywhere, np.array([300.0, 300.0, 300.0]), nobody, NOBODY[:2]))
    assert matching.fates[1] == Fate("dissolved", 1, (0, 1, 2))
    gone = np.array([[90.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert match(Shared(gone, gone.sum(axis=0), nobody, NOBODY[:2])).fates[1] == Fate("vanished", 1, ())
