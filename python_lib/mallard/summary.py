"""What a build has made, for a person at a terminal."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from mallard.errors import MallardError
from mallard.figures import figure
from mallard.tables import SegmentationTables, find_segmentations, opened, rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_FEATURES = 4
"""Columns of means that fit beside the names."""
HEADING_WIDTH = 10
"""Headings are broken into lines, so that names need not be."""


def print_summary(database: Path, console: Console) -> None:
    """For each segmentation how many customers there are, the number of segments and why, and a line for each segment.

    Raises:
        MallardError: the file isn't there or has no segmentation.
    """
    with opened(database) as connection:
        found = find_segmentations(connection)
        if not found:
            raise MallardError(f"{database} has no segmentation: run dbt build first, or name another file.")
        for segmentation in found:
            _print_segmentation(connection, segmentation, console)
    console.print(f"Tables: {database.resolve()}", highlight=False, markup=False, soft_wrap=True)


def _print_segmentation(connection: DuckDBPyConnection, segmentation: SegmentationTables, console: Console) -> None:
    [reason] = rows(connection, f"select selection_reason from {segmentation.metrics} where is_selected")
    for line in ("", _counts(connection, segmentation), reason["selection_reason"]):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(_table(connection, segmentation))


def _counts(connection: DuckDBPyConnection, segmentation: SegmentationTables) -> str:
    [counts] = rows(connection, f"select count(*) as n, count(segment_id) as assigned from {segmentation.customers}")
    said = f"{segmentation.name}: {counts['n']:,} customers, {counts['assigned']:,} with a segment"
    if segmentation.rejected:
        [rejected] = rows(connection, f"select count(*) as n from {segmentation.rejected}")
        said += f", {rejected['n']:,} rows rejected"
    return said


def _table(connection: DuckDBPyConnection, segmentation: SegmentationTables) -> Table:
    """One line for each segment; of many features the means of those that tell the segments apart best."""
    profiles = rows(connection, f"select * from {segmentation.profiles} order by segment_id")
    spread: dict[str, list[float]] = {}
    for profile in profiles:
        spread.setdefault(profile["feature"], []).append(profile["z_score"] or 0.0)
    telling = sorted(spread, key=lambda feature: min(spread[feature]) - max(spread[feature]))[:MAX_FEATURES]
    shown = [feature for feature in spread if feature in telling]
    table = Table("", "segment", box=None, pad_edge=False)
    for heading in ("customers", "share", *(f"mean {feature.replace('_', ' ')}" for feature in shown)):
        table.add_column(fill(heading, HEADING_WIDTH).replace("[", r"\["), justify="right", vertical="bottom")
    for segment_id in dict.fromkeys(profile["segment_id"] for profile in profiles):
        of_segment = {profile["feature"]: profile for profile in profiles if profile["segment_id"] == segment_id}
        first = next(iter(of_segment.values()))
        means = [of_segment[feature]["mean"] for feature in shown]
        table.add_row(
            str(segment_id),
            first["segment_name"].replace("[", r"\["),
            f"{first['n_customers']:,}",
            f"{first['share']:.1%}",
            *map(figure, means),
        )
    return table
