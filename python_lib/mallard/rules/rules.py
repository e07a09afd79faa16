"""The rules that follow the segments of weighted points."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from mallard.inputs.columns import Query
from mallard.inputs.features import Feature
from mallard.inputs.plan import Plan
from mallard.kmeans.points import Floats, Labels, WeightedPoints
from mallard.rules.conditions import Step, conditions_of, rule_sql, rule_words, split_words, without_segment_sql
from mallard.rules.grow import price_of_explanation, threshold_tree
from mallard.rules.points import SegmentedPoints
from mallard.rules.thresholds import between
from mallard.rules.tree import Node, Split
from mallard.sql.text import double, quoted

RULES = pa.schema(
    [
        ("rule", pa.int32()),
        ("segment_id", pa.int32()),
        ("sql", pa.string()),
        ("words", pa.string()),
        ("path", pa.string()),
        ("price_of_explanation", pa.float64()),
        ("max_leaves", pa.int32()),
    ]
)
LEAVES_PER_SEGMENT, LEAST_GAIN = 2, 0.01
"""Unless the setting says how many rules there may be: the most of them, and the share of the customers that each has
to make agree. On customers held out, rules for fewer don't agree more often."""


@dataclass(frozen=True)
class Scaled:
    """Where the scaled customers are.

    Attributes:
        table: by the name that SQL uses.
        columns: those of the scaled features, in order.
        fillers: what stands for a missing value of each, in scaled units; None if nothing does.
    """

    table: str
    columns: Sequence[str]
    fillers: Sequence[float | None]


class Found(NamedTuple):
    """The rules that were found.

    Attributes:
        table: one row per rule, with the schema `RULES`. If rules give the segments, and none where a value is missing,
            the first row is the rule 0 for customers without a segment.
        labels: of each point, the index of the segment that the rules give it, from 0, shape (n_points,).
    """

    table: pa.Table
    labels: Labels


def find_rules(
    points: WeightedPoints, segments: Mapping[int, Floats], plan: Plan, scaled: Scaled, query: Query
) -> Found:
    """The rules that follow the segments.

    Args:
        points: that stand for the customers, in scaled units.
        segments: the centroid of each segment, by its id.
        query: runs a query on the scaled customers.

    Raises:
        MallardError: rules give the segments, and there is none for one of them.
    """
    segmented = SegmentedPoints.of(points, np.array(list(segments.values()), dtype=np.float64))
    given = plan.settings.max_leaves
    if given is None:
        tree = threshold_tree(segmented, LEAVES_PER_SEGMENT * len(segments), LEAST_GAIN)
    else:
        tree = threshold_tree(segmented, max(given, len(segments)))
    price = price_of_explanation(tree, segmented)
    step = _steps(tree, segmented, plan.features, scaled, query)
    labels = {
        feature.column: feature.label if feature.category is None else plan.settings.word(feature.column)
        for feature in plan.features
    }
    ids = list(segments)
    rows = []
    for number, (leaf, path) in enumerate(sorted(tree.leaves(), key=_by_segment), start=1):
        steps = [step(split, goes_right) for split, goes_right in path]
        conditions = conditions_of(steps, labels)
        rows.append(
            {
                "rule": number,
                "segment_id": ids[leaf.label],
                "sql": rule_sql(conditions),
                "words": rule_words(conditions, plan.settings.rows.many),
                "path": json.dumps(split_words(steps, labels), ensure_ascii=False),
                "price_of_explanation": price,
                "max_leaves": given,
            }
        )
    left_out = set(range(len(ids))) - {leaf.label for leaf, _ in tree.leaves()}
    if plan.settings.is_by_rules and left_out:
        raise plan.settings.refusal(
            "assignment",
            f"{len(rows)} rules leave out {len(left_out)} of {len(ids)} segments; allow more, as in rules: "
            f"{{max_leaves: {2 * LEAVES_PER_SEGMENT * len(ids)}}}, or ask for fewer segments with max_clusters",
        )
    if plan.settings.is_by_rules and not plan.settings.fills_in:
        sql = without_segment_sql(plan.features)
        rows.insert(0, {"rule": 0, "sql": sql, "price_of_explanation": price, "max_leaves": given})
    return Found(pa.Table.from_pylist(rows, RULES), tree.labels_of(segmented.ranks))


def _by_segment(found: tuple[Node, Any]) -> tuple[int, float]:
    """The leaves of a segment after each other, the heaviest first."""
    leaf, _ = found
    return leaf.label, -leaf.agreeing


def _steps(
    tree: Node, points: SegmentedPoints, features: Sequence[Feature], scaled: Scaled, query: Query
) -> Callable[[Split, bool], Step]:
    """What a split asks of those who go left or right.

    Its threshold lies between the customers next to it, in the unit of the feature, whatever the scale.
    """
    splits = {split.place: split for _, path in tree.leaves() for split, _ in path}
    of_numbers = [place for place, split in splits.items() if not features[split.feature].is_share]
    selected = []
    for place in of_numbers:
        feature, column = features[splits[place].feature], quoted(scaled.columns[splits[place].feature])
        lower, upper = points.values_beside(*place)
        selected.append(f"max({feature.expression}) filter ({column} <= {double(lower)})")
        selected.append(f"min({feature.expression}) filter ({column} >= {double(upper)})")
    found = iter(query(f"select {', '.join(selected)} from {scaled.table}")[0] if selected else ())
    thresholds = {place: between(low, high) for place, low, high in zip(of_numbers, found, found, strict=True)}

    def step(split: Split, goes_right: bool) -> Step:
        filler, (lower, _) = scaled.fillers[split.feature], points.values_beside(*split.place)
        if_missing = None if filler is None else (filler > lower) == goes_right
        return Step(features[split.feature], thresholds.get(split.place), goes_right, if_missing)

    return step
