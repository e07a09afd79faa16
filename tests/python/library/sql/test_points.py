from __future__ import annotations

import math

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mallard.sql.points import distinct_points_sql, means_sql, rows_sql, summary_sql

ODD = 'a "b"; c'


def _run(sql: str, rows: np.ndarray, threads: int = 2) -> list[tuple[float, ...]]:
    """What a query says of a table with the columns ODD and x."""
    customers = pa.table({ODD: np.ascontiguousarray(rows[:, 0]), "x": np.ascontiguousarray(rows[:, 1])})
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register(ODD, customers)
        return connection.execute(sql).fetchall()


def test_the_columns_of_every_row_are_in_the_order_asked_for() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert _run(rows_sql(ODD, ["x", ODD]), rows) == [(2.0, 1.0), (4.0, 3.0)]
    assert _run(rows_sql(ODD, ["x"]), rows) == [(2.0,), (4.0,)]


def test_equal_rows_are_counted() -> None:
    rows = np.random.default_rng(0).integers(0, 6, (500, 2)).astype(float)
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    expected = [(*place, n) for place, n in zip(places.tolist(), n_rows.tolist(), strict=True)]
    assert sorted(_run(distinct_points_sql(ODD, [ODD, "x"]), rows)) == expected


@pytest.mark.parametrize(("n_values", "n_distinct"), [(1, 1), (20, 400), (10**9, 30_000)])
def test_rows_are_counted_and_distinct_ones_about(n_values: int, n_distinct: int) -> None:
    rows = np.random.default_rng(1).integers(0, n_values, (30_000, 2)).astype(float)
    assert len(np.unique(rows, axis=0)) == n_distinct
    [(n_rows, about, *_)] = _run(summary_sql(ODD, [ODD, "x"]), rows)
    assert n_rows == 30_000
    assert about == pytest.approx(n_distinct, rel=0.1)


def test_the_known_values_of_each_column_are_counted_and_bounded() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select * from (values (3, -1.5), (null, 0.0), (7, -1.25)) as t(a, b)")
        assert connection.execute(summary_sql("t", ["b", "a"])).fetchall() == [(3, 3, 3, -1.5, 0.0, 2, 3, 7)]


@pytest.mark.parametrize("scale", [1e-100, 1e-3, 1.0, 1e9, 1e150])
def test_means_are_exact_and_neither_order_nor_threads_change_a_bit(scale: float) -> None:
    rng = np.random.default_rng(2)
    rows = scale * rng.lognormal(size=(200_000, 2)) * [1, -1]
    largest = np.abs(rows).max(axis=0).tolist()
    sql = means_sql(ODD, [ODD, "x"], largest)
    found = _run(sql, rows, threads=1)
    assert _run(sql, rng.permutation(rows), threads=4) == found
    exact = [math.fsum(values) / len(rows) for feature in rows.T for values in (feature, feature**2)]
    np.testing.assert_allclose(found[0], exact, rtol=1e-15)
