"""What the report says of a customer: how sure the segment is, and what speaks for it."""

from __future__ import annotations

from mallard.figures import figure, percent
from mallard.report.data import Explanation, Explanations, ReportData, Row, Value


def how_sure(data: ReportData, row: Row) -> str:
    """How probable the likeliest segments of a customer are: "63% big spenders; 30% regulars"."""
    explanation = _explanation(data, row)
    if explanation is None:
        return ""
    names = {segment.segment_id: segment.name for segment in data.segments}
    return "; ".join(f"{_in_words(share)} {names[segment]}" for segment, share in explanation.probabilities)


def main_reason(data: ReportData, row: Row) -> str:
    """What speaks most for the segment of a customer against the next: "income of 81 is nearer to 82 than to 49"."""
    explanation = _explanation(data, row)
    if explanation is None or data.explanations is None:
        return ""
    for_it = [reason for reason in explanation.reasons if reason.contribution > 0]
    if not for_it:
        return "nothing"
    reason = for_it[0]
    feature = data.explanations.features[reason.feature]
    own, second = (feature.centroids.get(segment) for segment in (row["segment"], explanation.second))
    if own is None or second is None:
        return f"{feature.label} is nearer to this segment than to the next"
    if feature.is_share and reason.value in (0, 1):
        said = f"{feature.label}, like" if reason.value else f"not {feature.label}, unlike"
        return f"{said} {percent(own)} of this segment and {percent(second)} of the next"
    write = percent if feature.is_share else figure
    return f"{feature.label}{_of_value(reason.value)} is nearer to {write(own)} than to {write(second)}"


def about_finder(data: ReportData, explanations: Explanations) -> str:
    """Whom the finder knows, and who tells of all others."""
    whom = f"a sample of {len(explanations.of):,}" if data.is_sample else f"all {len(explanations.of):,}"
    others = " mallard.explain and mallard.memberships tell of anybody, in SQL." if data.is_sample else ""
    return (
        f"Type the id of a {data.noun.one} to see the segment, how sure it is, and why. This page knows {whom} "
        f"{data.noun.many}.{others} A probability says how likely the segment is by distance alone, whatever its size."
    )


def about_file(data: ReportData, explanations: Explanations) -> str:
    """What file the page takes to find anybody, and what becomes of it; an empty text if it takes none."""
    if explanations.of_file is None:
        return ""
    return (
        f"To find anybody else, choose a CSV file of all {data.noun.many}: the table {data.name} with the columns of "
        "its features, as any tool saves it. It is read in this browser and sent nowhere."
    )


def why_no_finder(data: ReportData) -> str:
    """Why the page can't find a customer; an empty text if it can."""
    if not data.disclosure.rows:
        return f"There is no finder, because this page has no row of a single {data.noun.one}."
    if data.is_by_rules:
        return "There is no finder, because rules say who is in which segment, and distances do not."
    if not (data.disclosure.ids and data.has_ids):
        return f"There is no finder, because this page has no ids of {data.noun.many}."
    if data.explanations is None and data.disclosure.suppress_below > 1:
        return "There is no finder, because it could tell what is hidden."
    if data.explanations is None:
        return (
            f"There is no finder, because {data.noun.many} count more than once, and the table of versions, which says "
            "how often, isn't there."
        )
    return ""


def _explanation(data: ReportData, row: Row) -> Explanation | None:
    return data.explanations.of.get(row["id"]) if data.explanations else None


def _of_value(value: Value) -> str:
    if value is None:
        return ", filled in,"
    return "" if isinstance(value, str) else f" of {figure(value)}"


def _in_words(share: float) -> str:
    """A probability without decimals; it is never said to be 1."""
    whole = round(100 * share)
    return f"{whole}%" if whole < 100 else "over 99%"
