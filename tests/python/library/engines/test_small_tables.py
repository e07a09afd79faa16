"""Common table expressions that add up rows are run once, in order, and the query gives what it gave."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import Expr

from mallard.engines.spark.small_tables import with_small_tables

QUERIES = {
    "one of the other": (
        "with a as (select max(x) as m from t), b as (select sum(x / m) as s from t, a) "
        "select s, m from a, b order by 1",
        ["a", "b"],
    ),
    "rows stay": (
        "with r as (select x + 1 as x from t), a as (select count(*) as n from r) select r.x, a.n from r, a order by 1",
        ["a"],
    ),
    "groups": ("with g as (select k, sum(x) as s from t group by k) select * from g order by k", ["g"]),
    "windows don't add up": ("with w as (select x, sum(x) over () as s from t) select * from w order by x", []),
    "sums of windows do": (
        "with w as (select max(s) as m from (select sum(x) over (order by x) as s from t)) select * from w",
        ["w"],
    ),
    "sums in an expression": ("with a as (select 1 + coalesce(max(x), 0) as m from t) select m from a", ["a"]),
    "a subquery adds up, the rows don't": (
        "with r as (select x, (select max(x) from t) as m from t) select * from r order by x",
        [],
    ),
    "the same name within": (
        "with a as (select max(x) as v from t) select a.v, i.v from a, (with a as (select min(x) as v from t) "
        "select v from a) as i",
        ["a", "a"],
    ),
    "the same name within a common table expression": (
        "with a as (select max(x) as v from t), b as (with a as (select min(x) as v from t) select v from a) "
        "select a.v, b.v from a, b",
        ["a", "a"],
    ),
    "an inner one reads an outer one of another name": (
        "with a as (select max(x) as v from t) select * from (with b as (select sum(x) - max(v) as s from t, a) "
        "select s, v from b, a)",
        ["a", "b"],
    ),
    "unions": (
        "with a as (select max(x) as v from t) select v from a union all select v + 1 from a union all "
        "(with b as (select min(x) as v from t) select v from b) order by v",
        ["a", "b"],
    ),
    "a union isn't small": (
        "with u as (select max(x) as v from t union all select min(x) from t) select * from u order by v",
        [],
    ),
    "correlated": (
        "with a as (select k, max(x) as m from t group by k) select x, (select m from a where a.k = t.k) as m from t "
        "order by x",
        ["a"],
    ),
    "an alias": ("with a as (select max(x) as m from t) select one.m, two.m from a as one, a as two", ["a"]),
    "a column with the name": ("with a as (select max(x) as a from t) select a.a, a from a", ["a"]),
    "names of columns": ("with a(m) as (select max(x) from t) select m from a", ["a"]),
    "the name of the table that it reads": ("with t as (select max(x) as m from main.t) select m from t", ["t"]),
    "no common table expressions": ("select max(x) from t", []),
    "nothing to add up": ("with a as (select k, max(x) as m from t where x > 99 group by k) select * from a", ["a"]),
}
"""Queries over a table, and the common table expressions that are kept, in order."""


class Kept:
    """Keeps queries as temporary tables of DuckDB, up to so many rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, most: int = 100) -> None:
        self.connection = connection
        self.most = most
        self.queries: list[str] = []

    def __call__(self, query: Expr) -> str | None:
        sql = query.sql("duckdb")
        if len(self.connection.execute(sql).fetchall()) > self.most:
            return None
        self.queries.append(sql)
        name = f"kept_{len(self.queries)}"
        self.connection.execute(f"create temp table {name} as {sql}")
        return name


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table t as select i % 3 as k, i * 1.5 as x from range(10) as r(i)")
        yield connection


@pytest.mark.parametrize("case", QUERIES)
def test_a_query_gives_the_same_with_its_small_tables_kept(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    sql, names = QUERIES[case]
    kept = Kept(connection)
    settled = with_small_tables(sqlglot.parse_one(sql, read="duckdb"), kept)
    assert len(kept.queries) == len(names)
    found, plain = connection.execute(settled.sql("duckdb")).fetchall(), connection.execute(sql).fetchall()
    assert found == plain


def test_what_has_too_many_rows_stays_in_the_query(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "with g as (select x, count(*) as n from t group by x), a as (select max(n) as m from g) select m from a"
    kept = Kept(connection, most=1)
    settled = with_small_tables(sqlglot.parse_one(sql, read="duckdb"), kept)
    assert len(kept.queries) == 1
    assert "WITH g AS" in kept.queries[0]
    assert connection.execute(settled.sql("duckdb")).fetchall() == [(1,)]


def test_later_queries_read_what_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    kept = Kept(connection)
    with_small_tables(sqlglot.parse_one(QUERIES["one of the other"][0], read="duckdb"), kept)
    assert kept.queries[0] == "SELECT MAX(x) AS m FROM t"
    assert 'FROM t, "kept_1" AS a' in kept.queries[1]
