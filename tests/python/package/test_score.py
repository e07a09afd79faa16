"""Customers of any relation get their segments by a stored version, without a fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
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
    "mean": {"features": ["visits", "revenue"], "nulls": "mean", "scale": "minmax"},
    "robust": {"features": ["visits", "revenue"], "scale": "robust"},
    "logarithm": {"features": {"revenue": {"scale": "asinh+standard", "weight": 2}, "orders": {"scale": "log1p+standard"}}},
    "angle": {"features": ["orders", "revenue", "visits"], "metric": "cosine", "scale": "none"},
    "vector": {"features": ["taste", "orders"]},
    "direction": {"features": ["taste"], "metric": "cosine", "n_clusters": 3},
}
ADDED = (
    "segment_id, segment_name, distance_to_centroid, second_segment_id, distance_to_second_centroid, confidence, "
    "assignment_status, status_reason, version"
)


def _make_shop(path: Path) -> None:
    shop = make_consumer(path)
    shop.write("models/customers.sql", "{{ config(materialized='table') }}\n" + CUSTOMERS)
    shop.write("models/unweighted.sql", "select * exclude (weight, customer_id) from {{ ref('customers') }}")
    for name, settings in KINDS.items():
        shop.write_segmentation(name, "select * from {{ ref('customers') }}", **{"id": "customer_id"} | settings)
        relation = "unweighted" if name == "filled" else "customers"
        shop.write(
            f"models/scored_{name}.sql",
            f"{{{{ config(materialized='table') }}}}\n{{{{ mallard.score(ref('{relation}'), ref('{name}')) }}}}",
        )
    result = shop.dbt("build")
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Customers segmented in several ways, each also scored by `mallard.score`."""
    return Consumer(made_once(tmp_path_factory, "kinds", lambda path: _make_shop(path / "shop")) / "shop")


@pytest.mark.parametrize("name", KINDS)
def test_a_score_has_the_bits_of_the_segmentation(kinds: Consumer, name: str) -> None:
    left_out = "customer_id, weight, " if name == "filled" else ""
    expected = kinds.query(
        f"select * exclude ({left_out}previous_segment_id, segment_changed_at, is_new) from {name} order by all"
    )
    assert len(expected) == 600
    assert kinds.query(f"select * from scored_{name} order by all") == expected
