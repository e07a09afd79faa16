"""Sentences of the report about a segmentation."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.labels import capital, in_list
from mallard.report.data import ReportData, silhouette_of


def title(data: ReportData) -> str:
    """Name of the table, as a heading."""
    return capital(data.name.replace("_", " "))


def number_of(data: ReportData, n: int) -> str:
    """A number of customers, by what they are called."""
    return f"{n:,} {data.noun.one if n == 1 else data.noun.many}"


def headline(data: ReportData) -> str:
    """Number of customers and segments, and the time of the build."""
    n_segments = len(data.segments)
    segments = "one segment" if n_segments == 1 else f"{n_segments} segments"
    without = "" if data.left_out == 0 else f" ({count(data, data.left_out)} more have no segment)"
    return f"{number_of(data, data.n_assigned)} in {segments}{without}, built on {data.built_at:%d %B %Y at %H:%M} UTC."


def count(data: ReportData, n_customers: int | None) -> str:
    """A number of customers that may be hidden."""
    return "a few" if n_customers is None else f"{n_customers:,}"


def notes(data: ReportData) -> list[str]:
    """Which customers the charts show, and what is left out."""
    said = [_sample_note(data)]
    fewest = data.disclosure.suppress_below
    if fewest > 1:
        said.append(
            f"Figures of fewer than {fewest} {data.noun.many} aren't shown, nor others that would give them away."
        )
    if data.hidden_features:
        said.append(f"Features without figures for this reason: {', '.join(map(in_list, data.hidden_features))}.")
    if data.disclosure.rows and data.disclosure.ids and not data.has_ids:
        said.append(f"The table has no column that identifies {data.noun.many}, so they are numbered.")
    return said


def _sample_note(data: ReportData) -> str:
    if not data.disclosure.rows:
        ranges = f"Each mark is the mean of all {data.noun.many} of a segment that have about the same values."
        sample = " The silhouettes are those of a random sample." if data.is_sample else ""
        return ranges + sample
    if not data.is_sample:
        return f"The charts show all {data.noun.many} with a segment."
    return (
        f"The scatter plot and the silhouettes show a random sample of {len(data.customers):,} of {data.n_assigned:,} "
        f"{data.noun.many}, with some from each segment. All other figures cover all {data.noun.many}."
    )


def how_to_select(data: ReportData) -> str:
    """What happens when somebody drags over the scatter plot."""
    if data.disclosure.rows:
        return (
            f"Drag over the chart to select {data.noun.many}: the cards, the other charts and the table at the end "
            "show your selection."
        )
    return f"Drag over the chart to select {data.noun.many}: the cards show your selection."


def what_numbers_mark(data: ReportData) -> str:
    """Where the scatter plot has the number of a segment."""
    if any(feature.unit is not None for feature in data.features):
        return "The numbers mark the segments: their means, or their medians where an axis is logarithmic."
    return "The numbers mark the means of the segments."


def what_z_scores_say(data: ReportData) -> str:
    """How to read the heat map, and which of its numbers are those of logarithms."""
    said = (
        f"Each number says how far the mean of a segment is above or below that of all {data.noun.many}, in standard "
        "deviations, on the scale in which segments were found."
    )
    return f"{said} {note}" if (note := on_logarithms(data)) else said


def on_logarithms(data: ReportData) -> str:
    """For which features the scale in which segments were found is logarithmic; nothing if for none."""
    numbers = [feature for feature in data.features if not feature.is_direction]
    labels = [feature.label for feature in numbers if feature.unit is not None]
    if not labels:
        return ""
    which = "" if len(labels) == len(numbers) else f" for {listed(labels)}"
    return f"That scale is logarithmic{which}: from one to two is as far as from ten to twenty."


def listed(texts: Sequence[str]) -> str:
    """Several names in a sentence."""
    texts = list(map(in_list, texts))
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def what_silhouettes_say(data: ReportData) -> str:
    """How to read the chart of silhouettes."""
    mark = (
        f"Each bar is the silhouette of one {data.noun.one}."
        if data.disclosure.rows
        else f"The darker a field, the more {data.noun.many} of the segment have such a silhouette."
    )
    return f"{mark} Near 1, it is well inside the segment; near 0, on a border; below 0, nearer to another segment."


def what_the_line_is(data: ReportData) -> str:
    """Whose mean the chart of silhouettes shows."""
    if data.is_by_rules:
        return "The line is the mean of the segments of the nearest centroids, which the rules follow."
    return f"The line is the mean of all {data.noun.many}."


def what_the_number_is_of(data: ReportData) -> str:
    """What the metrics compare, where that isn't the segments."""
    if data.is_by_rules:
        return "These figures are of the segments of the nearest centroids, which the rules follow."
    return ""


def near_a_border(data: ReportData) -> str:
    """What the customers of the last table have in common."""
    if data.is_by_rules:
        return f"The {data.noun.many} farthest from the centroid of their segment, compared with the next one"
    return f"The {data.noun.many} nearest to a border"


def what_is_near_a_border(data: ReportData) -> str:
    """What the table says about them."""
    if data.is_by_rules:
        return "Where the confidence is below 0, the next centroid is nearer, but rules give the segments."
    n = len(data.near_border)
    return f"These {data.noun.many} fit the next segment almost as well. The CSV file has the {n} nearest of all."


def personal_data(data: ReportData) -> str:
    """What the page, its source and its pictures contain of single customers."""
    if not data.disclosure.rows:
        return f"this page contains no row of a single {data.noun.one}."
    customers = f"one {data.noun.one}" if data.n_shown == 1 else number_of(data, data.n_shown)
    if data.disclosure.ids and data.has_ids:
        return f"this page contains ids and values of {customers}."
    return f"this page contains values of {customers}, without ids. Values can identify a person, too."


def hidden_segment(data: ReportData) -> str:
    """Why a segment has no figures."""
    return (
        f"Its figures aren't shown, because they are of too few {data.noun.many}, or would give away those of another "
        "segment."
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
