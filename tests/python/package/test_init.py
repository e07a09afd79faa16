"""What `mallard init` writes is built by dbt as it is."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer

from mallard.cli import main


def _init(consumer: Consumer, *arguments: str) -> None:
    result = CliRunner().invoke(main, ["init", *arguments, "--project", str(consumer.path)])
    assert result.exit_code == 0, result.output
    built = consumer.dbt("--warn-error", "build")
    assert built.returncode == 0, built.stdout


@pytest.mark.slow
def test_a_seed_of_order_lines_becomes_segments_of_customers(tmp_path: Path) -> None:
    consumer = make_consumer(tmp_path)
    random.seed(1)
    days, revenue = {}, Counter[int]()
    lines = ["InvoiceNo,Quantity,InvoiceDate,UnitPrice,CustomerID"]
    for i in range(3000):
        customer, quantity, price = 17000 + random.randrange(200), random.randrange(1, 9), random.randrange(100) / 4
        moment = datetime(2011, 1, 1, 8) + timedelta(days=random.randrange(300), minutes=i % 600)
        lines.append(f"{536000 + i},{quantity},{moment:%m/%d/%Y %H:%M},{price},{customer}")
        days[customer] = max(moment.date(), days.get(customer, moment.date()))
        revenue[customer] += quantity * price
    consumer.write("seeds/orders.csv", "\n".join(lines))
    _init(consumer, str(consumer.path / "seeds" / "orders.csv"))
    expected = {(customer, (max(days.values()) - days[customer]).days, revenue[customer]) for customer in days}
    assert set(consumer.query('select "CustomerID", recency_days, revenue from customers')) == expected
    assert consumer.query("select count(*), count(segment_id) from customer_segments") == [(200, 200)]


@pytest.mark.slow
def test_a_seed_with_semicolons_is_built_as_it_is(tmp_path: Path) -> None:
    consumer = make_consumer(tmp_path)
    consumer.write("seeds/people.csv", "\n".join(["user_id;visits", *(f"{i};{i * i % 50}" for i in range(80))]))
    _init(consumer, str(consumer.path / "seeds" / "people.csv"))
    assert consumer.query("select user_id, visits from user_segments order by all") == [
        (i, i * i % 50) for i in range(80)
    ]


@pytest.mark.slow
def test_a_table_of_the_warehouse_with_odd_names_becomes_segments(tmp_path: Path) -> None:
    consumer = make_consumer(tmp_path)
    with duckdb.connect(consumer.database) as connection:
        connection.execute("create schema raw")
        connection.execute(
            'create table raw."it\'s products" as select \'A\' || i as "Product \'No", i % 7 as "{{ x }} it\'s", '
            "2.5 * (i % 20) as \"{% price\", 'Thing ' || i as \"{# name\", ['a', 'b'][i % 2 + 1] as kind "
            "from range(100) as t(i)"
        )
    _init(consumer, str(consumer.database), "raw.it's products")
    assert consumer.query("select count(*), count(segment_id) from product_segments") == [(100, 100)]


@pytest.mark.slow
def test_a_file_beside_the_project_becomes_segments(tmp_path: Path) -> None:
    consumer = make_consumer(tmp_path / "shop")
    file = tmp_path / "all {our} users.csv"
    rows = [f"{i},{i % 17},{i * i % 50},p{i}@x.org" for i in range(80)]
    file.write_text("\n".join(["user_id,visits,total_spent,email", *rows]))
    _init(consumer, str(file))
    assert consumer.query("select user_id, visits, total_spent from user_segments order by all") == [
        (i, i % 17, i * i % 50) for i in range(80)
    ]
