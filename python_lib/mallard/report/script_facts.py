"""What the page's scripts know of customers and of the differences between segments, in as few letters as they need."""

from __future__ import annotations

from typing import Any

from mallard.figures import figure, percent
from mallard.inputs.sizes import LARGEST_SQUARED
from mallard.report.data import CustomerFile, Difference, ExplainedFeature, Explanation, ReportData
from mallard.report.explanation_words import why_no_finder
from mallard.report.explanations import LEAST_PROBABLE, LIKELIEST, STRONGEST, WEAKEST


def finder_facts(data: ReportData) -> dict[str, Any] | None:
    """What the finder says of customers; None if there is no finder.

    `explained` has a row for each customer in the charts, and then for each of `more`, who are near a border: the
    second segment, percentages by segment, and features, from 1, below 0 if they speak against the segment. A feature
    that is a share has its value beside it.
    """
    if data.explanations is None or why_no_finder(data):
        return None
    in_charts = {row["id"] for row in data.customers}
    more = [row for row in data.near_border if row["id"] not in in_charts]
    keys = ["id", "segment", *(feature.key for feature in data.features)]
    return {
        "features": [
            [feature.label, feature.key, feature.is_share, feature.is_vector] for feature in data.explanations.features
        ],
        "centroids": {
            segment.segment_id: [_centroid(feature, segment.segment_id) for feature in data.explanations.features]
            for segment in data.segments
        },
        "more": [{key: row[key] for key in keys} for row in more],
        "explained": [_short(data, data.explanations.of.get(row["id"])) for row in [*data.customers, *more]],
        "file": _file(data.explanations.of_file) if data.explanations.of_file else None,
    }


def differences_facts(data: ReportData) -> dict[str, Any] | None:
    """The differences of all pairs; None if they aren't known."""
    if data.differences is None:
        return None
    return {
        "columns": [[column.label, column.is_text, column.typical] for column in data.differences.columns],
        "pairs": {
            f"{first}-{second}": [_short_difference(difference) for difference in of_pair]
            for (first, second), of_pair in data.differences.pairs.items()
        },
    }


def _file(file: CustomerFile) -> dict[str, Any]:
    """What explains customers of a file, and how much of an explanation is said."""
    return {
        "id": file.id_column,
        "group": file.group,
        "version": file.version,
        "features": [[feature.column, feature.text, feature.steps] for feature in file.features],
        "centroids": file.centroids,
        "variance": file.variance,
        "isSpherical": file.is_spherical,
        "largest": LARGEST_SQUARED,
        "likeliest": LIKELIEST,
        "leastProbable": LEAST_PROBABLE,
        "strongest": STRONGEST,
        "weakest": WEAKEST,
    }


def _centroid(feature: ExplainedFeature, segment: int) -> str:
    centroid = feature.centroids.get(segment)
    return percent(centroid) if feature.is_share else figure(centroid)


def _short(data: ReportData, explanation: Explanation | None) -> list[Any] | None:
    if explanation is None or data.explanations is None:
        return None
    features = data.explanations.features
    reasons = []
    for reason in explanation.reasons:
        signed = (reason.feature + 1) * (1 if reason.contribution > 0 else -1)
        reasons.append([signed, reason.value] if features[reason.feature].is_share else signed)
    percentages = [one for segment, share in explanation.probabilities for one in (segment, round(100 * share))]
    return [explanation.second, percentages, reasons]


def _short_difference(difference: Difference) -> list[Any]:
    effect = float(f"{difference.effect_size:.3g}")
    if difference.value is None or difference.shares is None:
        return [difference.column, effect]
    return [difference.column, effect, difference.value, *map(percent, difference.shares)]
