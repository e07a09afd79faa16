from __future__ import annotations

from collections import Counter

import duckdb
import numpy as np
import pytest

from mallard.engines.duckdb.samples import shuffled_sample


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table t as select i % 4 + 0.5 as x, (i % 4) * 10 as y from range(4000) as r(i)")
    return connection


def test_a_sample_depends_on_values_and_seed_alone(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table shuffled as select * from t order by random()")
    samples = {}
    for table, threads, seed in [("t", 1, 0), ("shuffled", 2, 0), ("t", 2, 1)]:
        connection.execute(f"set threads = {threads}")
        samples[table, seed] = np.column_stack(shuffled_sample(connection.table(table), ["x", "y"], 500, seed)).tolist()
    assert samples["t", 0] == samples["shuffled", 0]
    assert samples["t", 0] != samples["t", 1]


def test_equal_rows_are_drawn_each_for_itself(connection: duckdb.DuckDBPyConnection) -> None:
    x, y = shuffled_sample(connection.table("t"), ["x", "y"], 400, 0)
    assert np.array_equal(y, (x - 0.5) * 10)
    assert all(70 < count < 130 for count in Counter(x.tolist()).values())


def test_rows_without_a_value_are_left_out_and_arrays_unrolled(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table v as from (values (1, 2.0, [1, 2]::float[2]), (2, null, [3, 4]::float[2]), (3, 5.0, null), "
        '(4, 6.0, [7, 8]::float[2])) as v("odd ""name", n, vector)'
    )
    found = shuffled_sample(connection.table("v"), ['odd "name', "n", "vector"], 10, 0)
    rows = np.column_stack(found)
    assert sorted(rows.tolist()) == [[1, 2, 1, 2], [4, 6, 7, 8]]
