from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from mallard.kmeans.crossovers import crossed, recombined
from mallard.kmeans.distances import nearest
from mallard.kmeans.points import Floats, WeightedPoints

PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [200.0, 0.0], [210.0, 0.0]])
RIGHT = np.array([[0.0, 0.0], [10.0, 0.0]])
WRONG = np.array([[0.0, -1.0], [4.0, 1.0]])
"""Two centroids for two of the places: on them, or not."""


def _points() -> WeightedPoints:
    rows = np.repeat(PLACES, 30, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(120, 2))
    return WeightedPoints.from_rows(rows)


def _of_both(left: Floats, right: Floats) -> Floats:
    return np.vstack([left, right + np.array([200.0, 0.0])])


def _recombined(first: Floats, second: Floats) -> Floats | None:
    points = _points()
    to_first, to_second = (nearest(points.coordinates, one) for one in (first, second))
    return recombined(first, to_first, second, to_second, points.weights)


def test_each_part_comes_from_the_partition_that_is_better_there() -> None:
    first, second = _of_both(RIGHT, WRONG), _of_both(WRONG, RIGHT)[[2, 0, 3, 1]]
    for found in (_recombined(first, second), _recombined(second, first)):
        assert found is not None
        np.testing.assert_array_equal(found[np.lexsort(found.T[::-1])], PLACES)


def test_a_partition_that_is_better_everywhere_has_nothing_to_gain() -> None:
    best, worst = _of_both(RIGHT, RIGHT), _of_both(WRONG, WRONG)
    assert _recombined(best, worst) is None
    assert _recombined(worst, best) is None
    assert _recombined(best, best) is None


def test_a_cross_takes_either_centroid_of_each_pair_by_chance() -> None:
    first = _of_both(RIGHT, RIGHT)
    second = first[::-1] + 1.0
    taken = set()
    for seed in range(50):
        is_second = np.any(crossed(first, second, RandomState(seed)) != first, axis=1)
        np.testing.assert_array_equal(crossed(first, second, RandomState(seed)), first + is_second[:, None])
        taken.add(tuple(is_second.tolist()))
    assert len(taken) > 10
