from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.pools import Pool
from mallard.kmeans.proposals import FEWEST_CROSSOVERS, Proposer
from mallard.kmeans.racing import Track

PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [30.0, 30.0]])


def _points() -> WeightedPoints:
    rows = np.repeat(PLACES, 50, axis=0) + np.random.default_rng(0).normal(size=(200, 2))
    return WeightedPoints.from_rows(rows)


def _pools(*runs: Floats) -> dict[int, Pool]:
    pools = {k: Pool() for k in (3, 4, 5)}
    for end in Track.of(_points(), 5, 100, False).race(runs, tol=0.0):
        pools[len(end.centroids)].add(end)
    return pools


def _proposed(pools: dict[int, Pool]) -> list[Floats]:
    points = _points()
    return list(Proposer(points, points.total_weight).propose(pools, 4, RandomState(0)))


def _hits(start: Floats, places: Floats = PLACES) -> bool:
    return bool(np.all(np.linalg.norm(places[:, None] - start, axis=2).min(axis=1) < 1.0))


def test_the_splits_that_gain_most_come_first_and_never_again() -> None:
    pools = _pools(np.array([[0.0, 5.0], [10.0, 0.0], [30.0, 30.0]]))
    first, second = (_proposed(pools) for _ in range(2))
    assert [_hits(start) for start in first] == [True, False]
    assert [_hits(start) for start in second] == [False]


def test_the_merges_that_lose_least_come_first() -> None:
    pools = _pools(np.vstack([PLACES, [[31.0, 31.0]]]))
    merged = _proposed(pools)
    assert [np.sum(np.linalg.norm(start - [30.0, 30.0], axis=1) < 3) for start in merged] == [1, 1]
    assert sorted(change[0] for change in pools[5].members[0].tried) == ["merge", "merge"]


def test_a_crossover_has_each_centroid_from_either_parent() -> None:
    pools = _pools(
        np.array([[0.0, 0.0], [6.0, 6.0], [29.0, 29.0], [31.0, 31.0]]),
        np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [30.0, 30.0]]),
    )
    assert len(pools[4].members) == 2
    crossovers = _proposed(pools)[-1 - FEWEST_CROSSOVERS : -1]
    parents = np.vstack([member.centroids for member in pools[4].members])
    points = _points().coordinates
    for start in crossovers:
        strangers = [one for one in start if not (one == parents).all(axis=1).any()]
        assert len(strangers) <= 1
        assert all((one == points).all(axis=1).any() for one in strangers)


def test_two_members_are_recombined_once() -> None:
    right, wrong = PLACES, np.array([[0.0, 0.0], [5.0, 5.0], [29.0, 29.0], [31.0, 31.0]])
    x = _points().coordinates
    points = WeightedPoints.from_rows(np.vstack([x, x + 1000.0]), np.repeat([1.0, 2.0], len(x)))
    pools = {8: Pool()}
    for runs in ([right, wrong + 1000.0], [wrong, right + 1000.0]):
        [end] = Track.of(points, 8, 100, False).race([np.vstack(runs)], tol=0.0)
        pools[8].add(end)
    assert len(pools[8].members) == 2
    proposer = Proposer(points, points.total_weight)
    *first, _ = list(proposer.propose(pools, 8, RandomState(0)))[:-FEWEST_CROSSOVERS]
    assert _hits(first[-1], np.vstack([right, right + 1000.0]))
    *second, _ = list(proposer.propose(pools, 8, RandomState(0)))[:-FEWEST_CROSSOVERS]
    assert second == []
