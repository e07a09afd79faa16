"""The best different partitions of each k that a search knows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from mallard.kmeans.changes import Changes
from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats
from mallard.kmeans.racing import Finish

POOL_SIZE = 6
WORTHY = 3
"""Once a pool is full, only runs that come among its best three are worth their time."""
NEAR = 0.01
"""Partitions whose inertias differ by more than this fraction are different."""
ROUNDING = 1e-10
"""Inertias that differ by at most this fraction are equal."""
SAME = 0.05
"""Partitions are alike if moving no centroid of one to that of the other costs more than this fraction of the mean
inertia of a cluster. A pool of partitions from one valley would know of no other."""


@dataclass(eq=False)
class Member:
    """A partition in a pool.

    Attributes:
        finish: where its run ended.
        tried: changes of this partition that have been tried.
        changes: what its changes cost and gain, once somebody has asked.
    """

    finish: Finish
    tried: set[Hashable] = field(default_factory=set)
    changes: Changes | None = None

    @property
    def inertia(self) -> float:
        return self.finish.inertia

    @property
    def centroids(self) -> Floats:
        return self.finish.centroids

    def is_like(self, other: Finish, same: float) -> bool:
        """Whether another run ended in the same partition, or would have if it had gone on."""
        difference, least = abs(self.inertia - other.inertia), min(self.inertia, other.inertia)
        if difference <= ROUNDING * least:
            return True
        if difference > NEAR * least:
            return False
        squared = squared_distances(self.centroids, other.centroids)
        partners = squared.argmin(axis=1)
        if len(np.unique(partners)) < len(partners):
            return False
        return bool(np.all(self.finish.counts * squared.min(axis=1) <= same * self.inertia / len(partners)))


@dataclass(eq=False)
class Pool:
    """The best partitions of one k, best first.

    Attributes:
        same: see `SAME`.
        members: no two of them alike.
        n_found: how many runs ended in the best.
    """

    same: float = SAME
    members: list[Member] = field(default_factory=list)
    n_found: int = 0

    @property
    def limit(self) -> float:
        """Inertia that a run must come below to be of use."""
        return self.members[WORTHY - 1].inertia if len(self.members) == POOL_SIZE else np.inf

    def add(self, finish: Finish) -> None:
        if finish.abandoned:
            return
        best_before = self.members[0] if self.members else None
        alike = [member for member in self.members if member.is_like(finish, self.same)]
        if alike and alike[0].inertia <= finish.inertia:
            self.n_found += alike[0] is best_before
            return
        tried = set().union(*(member.tried for member in alike))
        self.members = [member for member in self.members if member not in alike] + [Member(finish, tried)]
        self.members.sort(key=lambda member: member.inertia)
        del self.members[POOL_SIZE:]
        if self.members[0] is not best_before:
            self.n_found = self.n_found + 1 if best_before in alike else 1

    def near_best(self, share: float) -> list[Finish]:
        """Where the runs to the best partition ended, and those to partitions with at most this much more inertia."""
        most = (1 + share) * self.members[0].inertia
        return [member.finish for member in self.members if member.inertia <= most]
