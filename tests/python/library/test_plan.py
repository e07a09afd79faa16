from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from mallard.dbt_model import write_plan

Planned = dict[str, Any]


@pytest.fixture
def planned() -> Iterator[Callable[..., Planned]]:
    """The plan of a segmentation of what a query gives, and its expressions' values of all rows."""
    with duckdb.connect() as connection:

        def make(select: str, **meta: Any) -> Planned:
            connection.execute(f"create or replace temp table customers as {select}")
            write_plan(connection, "customers", meta, "plan")
            [(text,)] = connection.execute("from plan").fetchall()
            plan: Planned = json.loads(text)
            expressions = ", ".join(feature["expression"] for feature in plan["features"])
            plan["values"] = connection.execute(f"select {expressions} from customers").fetchall()
            return plan

        yield make


def test_numbers_of_every_type_are_features(planned: Callable[..., Planned]) -> None:
    kinds = ["tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "uhugeint", "decimal(5, 2)", "float"]
    columns = ", ".join(f"cast(i as {kind}) as c{place}" for place, kind in enumerate([*kinds, "double"]))
    plan = planned(f"select i as id, {columns} from range(3) as t(i)", id="id")
    assert [feature["name"] for feature in plan["features"]] == [f"c{place}" for place in range(10)]
    assert plan["values"] == [(float(i),) * 10 for i in range(3)]
    assert all(isinstance(value, float) for row in plan["values"] for value in row)
    assert {feature["scale"] for feature in plan["features"]} == {"standard"}
    assert plan["missing"] == {}


def test_booleans_categories_and_vectors_are_features_that_stay_as_they_are(planned: Callable[..., Planned]) -> None:
    plan = planned(
        "select * from (values (1, true, 'b', 'x'::enum('x', 'y'), [1, 2]), (2, false, 'a''s', 'x', [3, 4])) "
        "as t(id, flag, plan, size, place)",
        id="id",
    )
    names = ["flag", "plan=a's", "plan=b", "size=x", "place[1]", "place[2]"]
    assert [feature["name"] for feature in plan["features"]] == names
    assert plan["values"] == [(1.0, 0.0, 1.0, 1.0, 1.0, 2.0), (0.0, 1.0, 0.0, 1.0, 3.0, 4.0)]
    assert {feature["scale"] for feature in plan["features"]} == {"none"}


def test_null_nan_and_infinity_are_missing_in_every_kind_of_column(planned: Callable[..., Planned]) -> None:
    plan = planned(
        "select * from (values (1, 1.5::double, 'a', [1, 2]::float[], true), (2, 'nan', 'a', [3, 'inf'::float], true), "
        "(3, 'inf', null, [3, 4], null), (4, null, 'b', null, false)) as t(id, number, plan, place, flag)",
        id="id",
        nulls="median",
    )
    assert plan["values"] == [
        (1.5, 1.0, 0.0, 1.0, 2.0, 1.0),
        (None, 1.0, 0.0, 3.0, None, 1.0),
        (None, None, None, 3.0, 4.0, None),
        (None, 0.0, 1.0, None, None, 0.0),
    ]
    assert list(plan["missing"]) == ["number", "plan", "place", "flag"]
    assert {feature["fill"] for feature in plan["features"]} == {"median"}


def test_features_are_those_that_are_asked_for_whatever_their_capitals(planned: Callable[..., Planned]) -> None:
    plan = planned(
        "select i as ID, i as \"Orders\", 2 * i as revenue, 'x' as note from range(3) as t(i)",
        id="id",
        features={"revenue": {"scale": "log1p+standard", "weight": 2}, "orders": None},
        scale="minmax",
    )
    assert [(f["name"], f["scale"], f["weight"], f["fill"]) for f in plan["features"]] == [
        ("revenue", "log1p+standard", 2, "none"),
        ("Orders", "minmax", 1, "none"),
    ]


def test_categories_that_differ_in_capitals_only_have_names_of_their_own(planned: Callable[..., Planned]) -> None:
    plan = planned("select * from (values (1, 'a'), (2, 'A')) as t(id, plan)", id="id")
    assert [feature["name"] for feature in plan["features"]] == ["plan=A", "plan=a (2)"]
    assert plan["values"] == [(0.0, 1.0), (1.0, 0.0)]
