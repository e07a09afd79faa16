"""Counts that stand for customers where a report shows no rows of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mallard.engines.duckdb.database import Database
from mallard.report.data import Feature, Row
from mallard.report.disclosure import parts_to_hide
from mallard.tables.find import SegmentationTables

BINS = (20, 14, 10, 7, 5, 4, 3)
"""About how many ranges of values an axis is cut into: as many as leave enough customers in sight."""
ENOUGH = 0.8
"""Share of the customers that a chart should count."""
RANGES = 10
"""Ranges of silhouettes between 0 and 1."""

Place = tuple[Any, ...]


def counts_by_values(
    database: Database,
    tables: SegmentationTables,
    axes: Sequence[Feature],
    segments: Sequence[int],
    suppress_below: int,
) -> list[Row]:
    """The number of customers by segment and by ranges of two features, with the middle of each range.

    Ranges are centred at round numbers, so that no bound is the value of a customer.
    """
    values = [feature.value for feature in axes]
    quantiles = ", ".join(f"quantile_cont({value}, 0.01), quantile_cont({value}, 0.99)" for value in values)
    [(low_x, high_x, low_y, high_y)] = database.tuples(f"select {quantiles} from {tables.customers}")
    for n_bins in BINS:
        steps = [_round_step(low, high, n_bins) for low, high in ((low_x, high_x), (low_y, high_y))]
        counts = _counts(database, tables, values, steps, segments)
        shown = _shown(counts, suppress_below)
        if sum(shown.values()) >= ENOUGH * sum(counts.values()):
            break
    keys = [feature.key for feature in axes]
    return [
        {"segment": segment}
        | {key: _multiple(at, step) for key, at, step in zip(keys, place, steps, strict=True)}
        | {"n": n}
        for (segment, *place), n in shown.items()
    ]


def _counts(
    database: Database,
    tables: SegmentationTables,
    values: Sequence[str],
    steps: Sequence[float],
    segments: Sequence[int],
) -> dict[Place, int]:
    """The number of customers by segment and by the nearest multiples of the steps."""
    places = ", ".join(
        f"round({value} / {step!r}) as b{i}" for i, (value, step) in enumerate(zip(values, steps, strict=True))
    )
    found = database.tuples(
        f"select segment, b0, b1, count(*) from (select segment_id as segment, {places} from {tables.customers}) "
        "where b0 is not null and b1 is not null group by all order by all"
    )
    return {(segment, x, y): n for segment, x, y, n in found if segment in segments}


def counts_by_silhouette(customers: Sequence[Row], segments: Sequence[int], suppress_below: int) -> list[Row]:
    """The number of customers of a sample, and their share of the segment, by segment and by range of silhouettes."""
    known = [row for row in customers if row["segment"] in segments and "silhouette" in row]
    counts = Counter((row["segment"], min(math.floor(row["silhouette"] * RANGES), RANGES - 1)) for row in known)
    sizes = Counter(row["segment"] for row in known)
    return [
        {
            "segment": segment,
            "low": place / RANGES,
            "high": (place + 1) / RANGES,
            "n": n,
            "share": n / sizes[segment],
        }
        for (segment, place), n in sorted(_shown(counts, suppress_below).items())
    ]


def _shown(counts: Mapping[Place, int], suppress_below: int) -> dict[Place, int]:
    """The counts that can be shown, where the sum of each segment is known."""
    shown: dict[Place, int] = {}
    for segment in {place[0] for place in counts}:
        of_segment = {place: n for place, n in counts.items() if place[0] == segment}
        hidden = parts_to_hide({place: [n] for place, n in of_segment.items()}, suppress_below)
        shown |= {place: n for place, n in of_segment.items() if place not in hidden}
    return shown


def _round_step(low: float | None, high: float | None, n_bins: int) -> float:
    """A width of 1, 2 or 5 times a power of ten that cuts a range into about so many."""
    if low is None or high is None or not low < high:
        return 1.0
    width = (high - low) / n_bins
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width * 0.999)


def _multiple(place: float, step: float) -> float:
    """A multiple of a step, without the digits that binary fractions add."""
    return float(f"{place * step:.12g}")
