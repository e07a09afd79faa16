"""The borders between segments, as far as a report may show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from mallard.choice.evidence import SEPARATE
from mallard.engines.duckdb.database import Database
from mallard.report.data import Border, Row
from mallard.report.disclosure import Disclosure
from mallard.tables.find import SegmentationTables

BORDERS = (
    "segment_id",
    "other_segment_id",
    "depth",
    "significance",
    "n_border",
    "n_inside",
    "n_inside_other",
    "is_separate",
    "profile",
)
"""The columns that the report reads."""
N_STRETCHES = (40, 20, 10, 8)
"""How many stretches of equal length a profile has: as many as leave enough customers in sight. The border is between
two of them."""
ENOUGH = 0.8
"""Share of the customers that a profile should count."""


def read_borders(
    database: Database, tables: SegmentationTables, visible: Collection[int], disclosure: Disclosure, is_weighted: bool
) -> list[Border] | None:
    """The borders between segments that have figures, those that are least of a valley first.

    Args:
        visible: ids of the segments that have figures.
        is_weighted: whether the weights of customers differ, so that nobody knows how many there are at a border.

    Returns:
        None if there is no such table.
    """
    if "borders" not in tables.beside:
        return None
    found = database.rows(
        f"select * replace (cast(profile as double[]) as profile) from {tables.beside['borders']} "
        "order by depth desc, segment_id asc, other_segment_id asc"
    )
    fewest = disclosure.suppress_below
    shows_figures = fewest <= 1 or not is_weighted
    return [
        _border(row, fewest, shows_figures)
        for row in found
        if {row["segment_id"], row["other_segment_id"]} <= set(visible)
    ]


def _border(row: Row, fewest: int, shows_figures: bool) -> Border:
    is_hidden = row["depth"] is None  # in the table, already
    return Border(
        first=row["segment_id"],
        second=row["other_segment_id"],
        depth=row["depth"] if shows_figures and not is_hidden and min(_counts(row)) >= _least(fewest) else None,
        exceeds_both=not is_hidden and row["n_border"] > max(row["n_inside"], row["n_inside_other"]),
        is_separate=row["is_separate"],
        is_faint=not is_hidden and row["significance"] < SEPARATE,
        profile=_shown(row["profile"], fewest) if shows_figures and row["profile"] is not None else [],
    )


def _counts(row: dict[str, float]) -> tuple[float, float, float]:
    return row["n_border"], row["n_inside"], row["n_inside_other"]


def _least(suppress_below: int) -> float:
    """The least number that can be shown; nothing is too few if nothing is hidden."""
    return suppress_below if suppress_below > 1 else 0.0


def _shown(profile: Sequence[float | None], suppress_below: int) -> list[float | None]:
    """The profile in the shortest stretches of which most count enough customers, without the others.

    Stretches without customers are hidden like those of a few, so that nobody can tell them apart. The table may lack
    some already.
    """
    if suppress_below <= 1:
        return list(profile)
    for n_stretches in N_STRETCHES:
        counts = np.array(profile, dtype=float).reshape(n_stretches, -1).sum(axis=1)
        is_shown = counts >= suppress_below
        if counts[is_shown].sum() >= ENOUGH * np.nansum(counts) > 0:
            return [float(n) if shown else None for n, shown in zip(counts, is_shown, strict=True)]
    return []
