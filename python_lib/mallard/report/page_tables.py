"""The tables behind the charts, as texts."""

from __future__ import annotations

from collections import defaultdict

from mallard.figures import figure, percent
from mallard.report.algorithm_words import noise
from mallard.report.attribute_words import day
from mallard.report.axes import axis_titles
from mallard.report.data import Feature, ReportData, Segment
from mallard.report.drift_words import how_much, sentence
from mallard.report.encodings import visible
from mallard.report.history import History, Part

Table = tuple[list[str], list[list[str]]]
"""Headings, and rows. The first cell of a row says what it is about."""
KINDS = ("moved", "joined", "left", "stayed")
"""Flows in the order of a table."""


def values(data: ReportData) -> Table:
    """How many customers there are in each segment, and what they are worth."""
    headings = ["segment", data.noun.many, "share", str(data.value_label), f"share of {data.value_label}"]
    return headings, [
        [s.label, f"{s.n_customers:,}", percent(s.share), figure(s.total_value), percent(s.share_of_value)]
        for s in visible(data)
    ]


def profiles(data: ReportData) -> Table:
    """Every feature of every segment, beside that of all."""
    everybody = f"of all {data.noun.many}"
    headings = ["feature", "segment", "mean", "median", f"mean {everybody}", f"median {everybody}", "deviations"]
    shown = [feature for feature in data.features if not feature.is_direction]
    return headings, [[feature.label, *_profile(feature, segment)] for feature in shown for segment in visible(data)]


def _profile(feature: Feature, segment: Segment) -> list[str]:
    show, key = percent if feature.is_share else figure, feature.key
    z_score = segment.z_scores[key]
    return [
        segment.label,
        show(segment.means[key]),
        "" if feature.is_share else show(segment.medians[key]),
        show(feature.overall_mean),
        "" if feature.is_share else show(feature.overall_median),
        "" if z_score is None else f"{z_score:+.2f}",
    ]


def attributes(data: ReportData) -> Table:
    """All that is known of other columns."""
    everybody = f"of all {data.noun.many}"
    names = {segment.segment_id: segment.label for segment in data.segments}
    columns = list(dict.fromkeys(of.column for of in data.attributes))
    headings = ["column", "segment", "value", "share", f"share {everybody}", "mean", f"mean {everybody}"]
    rows = [
        [
            of.label,
            names[of.segment],
            of.value or "",
            percent(of.share) if of.value is not None else "",
            percent(of.overall_share) if of.value is not None else "",
            figure(of.mean),
            figure(of.overall_mean),
            figure(of.median) or day(of.median_at),
            figure(of.overall_median) or day(of.overall_median_at),
        ]
        for of in sorted(data.attributes, key=lambda of: (columns.index(of.column), of.segment))
    ]
    return [*headings, "median", f"median {everybody}"], rows


def places(data: ReportData) -> Table:
    """Where charts show each segment, on the first two axes."""
    titles = axis_titles(data)
    axes = list(dict.fromkeys(data.axes))
    return ["segment", *(titles[key] for key in axes)], [
        [segment.label, *(figure(segment.position[key]) for key in axes)] for segment in visible(data)
    ]


def silhouettes(data: ReportData) -> Table:
    """The silhouettes of each segment: their mean and how many are below 0, or how many there are in each range."""
    names = {segment.segment_id: segment.label for segment in visible(data)}
    if not data.disclosure.rows:
        return ["segment", "silhouette from", "to", "share of the segment"], [
            [names[row["segment"]], f"{row['low']:.1f}", f"{row['high']:.1f}", percent(row["share"])]
            for row in data.silhouettes
        ]
    found: dict[int, list[float]] = defaultdict(list)
    for row in data.customers:
        if row.get("silhouette") is not None:
            found[row["segment"]].append(row["silhouette"])
    return ["segment", "mean silhouette", "share below 0"], [
        [names[segment], f"{sum(of) / len(of):.2f}", percent(sum(value < 0 for value in of) / len(of))]
        for segment, of in sorted(found.items())
    ]


def algorithms(data: ReportData) -> Table:
    """Every algorithm with its measures, or why it has none."""
    headings = [
        "algorithm",
        "clusters",
        "noise",
        "inertia",
        "silhouette",
        "stability",
        "agreement",
        "in SQL",
        "message",
    ]
    return headings, [
        [
            of.name,
            "" if of.clusters_found is None else str(of.clusters_found),
            noise(of),
            figure(of.inertia),
            *("" if value is None else f"{value:.3f}" for value in (of.silhouette, of.stability, of.agreement)),
            "yes" if of.can_score_in_sql else "no",
            of.message or "",
        ]
        for of in data.algorithms
    ]


def flows(data: ReportData, history: History, part: Part) -> Table:
    """How many customers went from which segment to which, those that moved first."""
    of_part = sorted((flow for flow in history.flows if flow.part is part), key=lambda flow: KINDS.index(flow.kind))
    has_value = data.value_label is not None and any(flow.value is not None for flow in of_part)
    headings = ["segment before", "segment now", "what they did", data.noun.many]
    return headings + [f"{data.value_label} before", f"{data.value_label} now"] * has_value, [
        [
            "not there" if flow.kind == "joined" else history.label(flow.source),
            "not there" if flow.kind == "left" else history.label(flow.target),
            flow.kind,
            f"{flow.n_customers:,}",
            *([figure(flow.value_before), figure(flow.value)] if has_value else []),
        ]
        for flow in of_part
    ]


def drift(data: ReportData, history: History) -> Table:
    """All that was compared with the fit, first of all customers and then by segment."""
    compared = sorted(history.drift, key=lambda of: of.segment is not None)
    return ["what", "more than chance explains", "does it matter"], [
        [sentence(data, history, of), "yes" if of.is_significant else "no", how_much(of)] for of in compared
    ]
