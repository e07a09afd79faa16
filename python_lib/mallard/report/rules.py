"""The rules that follow the segments, as far as a report may show them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mallard.engines.duckdb.database import Database
from mallard.labels import plain
from mallard.report.data import Rule, Rules, Segment
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.tables.find import SegmentationTables

RULES = (
    "rule",
    "segment_id",
    "rule_text",
    "rule_path",
    "n_customers",
    "n_of_segment",
    "agreement",
    "price_of_explanation",
)
"""The columns that the report reads."""


def read_rules(
    database: Database,
    tables: SegmentationTables,
    segments: Sequence[Segment],
    n_customers: int,
    hides_features: bool,
    disclosure: Disclosure,
) -> Rules | None:
    """The rules, in their order; None if there is no such table, or if a rule could tell what is hidden.

    A rule that catches few customers is left out: its thresholds would say where they are. The counts of a rule are
    left out if they, or what is left of a segment or of all, would be of few customers.

    Args:
        n_customers: number of customers with a segment.
        hides_features: whether a feature has no figures, because it gives away a group of few customers.
    """
    if "rules" not in tables.beside:
        return None
    rows = database.rows(f"select {', '.join(RULES)} from {tables.beside['rules']} order by rule asc")
    hides = disclosure.suppress_below > 1
    if not rows or (hides and (hides_features or any(segment.is_hidden for segment in segments))):
        return None
    agreement, price = rows[0]["agreement"], rows[0]["price_of_explanation"]
    known = [row for row in rows if row["n_customers"] is not None]
    shown = [row for row in known if not disclosure.hides(row["n_customers"])]
    if len(known) < len(rows):  # the table hides some counts, which the others would tell
        without_counts = {row["rule"] for row in known}
    else:
        without_counts, n_caught = _counts_to_hide(rows, segments, disclosure)
        agreement = None if disclosure.hides(n_customers - n_caught) else agreement
    return Rules(
        rules=[
            Rule(
                row["segment_id"],
                plain(row["rule_text"]),
                [plain(words) for words in json.loads(row["rule_path"])],
                *((None, None) if row["rule"] in without_counts else (row["n_customers"], row["n_of_segment"])),
            )
            for row in shown
        ],
        n_hidden=len(rows) - len(shown),
        agreement=agreement,
        price=price,
    )


def _counts_to_hide(
    rows: Sequence[Mapping[str, Any]], segments: Sequence[Segment], disclosure: Disclosure
) -> tuple[set[int], int]:
    """The rules whose counts tell of few customers, and how many customers fall under a rule for their segment."""
    sizes = {segment.segment_id: segment.n_customers for segment in segments}
    caught = Counter[int]()
    for row in rows:
        caught[row["segment_id"]] += row["n_of_segment"]
    counts = {
        row["rule"]: [
            row["n_of_segment"],
            row["n_customers"] - row["n_of_segment"],
            sizes.get(row["segment_id"], 0) - caught[row["segment_id"]],
        ]
        for row in rows
    }
    to_hide = set(parts_to_hide(counts, disclosure.suppress_below))
    if dict(caught) == sizes:  # what is hidden would be the rest of its segment
        for segment in sizes:
            of_segment = {row["rule"]: [row["n_customers"]] for row in rows if row["segment_id"] == segment}
            to_hide |= set(parts_to_hide(of_segment, disclosure.suppress_below))
    return to_hide, caught.total()
