from __future__ import annotations

import numpy as np
import pytest

from mallard.kmeans.blocks import LANES, VALUES, Blocks, block_size, room_for
from mallard.kmeans.points import WeightedPoints


@pytest.mark.parametrize("n_clusters", [1, 12, 100, 5000])
@pytest.mark.parametrize("n_features", [1, 2, 4, 16, 64, 2000])
def test_a_block_is_an_odd_number_of_full_lanes_and_no_larger_than_the_cache(n_features: int, n_clusters: int) -> None:
    lanes, rest = divmod(block_size(n_features, n_clusters), LANES)
    assert rest == 0
    assert lanes % 2 == 1
    assert lanes == 1 or (lanes - 1) * max(n_features, n_clusters) <= VALUES


@pytest.mark.parametrize("n_points", [1, 47, 48, 49, 16 * 48, 16 * 48 + 1])
def test_blocks_hold_every_point_once_in_order_and_nothing_else_has_weight(n_points: int) -> None:
    rng = np.random.default_rng(0)
    points = WeightedPoints.from_rows(rng.normal(size=(n_points, 3)), rng.random(n_points) + 0.1)
    blocks = Blocks.of(points.coordinates.T, points.weights, 48, 17)
    by_point = blocks.coordinates.numpy().transpose(0, 2, 1).reshape(-1, 3)
    weights = blocks.weights.numpy().ravel()
    np.testing.assert_array_equal(by_point[:n_points], points.coordinates)
    np.testing.assert_array_equal(weights, np.append(points.weights, np.zeros(len(weights) - n_points)))
    assert int(blocks.n_used) == -(-n_points // 48)


def test_similar_numbers_of_blocks_have_the_same_room_so_that_one_compilation_serves_them() -> None:
    assert [room_for(n) for n in (1, 64, 65, 128, 129, 1000)] == [64, 64, 128, 128, 256, 1024]
