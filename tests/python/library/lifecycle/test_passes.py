from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mallard.lifecycle.passes import Pass

CENTROIDS = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])


def test_a_pass_has_the_sums_of_its_segments() -> None:
    found = Pass.of(np.array([[0.0, 1], [1, 0], [6, 2]]), CENTROIDS)
    assert found.counts.tolist() == found.weights.tolist() == found.squared_weights.tolist() == [2, 1, 0]
    assert found.means[:2].tolist() == [[0.5, 0.5], [6, 2]]
    assert found.variances[:2].tolist() == [[0.25, 0.25], [0, 0]]
    assert found.squared_distances.tolist() == [2, 4, 0]
    assert found.fourth_powers.tolist() == [2, 16, 0]
    assert found.largest.tolist() == [1, 4, 0]
    np.testing.assert_allclose(found.overall_mean, [7 / 3, 1])
    np.testing.assert_allclose(found.overall_variance, np.var([[0, 1], [1, 0], [6, 2]], axis=0))


def test_weights_count_in_sums_and_not_in_the_number_of_customers() -> None:
    found = Pass.of(np.array([[0.0, 1], [2, 0], [6, 2]]), CENTROIDS, np.array([3.0, 1.0, 2.0]))
    assert found.counts.tolist() == [2, 1, 0]
    assert found.weights.tolist() == [4, 2, 0]
    assert found.effective.tolist() == [16 / 10, 1, 0]
    assert found.means[:2].tolist() == [[0.5, 0.75], [6, 2]]
    assert found.squared_distances.tolist() == [3 + 4, 8, 0]
    assert found.fourth_powers.tolist() == [3 + 16, 32, 0]
    assert found.shares.tolist() == [4 / 6, 2 / 6, 0]


def test_far_are_those_beyond_the_largest_distance_at_the_fit() -> None:
    fit = Pass.of(np.array([[0.0, 1], [1, 0], [6, 2]]), CENTROIDS)
    now = Pass.of(np.array([[0.0, 1], [1.5, 0], [0, 2], [6, 2]]), CENTROIDS, largest_at_fit=fit.largest)
    assert now.n_far.tolist() == [2, 0, 0]


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.data())
def test_passes_over_parts_add_up_to_the_pass_over_all(n: int, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    rows, weights = rng.integers(-9, 9, (n, 2)).astype(float), rng.integers(1, 5, n).astype(float)
    largest = np.array([4.0, 9.0, 16.0])
    cut = data.draw(st.integers(0, n))
    whole = Pass.of(rows, CENTROIDS, weights, largest)
    parts = [Pass.of(rows[of], CENTROIDS, weights[of], largest) for of in (slice(cut), slice(cut, n))]
    for name in Pass._fields:
        first, second = (getattr(part, name) for part in parts)
        together = np.maximum(first, second) if name == "largest" else first + second
        assert (together == getattr(whole, name)).all(), name


@pytest.mark.parametrize("weight", [0.5, 3.0])
def test_equal_weights_change_no_effective_number(weight: float) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 2)) * 5
    found = Pass.of(rows, CENTROIDS, np.full(50, weight))
    np.testing.assert_allclose(found.effective, found.counts)
    assert found.effective_total == pytest.approx(50)
