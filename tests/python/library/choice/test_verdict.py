from __future__ import annotations

import numpy as np
import pytest

from mallard.choice.borders import Border
from mallard.choice.evidence import Evidence, Support
from mallard.choice.verdict import cautions, judged


def evidence(*borders: tuple[int, int, float, float], sizes: list[float], bend: float | None = None) -> Evidence:
    found = [Border(*border, 0.0, (0.0, 0.0), np.zeros(40)) for border in borders]
    return Evidence(found, np.arange(len(sizes)), np.array(sizes), np.arange(len(sizes)), bend)


CLEAR = evidence((0, 1, 0.2, 9.0), sizes=[5, 5])
FAINT = evidence((0, 1, 0.5, 1.0), sizes=[5, 5], bend=4.0)
CUT = evidence((0, 1, 1.1, -1.0), sizes=[5, 5])
MIXED = evidence((0, 1, 1.1, -1.0), (1, 2, 0.1, 9.0), sizes=[5, 5, 5])


@pytest.mark.parametrize(
    ("of", "n_groups", "stability", "name", "reason"),
    [
        (
            CLEAR,
            2,
            [0.3, 0.3],
            "natural",
            "Every border between segments is a valley: at the faintest, there are 20% as many customers as inside the "
            "segments beside it.",
        ),
        (
            evidence((0, 1, 0.004, 9.0), sizes=[5, 5]),
            2,
            [0.9, 0.9],
            "natural",
            "Every border between segments is a valley: even at the faintest, there are hardly any customers.",
        ),
        (
            FAINT,
            2,
            [0.9, 0.75],
            "reproducible",
            "Every border between segments is a valley, though some are faint: at the faintest, there are 50% as many "
            "customers as inside the segments beside it. The same segments come back when customers are drawn anew "
            "(similarity 0.75 or more).",
        ),
        (
            FAINT,
            2,
            [0.9, 0.74],
            "constructive",
            "Every border between segments is a valley, though some are faint: at the faintest, there are 50% as many "
            "customers as inside the segments beside it. When customers are drawn anew, 1 of 2 segments come back; the "
            "similarity of segment 2 is 0.74.",
        ),
        (
            CUT,
            1,
            [0.8, 0.9],
            "reproducible",
            "No border clearly separates groups, so the customers count as one cloud, and the segments as slices of "
            "it. The same segments come back when customers are drawn anew (similarity 0.80 or more).",
        ),
        (
            MIXED,
            2,
            [0.9, 0.4, 0.9],
            "constructive",
            "The customers form 2 groups; of the 2 borders between segments, 1 is a valley, and the others cut through "
            "a group. When customers are drawn anew, 2 of 3 segments come back; the similarity of segment 2 is 0.40.",
        ),
        (
            CUT,
            4,
            [0.9, 0.9],
            "reproducible",
            "The customers form 4 groups, but the borders between these segments aren't theirs. The same segments come "
            "back when customers are drawn anew (similarity 0.90 or more).",
        ),
        (CUT, 1, None, "none", "There is one segment."),
        (CUT, 3, None, "none", "There is one segment, though the customers form 3 groups."),
    ],
)
def test_the_verdict_says_what_the_segments_are(
    of: Evidence, n_groups: int, stability: list[float] | None, name: str, reason: str
) -> None:
    assert judged(of, n_groups, None if stability is None else np.array(stability)) == (name, reason)


def test_slices_of_a_cloud_are_never_called_groups_and_there_is_something_to_do() -> None:
    [said] = cautions(CUT, 1)
    assert "no separate groups" in said
    assert "2 segments are slices" in said
    assert "set n_clusters" in said
    assert cautions(CLEAR, 2) == cautions(MIXED, 2) == []
    assert cautions(evidence(sizes=[9]), 1) == []


def test_a_segment_with_nearly_all_customers_is_pointed_out() -> None:
    [said] = cautions(evidence((0, 1, 0.1, 9.0), sizes=[2, 98]), 2)
    assert said.startswith("segment 2 has 98% of the customers, because a few are far from all others")
    assert cautions(evidence((0, 1, 0.1, 9.0), sizes=[10, 90]), 2) == []


def test_valleys_that_are_too_faint_together_cut_through_no_group() -> None:
    faint = evidence((0, 1, 0.1, 2.1), (1, 2, 0.1, 2.1), sizes=[5, 5, 5], bend=0.01)
    assert (faint.support, faint.n_groups) == (Support.NONE, 3)
    verdict = judged(faint, 3, np.array([0.9, 0.9, 0.9]))
    assert verdict.reason.startswith(
        "The customers form 3 groups, though some borders between them are too faint to be sure of."
    )
