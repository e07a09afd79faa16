from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from mallard import MallardError
from mallard.engines.duckdb.session import Session, columns_of
from mallard.inputs.features import Feature, trait_of
from mallard.inputs.plan import Plan, checked, plan_segmentation
from mallard.inputs.reading import read_settings
from mallard.inputs.settings import Settings

Planned = dict[str, Any]


@pytest.fixture
def planned() -> Iterator[Callable[..., Planned]]:
    """The plan of a segmentation of what a query gives, and its expressions' values of all rows."""
    with duckdb.connect() as connection:

        def make(select: str, collation: str = "", **meta: Any) -> Planned:
            connection.execute(f"set default_collation = '{collation}'")
            connection.execute(f"create or replace temp table customers as {select}")
            session = Session(connection)
            columns = columns_of(session.relation("customers"))
            settings = checked(columns, ["segment_id"], "customers", read_settings(meta), session.query)
            made = plan_segmentation(columns, "customers", settings, session.query)
            assert Plan.from_json(made.to_json()) == made
            plan: Planned = json.loads(made.to_json())
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
    assert {feature["scale"] for feature in plan["features"]} == {"auto"}
    assert plan["missing"] == {}


def test_booleans_and_categories_count_as_a_number_and_vectors_stay_as_they_are(
    planned: Callable[..., Planned],
) -> None:
    select = (
        "select * from (values (1, true, 'b', 'x'::enum('x', 'y'), [1, 2]), (2, false, 'a''s', 'y', [3, 4])) "
        "as t(id, flag, plan, size, place)"
    )
    plan = planned(select, id="id")
    names = ["flag", "plan=a's", "plan=b", "size=x", "size=y", "place"]
    assert [feature["name"] for feature in plan["features"]] == names
    assert plan["values"] == [(1.0, 0.0, 1.0, 1.0, 0.0, (1.0, 2.0)), (0.0, 1.0, 0.0, 0.0, 1.0, (3.0, 4.0))]
    assert [feature["scale"] for feature in plan["features"]] == [*["category"] * 5, "none"]
    assert [feature["column"] for feature in plan["features"]] == ["flag", "plan", "plan", "size", "size", "place"]
    assert [feature["size"] for feature in plan["features"]] == [None, None, None, None, None, 2]
    for scale in ("minmax", "none"):
        plan = planned(select, id="id", scale=scale)
        assert [feature["scale"] for feature in plan["features"]] == [*[scale] * 5, "none"]


def test_a_scale_that_features_name_is_taken_at_its_word(planned: Callable[..., Planned]) -> None:
    plan = planned(
        "select i as id, i as orders, i % 2 = 0 as flag, 'x' || i as plan, [i, 1] as v from range(3) as t(i)",
        id="id",
        scale="robust",
        features={
            "orders": {"scale": "auto"},
            "flag": {"scale": "none"},
            "plan": {"scale": "auto"},
            "v": {"scale": "asinh+standard"},
        },
    )
    scales = {feature["column"]: feature["scale"] for feature in plan["features"]}
    assert scales == {"orders": "auto", "flag": "none", "plan": "category", "v": "asinh+standard"}


def test_null_nan_and_infinity_are_missing_in_every_kind_of_column(planned: Callable[..., Planned]) -> None:
    plan = planned(
        "select * from (values (1, 1.5::double, 'a', [1, 2]::float[], true), (2, 'nan', 'a', [3, 'inf'::float], true), "
        "(3, 'inf', null, [3, 4], null), (4, null, 'b', null, false), (5, -1, 'b', [0, 0], true)) "
        "as t(id, number, plan, place, flag)",
        id="id",
        nulls="median",
    )
    assert plan["values"] == [
        (1.5, 1.0, 0.0, (1.0, 2.0), 1.0),
        (None, 1.0, 0.0, (3.0, None), 1.0),
        (None, None, None, (3.0, 4.0), None),
        (None, 0.0, 1.0, None, 0.0),
        (-1.0, 0.0, 1.0, (0.0, 0.0), 1.0),
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
        ("Orders", "minmax", 1, "none"),
        ("revenue", "log1p+standard", 2, "none"),
    ]


def test_a_list_says_the_order_of_features_and_a_mapping_has_none(planned: Callable[..., Planned]) -> None:
    """dbt hands the mappings of a config() on in an order of its own, which changes from run to run."""
    select = "select i as id, i as a, i as b, i * i as c from range(4) as t(i)"
    for features, expected in (
        (["c", "A"], ["c", "a"]),
        ({"c": {}, "A": {"weight": 2}}, ["a", "c"]),
        ({"a": {"weight": 2}, "C": {}}, ["a", "c"]),
    ):
        plan = planned(select, id="id", features=features)
        assert [feature["name"] for feature in plan["features"]] == expected
        assert list(plan["settings"]["features"]) == expected


