"""Sentences of the report about a segmentation."""

from __future__ import annotations

import re

from mallard.figures import figure
from mallard.report.data import ReportData, Segment, are_weighted, silhouette_of

APART = 0.5
"""A feature sets a segment apart if its mean is at least this many standard deviations from that of all customers."""
MAX_APART = 3
KINDS = {
    "value": r"spend|score|revenue|sales|orders|purchase|amount|monetary|value|basket|visits|frequency|turnover",
    "means": r"income|salary|wealth|budget",
    "absence": r"recency|inactive|dormant|days_since|since_last",
}
"""Kinds of features, by patterns in their names: what customers bring, could bring, or how long they were away."""
SUGGESTIONS = {
    ("absence", "high"): "Win them back: offer a reason to return, with a deadline.",
    ("value", "high", "means", "high"): "Keep them: offer early access and personal service, and thank them.",
    ("value", "high", "means", "low"): "Keep prices within their reach: loyalty points, bundles, instalments.",
    ("value", "high"): "Keep them: thank them, and ask what they would miss.",
    ("value", "low", "means", "high"): "Ask why they don't buy more; they could afford it.",
    ("value", "low", "means", "low"): "Serve them at low cost, and watch for customers who spend more over time.",
    ("value", "low"): "Before you spend on them, find out whether they need something else, or nothing.",
}
"""The first suggestion whose conditions all hold is used."""
OF_VECTOR = "Look at the customers nearest to the centroid: what do they have in common?"
WITHOUT = "Look at what sets them apart, and ask a few of them why."
AVERAGE = "They resemble the average customer: what works for everyone should work for them."


def title(data: ReportData) -> str:
    """Name of the table, as a heading."""
    name = data.name.replace("_", " ")
    return name[:1].upper() + name[1:]


def headline(data: ReportData) -> str:
    """Number of customers and segments, the reason for this number, and the time of the build."""
    selected = data.selected
    n_segments = len(data.segments)
    segments = "one segment" if n_segments == 1 else f"{n_segments} segments"
    without = "" if data.left_out == 0 else f" ({count(data, data.left_out)} more have no segment)"
    return (
        f"{data.n_assigned:,} customers in {segments}{without}; {selected['selection_reason'].rstrip('.')}; "
        f"built on {data.built_at:%d %B %Y at %H:%M} UTC."
    )


def count(data: ReportData, n_customers: int | None) -> str:
    """A number of customers that may be hidden."""
    return "a few" if n_customers is None else f"{n_customers:,}"


def notes(data: ReportData) -> list[str]:
    """Which customers the charts show, and what is left out."""
    said = [_sample_note(data)]
    fewest = data.disclosure.suppress_below
    if fewest > 1:
        said.append(f"Figures of fewer than {fewest} customers aren't shown, nor others that would give them away.")
    if data.hidden_features:
        said.append(f"Features without figures for this reason: {', '.join(data.hidden_features)}.")
    if data.disclosure.rows and data.disclosure.ids and not data.has_ids:
        said.append("The table has no column that identifies customers, so they are numbered.")
    return said


def _sample_note(data: ReportData) -> str:
    if not data.disclosure.rows:
        ranges = "Each mark is the mean of all customers of a segment who have about the same values."
        sample = " The silhouettes are those of a random sample." if data.is_sample else ""
        return ranges + sample
    if not data.is_sample:
        return "The charts show all customers with a segment."
    return (
        f"The scatter plot and the silhouettes show a random sample of {len(data.customers):,} of {data.n_assigned:,} "
        "customers, with some from each segment. All other figures cover all customers."
    )


def how_to_select(data: ReportData) -> str:
    """What happens when somebody drags over the scatter plot."""
    if data.disclosure.rows:
        return (
            "Drag over the chart to select customers: the cards, the other charts and the table at the end show your "
            "selection."
        )
    return "Drag over the chart to select customers: the cards show your selection."


def what_silhouettes_say(data: ReportData) -> str:
    """How to read the chart of silhouettes."""
    mark = (
        "Each bar is the silhouette of a customer."
        if data.disclosure.rows
        else "The darker a field, the more customers of the segment have such a silhouette."
    )
    return (
        f"{mark} Near 1, a customer is well inside the segment; near 0, on a border; below 0, nearer to another "
        "segment."
    )


def personal_data(data: ReportData) -> str:
    """What the page, its source and its pictures contain of single customers."""
    if not data.disclosure.rows:
        return "this page contains no row of a single customer."
    customers = "one customer" if data.n_shown == 1 else f"{data.n_shown:,} customers"
    if data.disclosure.ids and data.has_ids:
        return f"this page contains ids and values of {customers}."
    return f"this page contains values of {customers}, without ids. Values can identify a person, too."


HIDDEN_SEGMENT = (
    "Its figures aren't shown, because they are of too few customers, or would give away those of another segment."
)


def runner_up(data: ReportData) -> str:
    """Comparison with the second-best number of segments."""
    other, chosen = data.runner_up, silhouette_of(data.selected)
    if chosen is None:
        return "The chosen number has no silhouette."
    if other is None:
        return "No other number of segments has a silhouette to compare with."
    second = silhouette_of(other) or 0.0
    verdict = "higher than" if second > chosen else "compared with"
    change = other["inertia"] / data.selected["inertia"] - 1 if data.selected["inertia"] else 0.0
    direction = "lower" if change < 0 else "higher"
    return (
        f"The runner-up is k = {other['n_clusters']}: its silhouette is {second:.3f}, {verdict} {chosen:.3f}, and its "
        f"inertia is {abs(change):.0%} {direction}."
    )


def size(data: ReportData, segment: Segment) -> str:
    """Number of customers, and their share; their share of the weight if weights differ."""
    is_weighted = are_weighted([segment], data.n_assigned)
    return f"{segment.n_customers:,} customers, {segment.share:.1%}{' of the weight' if is_weighted else ''}"


def what_sets_apart(data: ReportData, segment: Segment) -> list[tuple[str, str]]:
    """The features whose means are farthest from the means of all customers, farthest first, and how far they are."""
    z_scores = {of.label: segment.z_scores[of.key] or 0.0 for of in data.features if not of.is_direction}
    apart = sorted((label for label, z in z_scores.items() if abs(z) >= APART), key=lambda label: -abs(z_scores[label]))
    return [(label, f"{_distance(z_scores[label])} the average") for label in apart[:MAX_APART]]


def _distance(z_score: float) -> str:
    return f"{abs(z_score):.1f} standard deviations {'above' if z_score > 0 else 'below'}"


def suggestion(data: ReportData, segment: Segment) -> str:
    """What to try with a segment, by a rule on the names of the features that set it apart."""
    levels: dict[str, str] = {}
    for feature in data.features:
        z_score = segment.z_scores[feature.key] or 0.0
        kind = next((kind for kind, pattern in KINDS.items() if re.search(pattern, feature.name.lower())), None)
        if kind and abs(z_score) >= APART:
            levels.setdefault(kind, "high" if z_score > 0 else "low")
    for known, said in SUGGESTIONS.items():
        if all(levels.get(kind) == level for kind, level in zip(known[::2], known[1::2], strict=True)):
            return said
    if segment.is_by_vector:
        return OF_VECTOR
    return WITHOUT if what_sets_apart(data, segment) else AVERAGE


def means(data: ReportData, segment: Segment) -> list[tuple[str, str]]:
    """Label and mean of each feature that has a meaning."""
    return [(of.label, figure(segment.means[of.key])) for of in data.features if not of.is_direction]
