from __future__ import annotations

import numpy as np

from mallard.kmeans.pools import POOL_SIZE, WORTHY, Pool
from mallard.kmeans.racing import Finish


def _finish(inertia: float, shift: float = 0.0, abandoned: bool = False) -> Finish:
    return Finish(np.array([[0.0], [10.0 + shift]]), np.array([5.0, 5.0]), inertia, 1, abandoned)


def test_a_pool_keeps_the_best_first_and_says_what_to_come_below() -> None:
    pool = Pool()
    for i in range(POOL_SIZE - 1):
        assert pool.limit == np.inf
        pool.add(_finish(10.0 - i, shift=float(i)))
    pool.add(_finish(20.0, shift=9.0))
    assert [member.inertia for member in pool.members] == [6.0, 7.0, 8.0, 9.0, 10.0, 20.0]
    assert pool.limit == pool.members[WORTHY - 1].inertia == 8.0
    pool.add(_finish(1.0, shift=-5.0))
    pool.add(_finish(30.0, shift=-9.0))
    assert [member.inertia for member in pool.members] == [1.0, 6.0, 7.0, 8.0, 9.0, 10.0]


def test_runs_that_end_in_the_same_partition_are_one_member_the_better_one() -> None:
    pool = Pool()
    pool.add(_finish(10.0))
    pool.members[0].tried.add("split")
    pool.add(_finish(9.9999, shift=0.01))
    assert [member.inertia for member in pool.members] == [9.9999]
    assert pool.members[0].tried == {"split"}
    pool.add(_finish(10.0))
    assert pool.n_found == 3
    pool.add(_finish(10.0, shift=3.0))
    assert len(pool.members) == 2
    assert pool.n_found == 3
    pool.add(_finish(5.0, shift=5.0))
    assert pool.n_found == 1


def test_runs_that_end_near_each_other_at_another_inertia_are_two() -> None:
    pool = Pool()
    pool.add(_finish(10.0))
    pool.add(_finish(10.2, shift=0.01))
    assert len(pool.members) == 2


def test_an_abandoned_run_is_no_member() -> None:
    pool = Pool()
    pool.add(_finish(1.0, abandoned=True))
    assert pool.members == []


def test_members_near_the_best_are_given_out() -> None:
    pool = Pool()
    for i, inertia in enumerate([10.0, 10.05, 10.2]):
        pool.add(_finish(inertia, shift=float(i)))
    assert [finish.inertia for finish in pool.near_best(0.01)] == [10.0, 10.05]


def test_a_partition_without_inertia_is_near_itself() -> None:
    pool = Pool()
    pool.add(_finish(0.0))
    assert len(pool.near_best(0.01)) == 1
