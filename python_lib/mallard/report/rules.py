"""The rules that follow the segments, as far as a report may show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mallard.engines.duckdb.database import Database
from mallard.labels import plain
from mallard.report.data import Rule, Rules, Segment
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.tables.find import SegmentationTables

RULES = (
    "rule",
    "segment_id",
    "rule_text",
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
    n_rules, agreement, price = len(rows), rows[0]["agreement"], rows[0]["price_of_explanation"]
    if any(row["n_customers"] is None for row in rows):  # the table hides some, and the others would tell how many
        rows = [row for row in rows if row["n_customers"] is not None]
        return Rules(
            rules=[Rule(row["segment_id"], plain(row["rule_text"]), None, None) for row in rows],
            n_hidden=n_rules - len(rows),
            agreement=agreement,
            price=price,
        )
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
    without_counts = parts_to_hide(counts, disclosure.suppress_below)
    shown = [row for row in rows if not disclosure.hides(row["n_customers"])]
    n_disagreeing = n_customers - caught.total()
    return Rules(
        rules=[
            Rule(
                row["segment_id"],
                plain(row["rule_text"]),
                *((None, None) if row["rule"] in without_counts else (row["n_customers"], row["n_of_segment"])),
            )
            for row in shown
        ],
        n_hidden=n_rules - len(shown),
        agreement=None if disclosure.hides(n_disagreeing) else agreement,
        price=price,
    )
