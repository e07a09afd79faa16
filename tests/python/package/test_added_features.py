"""What activity, ratings and texts change in the segments of the community in the integration project."""

from __future__ import annotations

import pandas as pd
import pytest
from consumer import Consumer
from sample import ROOT
from sklearn.metrics import adjusted_rand_score

STEPS = {
    "community_segments_without": "what they buy",
    "community_segments": "and activity and ratings",
    "community_segments_with_texts": "and texts",
}


@pytest.fixture(scope="module")
def page() -> list[str]:
    return (ROOT / "docs" / "explanation" / "what-added-features-change.md").read_text("utf-8").splitlines()


def _frame(project: Consumer, sql: str) -> pd.DataFrame:
    names = [name for name, *_ in project.query(f"describe {sql}")]
    return pd.DataFrame(project.query(sql), columns=names)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("segmentation", STEPS)
def test_the_page_says_what_each_segmentation_is_worth(
    integrated: Consumer, page: list[str], segmentation: str
) -> None:
    metrics = _frame(integrated, f"from community_comparison where segmentation = '{segmentation}'").iloc[-1]
    groups = _frame(
        integrated,
        f"select planted_group, segment_id from {segmentation} "
        "semi join community_accounts using (customer_id) where segment_id is not null",
    )
    planted = adjusted_rand_score(groups["planted_group"], groups["segment_id"])
    [line] = [line for line in page if line.startswith(f"| {STEPS[segmentation]} |")]
    assert len(groups) == 349
    assert _cells(line)[2:] == [
        str(metrics["n_segments"]),
        metrics["verdict"],
        *(f"{metrics[name]:.3f}" for name in ("mean_stability", "least_stability", "silhouette")),
        f"{planted:.3f}",
    ]


def test_the_page_says_what_each_addition_changes(integrated: Consumer, page: list[str]) -> None:
    for addition, of in _frame(integrated, "from community_comparison order by n_segments").groupby("addition"):
        pair = of.set_index("segmentation").loc[[name for name in STEPS if name in set(of["segmentation"])]]
        [line] = [line for line in page if line.startswith(f"| {addition} |") and line.endswith("of 349 |")]
        assert _cells(line)[1:] == [
            f"{pair['adjusted_rand_index'].iloc[0]:.3f}",
            ", ".join(f"{silhouette:.3f}" for silhouette in pair["common_silhouette"]),
            f"{pair['n_moved'].iloc[0]} of {pair['n_in_both'].iloc[0]}",
        ]


def test_the_page_says_why_customers_move(integrated: Consumer, page: list[str]) -> None:
    reasons = _frame(
        integrated,
        "select feature, count(*) as n, avg(share) as share from community_moves group by addition, feature",
    )
    for feature, n, share in reasons.itertuples(index=False):
        assert any(line.endswith(f"| {feature} | {n} | {share:.2f} |") for line in page), feature


def test_texts_part_the_critics_by_what_they_criticise(integrated: Consumer) -> None:
    segments = _frame(integrated, "from community_segments_with_texts where planted_group like 'critics%'")
    known = segments[segments["segment_id"].notna()]
    assert known.groupby("planted_group")["segment_id"].agg(["nunique", "size"]).values.tolist() == [[1, 39], [1, 43]]
    assert known["segment_id"].nunique() == 2
