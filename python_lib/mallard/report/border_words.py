"""Sentences about borders between segments, and about which segment came out of which."""

from __future__ import annotations

from mallard.choice.evidence import DEEPEST_CREST
from mallard.report.data import Border, Link, ReportData

SHOWN_BORDERS = 6
"""How many borders have a chart; all of them are in a table."""
FRACTIONS = {
    1 / 20: "a twentieth as many",
    1 / 10: "a tenth as many",
    1 / 6: "a sixth as many",
    1 / 5: "a fifth as many",
    1 / 4: "a quarter as many",
    1 / 3: "a third as many",
    1 / 2: "half as many",
    2 / 3: "two thirds as many",
    3 / 4: "three quarters as many",
    7 / 8: "nearly as many",
    1: "as many",
}
"""The nearest of these is said of a depth."""
HARDLY_ANY, MORE = 0.03, 1.1
"""Below and above these, a depth isn't said as a fraction."""
DIVIDES = 0.1
"""Least share of a segment that is called a part of it, besides the two largest."""


def which_borders(data: ReportData) -> str:
    """Which borders are drawn, and how to read the charts."""
    borders, many = data.borders or [], data.noun.many
    if not borders:
        return f"No two neighbouring segments have enough {many} to tell what lies between them."
    is_choice = len(borders) > SHOWN_BORDERS
    which = f"the {SHOWN_BORDERS} faintest of {len(borders)} borders" if is_choice else "all borders"
    hidden = (
        f" Stretches of fewer than {data.disclosure.suppress_below} {many} are left blank."
        if data.disclosure.suppress_below > 1
        else ""
    )
    return (
        "Each chart goes from one segment to its neighbour, along the line through their centroids, and counts the "
        f"{many} on the way. Few {many} at the border are a valley, and so two groups; many are no border at all, "
        f"but one group that is cut in two. You see {which}, those that are least of a valley first. A border is "
        f"compared with the less crowded of the two segments.{hidden}"
    )


def border_sentence(data: ReportData, border: Border) -> str:
    """How many customers there are between two segments, and what that means."""
    between = f"Between segment {border.first} and segment {border.second} there"
    if border.depth is None:
        return f"{between} {'is a valley, which separates two groups' if border.is_separate else 'is no valley'}."
    many = _how_many(data, border, border.depth)
    return f"{between} are {many}: {_meaning(data, border, border.depth)}."


def _how_many(data: ReportData, border: Border, depth: float) -> str:
    many = data.noun.many
    if depth < HARDLY_ANY:
        return f"hardly any {many}"
    if depth > MORE:
        return f"more {many} than inside {'either' if border.exceeds_both else 'one of them'}"
    nearest = min(FRACTIONS, key=lambda fraction: abs(fraction - depth) / fraction)
    return f"{'about ' if nearest < 7 / 8 or nearest == 1 else ''}{FRACTIONS[nearest]} {many} as inside either"


def _meaning(data: ReportData, border: Border, depth: float) -> str:
    if border.is_separate:
        return f"a {'faint ' if border.is_faint else ''}valley, which separates two groups"
    if depth <= DEEPEST_CREST:
        return "that may be chance, so it doesn't count as a valley"
    return f"no valley, but {'the edge of a slice' if data.selected['n_groups'] == 1 else 'a cut through a group'}"


def what_it_is(border: Border) -> str:
    """What a border does, for a table."""
    return "separates groups" if border.is_separate else "cuts through one"


def what_divides(data: ReportData) -> list[str]:
    """What one segment more divides: from the number before to the chosen one, and from that to the next."""
    chosen = data.selected["n_clusters"]
    steps = ([link for link in data.divisions if link.n_clusters == k] for k in (chosen, chosen + 1))
    return [said for step in steps if step and (said := _division(data, step))]


def _division(data: ReportData, links: list[Link]) -> str | None:
    children: dict[int, list[Link]] = {}
    for link in sorted(links, key=lambda link: -link.share_of_parent):
        children.setdefault(link.parent, []).append(link)
    divided = min(children, key=lambda parent: children[parent][0].share_of_parent)
    first, *others = children[divided]
    if not others:
        return None
    parts = {first.segment, others[0].segment} | {link.segment for link in others if link.share_of_parent >= DIVIDES}
    k, *in_order = links[0].n_clusters, *map(str, sorted(parts))
    into = f"{', '.join(in_order[:-1])} and {in_order[-1]}"
    if k == 2:
        return f"From one segment to 2, all {data.noun.many} divide into {into}."
    return f"From {k - 1} segments to {k}, segment {divided} divides into {into}."
