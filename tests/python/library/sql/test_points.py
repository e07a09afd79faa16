from __future__ import annotations

import math

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mallard.sql.columns import Scaled
from mallard.sql.points import Moments, Weight, distinct_points_sql, means_sql, rows_sql, summary_sql

ODD = 'a "b"; c'
X, Y = Scaled("x"), Scaled(ODD)


def _run(sql: str, rows: np.ndarray, threads: int = 2) -> list[tuple[float, ...]]:
    """What a query says of a table with the columns ODD and x."""
    customers = pa.table({ODD: np.ascontiguousarray(rows[:, 0]), "x": np.ascontiguousarray(rows[:, 1])})
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register(ODD, customers)
        return connection.execute(sql).fetchall()


def test_the_columns_of_every_row_are_in_the_order_asked_for() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert _run(rows_sql(ODD, [X, Y]), rows) == [(2.0, 1.0), (4.0, 3.0)]
    assert _run(rows_sql(ODD, [X]), rows) == [(2.0,), (4.0,)]


def test_equal_rows_are_counted() -> None:
    rows = np.random.default_rng(0).integers(0, 6, (500, 2)).astype(float)
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    expected = [(*place, n) for place, n in zip(places.tolist(), n_rows.tolist(), strict=True)]
    assert sorted(_run(distinct_points_sql(ODD, [Y, X]), rows)) == expected


@pytest.mark.parametrize(("n_values", "n_distinct"), [(1, 1), (20, 400), (10**9, 30_000)])
def test_rows_are_counted_and_distinct_ones_about(n_values: int, n_distinct: int) -> None:
    rows = np.random.default_rng(1).integers(0, n_values, (30_000, 2)).astype(float)
    assert len(np.unique(rows, axis=0)) == n_distinct
    [(n_rows, about, *_)] = _run(summary_sql(ODD, [Y, X]), rows)
    assert n_rows == 30_000
    assert about == pytest.approx(n_distinct, rel=0.1)


def test_the_known_values_of_each_column_are_counted_and_bounded() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select * from (values (3, -1.5), (null, 0.0), (7, -1.25)) as t(a, b)")
        assert connection.execute(summary_sql("t", [Scaled("b"), Scaled("a")])).fetchall() == [
            (3, 3, 3, -1.5, 0.0, 2, 3, 7)
        ]


@pytest.mark.parametrize("scale", [1e-100, 1e-3, 1.0, 1e9, 1e148])
def test_means_are_exact_and_neither_order_nor_threads_change_a_bit(scale: float) -> None:
    rng = np.random.default_rng(2)
    rows = scale * rng.lognormal(size=(200_000, 2)) * [1, -1]
    bounds = [(float(feature.min()), float(feature.max())) for feature in rows.T]
    sql = means_sql(ODD, dict(zip((Y, X), bounds, strict=True)))
    found = _run(sql, rows, threads=1)
    assert _run(sql, rng.permutation(rows), threads=4) == found
    [row] = found
    for feature, of, excess, square in zip(rows.T, bounds, row[::2], row[1::2], strict=True):
        moments = Moments.of_means(of, excess, square)
        np.testing.assert_allclose(moments.mean, math.fsum(feature) / len(rows), rtol=1e-14)
        np.testing.assert_allclose(moments.variance, np.var(feature), rtol=1e-9)


def test_variances_are_right_far_from_zero() -> None:
    rows = 1e9 + np.random.default_rng(3).integers(-1, 2, (1_000, 2))
    bounds = (1e9 - 1, 1e9 + 1)
    [(excess, square, *_)] = _run(means_sql(ODD, {Y: bounds, X: bounds}), rows)
    assert Moments.of_means(bounds, excess, square).variance == pytest.approx(np.var(rows[:, 0]), rel=1e-12)


def test_moments_of_a_vector_are_those_of_its_positions() -> None:
    rows = np.random.default_rng(4).normal(100.0, 3.0, (5_000, 7))
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 7)
    bounds = (float(rows.min()), float(rows.max()))
    vector = Scaled("v", 7)
    with duckdb.connect() as connection:
        connection.register("t", pa.table({"v": vectors, "times": np.full(5_000, 2.0)}))
        for weight in (None, Weight("times", 2.0)):
            [found] = connection.execute(means_sql("t", {vector: bounds}, weight)).fetchall()
            moments = Moments.of_means(bounds, *found)
            np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=1e-14)
            assert moments.variance == pytest.approx(rows.var(axis=0).sum(), rel=1e-12)
