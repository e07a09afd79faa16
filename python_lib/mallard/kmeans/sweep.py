"""One search for several k: pools of good partitions, which feed each other in rounds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from numpy.random import RandomState

from mallard import progress
from mallard.kmeans.many import MANY_CLUSTERS, improved
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.pools import Pool
from mallard.kmeans.proposals import FEW_POINTS, Proposer
from mallard.kmeans.racing import Finish, Track
from mallard.kmeans.seeding import sample

N_NEIGHBOURS = 4
"""Fewest values of k that are searched together: a small k alone has few ways out of a poor partition."""
TOL = 1e-6
"""Tolerance of the races."""
STARTS_PER_INIT = 3
"""Starts for each restart that is asked for. One of so many goes on after a rough race, which takes few iterations."""
ROUGH_TOL = 1e-3
"""Tolerance of rough races."""
FRESH_STARTS = 3
"""Most new starts in a round."""
MAX_ROUNDS = 12
IN_VAIN, IN_VAIN_OF_FEW = 3, 6
"""A k rests when so many rounds in a row haven't improved its best partition; few points have more local optima."""
IMPROVEMENT = 1e-6
"""An inertia is better if it is lower by more than this fraction."""
MOST_SEARCHES, ENOUGH_SEARCHES, ROUNDS_AFTER = 3, 2, 1
"""Searches for one large k; how many have to end in the same partition; and rounds that follow if they do."""
AGREEMENT = 0.004
"""As `SAME` in pools, for one large k: where one cluster more or less changes little, less makes a difference."""
SKETCH_POINTS, SKETCH_POINTS_PER_CLUSTER = (2048, 10_000), (200, 100)
"""Points in the sample on which changes are judged: fewer per cluster where there are more than the second number."""
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
        if len(n_clusters) == 1 and n_clusters[0] >= MANY_CLUSTERS:
            return self._of_many_clusters(n_clusters[0])
        low = max(1, min(len(self.points), min(n_clusters)) - 1)
        high = min(len(self.points), max(max(n_clusters) + 1, low + N_NEIGHBOURS - 1))
        pools = {k: Pool() for k in range(low, high + 1)}
        progress.doing("first runs")
        self._race(pools, self._best_of_many_starts(pools))
        self._explore(pools)
        return pools

    def _best_of_many_starts(self, n_clusters: Collection[int]) -> list[Floats]:
        """Centroids of the best rough runs for every k: `n_init` of several times as many."""
        starts = self._fresh(max(n_clusters), self.n_init * STARTS_PER_INIT)
        rough: list[Finish] = self.track.race([one[:k] for k in n_clusters for one in starts], tol=ROUGH_TOL)
        rough.sort(key=lambda finish: (len(finish.centroids), finish.inertia))
        return [finish.centroids for i, finish in enumerate(rough) if i % len(starts) < self.n_init]

    def _of_many_clusters(self, k: int) -> dict[int, Pool]:
        """Pool of one large k: two searches are enough if both end in the same partition."""
        pools = {k: Pool(AGREEMENT)}
        sketch = self._sketch(k)
        for n_searches in range(1, MOST_SEARCHES + 1):
            progress.doing(f"search {n_searches}")
            [start] = self._fresh(k, 1)
            end = improved(self.track, sketch, self.points.total_weight, start)
            self._race(pools, [end.centroids])
            if pools[k].n_found == ENOUGH_SEARCHES:
                self._explore(pools, most_rounds=ROUNDS_AFTER)
                return pools
        self._explore(pools)
        return pools

    def _explore(self, pools: dict[int, Pool], most_rounds: int = MAX_ROUNDS) -> None:
        """Race from what the partitions found so far propose, in rounds, until nothing better turns up."""
        proposer = Proposer(self._sketch(max(pools)), self.points.total_weight)
        enough = IN_VAIN_OF_FEW if len(self.points) <= FEW_POINTS else IN_VAIN
        in_vain = dict.fromkeys((k for k in pools if 1 < k < len(self.points)), 0)
        for round_ in range(1, most_rounds + 1):
            active = [k for k, n_rounds in in_vain.items() if n_rounds < enough]
            if not active:
                break
            progress.doing(f"round {round_}")
            fresh = self._fresh(max(pools), min(self.n_init, FRESH_STARTS))
            for parity in (0, 1):  # so that what the even k find feeds the odd k at once, and they the even k
                some = [k for k in active if k % 2 == parity]
                before = {k: pools[k].members[0].inertia for k in some}
                starts: list[Floats] = []
                proposer.prepare(pools, some)
                for k in some:
                    starts += proposer.propose(pools, k, self.random_state)
                    starts += [one[:k] for one in fresh]
                self._race(pools, starts)
                for k in some:
                    is_better = pools[k].members[0].inertia < before[k] * (1 - IMPROVEMENT)
                    in_vain[k] = 0 if is_better else in_vain[k] + 1

    def _race(self, pools: dict[int, Pool], starts: list[Floats]) -> None:
        if not starts:
            return
        limits = [pools[len(one)].limit for one in starts]
        for finish in self.track.race(starts, limits, tol=TOL):
            pools[len(finish.centroids)].add(finish)

    def _sketch(self, k: int) -> WeightedPoints:
        """A sample of the points on which changes of up to k clusters can be judged."""
        (fewest, many), (per_cluster, per_cluster_of_many) = SKETCH_POINTS, SKETCH_POINTS_PER_CLUSTER
        size = max(fewest, min(per_cluster * k, many), per_cluster_of_many * k)
        return sample(self.points, size, self.random_state)

    def _fresh(self, k: int, n: int) -> list[Floats]:
        """Starts for k clusters, each on another sample; the prefixes of a start are starts for fewer clusters."""
        size = max(START_POINTS, START_POINTS_PER_CLUSTER * k)
        samples = (sample(self.points, size, self.random_state, at_least=k) for _ in range(n))
        return [self.start(some, k, self.random_state) for some in samples]
