from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.pools import Pool
from mallard.kmeans.proposals import N_CROSSOVERS, Proposer
from mallard.kmeans.racing import Track

PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [30.0, 30.0]])


def _points() -> WeightedPoints:
    rows = np.repeat(PLACES, 50, axis=0) + np.random.default_rng(0).normal(size=(200, 2))
    return WeightedPoints.from_rows(rows)


def _pools(*runs: Floats) -> dict[int, Pool]:
    pools = {k: Pool(0.0) for k in (3, 4, 5)}
    for end in Track.of(_points(), 5, 100, False).race(runs, tol=0.0):
        pools[len(end.centroids)].add(end)
    return pools


def _proposed(pools: dict[int, Pool], n_swaps: int) -> list[Floats]:
    points = _points()
    return list(Proposer(points, points.total_weight).propose(pools, 4, n_swaps, RandomState(0)))


def _near_places(start: Floats) -> bool:
    return bool(np.all(np.linalg.norm(PLACES[:, None] - start, axis=2).min(axis=1) < 1.0))


def test_the_splits_that_gain_most_come_first_and_never_again() -> None:
    pools = _pools(np.array([[0.0, 5.0], [10.0, 0.0], [30.0, 30.0]]))
    first, second = (_proposed(pools, n_swaps=1) for _ in range(2))
    assert [_near_places(start) for start in first] == [True, False]
    assert [_near_places(start) for start in second] == [False]


def test_the_merges_that_lose_least_come_first() -> None:
    pools = _pools(np.vstack([PLACES, [[31.0, 31.0]]]))
    merged = _proposed(pools, n_swaps=1)
    assert [np.sum(np.linalg.norm(start - [30.0, 30.0], axis=1) < 3) for start in merged] == [1, 1]
    assert sorted(change[0] for change in pools[5].members[0].tried) == ["merge", "merge"]


def test_a_swap_leaves_out_one_and_splits_another() -> None:
    pools = _pools(np.array([[0.0, 0.0], [6.0, 6.0], [29.0, 29.0], [31.0, 31.0]]))
    swap, jitter = _proposed(pools, n_swaps=1)
    assert swap.shape == jitter.shape == (4, 2)
    assert np.sum(np.linalg.norm(swap - [30.0, 30.0], axis=1) < 3) == 1


def test_a_crossover_has_each_centroid_from_either_parent() -> None:
    pools = _pools(
        np.array([[0.0, 0.0], [6.0, 6.0], [29.0, 29.0], [31.0, 31.0]]),
        np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [30.0, 30.0]]),
    )
    assert len(pools[4].members) == 2
    proposed = _proposed(pools, n_swaps=0)
    assert len(proposed) == N_CROSSOVERS + 1
    parents = np.vstack([member.centroids for member in pools[4].members])
    points = _points().coordinates
    for crossed in proposed[:N_CROSSOVERS]:
        strangers = [one for one in crossed if not (one == parents).all(axis=1).any()]
        assert len(strangers) <= 1
        assert all((one == points).all(axis=1).any() for one in strangers)
