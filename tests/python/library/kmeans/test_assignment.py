from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans import assignment
from mallard.kmeans.assignment import Assignment, assign_rows
from mallard.kmeans.points import Floats, WeightedPoints


@pytest.fixture(autouse=True)
def one_block_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few rows are several calls."""
    monkeypatch.setattr(assignment, "MIN_BLOCKS", 1)


def _assigned_in_a_loop(rows: Floats, centroids: Floats) -> Assignment:
    counts, inertia, distances = np.zeros((3, len(centroids)))
    sums = np.zeros(centroids.shape)
    for x in rows:
        squared = ((x - centroids) ** 2).sum(axis=1)
        cluster = squared.argmin()
        counts[cluster] += 1
        sums[cluster] += x
        inertia[cluster] += squared[cluster]
        distances[cluster] += np.sqrt(squared[cluster])
    return Assignment(counts, sums, inertia, distances)


def _assert_close(found: Sequence[Assignment], expected: Sequence[Assignment]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.counts, other.counts)
        for of_one, of_other in zip(one[1:], other[1:], strict=True):
            np.testing.assert_allclose(of_one, of_other, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("n_rows", [2500, 2048, 7])
@pytest.mark.parametrize("n_features", [3, 6])
def test_several_runs_at_once_add_up_what_a_loop_over_rows_does(
    in_duckdb: Callable[..., DuckDBRows], n_features: int, n_rows: int
) -> None:
    rng = np.random.default_rng(n_features)
    rows = rng.normal(size=(n_rows, n_features))
    runs = [rng.normal(size=(k, n_features)) for k in (2, 5, 3, 1, 8)]
    found = assign_rows(in_duckdb(rows), rows.mean(axis=0), runs)
    _assert_close(found, [_assigned_in_a_loop(rows, run) for run in runs])


@pytest.mark.parametrize("n_features", [3, 6])
def test_rows_far_from_zero_keep_their_digits(in_duckdb: Callable[..., DuckDBRows], n_features: int) -> None:
    """Whole numbers times 2^-10 near 2^20, so that numpy makes no error."""
    rng = np.random.default_rng(n_features)
    rows = 2.0**20 + rng.integers(0, 4096, (2500, n_features)) / 1024
    run = rows[:4]
    (found,) = assign_rows(in_duckdb(rows), rows.mean(axis=0), [run])
    expected = _assigned_in_a_loop(rows, run)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_allclose(found.means, expected.means, rtol=1e-14)
    np.testing.assert_allclose(found.inertia, expected.inertia, rtol=1e-12)


def test_calls_of_another_size_give_the_same_figures(
    in_duckdb: Callable[..., DuckDBRows], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    rows, runs = rng.normal(size=(2500, 3)), [rng.normal(size=(5, 3))]
    found = assign_rows(in_duckdb(rows), rows.mean(axis=0), runs)
    monkeypatch.setattr(assignment, "MIN_BLOCKS", 4)
    _assert_close(assign_rows(in_duckdb(rows), rows.mean(axis=0), runs), found)


def test_a_row_at_a_tie_goes_to_the_first_centroid(in_duckdb: Callable[..., DuckDBRows]) -> None:
    runs = [np.array(run)[:, None] for run in ([0.0, 2.0], [2.0, 0.0], [1.0, 1.0], [9.0, 2.0, 0.0, 2.0])]
    found = assign_rows(in_duckdb(np.array([[0.0], [1.0], [2.0]])), np.array([1.0]), runs)
    assert [of_run.counts.tolist() for of_run in found] == [[2, 1], [2, 1], [3, 0], [0, 2, 1, 0]]
    assert [of_run.sums[:, 0].tolist() for of_run in found] == [[1, 2], [3, 0], [3, 0], [0, 3, 0, 0]]
    assert [of_run.inertia.tolist() for of_run in found] == [[1, 0], [1, 0], [2, 0], [0, 1, 0, 0]]
    assert [of_run.distances.tolist() for of_run in found] == [[1, 0], [1, 0], [2, 0], [0, 1, 0, 0]]


def test_assignments_of_labelled_points_are_weighted_by_hand() -> None:
    points = WeightedPoints.from_rows([[0.0], [2.0], [10.0]], [1.0, 3.0, 2.0])
    found = Assignment.of_labels(points, np.array([0, 0, 2]), np.array([[1.0], [5.0], [7.0]]))
    assert found.counts.tolist() == [4.0, 0.0, 2.0]
    assert found.sums.tolist() == [[6.0], [0.0], [20.0]]
    assert found.inertia.tolist() == [4.0, 0.0, 18.0]
    assert found.distances.tolist() == [4.0, 0.0, 6.0]
    assert found.reordered(np.array([2, 0])).means.tolist() == [[10.0], [1.5]]


def _segments_by_sql(rows: Floats, centroids: Floats) -> tuple[Floats, Floats]:
    """Customers of each segment and their squared distances, by the arithmetic of the macros that score customers."""
    squared = [
        " + ".join(
            f"(x{i} - cast('{c!r}' as double)) * (x{i} - cast('{c!r}' as double))" for i, c in enumerate(centroid)
        )
        for centroid in centroids.tolist()
    ]
    columns = ", ".join(f"{expression} as squared_{k}" for k, expression in enumerate(squared))
    names = [f"squared_{k}" for k in range(len(centroids))]
    nearest = f"case least({', '.join(names)}) {' '.join(f'when {name} then {k}' for k, name in enumerate(names))} end"
    customers = pa.table({f"x{i}": np.ascontiguousarray(feature) for i, feature in enumerate(rows.T)})
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        found = connection.sql(
            f"select {nearest} as segment, least({', '.join(names)}) as squared from (select {columns} from customers)"
        ).fetchnumpy()
    n_clusters = len(centroids)
    return np.bincount(found["segment"], minlength=n_clusters), np.bincount(
        found["segment"], found["squared"], n_clusters
    )


@pytest.mark.parametrize("unit", [1.0, 0.1, 1 / 3])
@pytest.mark.parametrize("n_features", [1, 2, 3, 4])
def test_at_ties_customers_are_where_sql_puts_them(
    in_duckdb: Callable[..., DuckDBRows], n_features: int, unit: float
) -> None:
    """On a grid, with centroids that mirror each other: where 0.1 is the unit, rounding decides which is nearer."""
    rng = np.random.default_rng(n_features)
    rows = unit * rng.integers(-6, 7, (3000, n_features))
    signs = np.array(list(product([1, -1], repeat=n_features)))[:8]
    shifts, offsets = rng.integers(-3, 4, (6, n_features)), rng.integers(1, 6, (6, n_features))
    runs = [unit * (shift + signs * offset) for shift, offset in zip(shifts, offsets, strict=True)]
    found = assign_rows(in_duckdb(rows), rows.mean(axis=0), runs)
    for run, of_run in zip(runs, found, strict=True):
        nearest_two = np.sort(((rows[:, None] - run) ** 2).sum(axis=2), axis=1)[:, :2]
        assert np.sum(np.ptp(nearest_two, axis=1) < 1e-12) > 200
        counts, inertia = _segments_by_sql(rows, run)
        np.testing.assert_array_equal(of_run.counts, counts)
        np.testing.assert_allclose(of_run.inertia, inertia, rtol=1e-13)
