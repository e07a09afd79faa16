from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans.compress import compress


def _repeated(n_rows: int, n_distinct: int) -> np.ndarray:
    """Rows of which so many are different."""
    places = np.random.default_rng(0).normal(size=(n_distinct, 2))
    return np.resize(places, (n_rows, 2))


@pytest.mark.parametrize(
    ("n_rows", "n_distinct", "method"),
    [
        (3000, 500, "exact"),
        (3000, 1000, "exact"),
        (3000, 1001, "coreset"),
        (3000, 3000, "coreset"),
        (1000, 1000, "exact"),
        (30_000, 1500, "coreset"),
    ],
)
def test_auto_keeps_the_distinct_customers_if_they_are_few_enough(
    in_duckdb: Callable[..., DuckDBRows],
    n_rows: int,
    n_distinct: int,
    method: str,
) -> None:
    rows = _repeated(n_rows, n_distinct)
    found = compress(in_duckdb(rows), "auto", 1000, 0)
    assert found.method == method
    assert found.n_customers == n_rows
    assert found.points.total_weight == pytest.approx(n_rows, rel=1e-12)
    assert found.ratio == n_rows / len(found.points)
    if method == "exact":
        assert len(found.points) == n_distinct
    else:
        assert len(found.points) < 1100


@pytest.mark.parametrize("n_features", [2, 5])
def test_a_method_is_used_when_it_is_asked_for_even_if_there_are_few_customers_or_many(
    in_duckdb: Callable[..., DuckDBRows], n_features: int
) -> None:
    rows = np.random.default_rng(0).normal(size=(2500, n_features))
    customers = in_duckdb(np.concatenate([rows, rows]))
    found = {method: compress(customers, method, 1000, 0) for method in ("none", "exact", "coreset")}
    assert [compression.method for compression in found.values()] == list(found)
    assert [compression.is_lossless for compression in found.values()] == [True, True, False]
    assert (len(found["none"].points), len(found["exact"].points)) == (5000, 2500)
    assert (found["none"].ratio, found["exact"].ratio) == (1.0, 2.0)
    assert len(found["coreset"].points) <= 1100
    few = compress(in_duckdb(rows[:50]), "coreset", 20_000, 0)
    assert (few.method, few.n_customers) == ("coreset", 50)


def test_none_keeps_a_point_for_every_customer_also_for_those_that_are_equal(
    in_duckdb: Callable[..., DuckDBRows],
) -> None:
    rows = _repeated(2000, 20)
    points = compress(in_duckdb(rows), "none", 20_000, 0).points
    assert points.coordinates.tolist() == sorted(rows.tolist())
    np.testing.assert_array_equal(points.weights, np.ones(2000))


def test_the_weights_of_the_distinct_customers_add_up_to_all(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = np.random.default_rng(1).integers(0, 9, (3000, 3)) / 10
    points = compress(in_duckdb(rows), "exact", 20_000, 0).points
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_array_equal(points.coordinates, places)
    np.testing.assert_array_equal(points.weights, n_rows)
    assert np.sum(points.weights) == 3000


def test_the_random_state_decides_what_a_coreset_of_many_features_is_made_of(
    in_duckdb: Callable[..., DuckDBRows],
) -> None:
    customers = in_duckdb(np.random.default_rng(2).normal(size=(5000, 5)))
    first, same, other = (compress(customers, "auto", 1000, seed).points.coordinates for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert first.shape != other.shape or not np.array_equal(first, other)
