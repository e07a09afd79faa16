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
STANDARD_ERRORS = 2
"""A difference is one of chance if it is smaller than this many standard errors of the segment's mean."""
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
    """The columns in which a segment differs clearly, those that differ most first; of each, what differs most.

    Of texts, one that is commoner in the segment says more than one that is rarer.
    """
    own = [of for of in data.attributes if of.segment == segment.segment_id]
    found = [
        Difference(of.name, of.label, of.said, abs(of.z_score))
        for of in comparison.of_numbers(data, segment)
        if of.level and not _is_chance(of.z_score, segment)
    ]
    with_yes = {of.column for of in own if of.value == YES}
    texts = [of for of in own if of.value is not None and not (of.value == NO and of.column in with_yes)]
    for of in sorted(texts, key=lambda of: (of.share < of.overall_share, -abs(_deviations(of)))):
        found += _of_text(of, segment)
    for of in own:
        found += _of_date(of)
    of_columns = {one.column: one for one in reversed(found)}
    return sorted(of_columns.values(), key=lambda one: -one.size)


def _is_chance(deviations: float, segment: Segment) -> bool:
    """Whether a difference may be one of chance, because the segment is small."""
    return abs(deviations) * sqrt(segment.n_customers) < STANDARD_ERRORS


def _deviations(of: Attribute) -> float:
    """How far the share of a text is above that of all, in standard deviations of having it or not."""
    return (of.share - of.overall_share) / (sqrt(of.overall_share * (1 - of.overall_share)) or 1.0)


def _of_text(of: Attribute, segment: Segment) -> list[Difference]:
    is_lifted = of.share >= COMMON and of.share >= LIFT * of.overall_share
    is_clear = abs(of.share - of.overall_share) >= POINTS or is_lifted
    if not is_clear or _is_chance(_deviations(of), segment):
        return []
    text = {YES: "yes", NO: "no"}.get(of.value or "", of.value)
    said = f"{text} {percent(of.share)} against {percent(of.overall_share)}"
    return [Difference(of.column, of.label, said, abs(_deviations(of)))]


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