def test_names_of_columns_are_those_of_the_table_whatever_the_capitals_of_the_settings(
    planned: Callable[..., Planned],
) -> None:
    select = 'select i as Customer_ID, i as "Orders", i * i as "Ä", i * i * i as "ä" from range(3) as t(i)'
    assert [feature["name"] for feature in planned(select, id="customer_id")["features"]] == ["Orders", "Ä", "ä"]
    plan = planned(select, id="CUSTOMER_ID", features={"orders": {"scale": "none", "weight": 3}})
    assert [(feature["scale"], feature["weight"]) for feature in plan["features"]] == [("none", 3)]
    for features in (["Customer_ID", "orders"], {"orders": None, "ORDERS": None}):
        with pytest.raises(MallardError):
            planned(select, id="customer_id", features=features)


def test_what_is_the_same_for_all_customers_is_left_out(planned: Callable[..., Planned]) -> None:
    columns = "i as orders, 7 as visits, [i, 0] as v, case when i > 0 then 1 end as seen"
    select = f"select i as id, {columns} from range(4) as t(i)"
    plan = planned(select, id="id", constant_features="drop")
    assert [feature["name"] for feature in plan["features"]] == ["orders", "v"]
    assert plan["dropped"] == ["visits", "seen"]
    assert plan["missing"] == {}


def test_constant_is_what_does_not_vary_among_those_who_are_used(planned: Callable[..., Planned]) -> None:
    select = "select i as id, i as orders, i = 0 as is_new, case when i > 0 then i end as visits from range(4) as t(i)"
    plan = planned(select, id="id", constant_features="drop")
    assert plan["dropped"] == ["is_new"]
    assert planned(select, id="id", nulls="mean")["dropped"] == []


def test_vectors_may_lack_an_element_each_if_it_is_filled_in(planned: Callable[..., Planned]) -> None:
    select = "select * from (values (1, [1, null]), (2, [null, 2]), (3, [3, 4])) as t(id, v)"
    plan = planned(select, id="id", nulls="mean")
    assert [(feature["name"], feature["size"]) for feature in plan["features"]] == [("v", 2)]
    assert list(plan["missing"]) == ["v"]
    assert plan["values"] == [((1.0, None),), ((None, 2.0),), ((3.0, 4.0),)]


def test_vectors_that_lack_an_element_are_missing_if_nothing_is_filled_in(planned: Callable[..., Planned]) -> None:
    select = (
        "select * from (values (1, [1, null]::float[]), (2, ['nan'::float, 2]), (3, [3, 4]), (4, [5, 6]), "
        "(5, null), (6, [null, null])) as t(id, v)"
    )
    plan = planned(select, id="id")
    assert plan["values"] == [(None,), (None,), ((3.0, 4.0),), ((5.0, 6.0),), (None,), (None,)]
    assert list(plan["missing"]) == ["v"]


def test_a_vector_of_one_position_is_a_number(planned: Callable[..., Planned]) -> None:
    plan = planned("select i as id, [i] as v from range(3) as t(i)", id="id")
    assert [(feature["name"], feature["size"]) for feature in plan["features"]] == [("v[1]", None)]
    assert plan["values"] == [(0.0,), (1.0,), (2.0,)]


def test_categories_that_differ_in_capitals_only_have_names_of_their_own(planned: Callable[..., Planned]) -> None:
    plan = planned("select * from (values (1, 'a'), (2, 'A')) as t(id, plan)", id="id")
    assert [feature["name"] for feature in plan["features"]] == ["plan=A", "plan=a (2)"]
    assert plan["values"] == [(0.0, 1.0), (1.0, 0.0)]


def test_names_that_yaml_reads_as_numbers_are_those_of_columns(planned: Callable[..., Planned]) -> None:
    select = 'select i as "1", i % 7 as "2020", i % 5 as "2021" from range(50) as t(i)'
    for features in ([2020, 2021], {2020: None, 2021: {"weight": 2}}):
        plan = planned(select, id=1, features=features)
        assert [feature["name"] for feature in plan["features"]] == ["2020", "2021"]


def test_enums_of_numbers_and_texts_with_numbers_among_them_are_categories(planned: Callable[..., Planned]) -> None:
    texts = "case i % 4 when 0 then '1' when 1 then '2' else 'many' || i end as orders"
    plan = planned(
        f"select i as id, {texts}, ['1', '2', '3'][1 + i % 3]::enum('1', '2', '3') as plan from range(8) t(i)", id="id"
    )
    assert {feature["name"].split("=")[0] for feature in plan["features"]} == {"orders", "plan"}


