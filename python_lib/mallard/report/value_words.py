"""Sentences about what the customers of each segment are worth."""

from __future__ import annotations

from mallard.figures import percent
from mallard.report.data import ReportData, Segment, are_weighted
from mallard.report.encodings import visible


def valued(data: ReportData) -> list[Segment]:
    """The segments whose share of the value is known, in order; none if nobody said what a customer is worth."""
    if data.value_label is None:
        return []
    return [segment for segment in visible(data) if segment.share_of_value is not None]


def counted(data: ReportData) -> str:
    """What the shares of segments are of, value aside."""
    return "the weight" if are_weighted(data.segments, data.n_assigned) else data.noun.many


def who_matters_most(data: ReportData) -> str:
    """Which segment has most of the value, and which has most compared with its size."""
    segments = valued(data)
    most = max(segments, key=lambda segment: segment.share_of_value or 0.0)
    densest = max(segments, key=lambda segment: (segment.share_of_value or 0.0) / (segment.share or 1.0))
    said = f"Segment {most.segment_id} has most: {_shares(data, most)}."
    if densest is not most:
        said += f" Segment {densest.segment_id} has most for its size: {_shares(data, densest)}."
    return said


def _shares(data: ReportData, segment: Segment) -> str:
    whole = f"{percent(segment.share_of_value)} of {data.value_label}"
    return f"{whole}, with {percent(segment.share)} of {counted(data)}"
