"""What rules ask of columns, written out by hand."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from mallard.inputs.features import Feature
from mallard.rules.conditions import Step, conditions_of, rule_sql, rule_words, without_segment_sql

INCOME = Feature("income", 'cast("income" as double)', "standard", 1, "mean", None, "income", "income", False)
IS_MEMBER = Feature("is_member", 'cast("is_member" as double)', "none", 1, "mean", None, "is_member", "member", True)
KOELN, ROM = (
    Feature(
        f"city={city}",
        f"cast(cast(\"city\" as varchar) collate posix = '{city}' as double)",
        "category",
        1,
        "mean",
        None,
        "city",
        f"city={city}",
        True,
    )
    for city in ("Köln", "Rom")
)
LABELS = {"income": "yearly income", "is_member": "member", "city": "city"}


@pytest.mark.parametrize(
    ("path", "sql", "words"),
    [
        ([], "true", "all customers"),
        ([Step(INCOME, 1500.0, True, None)], '"income" >= 1500', "yearly income is at least 1,500"),
        (
            [Step(INCOME, 10.0, True, False), Step(INCOME, 90.5, False, True), Step(INCOME, 20.0, True, False)],
            '"income" >= 20 and "income" < 90.5',
            "yearly income is at least 20 and below 90.5",
        ),
        ([Step(INCOME, 5.0, False, True)], 'coalesce("income" < 5, true)', "yearly income is below 5 (or missing)"),
        (
            [Step(INCOME, 5.0, False, True), Step(INCOME, 5.0, True, True)],
            '"income" is null',
            "yearly income is missing",
        ),
        ([Step(IS_MEMBER, None, True, None)], '"is_member"', "member is true"),
        ([Step(IS_MEMBER, None, False, True)], 'coalesce(not "is_member", true)', "member is false (or missing)"),
        ([Step(KOELN, None, True, False), Step(ROM, None, False, True)], "\"city\" = 'Köln'", "city is Köln"),
        ([Step(KOELN, None, False, None)], "\"city\" <> 'Köln'", "city is not Köln"),
        (
            [Step(KOELN, None, False, True), Step(ROM, None, False, True)],
            "coalesce(\"city\" not in ('Köln', 'Rom'), true)",
            "city is neither Köln nor Rom (or missing)",
        ),
        (
            [Step(ROM, None, True, None), Step(INCOME, 7.0, False, None)],
            '"city" = \'Rom\' and "income" < 7',
            "city is Rom and yearly income is below 7",
        ),
    ],
)
def test_conditions(path: list[Step], sql: str, words: str) -> None:
    conditions = conditions_of(path, LABELS)
    assert rule_sql(conditions) == sql
    assert rule_words(conditions, "customers") == words
    columns = "cast(null as integer) as income, cast(null as boolean) as is_member, cast(null as varchar) as city"
    [(is_caught,)] = duckdb.sql(f"select {sql} from (select {columns})").fetchall()
    assert bool(is_caught) == all(step.if_missing for step in path)


def test_who_has_no_segment() -> None:
    """Categories of a column ask once. Whole numbers are finite, and a logarithm has a domain."""
    orders = Feature(
        "orders",
        'case when isfinite("orders") then cast("orders" as double) end',
        "log1p+standard",
        1,
        "none",
        None,
        "orders",
        "orders",
        False,
    )
    income, koeln, rom = (replace(feature, fill="none") for feature in (INCOME, KOELN, ROM))
    sql = without_segment_sql([income, orders, koeln, rom])
    assert sql == (
        '"income" is null or "orders" is null or not abs("orders") <= 1e+140 or "orders" <= -1 or "city" is null'
    )
    rows = (
        "(1, 2.0::double, 'Bonn'), (null, 2, 'Rom'), (1, 'nan', 'Rom'), (1, '-inf', 'Rom'), (1, -1, ''), (1, 0, null)"
    )
    found = duckdb.sql(f"select {sql} from (values {rows}) as customers (income, orders, city)").fetchall()
    assert found == [(False,)] + [(True,)] * 5
