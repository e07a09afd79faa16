"""Which new segment is which old one, and what became of each.

The words are those of M. Spiliopoulou, I. Ntoutsi, Y. Theodoridis and R. Schult, "MONIC: modeling and monitoring
cluster transitions", KDD 2006, doi 10.1145/1150402.1150491.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from mallard.kmeans.points import Floats

SAME = 0.3
"""Least Jaccard similarity of an old segment and the new one that keeps its id."""
MOST = 0.5
"""A segment went where at least this share of its customers went."""
PART = 0.2
"""And it is a part of what is there if it makes up at least this share of it."""


class Fate(NamedTuple):
    """What became of an old segment, or where a new one comes from.

    Attributes:
        what: "survived", "split", "merged", "dissolved" or "vanished" of an old one, "emerged" of a new one.
        old: index of the old segment; None for one that emerged.
        new: indices of the new segments that its customers went to.
    """

    what: str
    old: int | None
    new: tuple[int, ...]


class Matching(NamedTuple):
    """Old and new segments side by side.

    Attributes:
        kept: for each new segment, the index of the old one whose id and name it keeps; None for a new id.
        fates: of all old segments, and of the new ones that emerged.
    """

    kept: list[int | None]
    fates: list[Fate]


def match(now: Floats, sizes: Floats, then: Floats, left: Floats) -> Matching:
    """Match segments by the customers they share.

    Args:
        now: customers of today by the old version (rows) and the new one (columns), of those near enough to the
            centroid of their old segment to have been among its customers, shape (n_old, n_new).
        sizes: all customers of each new segment, shape (n_new,).
        then: customers of both builds by the segment that was stored for them (rows) and the new one (columns), shape
            (n_old, n_new).
        left: how many customers of each old segment aren't there any more, shape (n_old,).
    """
    similarity = np.maximum(_jaccard(now, sizes), _jaccard(then, then.sum(axis=0)))
    kept: list[int | None] = [None] * now.shape[1]
    for old, new in zip(*linear_sum_assignment(-similarity), strict=True):
        if similarity[old, new] >= SAME:
            kept[int(new)] = int(old)
    return Matching(kept, _fates(kept, now, _jaccard(now, sizes), then, left))


def _jaccard(table: Floats, of_new: Floats) -> Floats:
    union = table.sum(axis=1)[:, None] + of_new[None, :] - table
    similarity: Floats = np.divide(table, union, out=np.zeros_like(table, dtype=float), where=union > 0)
    return similarity


def _fates(kept: list[int | None], now: Floats, similarity: Floats, then: Floats, left: Floats) -> list[Fate]:
    n_old, n_new = then.shape
    of_old, of_new = then.sum(axis=1), then.sum(axis=0)
    went = np.divide(then, of_old[:, None], out=np.zeros_like(then, dtype=float), where=of_old[:, None] > 0)
    part = np.divide(then, of_new[None, :], out=np.zeros_like(then, dtype=float), where=of_new[None, :] > 0)
    fates: dict[int, Fate] = {}
    for new in range(n_new):
        merged = [
            old
            for old in range(n_old)
            if went[old, new] >= MOST and part[old, new] >= PART and not _is_elsewhere(similarity[old], new)
        ]
        if len(merged) > 1:
            fates |= {old: Fate("merged", old, (new,)) for old in merged}
    for old in range(n_old):
        split = tuple(
            new
            for new in range(n_new)
            if part[old, new] >= MOST and went[old, new] >= PART and not _is_elsewhere(similarity[:, new], old)
        )
        if old not in fates and len(split) > 1:
            fates[old] = Fate("split", old, split)
    for old in range(n_old):
        if old not in fates:
            fates[old] = _fate_of_one(old, kept, now, of_old, left)
    parts = {new for fate in fates.values() if fate.what == "split" for new in fate.new}
    emerged = [Fate("emerged", None, (new,)) for new in range(n_new) if kept[new] is None and new not in parts]
    return [fates[old] for old in range(n_old)] + emerged


def _is_elsewhere(similarity: Floats, here: int) -> bool:
    """Whether a segment is much like another one than this."""
    return bool(np.any(np.delete(similarity, here) >= MOST))


def _fate_of_one(old: int, kept: list[int | None], now: Floats, of_old: Floats, left: Floats) -> Fate:
    if old in kept:
        return Fate("survived", old, (kept.index(old),))
    had = of_old[old] + left[old]
    if left[old] >= had / 2 or now[old].sum() < had / 2:
        return Fate("vanished", old, ())
    return Fate("dissolved", old, tuple(int(new) for new in np.flatnonzero(now[old] >= PART * now[old].sum())))
