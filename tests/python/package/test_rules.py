"""Rules that follow the segments, counted anew with DuckDB and pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from customers_with_gaps import CUSTOMERS, SHARED

PASTED = """
select
    *,
    {{{{ mallard.rules_case(ref('{name}')) }}}} as by_rule
from {{{{ ref('{name}') }}}}
"""
TESTS = """
models:
  - name: filled
    data_tests: [mallard.rules_agree: {arguments: {minimum: 0.6}}]
  - name: left_out
    data_tests: [mallard.rules_agree: {arguments: {minimum: 1.0}}]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Three segmentations of customers with gaps, two with rules; built, and what the rules say of each customer."""
    consumer = make_consumer(tmp_path_factory.mktemp("rules"))
    consumer.write_segmentation("left_out", CUSTOMERS, rules=True, **SHARED)
    of_filled = {"rules": {"max_leaves": 20}, "nulls": "mean", "weight_column": "w"}
    consumer.write_segmentation("filled", CUSTOMERS, **of_filled, **SHARED)
    consumer.write_segmentation("without", CUSTOMERS, **SHARED)
    for name in ("left_out", "filled"):
        consumer.write(f"models/pasted_{name}.sql", PASTED.format(name=name))
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def _frame(shop: Consumer, sql: str, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(shop.query(sql), columns=columns)


@pytest.mark.parametrize("name", ["left_out", "filled"])
def test_each_customer_falls_under_one_rule(shop: Consumer, name: str) -> None:
    rules = shop.query(f"select rule_sql from {name}__rules")
    caught = " + ".join(f"case when {sql} then 1 else 0 end" for (sql,) in rules)
    assert shop.query(f"select distinct {caught} from {name} where segment_id is not null") == [(1,)]
    assert len(shop.query(f"select distinct segment_id from {name}__rules")) == 6


@pytest.mark.parametrize(("name", "weight"), [("left_out", "1.0::double"), ("filled", "w::double")])
def test_figures(shop: Consumer, name: str, weight: str) -> None:
    columns = ["segment_id", "by_rule", "weight"]
    customers = _frame(
        shop, f"select segment_id, by_rule, {weight} from pasted_{name} where segment_id is not null", columns
    )
    agreeing = customers.weight[customers.segment_id == customers.by_rule].sum() / customers.weight.sum()
    figures = "n_customers, n_of_segment, coverage, precision, lift, agreement"
    found = shop.query(f"select rule_sql, segment_id, {figures} from {name}__rules")
    for sql, segment, n_customers, n_of_segment, coverage, precision, lift, agreement in found:
        caught = _frame(
            shop,
            f"select segment_id, by_rule, {weight} from pasted_{name} where {sql} and segment_id is not null",
            columns,
        )
        own = caught[caught.segment_id == segment]
        whole = customers.weight[customers.segment_id == segment].sum()
        assert (set(caught.by_rule), len(caught), len(own)) == ({segment}, n_customers, n_of_segment)
        assert coverage == pytest.approx(own.weight.sum() / whole)
        assert precision == pytest.approx(own.weight.sum() / caught.weight.sum())
        assert lift == pytest.approx(precision / (whole / customers.weight.sum()))
        assert agreement == pytest.approx(agreeing)


def test_price_of_explanation(shop: Consumer) -> None:
    """From the scaled customers, with numpy."""
    expressions = [
        sql for (sql,) in shop.query("select distinct scaled_expression from left_out__centroids order by 1")
    ]
    selected = f"select segment_id, by_rule, {', '.join(expressions)} from pasted_left_out where segment_id is not null"
    rows = np.array(shop.query(selected), dtype=float)

    def inertia(labels: np.ndarray) -> float:
        groups = [rows[labels == label, 2:] for label in np.unique(labels)]
        return sum(float(((group - group.mean(axis=0)) ** 2).sum()) for group in groups)

    [(price,)] = shop.query("select distinct price_of_explanation from left_out__rules")
    assert price == pytest.approx(inertia(rows[:, 1]) / inertia(rows[:, 0]))


def test_nobody_pays_for_what_isnt_asked_for(shop: Consumer) -> None:
    assert shop.query("select table_name from duckdb_tables() where table_name = 'without__rules'") == []
    columns = "select column_name from (describe {})"
    assert shop.query(columns.format("without")) == shop.query(columns.format("left_out"))


def test_later_builds_keep_the_rules(shop: Consumer) -> None:
    """They stay, and count the customers of today; another setting or a fit finds others; without it, they are gone."""
    what = "select rule, segment_id, rule_sql, rule_text, price_of_explanation from left_out__rules order by rule"
    before = shop.query(what)
    select = CUSTOMERS.replace("range(400)", "range(3, 350)")
    shop.write_segmentation("left_out", select, rules=True, **SHARED)
    assert shop.dbt("build", "--select", "left_out").returncode == 0
    assert shop.query(what) == before
    [(n,)] = shop.query("select count(segment_id) from left_out")
    assert shop.query("select sum(n_customers)::int from left_out__rules") == [(n,)]
    shop.write("models/tests.yml", TESTS)
    tested = shop.dbt("test").stdout
    assert "FAIL 1 mallard_rules_agree_left_out" in tested
    assert "PASS mallard_rules_agree_filled" in tested
    shop.write_segmentation("left_out", select, rules={"max_leaves": 40}, **SHARED)
    assert shop.dbt("run", "--select", "left_out").returncode == 0
    assert len(shop.query(what)) > len(before)
    assert shop.query("select distinct version, max_leaves from left_out__rules") == [(1, 40)]
    assert shop.dbt("run", "--select", "left_out", "--full-refresh").returncode == 0
    assert shop.query("select distinct version, max_leaves from left_out__rules order by 1") == [(1, 40), (2, 40)]
    shop.write_segmentation("left_out", select, **SHARED)
    assert shop.dbt("run", "--select", "left_out").returncode == 0
    assert shop.query("select table_name from duckdb_tables() where table_name = 'left_out__rules'") == []
    assert "has no table of rules: set rules to true in its meta" in shop.dbt("test", "--select", "left_out").stdout


@pytest.mark.parametrize(
    ("columns", "settings", "said"),
    [
        ("[i, i % 3] as v, i % 7 as x", {"rules": True}, "feature v is a vector"),
        ("i % 5 as y, i % 7 as x", {"rules": True, "metric": "cosine"}, "with metric cosine, segments are directions"),
        ("i % 5 as y", {"rules": "yes"}, "set it to true, to false, or to {max_leaves: "),
        ("i % 5 as y", {"rules": {"leaves": 3}}, "set it to true, to false, or to {max_leaves: "),
    ],
)
def test_refusals(tmp_path: Path, columns: str, settings: dict[str, Any], said: str) -> None:
    consumer = make_consumer(tmp_path)
    consumer.write_segmentation("refused", f"select i as id, {columns} from range(50) as t(i)", id="id", **settings)
    assert consumer.dbt("build").returncode == 1
    _, message = consumer.messages()["refused"]
    assert "setting rules is" in message
    assert said in message
