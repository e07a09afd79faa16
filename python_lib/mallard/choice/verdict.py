"""What segments are: groups, slices that come back, or slices of convenience.

After S. Dolnicar and F. Leisch, "Evaluation of structure and reproducibility of cluster solutions using the bootstrap",
2010, doi 10.1007/s11002-009-9083-4, who tell natural from reproducible and constructive segments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.choice.evidence import Evidence, Support
from mallard.kmeans.points import Floats
from mallard.nouns import CUSTOMER

STABLE = 0.75
"""Least mean Jaccard similarity of a segment that comes back (Hennig 2007)."""


CROWDED = 0.9
"""A segment with a larger share of the customers leaves little for the others to say."""


HARDLY_ANY = 0.005
"""A border at which so small a fraction is left of the density inside has hardly anybody."""


class Verdict(NamedTuple):
    """What the segments are.

    Attributes:
        name: "natural", "reproducible", "constructive" or "none".
        reason: one or two sentences.
    """

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name.capitalize()}: {self.reason[0].lower()}{self.reason[1:]}"


def judged(evidence: Evidence, n_groups: int, stability: Floats | None, many: str = CUSTOMER.many) -> Verdict:
    """The verdict on a partition.

    Args:
        evidence: of the partition.
        n_groups: number of groups that the customers form.
        stability: mean Jaccard similarity of each segment in resamples; None for one segment.
        many: what the customers are called.
    """
    if stability is None:
        if n_groups > 1:
            return Verdict("none", f"There is one segment, though the {many} form {n_groups} groups.")
        return Verdict("none", "There is one segment.")
    if evidence.support is Support.CLEAR:
        return Verdict("natural", f"Every border between segments is a valley: {_faintest(evidence, many)}.")
    comes_back = bool(np.min(stability) >= STABLE)
    reason = f"{_what(evidence, n_groups, many)} {_back(stability, many)}"
    return Verdict("reproducible" if comes_back else "constructive", reason)


def _what(evidence: Evidence, n_groups: int, many: str) -> str:
    if evidence.support is Support.FAINT:
        return f"Every border between segments is a valley, though some are faint: {_faintest(evidence, many)}."
    if n_groups == 1:
        return (
            f"No border clearly separates groups, so the {many} count as one cloud, and the segments as slices of it."
        )
    if evidence.n_groups == 1:
        return f"The {many} form {n_groups} groups, but the borders between these segments aren't theirs."
    n_valleys = sum(map(evidence.is_separate, evidence.borders))
    if n_valleys == len(evidence.borders):
        return f"The {many} form {n_groups} groups, though some borders between them are too faint to be sure of."
    return (
        f"The {many} form {n_groups} groups; of the {len(evidence.borders)} borders between segments, {n_valleys} "
        f"{'is a valley' if n_valleys == 1 else 'are valleys'}, and the others cut through a group."
    )


def _faintest(evidence: Evidence, many: str) -> str:
    depth = evidence.depth or 0.0
    if depth < HARDLY_ANY:
        return f"even at the faintest, there are hardly any {many}"
    return f"at the faintest, there are {depth:.0%} as many {many} as inside the segments beside it"


def _back(stability: Floats, many: str) -> str:
    least = int(np.argmin(stability))
    n_back = int(np.sum(stability >= STABLE))
    if n_back == len(stability):
        return f"The same segments come back when {many} are drawn anew (similarity {stability[least]:.2f} or more)."
    return (
        f"When {many} are drawn anew, {n_back} of {len(stability)} segments come back; the similarity of segment "
        f"{least + 1} is {stability[least]:.2f}."
    )


def cautions(evidence: Evidence, n_groups: int, many: str = CUSTOMER.many) -> list[str]:
    """What to be careful about with several segments, and what to do.

    Args:
        evidence: of the chosen partition.
        n_groups: number of groups that the customers form.
        many: what the customers are called.
    """
    n_segments, largest = len(evidence.sizes), int(np.argmax(evidence.sizes))
    said = []
    if n_segments > 1 and n_groups == 1:
        said.append(
            f"there are no separate groups among these {many}, so the {n_segments} segments are slices of one "
            "cloud: useful, as long as nobody takes them for groups. To look for groups, try other features or another "
            "scale; to choose the number of slices yourself, set n_clusters."
        )
    share = evidence.sizes[largest] / evidence.sizes.sum()
    if n_segments > 1 and share > CROWDED:
        said.append(
            f"segment {largest + 1} has {share:.0%} of the {many}, because a few are far from all others: look at "
            "these few, and leave them out in the select or give the features that set them apart another scale."
        )
    return said
