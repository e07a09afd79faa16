"""What to try with each segment, and what that rests on.

The rules know what a number means by patterns in its name. They know nothing about the business, so each
suggestion says its reasons, and where no rule fits, it says what is different and asks for a decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from mallard.figures import figure, percent
from mallard.kinds import kind_of
from mallard.report import comparison
from mallard.report.attribute_words import differences
from mallard.report.comparison import Comparison
from mallard.report.data import ReportData, Segment
from mallard.report.encodings import visible
from mallard.report.value_words import counted

BUYERS = (
    "customer", "client", "buyer", "shopper", "user", "member", "subscriber", "guest", "visitor", "donor", "person",
    "people", "household", "family", "company", "account", "fan",
)  # fmt: skip
"""Whom one can write to. Rows that are called otherwise, such as products, get neutral advice."""
RICH, POOR = 1.5, 0.6
"""A segment brings much or little from this share of the value on, as a multiple of its share of the customers."""
MANY = 0.3
"""From this share of the customers on, they are many."""
OVERDUE = 2.0
"""An absence is too long from this multiple of the usual time between orders on."""
MAX_NAMED = 3
"""Most differences that one suggestion names."""

RULES = [
    ({"value": "high", "overdue": "yes"}, "Win them back first: write or call in person, and ask what has changed."),
    ({"value": "high", "absence": "high"}, "Win them back before they are lost: an offer in person, with a deadline."),
    ({"value": "high", "means": "low"}, "Keep prices within their reach: loyalty points, bundles, instalments."),
    ({"value": "high", "means": "high"}, "Keep them: offer early access and personal service, and thank them."),
    ({"value": "high", "tenure": "low"}, "They are new and bring much: show what else there is, soon and in person."),
    ({"value": "high", "absence": "low"}, "Keep them: serve them first, and give no discount that they don't need."),
    ({"value": "high"}, "Keep them: thank them, and ask what they would miss."),
    ({"tenure": "low"}, "Welcome them: make the next order easy, and show what else there is."),
    ({"discount": "high"}, "Try on a part of them whether they buy as much with smaller discounts."),
    ({"value": "low", "absence": "high"}, "Try one cheap message with a deadline, and stop if nothing comes back."),
    ({"overdue": "yes"}, "Remind them now: they have been away for longer than they usually are."),
    ({"absence": "high"}, "Win them back: offer a reason to return, with a deadline."),
    ({"value": "low", "means": "high"}, "Ask why they don't buy more; they could afford it."),
    ({"value": "low", "absence": "low"}, "They still come: raise what they spend each time, by bundles for example."),
    ({"value": "low", "means": "low"}, "Serve them at low cost, and watch for those that spend more over time."),
    ({"value": "low", "share": "high"}, "Serve them automatically: they are many, and each brings little."),
    ({"value": "low"}, "Before you spend on them, find out whether they need something else, or nothing."),
    ({"value": "middle", "absence": "low"}, "They come often enough: offer what goes with what they have bought."),
    (
        {"value": "middle", "share": "high"},
        "Test offers on some of them first: they are many, so small gains add up.",
    ),
]
"""For those whom one can write to: what must hold, and the advice. The first that isn't given yet is taken."""
NEUTRAL_RULES = [
    ({"value": "high", "share": "high"}, "Look after these first: most depends on them."),
    ({"value": "high"}, "Look after these before others: they are few and bring much."),
    ({"value": "low", "share": "high"}, "Ask what so many are for: each brings little."),
    ({"value": "low"}, "Check whether these are worth what they cost."),
    ({"value": "middle", "share": "high"}, "Improve these in small steps: they are many, so small gains add up."),
]
"""For all other rows."""
OF_VECTOR = "Look at those nearest to the centroid: what do they have in common?"


class Reason(NamedTuple):
    """What a suggestion rests on: a label, which may be empty, and figures."""

    label: str
    figures: str


class Suggestion(NamedTuple):
    """An advice with its reasons."""

    advice: str
    because: list[Reason]


