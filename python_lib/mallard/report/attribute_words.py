"""What is different about a segment besides its features."""

from __future__ import annotations

from datetime import datetime
from math import sqrt
from typing import NamedTuple

from mallard.figures import percent
from mallard.report import comparison
from mallard.report.data import Attribute, ReportData, Segment

POINTS = 0.10
"""A share is different if it is at least this much above or below that of all customers,"""
LIFT, COMMON = 1.5, 0.05
"""or this many times as much and not rare."""
DAYS = 30
"""A date is different if its median is at least this many days from that of all customers."""
YEAR = 365
YES, NO = "true", "false"
"""Booleans, as the table has them."""


class Difference(NamedTuple):
    """One column in which a segment differs from all customers.

    Attributes:
        said: figures of the segment against those of all.
        size: how much, to compare columns by: about in standard deviations, or years.
    """

    column: str
    label: str
    said: str
    size: float


def differences(data: ReportData, segment: Segment) -> list[Difference]:
    """The columns in which a segment differs clearly, those that differ most first; of each, what differs most."""
    found = [
        Difference(of.name, of.label, of.said, abs(of.z_score))
        for of in comparison.of_numbers(data, segment)
        if of.level
    ]
    own = [of for of in data.attributes if of.segment == segment.segment_id]
    with_yes = {of.column for of in own if of.value == YES}
    for of in own:
        if of.value is not None and not (of.value == NO and of.column in with_yes):
            found += _of_text(of)
        found += _of_date(of)
    largest: dict[str, Difference] = {}
    for one in sorted(found, key=lambda one: -one.size):
        largest.setdefault(one.column, one)
    return list(largest.values())


def _of_text(of: Attribute) -> list[Difference]:
    difference = of.share - of.overall_share
    is_lifted = of.share >= COMMON and of.share >= LIFT * of.overall_share
    if abs(difference) < POINTS and not is_lifted:
        return []
    deviation = sqrt(of.overall_share * (1 - of.overall_share)) or 1.0
    text = {YES: "yes", NO: "no"}.get(of.value or "", of.value)
    said = f"{text} {percent(of.share)} against {percent(of.overall_share)}"
    return [Difference(of.column, of.label, said, abs(difference) / deviation)]


def _of_date(of: Attribute) -> list[Difference]:
    if of.median_at is None or of.overall_median_at is None:
        return []
    days = abs((of.median_at - of.overall_median_at).days)
    if days < DAYS:
        return []
    said = f"median {day(of.median_at)} against {day(of.overall_median_at)}"
    return [Difference(of.column, of.label, said, days / YEAR)]


def day(moment: datetime | None) -> str:
    """A date for people; an empty text without one."""
    return "" if moment is None else f"{moment.day} {moment:%B %Y}"
