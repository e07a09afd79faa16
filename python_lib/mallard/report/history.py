"""What is known of earlier builds: what became of the segments, which customers moved, and what drifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """Why a customer has another segment; the whole where nobody can tell."""

    BEHAVIOUR = "behaviour"
    REDEFINITION = "redefinition"
    TOGETHER = "together"


@dataclass(frozen=True)
class Flow:
    """Customers who went from one segment to another, or stayed, by the same names as in the table.

    Attributes:
        part: why.
        kind: "stayed", "moved", "joined" or "left".
        source, target: ids of segments; None for those without a segment, and where they weren't or aren't there.
        value_before, value: what they were worth together at the build before, and what they are now; None if nobody
            knows or if it is hidden.
    """

    part: Part
    kind: str
    source: int | None
    target: int | None
    n_customers: int
    value_before: float | None
    value: float | None


@dataclass(frozen=True)
class Fate:
    """What became of a segment at a fit, by the same names as in the table.

    Attributes:
        fate: "survived", "split", "merged", "dissolved", "vanished" or "emerged".
        segment: id in the version before; None if there was none.
        new_segment: id in this version; None if nothing is left.
        share_of_old, share_of_new: share of the customers of each that are in the other; None if they are hidden.
        keeps_id: whether the new one has the id of the old one.
    """

    fate: str
    segment: int | None
    new_segment: int | None
    share_of_old: float | None
    share_of_new: float | None
    keeps_id: bool


@dataclass(frozen=True)
class Drift:
    """How one thing differs from what it was at the fit, by the same names as in the table.

    Attributes:
        measure: see the table.
        version: by which customers then and now were compared.
        segment: id; None if it is about all customers.
        label: of the feature; None if it is about none.
        value_before, value: what it was, and what it is; None if it is hidden.
        size: how large the change is, in the unit of the bound; that of a mean is below 0 if it fell.
        bound: from what size on it matters; None if the measure decides nothing.
        is_material: whether it matters; None if it is only for information.
        decides: whether it is a reason to fit again if it is large enough.
    """

    measure: str
    version: int
    segment: int | None
    label: str | None
    value_before: float | None
    value: float | None
    size: float
    bound: float | None
    is_significant: bool
    is_material: bool | None
    decides: bool


@dataclass(frozen=True)
class History:
    """What happened at the last build, and before.

    Attributes:
        build, built_at: its number, and when it was, in UTC.
        version: by which customers have their segments.
        fitted_at: when that was fitted; None if the table of versions wasn't published.
        is_fit: whether the last build fitted it.
        reason: why, if it did.
        n_joined, n_left, n_moved: how many customers came, went and changed their segment; None if it is hidden.
        flows: of the last build, by part; those of a part are there as a whole or not at all.
        hidden: the parts whose flows are hidden.
        fates: what became of the segments when the version was fitted; empty for the first.
        drift: since a fit, as the last build saw it.
        names: of all segments that are spoken of, by id.
    """

    build: int
    built_at: datetime
    version: int
    fitted_at: datetime | None
    is_fit: bool
    reason: str
    n_joined: int | None
    n_left: int | None
    n_moved: int | None
    flows: list[Flow]
    hidden: frozenset[Part]
    fates: list[Fate]
    drift: list[Drift]
    names: dict[int, str]

    @property
    def parts(self) -> list[Part]:
        """The parts whose flows are shown."""
        return [part for part in Part if any(flow.part is part for flow in self.flows)]

    def label(self, segment: int | None) -> str:
        """What a segment is called in charts. It begins with its id, so no other segment has the same."""
        return "no segment" if segment is None else f"{segment} {self.names[segment]}"

    def called(self, segment: int | None) -> str:
        """What a segment is called in a sentence."""
        name = "" if segment is None else self.names[segment]
        return f"segment {segment}" if name == f"segment {segment}" else f"segment {segment} ({name})"

    def n_of(self, part: Part, kind: str) -> int:
        """How many customers of a part stayed, moved, joined or left."""
        return sum(flow.n_customers for flow in self.flows if flow.part is part and flow.kind == kind)
