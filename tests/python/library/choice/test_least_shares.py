"""The least share that a segment may have, on groups of known sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from mallard import MallardError
from mallard.choice.least_shares import Worth
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings

SIZES = [490, 200, 150, 140, 20]
CENTERS = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [30, 30]])
SEGMENTS = np.repeat(range(5), SIZES)
ROWS = CENTERS[SEGMENTS] + np.random.default_rng(0).normal(size=(1000, 2))

Put = Callable[..., DuckDBRows]
Segmented = Callable[..., Segmentation]


def _sizes(found: Segmentation) -> list[float]:
    return sorted(found.partitions[found.selection.n_clusters].assignment.counts.tolist())


def test_five_groups_win_until_the_smallest_is_too_small(in_duckdb: Put, segmented: Segmented) -> None:
    customers = in_duckdb(ROWS)
    assert _sizes(segmented(customers)) == [20, 140, 150, 200, 490]
    assert _sizes(segmented(customers, min_share=0.02)) == [20, 140, 150, 200, 490]
    merged = segmented(customers, min_share=0.021)
    assert _sizes(merged) == [150, 160, 200, 490]
    assert merged.selection.reason.endswith("segments with less than the min_share of 0.021 were merged into others.")


def test_merging_is_lloyds_algorithm_from_the_centroids_that_are_left(in_duckdb: Put, segmented: Segmented) -> None:
    expected = KMeans(4, init=CENTERS[:4], n_init=1, tol=0).fit(ROWS)
    found = segmented(in_duckdb(ROWS), min_share=0.05).partitions[4]
    assert found.assignment.total_inertia == pytest.approx(expected.inertia_, rel=1e-12)
    best = KMeans(4, n_init=10, random_state=0).fit(ROWS)
    assert best.inertia_ < expected.inertia_
    assert np.bincount(best.labels_).min() == 20


@pytest.mark.parametrize("rule", ["evidence", "elbow", "silhouette"])
def test_every_rule_chooses_among_the_numbers_that_leave_no_small_segment(
    in_duckdb: Put, segmented: Segmented, rule: str
) -> None:
    found = segmented(in_duckdb(ROWS), min_share=0.17, selection=rule)
    assert min(_sizes(found)) >= 170
    assert found.selection.natural == 5
    assert "It would be k = 5, but its smallest segment has 2.0% of the customers, and min_share is 0.17." in (
        found.selection.reason
    )


def test_a_fixed_number_has_its_small_segments_merged_or_is_refused(in_duckdb: Put, segmented: Segmented) -> None:
    customers = in_duckdb(ROWS)
    found = segmented(customers, min_share=0.05, n_clusters=5)
    assert len(_sizes(found)) == 5
    assert min(_sizes(found)) >= 50
    with pytest.raises(MallardError, match=r"^setting n_clusters is 5: its smallest segment has 2.0% of the customers"):
        segmented(customers, min_share=0.19, n_clusters=5)
    with pytest.raises(MallardError, match=r"^setting min_clusters is 3: no number of segments from 3 to 10 can be"):
        segmented(customers, min_share=0.3, min_clusters=3)
    with pytest.raises(MallardError, match=r"^setting init is .*: its smallest segment has 2.0% of the customers"):
        segmented(customers, CENTERS.astype(float), min_share=0.05)


def test_weights_count(in_duckdb: Put, segmented: Segmented) -> None:
    heavy = np.where(SEGMENTS == 4, 10.0, 1.0)
    assert len(_sizes(segmented(in_duckdb(ROWS, weights=heavy), min_share=0.1))) == 5


@pytest.mark.parametrize("compression", ["exact", "coreset"])
def test_a_least_share_of_the_value_rules_numbers_out(in_duckdb: Put, compression: str) -> None:
    """Of 3,340, the second group has 200 and the third 150 less 10 x 5 = 100, the others more."""
    worth = np.array([1, 1, 1, 10, 55.0])[SEGMENTS]
    worth[-20:] += 2.5
    worth[np.flatnonzero(SEGMENTS == 2)[:10]] = -4
    of_worth = Worth(in_duckdb(ROWS, weights=np.maximum(worth, 0)), in_duckdb(ROWS, weights=np.maximum(-worth, 0)))
    total = worth.sum()
    assert total == 490 + 200 + 100 + 1400 + 1150

    def chosen(least: float) -> Segmentation:
        settings = Settings(
            min_value_share=least, value_column="revenue", compression=compression, max_points=1000, max_clusters=6
        )
        return segment(in_duckdb(ROWS), ["x", "y"], settings, worth=of_worth)

    assert chosen(100 / total).selection.n_clusters == 5
    found = chosen(101 / total).selection
    assert found.n_clusters < 5
    assert "It would be k = 5, but its smallest segment has 3.0% of revenue, and min_value_share is 0.0302." in (
        found.reason
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_share": 2}, "setting min_share is 2: set it to a number from 0 to 1."),
        ({"min_share": "5 %"}, 'setting min_share is "5 %": set it to a number from 0 to 1.'),
        (
            {"min_share": 0.3, "n_clusters": 4},
            "setting min_share is 0.3: 4 segments can't have so much each; lower it to 0.25 or less.",
        ),
        (
            {"min_value_share": 0.1},
            "setting min_value_share is 0.1: set value_column to the column that says what each row is worth.",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(MallardError) as raised:
        Settings(**given)
    assert str(raised.value) == message
