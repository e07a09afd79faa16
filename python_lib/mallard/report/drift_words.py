"""Sentences about what changed since the current version, or the one before, was fitted."""

from __future__ import annotations

import math

from mallard.figures import figure, percent
from mallard.labels import capital
from mallard.report.data import ReportData
from mallard.report.history import Drift, History

MOST = 6
"""How many changes are said; all of them are in a table."""
TWICE = 2
"""From here on a ratio isn't said in percent."""
RATIOS = ("spread", "mean distance")
"""Measures whose size is a factor, which is 1 where nothing changed."""
UNINTERESTING = ("psi",)
"""Measures that are in the table alone, because others say the same in plainer words."""
USUAL = {"share": 0.06, "mean": 0.25, "spread": 1.15, "mean distance": 1.15, "far": 0.05}
"""From what size on a change is worth a sentence where no bound says it, to compare changes of different measures."""


def since(data: ReportData, history: History) -> str:
    """What the list of changes is about, or that there is none."""
    versions = sorted({drift.version for drift in history.drift})
    fit = f"since version {versions[0]} was fitted"
    hidden = " Changes inside segments aren't shown." if data.disclosure.suppress_below > 1 else ""
    if not most_moved(history):
        return f"Nothing changed {fit} by more than chance explains.{hidden}"
    reasons = [drift for drift in history.drift if _is_reason(drift)]
    verdict = "enough to fit again" if reasons else "not enough to fit again"
    return f"What changed most {fit}, by more than chance explains: {verdict}.{hidden}"


def most_moved(history: History) -> list[Drift]:
    """The largest changes that chance doesn't explain, those that are a reason to fit again first."""
    found = [of for of in history.drift if of.is_significant and of.measure not in UNINTERESTING]
    return sorted(found, key=lambda of: (not _is_reason(of), not of.is_material, -_weight(of)))[:MOST]


def how_much(drift: Drift) -> str:
    """Whether a change matters."""
    if drift.is_material is None:
        return "for information"
    if not drift.is_material:
        return "too little to matter"
    return "a reason to fit again" if drift.decides else "large, but alone no reason to fit again"


def sentence(data: ReportData, history: History, drift: Drift) -> str:
    """What changed, in plain words."""
    said = _of_all(data, drift) if drift.segment is None else _of_segment(data, history, drift)
    return capital(said)


def _is_reason(drift: Drift) -> bool:
    return bool(drift.decides and drift.is_material and drift.is_significant)


def _weight(drift: Drift) -> float:
    """How large a change is, as a multiple of what matters."""
    least = drift.bound if drift.bound is not None else USUAL.get(drift.measure, math.inf)
    if drift.measure in RATIOS:
        return abs(math.log(drift.size)) / math.log(least) if drift.size > 0 else math.inf
    return abs(drift.size) / least


def _of_all(data: ReportData, drift: Drift) -> str:
    many = data.noun.many
    if drift.measure == "feature mean":
        return f"{drift.label} is {_deviations(drift)} than at the fit"
    if drift.measure == "means":
        return (
            f"the middles of the segments moved: new ones would fit {percent(max(drift.size, 0.0))} better "
            "(of the inertia)"
        )
    if drift.measure == "spread":
        return f"squared distances to the middles of the segments are {_larger(drift.size)} at the fit"
    if drift.measure == "shares":
        return f"the sizes of the segments differ: {percent(drift.size)} of {many} would have to be in another one"
    if drift.measure == "psi":
        of = "the sizes of the segments" if drift.label is None else drift.label
        return f"{of}: a population stability index (PSI) of {figure(drift.size)}"
    return f"{drift.measure}{f' of {drift.label}' if drift.label else ''}: {figure(drift.size)}"


def _of_segment(data: ReportData, history: History, drift: Drift) -> str:
    segment, many = history.called(drift.segment), data.noun.many
    if drift.measure == "share":
        return f"{segment} has {percent(drift.value)} of {many}, and had {percent(drift.value_before)} at the fit"
    if drift.measure == "mean":
        return f"{segment}: {drift.label} is {_deviations(drift)} than at the fit"
    if drift.measure == "spread":
        return f"{segment}: the spread of {drift.label} is {_larger(drift.size)} at the fit"
    if drift.measure == "mean distance":
        far = _times(drift.size, "farther from the middle", "nearer to the middle", "far from the middle")
        return f"{segment}: {many} are {far} at the fit"
    if drift.measure == "far":
        return f"{segment}: {percent(drift.value)} of {many} are farther from the middle than any at the fit"
    return f"{segment}: {drift.measure}{f' of {drift.label}' if drift.label else ''}: {figure(drift.size)}"


def _deviations(drift: Drift) -> str:
    """How far a mean moved, and where to."""
    unit = "standard deviation" if f"{abs(drift.size):.2f}" == "1.00" else "standard deviations"
    return f"{abs(drift.size):.2f} {unit} {'higher' if drift.size >= 0 else 'lower'}"


def _larger(ratio: float) -> str:
    return _times(ratio, "larger", "smaller", "large")


def _times(ratio: float, more: str, less: str, much: str) -> str:
    """A ratio in percent, or as a factor if it is large."""
    if ratio >= TWICE:
        return f"{figure(ratio)} times as {much} as"
    return f"{percent(abs(ratio - 1))} {more if ratio >= 1 else less} than"
