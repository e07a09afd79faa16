from __future__ import annotations

import numpy as np
import pytest

from mallard.lifecycle.matching import Fate, match

NOBODY = np.zeros(3)


def test_segments_that_only_changed_places_keep_their_ids() -> None:
    table = np.array([[0.0, 90, 10], [80, 0, 0], [0, 5, 100]])
    matching = match(table, table.sum(axis=0), table, NOBODY)
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
    assert match(now, np.array([100.0]), then, NOBODY[:1]).kept == kept


def test_the_larger_of_the_two_similarities_counts() -> None:
    """Today everybody is somewhere else, but those who were there then are together again."""
    now = np.array([[1.0, 99], [99, 1]])
    then = np.array([[100.0, 0], [0, 100]])
    assert match(now, now.sum(axis=0), then, NOBODY[:2]).kept == [0, 1]


def test_two_that_melt_are_merged_and_the_larger_keeps_its_id() -> None:
    table = np.array([[60.0, 0], [40, 0], [0, 100]])
    matching = match(table, table.sum(axis=0), table, NOBODY)
    assert matching.kept == [0, 2]
    assert matching.fates == [Fate("merged", 0, (0,)), Fate("merged", 1, (0,)), Fate("survived", 2, (1,))]


def test_one_that_divides_is_split() -> None:
    table = np.array([[55.0, 45, 0], [0, 0, 100]])
    matching = match(table, table.sum(axis=0), table, NOBODY[:2])
    assert matching.kept == [0, None, 1]
    assert matching.fates == [Fate("split", 0, (0, 1)), Fate("survived", 1, (2,))]


def test_a_new_kind_emerges() -> None:
    now = np.array([[100.0, 0, 2], [0, 100, 1]])
    then = np.array([[100.0, 0, 0], [0, 100, 0]])
    matching = match(now, now.sum(axis=0), then, NOBODY[:2])
    assert matching.kept == [0, 1, None]
    assert matching.fates[-1] == Fate("emerged", None, (2,))


def test_one_whose_customers_left_has_vanished_and_one_whose_customers_are_everywhere_is_dissolved() -> None:
    few = np.array([[15.0, 15], [100, 0], [0, 100]])
    assert match(few, few.sum(axis=0), few, np.array([70.0, 0, 0])).fates[0] == Fate("vanished", 0, ())
    table = np.array([[34.0, 33, 33], [200, 0, 0], [0, 200, 0], [0, 0, 200]])
    assert match(table, table.sum(axis=0), table, np.zeros(4)).fates[0] == Fate("dissolved", 0, (0, 1, 2))
