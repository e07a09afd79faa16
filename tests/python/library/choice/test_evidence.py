from __future__ import annotations

import numpy as np
import pytest

from mallard.choice.borders import Border
from mallard.choice.evidence import Evidence, Support, goes_on, natural


def evidence(
    *borders: tuple[int, int, float, float], n_clusters: int, bend: float | None = None, n_large: int | None = None
) -> Evidence:
    """Evidence from borders given by their two clusters, depth and significance."""
    found = [Border(*border, 0.0, (0.0, 0.0), np.zeros(40)) for border in borders]
    large = np.arange(n_large or n_clusters)
    return Evidence(found, np.arange(n_clusters), np.ones(n_clusters), large, bend)


@pytest.mark.parametrize(
    ("depth", "significance", "bend", "support"),
    [
        (0.1, 2.9, None, Support.CLEAR),
        (0.1, 2.7, None, Support.NONE),  # one border alone needs 2.8
        (0.86, 9.0, 5.0, Support.NONE),  # too shallow
        (0.5, 2.7, 1.2, Support.FAINT),  # 2.7 + 1.5 log(1.2) = 2.97
        (0.5, 1.0, 3.4, Support.FAINT),  # 1.0 + 1.5 log(3.4) = 2.84
        (0.5, 1.0, 3.2, Support.NONE),
        (0.5, -0.3, 1e9, Support.NONE),  # a bend counts 1.5 * 2 at most
        (0.1, 3.0, 0.5, Support.NONE),  # one more cluster gains twice as much
        (0.1, 9.0, 0.01, Support.CLEAR),
    ],
)
def test_a_single_border_is_a_valley_if_it_is_deep_and_significant_or_the_curve_bends_there(
    depth: float, significance: float, bend: float | None, support: Support
) -> None:
    assert evidence((0, 1, depth, significance), n_clusters=2, bend=bend).support is support


def test_many_doubtful_borders_are_less_likely_to_pass_by_chance_than_one() -> None:
    doubtful = [(0, i, 0.5, 1.8) for i in range(1, 4)]
    assert evidence(*doubtful, n_clusters=4).support is Support.CLEAR  # 1.2 + 1.6 / 3
    clear = [(0, 1, 0.5, 1.8), (0, 2, 0.1, 9.0), (0, 3, 0.1, 9.0)]
    assert evidence(*clear, n_clusters=4).support is Support.NONE  # 1.2 + 1.6 / 1


def test_one_border_that_is_no_valley_decides() -> None:
    of = evidence((0, 1, 0.1, 9.0), (1, 2, 1.1, -1.0), n_clusters=3)
    assert (of.support, of.depth, of.significance) == (Support.NONE, 1.1, -1.0)


def test_without_borders_there_is_no_support() -> None:
    of = evidence(n_clusters=1)
    assert (of.support, of.depth, of.significance, of.n_groups) == (Support.NONE, None, None, 1)


def test_the_most_groups_count_and_the_fewest_clusters_that_have_them() -> None:
    clear = {k: evidence(*[(0, i, 0.1, 9.0) for i in range(1, k)], n_clusters=k) for k in (2, 4)}
    none = {k: evidence((0, 1, 1.0, 0.0), n_clusters=k) for k in (3, 5)}
    with_outliers = {6: evidence(*[(0, i, 0.1, 9.0) for i in range(1, 4)], n_clusters=6, n_large=4)}
    assert natural({**clear, **none, **with_outliers}) == 4
    assert natural(none) is None
    assert natural({}) is None


def test_clusters_on_both_sides_of_a_border_that_is_no_valley_are_one_group() -> None:
    of = evidence((0, 1, 1.2, -1.0), (1, 2, 0.3, 4.0), (2, 3, 0.9, 2.5), (0, 2, 0.3, 2.1), n_clusters=4)
    assert [of.is_separate(border) for border in of.borders] == [False, True, False, True]
    assert of.n_groups == 2


def test_clusters_too_small_for_groups_arent_counted() -> None:
    assert evidence((0, 1, 0.1, 9.0), n_clusters=3, n_large=2).n_groups == 2


def test_groups_may_go_on_where_the_curve_does_not_bend_or_the_last_k_has_most() -> None:
    def of(bend: float | None) -> dict[int, Evidence]:
        return {2: evidence((0, 1, 0.1, 9.0), n_clusters=2, bend=bend)}

    assert goes_on(of(1.2))
    assert goes_on(of(None))
    assert not goes_on(of(1.4))
    assert not goes_on({2: evidence((0, 1, 1.0, 0.0), n_clusters=2, bend=0.9)})


def test_parents_share_customers_by_weight() -> None:
    finer = Evidence([], np.array([0, 0, 1, 2]), np.ones(3), np.arange(3), None)
    coarser = Evidence([], np.array([0, 0, 0, 1]), np.ones(2), np.arange(2), None)
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    assert finer.parents(coarser, weights).tolist() == [[3.0, 0.0], [4.0, 0.0], [0.0, 8.0]]
