"""Sentences about the last build: what it fitted, how many customers moved, and why."""

from __future__ import annotations

from datetime import datetime

from mallard.figures import figure
from mallard.labels import capital
from mallard.report.data import ReportData
from mallard.report.history import History, Part
from mallard.report.verdict_words import are_slices
from mallard.report.words import number_of


def date(moment: datetime) -> str:
    """A date for people."""
    return f"{moment.day} {moment:%B %Y}"


def last_build(data: ReportData, history: History) -> str:
    """When the last build was, and which version gave the segments, with the reason for a new one."""
    said = f"The last build, number {history.build}, was on {date(history.built_at)} at {history.built_at:%H:%M} UTC."
    if history.is_fit:
        return f"{said} It fitted version {history.version}, because {history.reason}."
    since = f", of {date(history.fitted_at)}" if history.fitted_at else ""
    return f"{said} It fitted nothing: the segments are those of version {history.version}{since}."


def moves(data: ReportData, history: History) -> str:
    """How many customers joined, left and moved, as far as it is shown."""
    counts = [
        (n, did)
        for n, did in (
            (history.n_joined, "joined"),
            (history.n_left, "left"),
            (history.n_moved, "moved to another segment"),
        )
        if n is not None
    ]
    if not counts:
        return ""
    if not any(n for n, _ in counts):
        return f"No {data.noun.one} {_joined([did for _, did in counts], 'or')}."
    (first, did), *others = counts
    subject = number_of(data, first) if first else f"no {data.noun.one}"
    said = [f"{subject} {did}", *(f"{n:,} {did}" if n else f"none {did}" for n, did in others)]
    return f"{capital(_joined(said, 'and'))}."


def _joined(texts: list[str], word: str) -> str:
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def why(data: ReportData, history: History) -> list[str]:
    """How many of them behave differently, and how many moved because segments were redrawn."""
    if Part.TOGETHER in history.parts:
        return [
            f"The version before can't score the {data.noun.many} of today, so nobody can tell how many of them behave "
            "differently, and how many moved because the segments were redrawn."
        ]
    n = history.n_of(Part.BEHAVIOUR, "moved")
    if n and history.n_moved == n and not history.is_fit:
        return [f"All that moved behave differently{_worth(data, history, Part.BEHAVIOUR)}: no segment was redrawn."]
    said = []
    if n:
        said.append(f"{n:,} moved because they behave differently{_worth(data, history, Part.BEHAVIOUR)}.")
    if Part.REDEFINITION in history.parts:
        n = history.n_of(Part.REDEFINITION, "moved")
        said.append(
            f"{f'{n:,}' if n else 'None'} of today's {data.noun.many} moved because version {history.version} redrew "
            f"the segments{_worth(data, history, Part.REDEFINITION)}."
        )
        if history.n_moved is not None and history.n_moved != sum(
            history.n_of(part, "moved") for part in history.parts
        ):
            said.append(f"One {data.noun.one} can count in both.")
    return said


def _worth(data: ReportData, history: History, part: Part) -> str:
    """What those who moved are worth together, if it is known."""
    moved = [flow for flow in history.flows if flow.part is part and flow.kind == "moved"]
    values = [flow.value for flow in moved if flow.value is not None]
    if data.value_label is None or not values or len(values) < len(moved):
        return ""
    before = [flow.value_before for flow in moved if flow.value_before is not None]
    changed = part is not Part.REDEFINITION and len(before) == len(moved)
    was = f", {figure(sum(before))} at the build before" if changed else ""
    return f" (together worth {figure(sum(values))} of {data.value_label}{was})"


def what_is_hidden(data: ReportData, history: History) -> str:
    """Which numbers aren't shown, because some of them are of few customers."""
    moved = {
        Part.BEHAVIOUR: "how many moved because they behave differently, and where",
        Part.REDEFINITION: "how many moved because the segments were redrawn, and where",
        Part.TOGETHER: "how many moved, and where",
    }
    hidden = [moved[part] for part in Part if part in history.hidden]
    if history.n_joined is None:
        hidden.insert(0, "how many joined and left")
    if not hidden:
        return ""
    few = f"some of these figures are of fewer than {data.disclosure.suppress_below} {data.noun.many}"
    return f"Not shown: {'; '.join(hidden)}. The reason is that {few}, or would give them away."


def restlessness(data: ReportData) -> str:
    """What to think of moves between slices; nothing between groups."""
    if not are_slices(data):
        return ""
    many = data.noun.many
    return (
        f"The segments are slices of one cloud, with no gap between them, so {many} near an edge change sides though "
        "hardly anything changed about them: a fifth of all can within a month. Look at large flows, and make nothing "
        "of a single move."
    )


def how_to_read(data: ReportData) -> str:
    """What a matrix of flows shows."""
    return (
        f"A row has the {data.noun.many} of one segment before, and a column says where they are now. Grey fields are "
        "those that stayed, blue ones those that moved, and orange ones those that joined or left. The stronger "
        "the colour, the larger their share of the segment."
    )


def heading(data: ReportData, part: Part) -> str:
    """What a matrix of flows is about, and between what it compares."""
    version = data.history.version if data.history else 0
    return {
        Part.BEHAVIOUR: f"{capital(data.noun.many)} that behave differently: the build before against today, by the "
        "same version",
        Part.REDEFINITION: f"{capital(data.noun.many)} that version {version} put elsewhere: today's, by the version "
        "before and by this one",
        Part.TOGETHER: f"{capital(data.noun.many)} by their segment at the build before and today",
    }[part]
