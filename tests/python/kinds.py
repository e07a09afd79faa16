"""A project with a segmentation of every kind, each also scored by `mallard.score`, and a published file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from consumer import Consumer, make_consumer
from once import made_once

CUSTOMERS = """
select
    'c' || i as customer_id,
    case when i % 11 <> 0 then (i % 3) * 30 + hash(i) % 1000 / 100.0 end as visits,
    cast(i % 3 * 5 + hash(i + 7000) % 4 as integer) as orders,
    exp(i % 3 + hash(i + 9000) % 1000 / 700.0) as revenue,
    case when i % 13 <> 0 then ['red', 'green "x"', 'it''s blue'][1 + i % 3] end as colour,
    i % 3 = 1 as is_member,
    [i % 3 + hash(i + 100) % 100 / 1000.0, (i + 1) % 3 + hash(i + 200) % 100 / 1000.0, 1.5] as taste,
    1 + i % 4 as weight
from range(600) as t(i)
"""
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"features": ["orders", "revenue"]},
    "excluded": {"features": ["visits", "orders", "colour"], "nulls": "exclude"},
    "filled": {"features": ["visits", "orders", "colour", "is_member"], "nulls": "median", "weight_column": "weight"},
    "mean": {
        "features": {"visits": {"scale": "minmax"}, "revenue": {"scale": "log1p+standard"}},
        "nulls": "mean",
    },
    "robust": {"features": ["visits", "revenue"], "scale": "robust"},
    "logarithm": {
        "features": {"revenue": {"scale": "asinh+standard", "weight": 2}, "orders": {"scale": "log1p+standard"}}
    },
    "angle": {"features": ["orders", "revenue", "visits"], "metric": "cosine", "scale": "none"},
    "vector": {"features": ["taste", "orders"]},
    "limited": {"features": ["orders", "revenue"], "scale": "standard", "max_distance": 1.5},
    "limited_angle": {
        "features": ["orders", "revenue"],
        "metric": "cosine",
        "scale": "none",
        "max_distance": 1.5,
        "contamination": 0.05,
    },
    "unpublished": {"features": ["orders"], "n_clusters": 2, "publish": ["customers", "profiles"]},
    "direction": {"features": ["taste"], "metric": "cosine", "n_clusters": 3},
}


def made_kinds(factory: pytest.TempPathFactory) -> Consumer:
    """The project, built once for all tests."""
    return Consumer(made_once(factory, "kinds", lambda path: _make_shop(path / "shop")) / "shop")


def _make_shop(path: Path) -> None:
    shop = make_consumer(path)
    with (path / "dbt_project.yml").open("a") as project:
        project.write("vars: {mallard_publish: {dev: published/shop.duckdb}}\n")
    shop.write("models/customers.sql", "{{ config(materialized='table') }}\n" + CUSTOMERS)
    shop.write("models/unweighted.sql", "select * exclude (weight, customer_id) from {{ ref('customers') }}")
    for name, settings in KINDS.items():
        shop.write_segmentation(name, "select * from {{ ref('customers') }}", **{"id": "customer_id"} | settings)
        relation = "unweighted" if name == "filled" else "customers"
        shop.write(
            f"models/scored_{name}.sql",
            f"{{{{ config(materialized='table') }}}}\n{{{{ mallard.score(ref('{relation}'), ref('{name}')) }}}}",
        )
    shop.write(
        "models/quoted.sql",
        "{{ config(materialized='segmentation', alias='my best customers', meta={'id': 'customer_id'}) }}\n"
        'select customer_id, orders as "the ""orders"" (n)", revenue from {{ ref(\'customers\') }}',
    )
    result = shop.dbt("build")
    assert result.returncode == 0, result.stdout
