"""Summary of a build, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from mallard.engines.duckdb.database import Database, opened
from mallard.errors import MallardError
from mallard.figures import figure
from mallard.labels import plain
from mallard.nouns import Noun, noun
from mallard.phrases import what_segments_are
from mallard.summary_history import history_lines
from mallard.tables.find import (
    HOW_TO_GET_ONE,
    SegmentationTables,
    find_segmentations,
    one_segmentation,
    selected_row,
    without_group,
)

MAX_FEATURES = 4
"""Most columns of means that fit beside the names."""
HEADING_WIDTH = 10
"""Headings are wrapped, so that names don't have to be."""
NAME_WIDTH = 24
"""Letters of a line that names of segments have on a terminal, if they need them."""
MUCH_ROOM = 10_000
"""More letters than a line of the table has."""


def print_summary(path: Path, console: Console, segmentation: str | None = None, group: str | None = None) -> None:
    """Print, for each segmentation, the number of customers, what its segments are, why that many, and the segments.

    Args:
        path: a DuckDB file, or a folder with copies of its tables.
        segmentation: the only one to print; None prints all of them.
        group: see `mallard.tables.find.one_segmentation`; None prints, of one per group, that there are groups.

    Raises:
        MallardError: there is no such file or segmentation.
    """
    with opened(path) as database:
        is_one = segmentation is not None or group is not None
        found = [one_segmentation(database, segmentation, group)] if is_one else find_segmentations(database)
        if not found:
            raise MallardError(f"{path} has no segmentation: {HOW_TO_GET_ONE}.")
        for tables in found:
            if tables.has_groups:
                said = ("", plain(without_group(database, tables)))
                console.print(*said, sep="\n", highlight=False, markup=False, soft_wrap=True)
            else:
                _print_segmentation(database, tables, console)
    console.print(f"Tables: {path.resolve()}", highlight=False, markup=False, soft_wrap=True)


def _print_segmentation(database: Database, segmentation: SegmentationTables, console: Console) -> None:
    chosen = selected_row(database, segmentation)
    rows = noun(chosen["entity"])
    lines = (
        "",
        _counts(database, segmentation, rows),
        *history_lines(database, segmentation),
        plain(_found(chosen)),
        plain(chosen["selection_reason"] or ""),
    )
    table = _table(database, segmentation, rows, console)
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(table)


def _counts(database: Database, segmentation: SegmentationTables, rows: Noun) -> str:
    [counts] = database.rows(f"select count(*) as n, count(segment_id) as assigned from {segmentation.customers}")
    said = f"{plain(segmentation.name)}: {counts['n']:,} {rows.many}, {counts['assigned']:,} with a segment"
    if segmentation.rejected:
        [rejected] = database.rows(f"select count(*) as n from {segmentation.rejected}")
        said += f", {rejected['n']:,} rows rejected"
    return said


def _found(chosen: dict[str, Any]) -> str:
    """What the segments are, and why; of one segment, there is no more to say."""
    if chosen["verdict"] == "none":
        return f"{what_segments_are(chosen)}."
    return f"{what_segments_are(chosen)} ({chosen['verdict']}). {chosen['verdict_reason']}"


def _table(database: Database, segmentation: SegmentationTables, rows: Noun, console: Console) -> Table:
    """One line per segment; with many features, only the means of those that separate the segments best.

    On a terminal, those are left out, too, that would leave the segments' names no room.
    """
    profiles = database.rows(f"select * from {segmentation.beside['profiles']} order by segment_id asc")
    spread = _spread(profiles)
    telling = sorted(spread, key=lambda feature: min(spread[feature]) - max(spread[feature]))[:MAX_FEATURES]
    shown = telling if not console.is_terminal else []
    for feature in telling:
        if feature not in shown and _has_room(console, _table_of(profiles, rows, [*shown, feature], True, NAME_WIDTH)):
            shown.append(feature)
    return _table_of(profiles, rows, [feature for feature in spread if feature in shown], console.is_terminal)


def _spread(profiles: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """The z-scores of each feature that is a number, or of all if there are only vectors."""
    has_vectors = any(profile["representatives"] for profile in profiles)
    spread: dict[str, list[float]] = {}
    for profile in profiles:
        if profile["mean"] is not None or not has_vectors:
            spread.setdefault(profile["feature"], []).append(profile["z_score"] or 0.0)
    return spread


def _has_room(console: Console, table: Table) -> bool:
    anywhere = console.options.update(max_width=MUCH_ROOM)
    return Measurement.get(console, anywhere, table).maximum <= console.width


def _table_of(
    profiles: Sequence[dict[str, Any]],
    rows: Noun,
    shown: Sequence[str],
    is_nearest_wrapped: bool,
    name_width: int | None = None,
) -> Table:
    """The table with the means of these features.

    Args:
        is_nearest_wrapped: whether ids of the customers nearest to a centroid, which may be long, go on in a next line.
        name_width: the most that the names of segments take; None leaves it to what the other columns leave over.
    """
    nearest = {of["segment_id"]: of["representatives"] for of in profiles if of["representatives"]}
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("segment", max_width=name_width)
    labels = {profile["feature"]: plain(profile["label"]) for profile in profiles}
    value = profiles[0]["value_label"]
    of_value = [] if value is None else [f"share of {plain(value)}"]
    for heading in (rows.many, "share", *of_value, *(f"mean {labels[feature]}" for feature in shown)):
        lines = fill(heading, HEADING_WIDTH, break_long_words=False, break_on_hyphens=False)
        table.add_column(escape(lines), justify="right", vertical="bottom", no_wrap=True)
    if nearest:
        heading = fill("nearest to the centroid", HEADING_WIDTH)
        table.add_column(heading, vertical="bottom", overflow="fold", no_wrap=not is_nearest_wrapped)
    for segment_id in dict.fromkeys(profile["segment_id"] for profile in profiles):
        of_segment = {profile["feature"]: profile for profile in profiles if profile["segment_id"] == segment_id}
        first = next(iter(of_segment.values()))
        means = [of_segment[feature]["mean"] for feature in shown]
        table.add_row(
            str(segment_id),
            escape(plain(first["segment_name"])),
            "" if first["n_customers"] is None else f"{first['n_customers']:,}",
            "" if first["share"] is None else f"{first['share']:.1%}",
            *([] if value is None else ["" if first["share_of_value"] is None else f"{first['share_of_value']:.1%}"]),
            *map(figure, means),
            *([escape(plain(nearest.get(segment_id, "")))] if nearest else []),
        )
    return table
