"""Selection of k, with its reason."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SELECTION_RULES = ("elbow", "silhouette")


@dataclass(frozen=True)
class Selection:
    """The chosen k, and the k that each criterion would choose.

    Attributes:
        n_clusters: the chosen k.
        elbow: k at the elbow of the inertia curve; None if the curve has no clear elbow.
        best_silhouette: k with the highest silhouette; None if no k has a silhouette.
        criteria_agree: whether the two criteria choose the same k.
        reason: one sentence that explains the choice.
    """

    n_clusters: int
    elbow: int | None
    best_silhouette: int | None
    criteria_agree: bool
    reason: str


def select(
    rule: str | int,
    n_clusters: Sequence[int],
    inertia: Sequence[float],
    silhouette: Sequence[float | None],
    estimated: bool = False,
) -> Selection:
    """Choose k.

    Args:
        rule: "elbow" (without a clear elbow, the silhouette decides), "silhouette", or a fixed number.
        n_clusters: the values of k tried, ascending.
        inertia: inertia for each k.
        silhouette: silhouette for each k; None where it isn't defined.
        estimated: whether the silhouettes are estimates.
    """
    elbow = find_elbow(n_clusters, inertia)
    scored = {k: score for k, score in zip(n_clusters, silhouette, strict=True) if score is not None}
    best = max(scored, key=lambda k: scored[k]) if scored else None

    if isinstance(rule, int):
        chosen, why = rule, "set by hand"
    elif rule == "elbow" and elbow:
        chosen, why = elbow, "chosen at the elbow"
    elif rule == "silhouette" and best:
        chosen, why = best, "chosen by silhouette"
    elif best:
        chosen, why = best, "chosen by silhouette, for want of an elbow"
    else:
        chosen, why = n_clusters[0], "the smallest k tried"
    agree = elbow is not None and elbow == best
    if len(n_clusters) == 1:
        score = f"its silhouette is {scored[best]:.3f}{', estimated' * estimated}" if best else "it has no silhouette"
        evidence = ["no other number was tried", score]
    else:
        evidence = [
            f"the elbow of the inertia curve is at k = {elbow}" if elbow else "the inertia curve has no clear elbow",
            f"the silhouette is highest at k = {best} ({scored[best]:.3f}{', estimated' * estimated})"
            if best
            else "no k tried has a silhouette",
        ]
    if elbow and best:
        evidence.append("the two agree" if agree else "the two disagree")
    return Selection(chosen, elbow, best, agree, f"k = {chosen}, {why}: {'; '.join(evidence)}.")


def find_elbow(n_clusters: Sequence[int], inertia: Sequence[float]) -> int | None:
    """Find k at the elbow of the inertia curve; None if the curve has no clear elbow.

    V. Satopaa et al., "Finding a kneedle in a haystack", 2011, doi 10.1109/ICDCSW.2011.20, as implemented in kneed.
    """
    if len(n_clusters) < 3 or np.ptp(inertia) == 0:
        return None
    from kneed import KneeLocator  # deferred: the import takes 0.7 s

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        knee = KneeLocator(n_clusters, inertia, curve="convex", direction="decreasing").knee
    return None if knee is None else int(knee)