@pytest.mark.parametrize("kind", ["varchar", "enum('a', 'A', 'á')"])
def test_texts_are_compared_by_their_characters_whatever_the_collation(
    planned: Callable[..., Planned], kind: str
) -> None:
    select = f"select id, cast(plan as {kind}) as plan from (values ('x', 'a'), ('X', 'A'), ('y', 'á')) as t(id, plan)"
    plans = [planned(select, collation, id="id") for collation in ("", "nocase", "noaccent", "nocase.noaccent")]
    assert plans == [plans[0]] * 4
    assert plans[0]["values"] == [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]
    with pytest.raises(MallardError, match=r"1 of its values occur more than once \(x\)"):
        planned(select.replace("'X'", "'x'"), "nocase", id="id")


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        ("tinyint", -(2**7), 2**7 - 1),
        ("smallint", -(2**15), 2**15 - 1),
        ("integer", -(2**31), 2**31 - 1),
        ("bigint", -(2**63), 2**63 - 1),
        ("hugeint", -(2**100), 2**100),
        ("ubigint", 0, 2**64 - 1),
        ("decimal(9, 2)", -9999999, 9999999),
        ("double", -(2**53), 2**53),
    ],
)
def test_a_repeated_number_is_found_wherever_it_lies(
    planned: Callable[..., Planned], kind: str, lowest: int, highest: int
) -> None:
    ids = [lowest, lowest + 1, *range(100), highest - 1, highest] if lowest else [*range(100), highest - 1, highest]
    for repeated in (ids[0], 31, 32, 64, highest):
        select = "select cast(id as {}) as id, random() as orders from (values {}) as t(id)"
        planned(select.format(kind, ", ".join(f"({id})" for id in ids)), id="id")
        with pytest.raises(MallardError, match=rf"1 of its values occur more than once \({repeated}(\.0+)?\)"):
            planned(select.format(kind, ", ".join(f"({id})" for id in [*ids, repeated])), id="id")


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u2009", "\u202f", "\ufeff"])
def test_numbers_with_no_break_spaces_are_told_with_a_cast_that_reads_them(
    planned: Callable[..., Planned], space: str
) -> None:
    text = f"'{space}1{space}' || (200 + i) || '.5{space}'"
    select = f"select i as id, {text} as total from range(20) as t(i)"
    with pytest.raises(MallardError, match="20 of its 20 different texts are numbers: write try_cast") as refusal:
        planned(select, id="id")
    cast = re.search(r"write (.*) in the select", str(refusal.value))
    assert cast is not None
    plan = planned(f"select id, {cast[1]} from ({select})", id="id")
    assert plan["values"] == [(1200.5 + i,) for i in range(20)]


def test_features_are_called_what_people_call_them(planned: Callable[..., Planned]) -> None:
    select = """
        select i as id, i as n_orders, i * i as "n orders", i % 2 = 0 as is_member,
            ['Pro', 'A', ''][1 + i % 3] as plan
        from range(6) as t(i)
    """
    plan = planned(select, id="id", feature_words={"plan": "tariff", "plan=Pro": "professionals"})
    labels = ["n_orders", "n orders", "is member", "tariff=(empty)", "tariff=A", "professionals"]
    assert [feature["label"] for feature in plan["features"]] == labels
    traits = [trait_of(Feature(**feature), Settings(**plan["settings"])) for feature in plan["features"]]
    assert [(trait.label, trait.column) for trait in traits[2:]] == [
        ("is member", "is_member"),
        ("tariff (empty)", "plan"),
        ("tariff A", "plan"),
        ("professionals", "plan"),
    ]


def test_two_features_have_two_words(planned: Callable[..., Planned]) -> None:
    select = "select i as id, i as orders, i * i as visits from range(6) as t(i)"
    message = "orders and visits would both be called purchases; give each a word of its own"
    with pytest.raises(MallardError, match=message):
        planned(select, id="id", feature_words={"orders": "purchases", "visits": "Purchases"})


def test_moments_without_arithmetic_are_no_attributes(planned: Callable[..., Planned]) -> None:
    moment = "cast('2024-01-02' as timestamptz_ns) as exactly, cast('2024-01-02' as timestamptz) as roughly"
    plan = planned(f"select i as id, i as orders, {moment} from range(4) as t(i)", id="id", features=["orders"])
    assert plan["attributes"] == [{"column": "roughly", "kind": "time"}]
