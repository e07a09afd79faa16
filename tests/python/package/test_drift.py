"""How a segmentation looks for drift."""

from __future__ import annotations

from pathlib import Path

import pytest
from consumer import Consumer, make_consumer
from dbt_runs import Run

SHOP = """
with groups(segment, x, y) as (values (0, 10, 10), (1, 40, 12), (2, 25, 45))
select
    'c' || lpad(cast(i as varchar), 5, '0') as customer_id,
    x + (hash(i + {draw}) % 1000) / 100.0 as visits,
    {price} * (y + (hash(i + 100000 + {draw}) % 1000) / 100.0) as revenue
from range({first}, {first} + 1200) as t(i)
join groups on i % 3 = segment
"""
"""Customers in three plain groups."""


def write_shop(shop: Consumer, first: int = 0, price: float = 1.0, draw: int = 0, **meta: object) -> None:
    shop.write_segmentation("segments", SHOP.format(first=first, price=price, draw=draw), id="customer_id", **meta)


def built(shop: Consumer, *arguments: str) -> Run:
    result = shop.dbt("build", *arguments)
    assert result.returncode == 0, result.stdout
    return result


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with a segmentation that has been built once."""
    consumer = make_consumer(tmp_path / "shop")
    write_shop(consumer)
    built(consumer)
    return consumer


def test_try(shop: Consumer) -> None:
    print(built(shop).stdout)
    print(shop.query("from segments__builds"))
    for row in shop.query("from segments__drift"):
        print(row)
    write_shop(shop, price=4 / 3)
    print(built(shop).stdout)
    for row in shop.query("select * exclude(built_at, run_id) from segments__drift where build=3"):
        print(row)
    assert 0
