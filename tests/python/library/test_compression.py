from __future__ import annotations

import duckdb
import numpy as np

from mallard.compression import distinct_points_sql, quoted
from mallard.engines.duckdb import read_points
from mallard.points import WeightedPoints


def test_identifiers_are_quoted_whatever_they_hold() -> None:
    assert quoted("income") == '"income"'
    assert quoted('a "b" c') == '"a ""b"" c"'


def test_the_sql_groups_by_the_features_in_their_order() -> None:
    assert distinct_points_sql("customers", ["b", "A"]) == (
        'select "b", "A", count(*) as n_rows from "customers" group by "b", "A" order by "b", "A"'
    )


def test_points_read_from_a_table_are_those_of_its_rows() -> None:
    rows = np.random.default_rng(0).integers(0, 6, (500, 2))
    connection = duckdb.connect()
    connection.execute('create table "my customers" (id integer, "annual income" double, score integer)')
    numbered = [(i, *row) for i, row in enumerate(rows.tolist())]
    connection.executemany('insert into "my customers" values (?, ?, ?)', numbered)
    points = read_points(connection.table('"my customers"'), ["annual income", "score"])
    expected = WeightedPoints.from_rows(rows)
    np.testing.assert_array_equal(points.coordinates, expected.coordinates)
    np.testing.assert_array_equal(points.weights, expected.weights)


def test_null_is_read_as_nan() -> None:
    relation = duckdb.connect().sql("select * from (values (1.5, 2), (1.5, null), (1.5, null)) as t(a, b)")
    points = read_points(relation, ["a", "b"])
    np.testing.assert_array_equal(points.coordinates, [[1.5, 2.0], [1.5, np.nan]])
    np.testing.assert_array_equal(points.weights, [1.0, 2.0])
