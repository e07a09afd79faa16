"""Where to start next: changes of the best partitions of k - 1, k and k + 1, and crossovers of two of k."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.random import RandomState

from mallard.kmeans import parallel
from mallard.kmeans.changes import Changes, changes
from mallard.kmeans.crossovers import crossed, recombined
from mallard.kmeans.distances import nearest
from mallard.kmeans.exchanges import exchanged
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.pools import Member, Pool

FEW_POINTS = 1024
"""With more points, single points hardly matter."""
EXCHANGE = ("exchange",)
N_SPLITS = 2
N_MERGES = 2
N_PARENTS = 2
"""So many of the best are recombined with all that are worse."""
FEWEST_CROSSOVERS, CLUSTERS_PER_CROSSOVER = 2, 5
REDRAWN = 0.3
"""Chance that a crossover moves one of its centroids to a point."""
JITTER = 0.3
"""Standard deviation of the noise of a jitter, as a fraction of that of the points around their centroids."""


class Proposer:
    """Proposes starts.

    Args:
        sketch: a sample of the points.
        total_weight: weight of all points.
    """

    def __init__(self, sketch: WeightedPoints, total_weight: float) -> None:
        self._sketch = sketch
        self._total_weight = total_weight

    def prepare(self, pools: Mapping[int, Pool], n_clusters: Collection[int]) -> None:
        """Judge the changes that proposals for these k will ask for and that are new, on all cores."""
        asked = [pool for k, pool in pools.items() if k - 1 in n_clusters or k + 1 in n_clusters]
        parallel.each(self._changes, [member for pool in asked for member in pool.members if member.changes is None])

    def propose(self, pools: Mapping[int, Pool], k: int, random_state: RandomState) -> Iterator[Floats]:
        """Yield centroids to start from, shape (k, n_features)."""
        below, here, above = (pools[i].members if i in pools else [] for i in (k - 1, k, k + 1))
        if len(self._sketch) <= FEW_POINTS:
            yield from self._exchanges(here)
        yield from self._splits(below)
        yield from self._merges(above)
        yield from self._recombinations(here)
        if len(here) > 1:
            for _ in range(max(FEWEST_CROSSOVERS, k // CLUSTERS_PER_CROSSOVER)):
                yield self._crossover(here, random_state)
        if here:
            yield self._jitter(here[0], random_state)

    def _changes(self, member: Member) -> Changes:
        if member.changes is None:
            member.changes = changes(self._sketch, member.centroids, self._total_weight)
        return member.changes

    def _exchanges(self, members: list[Member]) -> Iterator[Floats]:
        for member in members:
            if EXCHANGE not in member.tried:
                member.tried.add(EXCHANGE)
                means = exchanged(self._sketch, member.centroids)
                if means is not None:
                    yield means

    def _splits(self, members: list[Member]) -> Iterator[Floats]:
        promises = [
            _Promise(member.inertia - gain, member, ("split", i))
            for member in members
            for i, gain in enumerate(self._changes(member).gains.tolist())
        ]
        for promise in _best_untried(promises, N_SPLITS):
            yield _split(promise.member.centroids, self._changes(promise.member), promise.change[1])

    def _merges(self, members: list[Member]) -> Iterator[Floats]:
        promises = [
            _Promise(member.inertia + loss, member, ("merge", i))
            for member in members
            for i, loss in enumerate(self._changes(member).losses.tolist())
        ]
        for promise in _best_untried(promises, N_MERGES):
            yield np.delete(promise.member.centroids, promise.change[1], axis=0)

    def _recombinations(self, members: list[Member]) -> Iterator[Floats]:
        x, weights = self._sketch.coordinates, self._sketch.weights
        pairs = [(i, j) for i, j in combinations(range(len(members)), 2) if i < N_PARENTS]
        untried = [(i, j) for i, j in pairs if _recombination(members[j]) not in members[i].tried]
        to = {i: nearest(x, members[i].centroids) for i in sorted(set(chain.from_iterable(untried)))}
        for i, j in untried:
            members[i].tried.add(_recombination(members[j]))
            start = recombined(members[i].centroids, to[i], members[j].centroids, to[j], weights)
            if start is not None:
                yield start

    def _crossover(self, members: list[Member], random_state: RandomState) -> Floats:
        first, second = (members[i].centroids for i in random_state.choice(len(members), 2, replace=False))
        start = crossed(first, second, random_state)
        if random_state.random_sample() < REDRAWN:
            x = self._sketch.coordinates
            start[random_state.randint(len(start))] = x[random_state.randint(len(x))]
        return start

    def _jitter(self, member: Member, random_state: RandomState) -> Floats:
        deviation = np.sqrt(member.inertia / self._total_weight / member.centroids.shape[1])
        noise: Floats = random_state.normal(size=member.centroids.shape)
        jittered: Floats = member.centroids + JITTER * deviation * noise
        return jittered


class _Promise(NamedTuple):
    """A change of a partition and the inertia that it promises."""

    inertia: float
    member: Member
    change: tuple[Any, ...]


def _best_untried(promises: list[_Promise], n: int) -> list[_Promise]:
    """The `n` that promise most of those that haven't been tried, which they are from now on."""
    untried = [promise for promise in promises if promise.change not in promise.member.tried]
    chosen = sorted(untried, key=lambda promise: promise.inertia)[:n]
    for promise in chosen:
        promise.member.tried.add(promise.change)
    return chosen


def _recombination(other: Member) -> Hashable:
    return "recombination", other.inertia


def _split(centroids: Floats, of_member: Changes, i: int) -> Floats:
    return np.vstack([centroids[:i], of_member.halves[:1, i], centroids[i + 1 :], of_member.halves[1:, i]])
