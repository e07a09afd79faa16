"""What became of the segments, as rows with the shares that say so."""

from __future__ import annotations

from typing import NamedTuple

from mallard.lifecycle.matching import Fate, Matching, Shared


class Descent(NamedTuple):
    """An old segment and a new one that it went to.

    Attributes:
        old: index of the old segment; None if the new one emerged.
        fate: what became of the old one, see `Fate`.
        new: index of the new segment; None if nothing is left of the old one.
        n_shared: customers of both builds who were in the one and are in the other.
        share_of_old: their share of the old segment's customers of both builds; None without a pair.
        share_of_new: their share of the new segment's customers of both builds; None without a pair.
        jaccard_now: similarity by today's customers, by both versions; None without a pair.
        jaccard_then: similarity by the customers of both builds; None without a pair.
        keeps_id: whether the new segment has the id of the old one.
    """

    old: int | None
    fate: str
    new: int | None
    n_shared: int
    share_of_old: float | None
    share_of_new: float | None
    jaccard_now: float | None
    jaccard_then: float | None
    keeps_id: bool


def lineage(matching: Matching, shared: Shared) -> list[Descent]:
    """A row per old segment and new one that it went to, in the order of the fates."""
    return [
        _descent(fate, new, matching, shared) for fate in matching.fates for new in _destinations(fate, matching.kept)
    ]


def _destinations(fate: Fate, kept: list[int | None]) -> list[int | None]:
    """Where a segment went, and the one that keeps its id; None if there is neither."""
    keeper = [kept.index(fate.old)] if fate.old is not None and fate.old in kept else []
    return [*sorted({*fate.new, *keeper})] or [None]


def _descent(fate: Fate, new: int | None, matching: Matching, shared: Shared) -> Descent:
    old = fate.old
    if old is None or new is None:
        return Descent(old, fate.what, new, 0, None, None, None, None, False)
    return Descent(
        old,
        fate.what,
        new,
        int(shared.then[old, new]),
        float(shared.share_of_old[old, new]),
        float(shared.share_of_new[old, new]),
        None if shared.now is None else float(shared.jaccard_now[old, new]),
        float(shared.jaccard_then[old, new]),
        matching.kept[new] == old,
    )
