"""Reads what else is known about the segments: columns that are no features, as far as a report may show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mallard.engines.duckdb.database import Database
from mallard.report.attribute_suppression import shown_rows
from mallard.report.data import Attribute, Row
from mallard.report.disclosure import Disclosure
from mallard.report.features import short
from mallard.tables.find import SegmentationTables

ATTRIBUTES = (
    "segment_id",
    "attribute",
    "label",
    "value",
    "n_customers",
    "share",
    "overall_share",
    "mean",
    "median",
    "overall_mean",
    "overall_median",
    "z_score",
    "median_at",
    "overall_median_at",
)
"""The columns that the report reads."""


def read_attributes(
    database: Database,
    tables: SegmentationTables,
    kinds: Mapping[str, str],
    visible: Collection[int],
    disclosure: Disclosure,
) -> list[Attribute]:
    """What segments that have figures are like in other columns, by segment; nothing if there is no such table.

    Args:
        kinds: type of each column of the customers.
        visible: ids of the segments that have figures.
    """
    if "attributes" not in tables.beside:
        return []
    rows = database.rows(
        "select * replace (cast(value as varchar) as value, cast(median_at as timestamp) as median_at, "
        f"cast(overall_median_at as timestamp) as overall_median_at) from {tables.beside['attributes']}"
    )
    rows = [row for row in rows if row["n_customers"] is not None]
    if disclosure.suppress_below > 1:
        rows = shown_rows(database, tables, kinds, rows, visible, disclosure.suppress_below)
    of_visible = sorted((row for row in rows if row["segment_id"] in visible), key=lambda row: row["segment_id"])
    return [_attribute(row) for row in of_visible]


def _attribute(row: Row) -> Attribute:
    return Attribute(
        segment=row["segment_id"],
        column=row["attribute"],
        label=short(row["label"]) or "(no name)",
        value=None if row["value"] is None else short(row["value"]) or "(empty)",
        n_customers=row["n_customers"],
        share=row["share"],
        overall_share=row["overall_share"],
        mean=row["mean"],
        median=row["median"],
        overall_mean=row["overall_mean"],
        overall_median=row["overall_median"],
        z_score=row["z_score"],
        median_at=row["median_at"],
        overall_median_at=row["overall_median_at"],
    )
