from __future__ import annotations

import numpy as np
import pytest

from mallard.kmeans import distances
from mallard.kmeans.distances import blocks, nearest, squared_distances


@pytest.mark.parametrize("n_features", [1, 2, 7, 16, 100])
def test_squared_distances_are_added_one_feature_after_the_other(n_features: int) -> None:
    """As in SQL, to the last bit."""
    rng = np.random.default_rng(n_features)
    x, y = 100 + rng.normal(size=(50, n_features)), 100 + rng.normal(size=(9, n_features))
    total = np.zeros((50, 9))
    for of_x, of_y in zip(x.T, y.T, strict=True):
        total += (of_x[:, None] - of_y) ** 2
    np.testing.assert_array_equal(squared_distances(x, y), total)


def test_coincident_points_are_exactly_zero_apart_and_close_ones_exact_far_from_the_origin() -> None:
    rng = np.random.default_rng(0)
    x = 1e9 + rng.random((40, 3))
    found = squared_distances(x, x)
    np.testing.assert_array_equal(np.diag(found), np.zeros(40))
    step = np.array([[1e9 + 2.0**-20]])
    assert squared_distances(step, np.array([[1e9]])) == 2.0**-40


def test_nearest_labels_and_distances_are_those_of_a_search_through_all() -> None:
    rng = np.random.default_rng(2)
    x, centroids = rng.normal(size=(200, 2)), rng.normal(size=(6, 2))
    labels, squared = nearest(x, centroids)
    expected = np.sum((x[:, None] - centroids) ** 2, axis=2)
    np.testing.assert_array_equal(labels, expected.argmin(axis=1))
    np.testing.assert_allclose(squared, expected.min(axis=1), rtol=1e-14)


@pytest.mark.parametrize(
    ("centroids", "label"),
    [([[1.0], [-1.0]], 0), ([[-1.0], [1.0]], 0), ([[5.0], [1.0], [-1.0], [1.0]], 1), ([[2.0], [2.0]], 0)],
)
def test_nearest_takes_the_first_centroid_at_a_tie(centroids: list[list[float]], label: int) -> None:
    labels, squared = nearest(np.array([[0.0]]), np.array(centroids))
    assert labels.tolist() == [label]
    assert squared.tolist() == [centroids[label][0] ** 2]


@pytest.mark.parametrize(("pairs", "size"), [(1, 1), (12, 2), (24, 4), (1000, 200)])
def test_blocks_cover_every_row_once_in_order(monkeypatch: pytest.MonkeyPatch, pairs: int, size: int) -> None:
    monkeypatch.setattr(distances, "PAIRS_PER_BLOCK", pairs)
    pieces = [range(11)[block] for block in blocks(11, 5)]
    assert [row for piece in pieces for row in piece] == list(range(11))
    assert all(len(piece) == min(size, 11) for piece in pieces[:-1])


def test_nearest_is_the_same_to_the_last_bit_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    x, centroids = rng.normal(size=(101, 3)), rng.normal(size=(7, 3))
    labels, squared = nearest(x, centroids)
    monkeypatch.setattr(distances, "PAIRS_PER_BLOCK", 30)
    assert len(list(blocks(101, 7))) == 26
    labels_of_blocks, squared_of_blocks = nearest(x, centroids)
    np.testing.assert_array_equal(labels_of_blocks, labels)
    assert squared_of_blocks.tobytes() == squared.tobytes()
