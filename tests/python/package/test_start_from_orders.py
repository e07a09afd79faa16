"""Every SQL example of the guide Start from orders runs, and gives the rows that the guide shows."""

from __future__ import annotations

import re

import pytest
from consumer import Consumer, make_consumer
from sample import ROOT
from sklearn.metrics import adjusted_rand_score

GUIDE = (ROOT / "docs/how-to/start-from-orders.md").read_text("utf-8")
MACRO = "macros/md5_number_lower.sql"
ORDERS = (ROOT / "integration_tests/models/orders/orders.sql").read_text("utf-8")
WITHOUT_NAME = ["orders_in_berlin", "differences"]
"""The examples that aren't called a model by their first line, in the order of the guide."""


def _examples() -> dict[str, str]:
    blocks = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
    named, names = {}, iter(WITHOUT_NAME)
    for block in blocks:
        name = re.match(r"-- models/(\w+)\.sql", block)
        named[name[1] if name else next(names)] = block
    return named


def _table(first_heading: str) -> list[list[str]]:
    """The rows of a table of the guide, as texts."""
    [table] = re.findall(rf"^\| {first_heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with the examples, on the orders of the integration project, whose moments have a time zone."""
    consumer = make_consumer(tmp_path_factory.mktemp("start_from_orders"))
    zoned = f"select * replace (timezone('UTC', ordered_at) as ordered_at) from ({ORDERS})"
    consumer.write(MACRO, (ROOT / "integration_tests" / MACRO).read_text("utf-8"))
    consumer.write("models/orders.sql", f"{{{{ config(materialized='table') }}}}\n{zoned}")
    for name, text in _examples().items():
        consumer.write(f"models/{name}.sql", text)
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def test_all_examples_are_models(shop: Consumer) -> None:
    assert len(_examples()) == GUIDE.count("```sql") == 7
    for name in _examples():
        assert shop.query(f"select count(*) from {name}")[0][0] > 0, name


def test_the_tables_of_the_guide_are_those_of_the_examples(shop: Consumer) -> None:
    left_out = shop.query("from orders_left_out order by reason")
    assert [[reason, str(n), f"{amount:,.2f}"] for reason, n, amount in left_out] == _table("reason")
    scores = shop.query("from rfm_baseline order by customer_id limit 3")
    assert [list(map(str, row)) for row in scores] == _table("customer_id")


def test_segments_and_baseline_agree_as_scikit_learn_says(shop: Consumer) -> None:
    pairs = shop.query(
        "select segment_id, rfm_segment from customer_segments inner join rfm_baseline using (customer_id) "
        "where segment_id is not null and rfm_segment is not null"
    )
    expected = adjusted_rand_score(*map(list, zip(*pairs, strict=True)))
    assert shop.query("from baseline_agreement") == [(pytest.approx(expected, rel=1e-12), len(pairs))]


def test_days_in_berlin_are_those_of_berlin(shop: Consumer) -> None:
    expected = shop.query(
        "select customer_id, cast(max(timezone('Europe/Berlin', ordered_at)) as date) from orders "
        "where amount >= 0 and trim(customer_id) <> '' group by customer_id"
    )
    found = shop.query("select customer_id, last_ordered_on from orders_in_berlin where orders > 0")
    assert sorted(found) == sorted(expected)
