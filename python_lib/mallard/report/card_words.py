"""What the card of a segment says, without advice."""

from __future__ import annotations

from typing import NamedTuple

from mallard.figures import figure, percent
from mallard.report import comparison
from mallard.report.attribute_words import differences
from mallard.report.data import ReportData, Segment, are_weighted
from mallard.report.words import number_of

MAX_APART = 3
MAX_FIGURES = 6
"""Most features whose figures are on a card: those in which the segment differs most."""
MAX_DIFFERENCES = 4
"""Most other columns on a card."""


class Figures(NamedTuple):
    """Mean and median of a feature; the median of a share says nothing more."""

    label: str
    mean: str
    median: str


class Difference(NamedTuple):
    """What sets a segment apart, in figures and in standard deviations."""

    label: str
    figures: str
    deviations: str


def size(data: ReportData, segment: Segment) -> str:
    """Number of customers, and their share; their share of the weight if weights differ."""
    return f"{number_of(data, segment.n_customers)}, {segment.share:.1%}{_of_weight(data, segment)}"


def shares(data: ReportData, segment: Segment) -> str | None:
    """Its share of the customers, and of what they are worth; None if nobody knows that."""
    if segment.share_of_value is None:
        return None
    whole = _of_weight(data, segment) or f" of {data.noun.many}"
    return f"{segment.share:.1%}{whole}, {segment.share_of_value:.1%} of {data.value_label}"


def total(data: ReportData, segment: Segment) -> str | None:
    """What its customers are worth together; None if nobody knows that."""
    if data.value_label is None or segment.total_value is None:
        return None
    return f"{data.value_label}: {figure(segment.total_value)} in total"


def _of_weight(data: ReportData, segment: Segment) -> str:
    return " of the weight" if are_weighted([segment], data.n_assigned) else ""


def figures(data: ReportData, segment: Segment) -> list[Figures]:
    """Mean and median of the features that have a meaning, in order."""
    compared = comparison.of_features(data, segment)
    farthest = sorted(compared, key=lambda of: -abs(of.z_score))[:MAX_FIGURES]
    return [
        Figures(of.label, percent(of.mean), "")
        if of.is_share
        else Figures(of.label, figure(of.mean), figure(of.median))
        for of in compared
        if of in farthest
    ]


def what_sets_apart(data: ReportData, segment: Segment) -> list[Difference]:
    """The features whose means are farthest from the means of all customers, farthest first."""
    found = comparison.apart(comparison.of_features(data, segment))[:MAX_APART]
    return [Difference(of.label, of.figures(f"all {data.noun.many}"), of.deviations) for of in found]


def what_else_is_different(data: ReportData, segment: Segment) -> list[tuple[str, str]]:
    """Labels of the other columns in which the segment differs most, and how."""
    return [(of.label, of.text) for of in differences(data, segment)[:MAX_DIFFERENCES]]
