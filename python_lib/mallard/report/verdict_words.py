"""Sentences about what the segments are, and what to do where they are no groups."""

from __future__ import annotations

from mallard.choice.verdict import CROWDED, STABLE
from mallard.phrases import what_segments_are
from mallard.report.data import ReportData, Segment

HIGHLY_STABLE, PATTERN = 0.85, 0.6
"""Bounds of the bands of stability, beside `STABLE` (Hennig 2007)."""
OTHER_SCALE = (
    "Look for groups on another scale (scale): auto, the default, takes logarithms of numbers of which a few are very "
    "large; standard takes none."
)
OWN_NUMBER = "Choose the number of slices yourself (n_clusters): as many as you can treat in different ways."


def what_stability_is(data: ReportData) -> str:
    """How to read the stability of a segment."""
    many = data.noun.many
    return (
        f"How well a segment comes back says how many of its {many} are together again when {many} are drawn anew at "
        "random and segmented (mean Jaccard similarity, 0 to 1). From 0.85 on, a segment is highly stable, from 0.75 "
        "stable, from 0.6 a pattern, and below it isn't to be trusted."
    )


def use_of_slices(data: ReportData) -> str:
    """What slices are good for, and what they aren't."""
    return (
        f"That is the usual case, and slices are useful: the {data.noun.many} of a slice are alike, so each slice can "
        f"be treated in its own way. But nothing changes at its edge: one {data.noun.one} just inside is hardly "
        "different from the next one outside."
    )


def finding(data: ReportData) -> str:
    """What the segments are, as a heading."""
    return f"{what_segments_are(data.selected)}."


def reason(data: ReportData) -> str:
    """Why they are what the heading says, if it doesn't say so itself.

    There are no figures in it where these are of few customers, or of a hidden segment.
    """
    if data.selected["verdict"] == "none":
        return _reason_for_one(data)
    return _reason_without_figures(data) if _hides_figures(data) else str(data.selected["verdict_reason"])


def _reason_for_one(data: ReportData) -> str:
    if len(data.metrics) == 1:
        return "No other number of segments was tried."
    is_cloud = data.selected["n_groups"] == 1
    return f"No border clearly separates groups, so the {data.noun.many} count as one cloud." if is_cloud else ""


def _hides_figures(data: ReportData) -> bool:
    if data.disclosure.suppress_below <= 1:
        return False
    is_hidden = any(segment.is_hidden for segment in data.segments)
    return is_hidden or data.borders is None or any(border.depth is None for border in data.borders)


def _reason_without_figures(data: ReportData) -> str:
    selected = data.selected
    if selected["is_natural"]:
        borders = "Every border between segments is a valley."
    elif selected["n_groups"] == 1:
        borders = f"No border clearly separates groups, so the {data.noun.many} count as one cloud."
    else:
        borders = "Some borders between segments are no valleys."
    comes_back = {
        "reproducible": f" The same segments come back when {data.noun.many} are drawn anew.",
        "constructive": f" Some segments don't come back when {data.noun.many} are drawn anew.",
    }
    return borders + comes_back.get(selected["verdict"], "")


def are_slices(data: ReportData) -> bool:
    """Whether there are several segments, and no groups."""
    return len(data.segments) > 1 and data.selected["n_groups"] == 1


def what_to_do(data: ReportData) -> list[str]:
    """What a person can do where the segments aren't the groups; nothing where they are."""
    if data.selected["n_groups"] > 1:
        return _to_have_groups(data)
    if len(data.segments) > 1:
        return [_as_they_come_back(data), OWN_NUMBER, _other_features(data), OTHER_SCALE]
    if len(data.metrics) == 1:
        return ["Let other numbers be tried (n_clusters: auto), to see whether there are groups."]
    return [OWN_NUMBER, _other_features(data), OTHER_SCALE]


def _other_features(data: ReportData) -> str:
    return (
        f"Look for groups with other features. A few that say what {data.noun.many} do differently tell groups apart "
        "better than many that say how much."
    )


def _as_they_come_back(data: ReportData) -> str:
    if data.selected["verdict"] == "reproducible":
        return "Use the slices: they are no matter of chance, because the same ones come back."
    return (
        "Use the slices for what you decide once. Some of them come out otherwise with other "
        f"{data.noun.many}, as their cards say; fewer slices may come back."
    )


def _to_have_groups(data: ReportData) -> list[str]:
    n_segments, n_groups = data.selected["n_clusters"], data.selected["n_groups"]
    if data.selected["is_natural"] and n_groups <= n_segments:
        return []
    natural = [row["n_clusters"] for row in data.metrics if row["is_natural"]]
    best = n_groups if n_groups in natural else max(natural, default=None)
    as_they_are = "Use the segments as they are, and see below which borders separate groups and which cut through one."
    if data.selected["is_natural"]:
        as_they_are = "Use the segments as they are. Some are of several groups, but no border cuts through one."
    each_group = f"Set n_clusters to {best or 'auto'}, to have each group as one segment."
    return [as_they_are] * (n_segments > 1) + [each_group] * (best is not None or len(data.metrics) == 1)


def warnings(data: ReportData) -> list[str]:
    """What to be careful about."""
    largest = max(data.segments, key=lambda segment: segment.share)
    if len(data.segments) == 1 or largest.share <= CROWDED:
        return []
    return [
        f"Segment {largest.segment_id} has {largest.share:.0%} of the {data.noun.many}, because a few are far from all "
        "others. Look at these few, and leave them out in the select, or give the features that set them apart another "
        "scale."
    ]


def stability(segment: Segment) -> str | None:
    """How well a segment comes back, in words; None for a single segment."""
    if segment.stability is None:
        return None
    return f"Comes back in resamples: {segment.stability:.2f}, {_band(segment.stability)}."


def _band(similarity: float) -> str:
    bands = {HIGHLY_STABLE: "highly stable", STABLE: "stable", PATTERN: "a pattern"}
    return next((band for least, band in bands.items() if similarity >= least), "not to be trusted")
