"""Whether a value of a column occurs more than once, beside what Python counts."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest

from mallard.sql.repeats import repeated_sql


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, 2, 3]),
        ("bigint", [1, 33, 65, 2**62, -(2**62)]),  # the same place in other stretches
        ("bigint", [-1, 31, -33, 63]),
        ("bigint", [7, 8, 7]),
        ("integer", [-5, 5, -5]),
        ("hugeint", [2**100, 2**100 + 1]),
        ("hugeint", [2**100, 2**100]),
        ("double", [0.5, 0.25]),
        ("double", [0.5, 0.5]),
        ("varchar", ["a", "A", "ä", "a "]),
        ("varchar", ["a", "b", "a"]),
        ("date", ["2026-01-01", "2026-01-02"]),
        ("date", ["2026-01-01", "2026-01-01"]),
    ],
)
@pytest.mark.parametrize("collation", ["", "nocase.noaccent"])
def test_it_finds_what_a_set_finds(kind: str, values: list[Any], collation: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"set default_collation = '{collation}'")
        connection.execute(f"create table customers (id {kind})")
        connection.executemany("insert into customers values (?)", [[value] for value in values])
        found = connection.execute(repeated_sql('"id"', kind, "customers")).fetchall()
    assert bool(found) == (len(set(values)) < len(values))


def test_many_whole_numbers_of_which_one_comes_twice() -> None:
    ids = np.random.default_rng(0).permutation(100_000) - 50_000
    with duckdb.connect() as connection:
        connection.register("given", {"id": ids})
        connection.execute("create table customers as select id from given")
        assert connection.execute(repeated_sql("id", "bigint", "customers")).fetchall() == []
        connection.execute("insert into customers values (?)", [int(ids[12_345])])
        assert connection.execute(repeated_sql("id", "bigint", "customers")).fetchall() == [(1,)]
