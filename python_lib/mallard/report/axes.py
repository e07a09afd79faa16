"""Axes in the unit of a feature: even, or logarithmic from zero on, where its scale takes logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from mallard.report.data import ReportData
from mallard.report.encodings import safe_title, visible

TITLE_LIMITS = {"x": 520, "y": 320}
"""Pixels of the titles of both axes."""
MARGIN = 8
"""Pixels between the outermost marks and the frame of a logarithmic axis."""
APART = 0.07
"""Least distance between two ticks, as a share of the axis."""
FEWEST_TICKS, ENOUGH_TICKS = 3, 5
N_STEPS = 4
"""About how many even steps a short axis has, on which there are too few powers of ten."""
ROUND = (1, 2, 2.5, 5, 10)


def axis_titles(data: ReportData) -> dict[str, str]:
    """What the scatter plot can show on an axis, by the fields of the data."""
    titles = {
        feature.key: feature.label for feature in data.features if data.disclosure.rows or feature.key in data.axes
    }
    if data.explained is not None:
        titles |= {"p0": "first principal component", "p1": "second principal component"}
    return titles


def axis(data: ReportData, channel: str, key: str) -> alt.X | alt.Y:
    """The encoding of a field on an axis of the scatter plot.

    Args:
        channel: "x" or "y".
        key: of a feature, or p0 or p1.
    """
    title, limit = safe_title(axis_titles(data)[key]), TITLE_LIMITS[channel]
    encoding: type[alt.X | alt.Y] = alt.X if channel == "x" else alt.Y
    unit = next((feature.unit for feature in data.features if feature.key == key), None)
    if unit is None:
        return encoding(f"{key}:Q", scale=alt.Scale(zero=False), title=title, axis=alt.Axis(titleLimit=limit))
    values = ticks([row[key] for row in data.customers] + [s.position[key] for s in visible(data)], unit)
    scale = alt.Scale(type="symlog", constant=unit, zero=False, nice=False, padding=MARGIN)
    shown = alt.Axis(values=values, format=",.6~r", titleLimit=limit)
    return encoding(f"{key}:Q", scale=scale, title=title, axis=shown)


def ticks(values: Sequence[float | None], unit: float) -> list[float]:
    """Round numbers between the least and the largest value: zero and powers of ten, and 5 and 2 times these if
    those are few.

    On a short axis with few of them, there are even steps.

    Args:
        unit: the size from which on the axis is logarithmic.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return []
    low, high = min(known), max(known)
    largest = max(abs(low), abs(high))
    if largest == 0:
        return [0.0]
    powers = [10.0**k for k in range(math.floor(math.log10(largest)), math.floor(math.log10(unit)) - 1, -1)]
    found: list[float] = []
    for factors in ((1,), (1, 5, 2)):
        candidates = [0.0, *(sign * factor * power for factor in factors for power in powers for sign in (1, -1))]
        found = _apart([tick for tick in candidates if low <= tick <= high], low, high, unit)
        if len(found) >= ENOUGH_TICKS:
            break
    return found if len(found) >= FEWEST_TICKS or low == high else _even(low, high)


def symlog(value: float, unit: float) -> float:
    """Where a value is on a logarithmic axis, as Vega has it."""
    return math.copysign(math.log1p(abs(value) / unit), value)


def _apart(candidates: Sequence[float], low: float, high: float, unit: float) -> list[float]:
    """Those that leave room between them; the first ones come first."""
    least = APART * (symlog(high, unit) - symlog(low, unit))
    found: list[float] = []
    for tick in candidates:
        if all(abs(symlog(tick, unit) - symlog(other, unit)) >= least for other in found):
            found.append(tick)
    return sorted(found)


def _even(low: float, high: float) -> list[float]:
    width = (high - low) / N_STEPS
    power = 10.0 ** math.floor(math.log10(width))
    step = next(factor * power for factor in ROUND if factor * power >= width * 0.999)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
