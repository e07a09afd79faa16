"""Selection of k, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mallard.choice.elbow import find_elbow
from mallard.nouns import CUSTOMER

SELECTION_RULES = ("evidence", "elbow", "silhouette")
WITHOUT_GROUPS = ("slices", "one")
SLICES = range(3, 7)
"""Numbers of slices that people can act on."""
NEARLY = 0.05
"""Slices come back nearly as well if their similarity is lower by this at most; then more slices say more."""


@dataclass(frozen=True)
class Selection:
    """The chosen k, and the k that each criterion would choose.

    Attributes:
        n_clusters: the chosen k.
        natural: k with the most groups; None if the borders show no groups.
        elbow: k at the elbow of the inertia curve; None if the curve has no clear elbow.
        best_silhouette: k with the highest silhouette; None if no k has a silhouette.
        criteria_agree: whether all three choose the same k.
        reason: one sentence that explains the choice.
        candidate: k that would be chosen if the version before hadn't another; None if that is the one that is chosen.
    """

    n_clusters: int
    natural: int | None
    elbow: int | None
    best_silhouette: int | None
    criteria_agree: bool
    reason: str
    candidate: int | None = None


@dataclass(frozen=True)
class Tried:
    """What is known of the k that were tried, ascending.

    Attributes:
        inertia: for each k.
        silhouette: for each k; None where it isn't defined.
        natural: k at which every border is a valley; None if there is none.
        n_groups: for some k, the number of groups that its valleys tell apart; 1 if there are none.
        is_estimated: whether the silhouettes are estimates.
        stability: how well the clusters of some k come back in resamples; looked at only where there are no groups.
        without_groups: what to do then, one of `WITHOUT_GROUPS`.
        many: what the customers are called.
        too_small: for each k that can't be chosen, what is too small there.
    """

    inertia: Mapping[int, float]
    silhouette: Mapping[int, float | None]
    natural: int | None = None
    n_groups: Mapping[int, int] = field(default_factory=dict)
    is_estimated: bool = False
    stability: Callable[[list[int]], Mapping[int, float]] = field(default=lambda _: {})
    without_groups: str = "slices"
    many: str = CUSTOMER.many
    too_small: Mapping[int, str] = field(default_factory=dict)

    @property
    def allowed(self) -> list[int]:
        """The k that can be chosen."""
        return [k for k in self.inertia if k not in self.too_small]

    @property
    def elbow(self) -> int | None:
        return find_elbow(self.inertia, self.allowed)

    @property
    def several(self) -> dict[int, float]:
        """The silhouettes of the k that can be chosen, where they are defined."""
        return {k: score for k in self.allowed if (score := self.silhouette.get(k)) is not None}

    @property
    def best_silhouette(self) -> int | None:
        known = self.several
        return max(known, key=lambda k: known[k], default=None)


def select(rule: str | int, tried: Tried, allowed: Tried | None = None) -> Selection:
    """Choose k.

    Args:
        rule: one of `SELECTION_RULES`, or a fixed number. Without a clear elbow, the silhouette decides.
        tried: all k, as if each could be chosen.
        allowed: the same with those that are `too_small`. Default: each can be chosen.
    """
    chosen, why = _chosen(rule, tried)
    unwanted = ""
    if allowed is not None and chosen in allowed.too_small:
        unwanted = f" It would be k = {chosen}, but {allowed.too_small[chosen]}."
        chosen, why = _chosen(rule, allowed)
    elbow, best = tried.elbow, tried.best_silhouette
    agree = elbow is not None and elbow == best == tried.natural
    said = "; ".join(_said(rule, tried, agree))
    return Selection(chosen, tried.natural, elbow, best, agree, f"k = {chosen}, {why}: {said}.{unwanted}")


def _chosen(rule: str | int, tried: Tried) -> tuple[int, str]:
    """The chosen k, and why, in a few words."""
    if isinstance(rule, int):
        return rule, "set by hand"
    if rule == "evidence":
        return _by_evidence(tried)
    if rule == "elbow" and tried.elbow:
        return tried.elbow, "chosen at the elbow"
    if tried.best_silhouette:
        why = "chosen by silhouette" + ", for want of an elbow" * (rule == "elbow")
        return tried.best_silhouette, why
    return _smallest(tried)


def _smallest(tried: Tried) -> tuple[int, str]:
    return min(tried.allowed), "the smallest k " + ("whose segments are large enough" if tried.too_small else "tried")


def _by_evidence(tried: Tried) -> tuple[int, str]:
    if tried.natural:
        most = "the most groups that are large enough" if tried.too_small else "as many as there are groups"
        return tried.natural, most
    several = list(tried.several)
    candidates = [k for k in several if k in SLICES] or several
    if not candidates:
        return _smallest(tried)
    if tried.without_groups == "one":
        chosen, why = _smallest(tried)
        return chosen, f"{why}, because there are no separate groups"
    stability = tried.stability(candidates)
    chosen = max(k for k in candidates if stability[k] >= max(stability.values()) - NEARLY)
    n_groups = tried.n_groups.get(chosen, 1)
    if tried.too_small:
        return chosen, "slices, because no k whose segments are large enough has borders between groups only"
    if n_groups > 1:
        return chosen, f"slices of {n_groups} groups, because no k tried has borders between groups only"
    return chosen, "slices of one cloud, because there are no separate groups"


def _said(rule: str | int, tried: Tried, agree: bool) -> list[str]:
    """What each criterion says."""
    elbow, best = tried.elbow, tried.best_silhouette
    score = f"{tried.silhouette[best]:.3f}{', estimated' * tried.is_estimated}" if best else ""
    if len(tried.inertia) == 1:
        return ["no other number was tried", f"its silhouette is {score}" if best else "it has no silhouette"]
    return [
        f"at k = {tried.natural}, there are clearly fewer {tried.many} at every border than inside the segments"
        if tried.natural
        else f"at no k tried are there clearly fewer {tried.many} at every border than inside the segments",
        f"the elbow of the inertia curve is at k = {elbow}" if elbow else "the inertia curve has no clear elbow",
        f"the silhouette is highest at k = {best} ({score})" if best else "no k tried has a silhouette",
        *(["all three agree"] if agree else []),
    ]
