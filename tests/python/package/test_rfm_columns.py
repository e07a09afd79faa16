"""A missing column is named in one line, with those that are there; what only the model knows is left to DuckDB."""

from __future__ import annotations

import pytest
from consumer import Consumer, make_consumer

ORDERS = "select 'a' as \"Customer ID\", date '2026-01-31' as day, 7.5 as amount, 1 as order_no"
THERE = "Customer ID, day, amount, order_no"
QUERY = "'(select * exclude (order_no) from ' ~ ref('orders') ~ ')'"
MISSPELT = {
    "rfm": ("rfm(ref('orders'), 'Customer ID', 'dya', 'amount')", f'ordered_at is "dya": orders has {{}} {THERE}'),
    "rfm_order": (
        "rfm(ref('orders'), 'Customer ID', 'day', 'amount', order_id='order')",
        f'order_id is "order": orders has {{}} {THERE}',
    ),
    "rfm_of_a_query": (
        f"rfm({QUERY}, 'Customer ID', 'day', 'amount', order_id='order_no')",
        'order_id is "order_no": the query has {} Customer ID, day, amount',
    ),
    "rfm_left_out": (
        "rfm_left_out(ref('orders'), 'Customer ID', 'day', 'total')",
        f'amount is "total": orders has {{}} {THERE}',
    ),
    "rfm_scores": (
        "rfm_scores(ref('customers'))",
        'customer_id is "customer_id": customers has {} Customer ID, recency_days, orders, revenue',
    ),
    "rfm_scores_of_a_source": (
        "rfm_scores(source('files', 'customers'), 'id', monetary='spent')",
        'monetary is "spent": customers has {} id, recency_days, orders, revenue',
    ),
    "adjusted_rand_index": (
        "adjusted_rand_index(ref('orders'), 'Customer ID', 'segment')",
        f'second is "segment": orders has {{}} {THERE}',
    ),
}
SOURCES = """
sources:
  - name: files
    tables:
      - name: customers
        config:
          external_location: "(select 7 as id, 1 as recency_days, 2 as orders, 3.5 as revenue)"
"""
RIGHT = {
    "in_another_case": "{{ mallard.rfm(ref('orders'), 'customer id', 'DAY', 'Amount', order_id='ORDER_NO') }}",
    "of_a_source": "{{ mallard.rfm_scores(source('files', 'customers'), 'id') }}",
    "of_an_ephemeral_model": "{{ mallard.rfm(ref('passing'), 'id', 'day', 'amount') }}",
    "of_a_cte": """
        with customers as (select "Customer ID" as id, * exclude ("Customer ID") from {{ ref('customers') }})

        select * from ({{ mallard.rfm_scores('customers', 'id') }})
    """,
    "of_a_query_of_a_cte": """
        with customers as (select "Customer ID" as id, * exclude ("Customer ID") from {{ ref('customers') }})

        select * from ({{ mallard.rfm_scores('(select * from customers)', 'id') }})
    """,
}
"""Calls that find all columns. The CTEs have the name of a table with other columns."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    consumer = make_consumer(tmp_path_factory.mktemp("rfm_columns"))
    consumer.write("models/orders.sql", f"{{{{ config(materialized='table') }}}}\n{ORDERS}")
    consumer.write(
        "models/customers.sql",
        'select "Customer ID", recency_days, orders, revenue from '
        "({{ mallard.rfm(ref('orders'), 'Customer ID', 'day', 'amount') }})",
    )
    passing = ORDERS.replace("Customer ID", "id")
    consumer.write("models/passing.sql", f"{{{{ config(materialized='ephemeral') }}}}\n{passing}")
    consumer.write("models/sources.yml", SOURCES)
    for name, text in RIGHT.items():
        consumer.write(f"models/{name}.sql", text)
    return consumer


def test_a_project_compiles_before_it_is_built(shop: Consumer) -> None:
    for name, (call, _) in MISSPELT.items():
        if name != "rfm_scores_of_a_source":
            shop.write(f"models/{name}.sql", f"{{{{ mallard.{call} }}}}")
    results = [shop.dbt("--quiet", command) for command in ("parse", "compile")]
    for name in MISSPELT:
        (shop.path / f"models/{name}.sql").unlink(missing_ok=True)
    assert [result.stdout for result in results if result.returncode] == []


def test_columns_that_are_there_are_found(shop: Consumer) -> None:
    result = shop.dbt("build")
    assert result.returncode == 0, result.stdout
    assert shop.query("select * exclude (r_score, f_score, m_score) from of_a_cte") == [
        ("a", 0, 1, 7.5, "111", "Hibernating")
    ]
    assert shop.query('select "customer id", revenue from in_another_case') == [("a", 7.5)]


@pytest.mark.parametrize("name", MISSPELT)
def test_a_column_that_isnt_there_is_refused_in_one_line(shop: Consumer, name: str) -> None:
    call, message = MISSPELT[name]
    shop.write("models/refused.sql", f"{{{{ mallard.{call} }}}}")
    result = shop.dbt("--quiet", "build", "--select", "orders", "customers", "refused")
    (shop.path / "models/refused.sql").unlink()
    assert result.returncode == 1
    assert f"mallard: setting {message.format('no such column; name one of')}.\n" in result.stdout


def test_a_column_that_a_cte_doesnt_have_is_named_by_duckdb(shop: Consumer) -> None:
    cte = "with customers as (select 1 as id, 2 as recency_days, 3 as orders)"
    call = "mallard.rfm_scores('customers', 'id')"
    shop.write("models/refused.sql", f"{{{{ config(materialized='table') }}}}\n{cte} select * from ({{{{ {call} }}}})")
    result = shop.dbt("--quiet", "run", "--select", "refused")
    (shop.path / "models/refused.sql").unlink()
    assert result.returncode == 1
    assert 'Referenced column "revenue" not found' in result.stdout
