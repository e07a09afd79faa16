"""Which groups a table has, and what becomes of small ones."""

from __future__ import annotations

import duckdb
import pytest

from mallard.errors import MallardError
from mallard.inputs.groups import Group, groups_of
from mallard.inputs.settings import Settings

TABLE = "(select unnest(['b', 'b', 'b', 'a', 'a', 'c', 'B', null]) as place)"


def found(**settings: object) -> list[Group]:
    query = duckdb.connect().execute
    return groups_of(TABLE, Settings(group_by="place", **settings), lambda sql: query(sql).fetchall())  # type: ignore[arg-type]


def test_groups_are_values_and_case_matters() -> None:
    assert found(smallest_group=1) == [
        Group("B", ("B",), 1),
        Group("a", ("a",), 2),
        Group("b", ("b",), 3),
        Group("c", ("c",), 1),
    ]


def test_without_a_setting_a_group_has_as_many_rows_as_a_fit_needs() -> None:
    with pytest.raises(
        MallardError, match=r'2 of the groups by place have fewer than 2 customers: "B" \(1\), "c" \(1\)'
    ):
        found()
    with pytest.raises(MallardError, match="4 of the groups by place have fewer than 4 customers"):
        found(n_clusters=4)


def test_small_groups_are_pooled() -> None:
    assert found(small_groups="pool") == [Group("a", ("a",), 2), Group("b", ("b",), 3), Group("other", ("B", "c"), 2)]
    with pytest.raises(MallardError, match="even together they have only 7; lower smallest_group"):
        found(smallest_group=8, small_groups="pool")


def test_a_group_that_is_called_as_the_pool_is_refused() -> None:
    table = "(select unnest(['other', 'other', 'a']) as place)"
    query = duckdb.connect().execute
    with pytest.raises(MallardError, match='small_groups is "pool": there is a group that is called other'):
        groups_of(table, Settings(group_by="place", small_groups="pool"), lambda sql: query(sql).fetchall())
