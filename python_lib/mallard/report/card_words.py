"""What the card of a segment says, without advice."""

from __future__ import annotations

from typing import NamedTuple

from mallard.figures import figure, percent
from mallard.labels import capital
from mallard.report import comparison
from mallard.report.attribute_words import differences
from mallard.report.data import ReportData, Segment, are_weighted
from mallard.report.words import number_of, on_logarithms

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


class Apart(NamedTuple):
    """A feature that sets a segment apart, in words and in standard deviations."""

    label: str
    said: str
    deviations: str


def how_to_read(data: ReportData) -> str:
    """What the figures of all cards mean."""
    said = (
        f"Figures of a segment stand against those of all {data.noun.many}. In brackets: standard deviations from the "
        "average, on the scale in which segments were found; beyond 1 is far."
    )
    if note := on_logarithms(data):
        said += f" {note}"
    if sum(not feature.is_direction for feature in data.features) > MAX_FIGURES:
        said += f" A card lists the {MAX_FIGURES} features that differ most; a table further down has all."
    return said


def shares(data: ReportData, segment: Segment) -> str | None:
    """Its share of the customers, and of what they are worth; None if nobody knows that."""
    if segment.share_of_value is None:
        return None
    whole = _of_weight(data, segment) or f" of {data.noun.many}"
    return f"{segment.share:.1%}{whole}, {segment.share_of_value:.1%} of {data.value_label}"


def size(data: ReportData, segment: Segment) -> str:
    """Number of customers, and their share, unless `shares` says it; their share of the weight if weights differ."""
    if segment.share_of_value is not None:
        return number_of(data, segment.n_customers)
    return f"{number_of(data, segment.n_customers)}, {segment.share:.1%}{_of_weight(data, segment)}"


def total(data: ReportData, segment: Segment) -> str | None:
    """What its customers are worth together; None if nobody knows that, or if no segment is worth anything."""
    if data.value_label is None or segment.total_value is None or not any(of.total_value for of in data.segments):
        return None
    return f"{capital(data.value_label)} in total: {figure(segment.total_value)}"


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


def what_sets_apart(data: ReportData, segment: Segment) -> list[Apart]:
    """The features whose means are farthest from the means of all customers, farthest first."""
    found = comparison.apart(comparison.of_features(data, segment))[:MAX_APART]
    return [Apart(of.label, of.said, f"{of.z_score:+.1f}") for of in found]


def what_else_is_different(data: ReportData, segment: Segment) -> list[tuple[str, str]]:
    """Labels of the other columns in which the segment differs most, and how."""
    return [(of.label, of.said) for of in differences(data, segment)[:MAX_DIFFERENCES]]
