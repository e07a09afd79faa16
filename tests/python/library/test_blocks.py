from __future__ import annotations

import numpy as np
import pytest

from mallard.blocks import BLOCK_SIZE, PRODUCT_SIZE, Blocks, block_size
from mallard.points import WeightedPoints


@pytest.mark.parametrize("n_products", [1, 36, 256, 257, 840, 5000, 16384])
def test_a_block_is_as_large_as_its_product_may_be(n_products: int) -> None:
    size = block_size(n_products)
    assert size in [2**power for power in range(3, 10)]
    assert size * n_products <= PRODUCT_SIZE
    assert size == BLOCK_SIZE or 2 * size * n_products > PRODUCT_SIZE


@pytest.mark.parametrize("n_points", [1, 511, 512, 513, 16384, 16385])
def test_blocks_hold_every_point_once_in_order_followed_by_a_one_and_nothing_else_has_weight(n_points: int) -> None:
    rng = np.random.default_rng(0)
    points = WeightedPoints.from_rows(rng.normal(size=(n_points, 3)), rng.random(n_points) + 0.1)
    blocks = Blocks.of(points, 512)
    by_point = blocks.coordinates.numpy().transpose(0, 2, 1).reshape(-1, 4)
    weights = blocks.weights.numpy().ravel()
    np.testing.assert_array_equal(by_point[:n_points, :3], points.coordinates)
    np.testing.assert_array_equal(by_point[:, 3], np.ones(len(by_point)))
    np.testing.assert_array_equal(weights, np.append(points.weights, np.zeros(len(weights) - n_points)))
    assert int(blocks.n_used) == -(-n_points // 512)


def test_data_of_similar_size_share_a_shape_so_that_one_compilation_serves_them() -> None:
    shapes = {
        Blocks.of(WeightedPoints.in_order(np.zeros((n_points, 2)), np.ones(n_points))).coordinates.shape
        for n_points in (1, 200, 5000, 16384)
    }
    assert shapes == {(32, 3, 512)}
