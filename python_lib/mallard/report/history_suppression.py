"""Hides counts of few customers in the history, with all from which they could be deduced.

The flows of a part are cells of one table. Their sums are sizes of segments, known from this report and from the one
before. So they are shown as a whole if none is of few customers, and otherwise not at all. How many moved is a sum of
them, and goes with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from mallard.report.disclosure import Disclosure
from mallard.report.history import Drift, Fate, Flow, History, Part


def without_few(
    history: History, disclosure: Disclosure, is_segment_hidden: bool, shown_features: Collection[str]
) -> History:
    """The history without what would be of few customers, or give away others.

    Args:
        is_segment_hidden: whether a segment of today has no figures.
        shown_features: labels of those of which a change of the mean counts nobody.
    """
    hidden = {part for part in history.parts if is_segment_hidden or _has_few(history.flows, part, disclosure)}
    flows = [_without_value(flow) for flow in history.flows if flow.part not in hidden]
    counts = history.n_joined, history.n_left
    shows_joined = all(n is not None and not disclosure.hides(n) for n in counts)
    drift = [of for of in history.drift if of.label is None or of.label in shown_features]
    return replace(
        history,
        reason=history.reason if len(drift) == len(history.drift) else _without_feature(history),
        n_joined=history.n_joined if shows_joined else None,
        n_left=history.n_left if shows_joined else None,
        n_moved=history.n_moved if _shows_moved({flow.part for flow in flows}, history.hidden | hidden) else None,
        flows=flows,
        hidden=history.hidden | hidden,
        fates=[] if is_segment_hidden else [_without_shares(fate) for fate in history.fates],
        drift=[_without_values(of) for of in drift if of.segment is None],
    )


def _has_few(flows: Sequence[Flow], part: Part, disclosure: Disclosure) -> bool:
    return any(disclosure.hides(flow.n_customers) for flow in flows if flow.part is part)


def _shows_moved(shown: Collection[Part], hidden: Collection[Part]) -> bool:
    """Whether the number of those who moved for whatever reason is the sum of flows that are shown.

    With two parts it isn't: what it lacks to the sum of both is the number of those who moved twice.
    """
    return len(shown) == 1 and not hidden


def _without_feature(history: History) -> str:
    """Why the version was fitted, without the feature and the figure that the reason may have."""
    return "the data drifted" if any(of.decides and of.is_material for of in history.drift) else history.reason


def _without_value(flow: Flow) -> Flow:
    return replace(flow, value_before=None, value=None)


def _without_shares(fate: Fate) -> Fate:
    return replace(fate, share_of_old=None, share_of_new=None)


def _without_values(drift: Drift) -> Drift:
    return replace(drift, value_before=None, value=None)
