"""One search for several k: pools of good partitions, which feed each other in rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from numpy.random import RandomState

from mallard import progress
from mallard.kmeans.many import MANY_CLUSTERS, improved
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.pools import POOL_SIZE, Pool
from mallard.kmeans.proposals import Proposer
from mallard.kmeans.racing import Track
from mallard.kmeans.seeding import sample

N_NEIGHBOURS = 4
"""Fewest values of k that are searched together: a small k alone has few ways out of a poor partition."""
IMPROVEMENT = 1e-6
"""An inertia is better if it is lower by more than this fraction."""
AGREEMENT = 0.004
"""As `SAME` in pools, for one large k: where one cluster more or less changes little, less makes a difference."""
ENOUGH_SEARCHES = 2
"""Searches for one large k that have to end in the same partition."""


class Effort(NamedTuple):
    """How long a search goes on.

    Attributes:
        tol: tolerance of the races.
        n_swaps: swaps tried for each k in a round.
        found_often: a k rests when so many runs have ended in its best partition, ...
        in_vain: ... or when so many rounds haven't improved that.
        min_rounds: but not before it has had so many rounds.
        max_rounds: most rounds.
    """

    tol: float
    n_swaps: int
    found_often: int
    in_vain: int
    min_rounds: int
    max_rounds: int


MANY = Effort(tol=1e-6, n_swaps=2, found_often=20, in_vain=3, min_rounds=3, max_rounds=12)
FEW = Effort(tol=0.0, n_swaps=16, found_often=60, in_vain=14, min_rounds=14, max_rounds=30)
"""With few points there are few moves that lead on, but time for all."""
FEW_POINTS = 1024
STARTS_PER_INIT = 3
"""Starts for each restart that is asked for: most are abandoned after a few iterations."""
FRESH_STARTS = 3
"""Most new starts in a round."""
SKETCH_POINTS, SKETCH_POINTS_PER_CLUSTER = 2048, 100
"""Points in the sample on which changes are judged."""
START_POINTS, START_POINTS_PER_CLUSTER = 2048, 40
"""Points in a sample on which a start is chosen."""

Start = Callable[[WeightedPoints, int, RandomState], Floats]


@dataclass(frozen=True, eq=False)
class Sweep:
    """A search.

    Attributes:
        track: the points, for races.
        points: the points.
        start: function that chooses initial centroids for some points.
        n_init: number of starts.
        random_state: the only source of chance.
    """

    track: Track
    points: WeightedPoints
    start: Start
    n_init: int
    random_state: RandomState

    def pools(self, n_clusters: Sequence[int]) -> dict[int, Pool]:
        """Pools of the partitions found for every k, of which none is empty."""
        if len(n_clusters) == 1 and n_clusters[0] >= MANY_CLUSTERS and len(self.points) > FEW_POINTS:
            return self._of_many_clusters(n_clusters[0])
        low = max(1, min(len(self.points), min(n_clusters)) - 1)
        high = min(len(self.points), max(max(n_clusters) + 1, low + N_NEIGHBOURS - 1))
        effort = FEW if len(self.points) <= FEW_POINTS else MANY
        pools = {k: Pool(effort.tol) for k in range(low, high + 1)}
        progress.doing("first runs")
        n_starts = self.n_init * STARTS_PER_INIT
        for n in (min(n_starts, POOL_SIZE), n_starts - POOL_SIZE):  # once the pools are full, they set limits
            if n > 0:
                starts = self._fresh(high, n)
                self._race(pools, [one[:k] for k in pools for one in starts], effort)
        self._explore(pools, effort)
        return pools

    def _of_many_clusters(self, k: int) -> dict[int, Pool]:
        """Pool of one large k: two searches are enough if both end in the same partition."""
        pools = {k: Pool(MANY.tol, AGREEMENT)}
        sketch = sample(self.points, max(SKETCH_POINTS, SKETCH_POINTS_PER_CLUSTER * k), self.random_state)
        for n_searches in range(1, POOL_SIZE + 1):
            progress.doing(f"search {n_searches}")
            [start] = self._fresh(k, 1)
            end = improved(self.track, sketch, self.points.total_weight, start)
            self._race(pools, [end.centroids], MANY)
            if pools[k].n_found == ENOUGH_SEARCHES:
                return pools
        self._explore(pools, MANY)
        return pools

    def _explore(self, pools: dict[int, Pool], effort: Effort) -> None:
        """Race from what the partitions found so far propose, in rounds, until nothing better turns up."""
        sketch = sample(self.points, max(SKETCH_POINTS, SKETCH_POINTS_PER_CLUSTER * max(pools)), self.random_state)
        proposer = Proposer(sketch, self.points.total_weight)
        in_vain = dict.fromkeys(pools, 0)
        for round_ in range(1, effort.max_rounds + 1):
            active = [
                k
                for k, pool in pools.items()
                if (round_ <= effort.min_rounds or (pool.n_found < effort.found_often and in_vain[k] < effort.in_vain))
                and 1 < k < len(self.points)
            ]
            if not active:
                break
            progress.doing(f"round {round_}")
            fresh = self._fresh(max(pools), min(self.n_init, FRESH_STARTS))
            for parity in (0, 1):  # so that what the even k find feeds the odd k at once, and they the even k
                some = [k for k in active if k % 2 == parity]
                before = {k: pools[k].members[0].inertia for k in some}
                starts: list[Floats] = []
                for k in some:
                    starts += proposer.propose(pools, k, effort.n_swaps, self.random_state)
                    starts += [one[:k] for one in fresh]
                self._race(pools, starts, effort)
                for k in some:
                    is_better = pools[k].members[0].inertia < before[k] * (1 - IMPROVEMENT)
                    in_vain[k] = 0 if is_better else in_vain[k] + 1

    def _race(self, pools: dict[int, Pool], starts: list[Floats], effort: Effort) -> None:
        if not starts:
            return
        limits = [pools[len(one)].limit for one in starts]
        for finish in self.track.race(starts, limits, tol=effort.tol):
            pools[len(finish.centroids)].add(finish)

    def _fresh(self, k: int, n: int) -> list[Floats]:
        """Starts for k clusters, each on another sample; the prefixes of a start are starts for fewer clusters."""
        size = max(START_POINTS, START_POINTS_PER_CLUSTER * k)
        samples = (sample(self.points, size, self.random_state, at_least=k) for _ in range(n))
        return [self.start(some, k, self.random_state) for some in samples]
