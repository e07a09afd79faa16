"""Results of a case as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple


class Verdict(NamedTuple):
    """A target, the measured value, and whether the target is met."""

    what: str
    target: str
    measured: str
    is_met: bool


class Section(NamedTuple):
    """The body of a case's section, and its rows in the table of targets."""

    body: str
    verdicts: list[Verdict]


def at_least(what: str, ratio: float, target: float) -> Verdict:
    """Verdict on a ratio that should reach the target."""
    return Verdict(what, f"{target:g}x", speed(ratio), ratio >= target)


def at_most(what: str, value: float, target: float, unit: str) -> Verdict:
    """Verdict on a value that should not exceed the target."""
    return Verdict(what, f"at most {target:g}{unit}", f"{round(value, 3):g}{unit}", value <= target)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def seconds(values: Sequence[float]) -> str:
    """The median; if there are several values, also the lowest and the highest."""
    if len(values) == 1:
        return _short(values[0])
    return f"{_short(median(values))} ({_short(min(values))} - {_short(max(values))})"


def speed(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.0f}x"


def gigabytes(size: float) -> str:
    return f"{size / 1e9:.2f} GB"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
