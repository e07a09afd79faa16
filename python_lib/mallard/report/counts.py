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
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""Widths, before powers of ten."""
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
    """The number of customers by segment and by ranges of two features, with their means.

    Ranges are equal on the axes as they are shown, and centred at round numbers there, so that no bound is the value
    of a customer.
    """
    places = [_place_sql(feature) for feature in axes]
    quantiles = ", ".join(f"quantile_cont({place}, 0.01), quantile_cont({place}, 0.99)" for place in places)
    [(low_x, high_x, low_y, high_y)] = database.tuples(f"select {quantiles} from {tables.customers}")
    for n_bins in BINS:
        steps = [_round_step(low, high, n_bins) for low, high in ((low_x, high_x), (low_y, high_y))]
        found = _found(database, tables, axes, steps, segments)
        shown = _shown({place: n for place, (n, _, _) in found.items()}, suppress_below)
        if sum(shown.values()) >= ENOUGH * sum(n for n, _, _ in found.values()):
            break
    keys = [feature.key for feature in axes]
    return [
        {"segment": place[0]} | dict(zip(keys, found[place][1:], strict=True)) | {"n": n} for place, n in shown.items()
    ]


def _place_sql(feature: Feature) -> str:
    """SQL of where a value is on the axis of a feature: Vega's scale symlog, if the axis is logarithmic."""
    if feature.unit is None:
        return feature.value
    return f"sign({feature.value}) * ln(1 + abs({feature.value}) / {feature.unit!r})"


def _found(
    database: Database,
    tables: SegmentationTables,
    axes: Sequence[Feature],
    steps: Sequence[float],
    segments: Sequence[int],
) -> dict[Place, tuple[int, float, float]]:
    """The number of customers and their means, by segment and by the multiples of the steps nearest on the axes."""
    x, y = axes
    found = database.tuples(
        f"select segment, round(place_x / {steps[0]!r}) as b0, round(place_y / {steps[1]!r}) as b1, count(*), avg(x), "
        f"avg(y) from (select segment_id as segment, {x.value} as x, {y.value} as y, {_place_sql(x)} as place_x, "
        f"{_place_sql(y)} as place_y from {tables.customers}) "
        "where x is not null and y is not null group by all order by all asc"
    )
    return {(segment, b0, b1): (n, *means) for segment, b0, b1, n, *means in found if segment in segments}


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
    """A width of one or two digits that cuts a range into about so many."""
    if low is None or high is None or not low < high:
        return 1.0
    width = (high - low) / n_bins
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in ROUND if factor * power >= width * 0.999)