class _Known(NamedTuple):
    """What is known of a segment in the words of the rules: a level and a reason by kind."""

    levels: dict[str, str]
    reasons: dict[str, Reason]


def suggestions(data: ReportData) -> dict[int, Suggestion]:
    """A suggestion for each segment that has figures, by id.

    No two get the same advice unless nothing tells them apart. Those that are worth most choose first.
    """
    given: dict[int, Suggestion] = {}
    for segment in sorted(visible(data), key=lambda s: (-(s.share_of_value or 0.0), -s.share, s.segment_id)):
        candidates = [*_by_rules(data, segment), *_by_differences(data, segment)]
        used = {suggestion.advice for suggestion in given.values()}
        free = (candidate for candidate in candidates if candidate.advice not in used)
        given[segment.segment_id] = next(free, (candidates or [_without_difference(data, segment)])[0])
    return given


def _by_rules(data: ReportData, segment: Segment) -> Iterator[Suggestion]:
    """The advice of all rules that hold, in order."""
    known = _known(data, segment)
    is_about_buyers = data.noun.one.split()[-1].lower() in BUYERS
    for conditions, advice in RULES if is_about_buyers else NEUTRAL_RULES:
        if all(known.levels.get(kind) == level for kind, level in conditions.items()):
            yield Suggestion(advice, [known.reasons[kind] for kind in conditions])


def _known(data: ReportData, segment: Segment) -> _Known:
    by_kind = _by_kind([*comparison.of_features(data, segment), *comparison.of_numbers(data, segment)])
    levels = {kind: of.level for kind, of in by_kind.items() if of.level}
    reasons = {kind: Reason(of.label, of.said) for kind, of in by_kind.items()}
    if segment.share_of_value is not None and segment.share:
        ratio = segment.share_of_value / segment.share
        levels["value"] = "high" if ratio >= RICH else "low" if ratio <= POOR else "middle"
        reasons["value"] = Reason(
            "",
            f"{percent(segment.share_of_value)} of {data.value_label} comes from {percent(segment.share)} of "
            f"{counted(data)}",
        )
    if segment.share >= MANY and len(data.segments) > 1:
        levels["share"] = "high"
        reasons["share"] = Reason("", f"{percent(segment.share)} of {counted(data)} are in this segment")
    absence, gap = by_kind.get("absence"), by_kind.get("gap")
    if absence and gap and absence.median and gap.median and absence.median >= OVERDUE * gap.median > 0:
        levels["overdue"] = "yes"
        reasons["overdue"] = Reason(
            absence.label, f"median {figure(absence.median)}, with a median of {figure(gap.median)} {gap.label}"
        )
    return _Known(levels, reasons)


def _by_kind(comparisons: list[Comparison]) -> dict[str, Comparison]:
    """The number of each kind that says most about the segment."""
    found: dict[str, Comparison] = {}
    for of in sorted(comparisons, key=lambda of: -abs(of.z_score)):
        kind = kind_of(of.name, of.label)
        if kind:
            found.setdefault(kind, of)
    return found


def _by_differences(data: ReportData, segment: Segment) -> Iterator[Suggestion]:
    """Advice that names the largest difference, or the two or three largest."""
    found = comparison.apart(comparison.of_features(data, segment))
    for n in range(1, min(MAX_NAMED, len(found)) + 1):
        named = " and ".join(f"{of.label} is {of.how_common}" for of in found[:n])
        reasons = [Reason(of.label, of.said) for of in found[:n]]
        yield Suggestion(f"Find out why {named} here, and decide whether that calls for something of its own.", reasons)
    for of in islice(differences(data, segment), MAX_NAMED):
        advice = f"Look at {of.label}: it is what differs most here, besides what the segments were made by."
        yield Suggestion(advice, [Reason(of.label, of.said)])


def _without_difference(data: ReportData, segment: Segment) -> Suggestion:
    if segment.is_by_vector:
        return Suggestion(OF_VECTOR, [])
    return Suggestion(
        f"These resemble the average {data.noun.one}: what works for all should work here.",
        [Reason("", f"no feature is {comparison.APART} standard deviations or more from the average")],
    )
