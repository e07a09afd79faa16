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


class Shared(NamedTuple):
    """How many customers old segments (rows) and new ones (columns) share.

    Attributes:
        now: customers of today by the old version and the new one, of those near enough to the centroid of their old
            segment to have been among its customers, shape (n_old, n_new); None if the old version can't score them.
        sizes: all customers of today in each new segment, shape (n_new,).
        then: customers of both builds by the segment that was stored for them and the new one, shape (n_old, n_new).
        left: how many customers of each old segment have no segment any more, shape (n_old,).
    """

    now: Floats | None
    sizes: Floats
    then: Floats
    left: Floats

    @property
    def jaccard_now(self) -> Floats:
        """Jaccard similarities of today's customers, shape (n_old, n_new)."""
        return np.zeros_like(self.then) if self.now is None else _jaccard(self.now, self.sizes)

    @property
    def jaccard_then(self) -> Floats:
        """Jaccard similarities of the customers of both builds, shape (n_old, n_new)."""
        return _jaccard(self.then, self.then.sum(axis=0))

    @property
    def share_of_old(self) -> Floats:
        """Share of the old segment that is in the new one, of the customers of both builds, shape (n_old, n_new)."""
        return _divided(self.then, self.then.sum(axis=1)[:, None])

    @property
    def share_of_new(self) -> Floats:
        """Share of the new segment that was in the old one, of the customers of both builds, shape (n_old, n_new)."""
        return _divided(self.then, self.then.sum(axis=0)[None, :])

    @property
    def is_nobody(self) -> bool:
        """Whether there is no customer by whom segments could be matched."""
        return self.now is None and not self.then.any()


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


def match(shared: Shared) -> Matching:
    """Match segments by the customers they share."""
    similarity = np.maximum(shared.jaccard_now, shared.jaccard_then)
    kept: list[int | None] = [None] * len(shared.sizes)
    for old, new in zip(*linear_sum_assignment(-similarity), strict=True):
        if similarity[old, new] >= SAME:
            kept[int(new)] = int(old)
    return Matching(kept, _fates(kept, shared))


def match_by_centroids(old: Floats, new: Floats) -> Matching:
    """Match segments that share no customers.

    A new segment is an old one if its centroid is at most half as far from the old centroid as the nearest other old
    one is: then no other old centroid is nearer to it. Of several such, it is the nearest.

    Args:
        old: centroids of the old segments, shape (n_old, n_features).
        new: centroids of the new ones in the same scale, shape (n_new, n_features).
    """
    kept: list[int | None] = [None] * len(new)
    for index, centroid in enumerate(old):
        others = np.linalg.norm(np.delete(old, index, axis=0) - centroid, axis=1)
        distances = np.linalg.norm(new - centroid, axis=1)
        nearest = int(distances.argmin())
        if distances[nearest] <= others.min(initial=np.inf) / 2 and kept[nearest] is None:
            kept[nearest] = index
    fates = [
        Fate("survived", index, (kept.index(index),)) if index in kept else Fate("vanished", index, ())
        for index in range(len(old))
    ]
    return Matching(kept, fates + [Fate("emerged", None, (index,)) for index in range(len(new)) if kept[index] is None])


def _divided(table: Floats, by: Floats) -> Floats:
    divided: Floats = np.divide(table, by, out=np.zeros_like(table, dtype=float), where=by > 0)
    return divided


def _jaccard(table: Floats, of_new: Floats) -> Floats:
    return _divided(table, table.sum(axis=1)[:, None] + of_new[None, :] - table)


def _fates(kept: list[int | None], shared: Shared) -> list[Fate]:
    went, part, similarity = shared.share_of_old, shared.share_of_new, shared.jaccard_now
    n_old, n_new = shared.then.shape
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
            fates[old] = _fate_of_one(old, kept, shared)
    parts = {new for fate in fates.values() if fate.what in ("split", "merged") for new in fate.new}
    emerged = [Fate("emerged", None, (new,)) for new in range(n_new) if kept[new] is None and new not in parts]
    return [fates[old] for old in range(n_old)] + emerged


def _is_elsewhere(similarity: Floats, here: int) -> bool:
    """Whether a segment is much like another one than this."""
    return bool(np.any(np.delete(similarity, here) >= MOST))


def _fate_of_one(old: int, kept: list[int | None], shared: Shared) -> Fate:
    if old in kept:
        return Fate("survived", old, (kept.index(old),))
    had = shared.then[old].sum() + shared.left[old]
    found = shared.then if shared.now is None else shared.now
    has_left = shared.left[old] >= had / 2 if had else not found[old].any()
    if has_left or found[old].sum() < had / 2:
        return Fate("vanished", old, ())
    return Fate("dissolved", old, tuple(int(new) for new in np.flatnonzero(found[old] >= PART * found[old].sum())))
