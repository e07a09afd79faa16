"""Segments of a least share of the customers and of their value, over two builds."""

from __future__ import annotations

from pathlib import Path

import pytest
from consumer import Consumer, make_consumer

SHOP = """
with groups(segment, x, y, n, revenue) as (
    values (0, 0, 0, 300, 1), (1, 50, 0, 200, -1), (2, 0, 50, 80, 8), (3, 150, 150, 12, 40)
)
select
    segment * 1000 + i as customer_id,
    x + hash(i) % 1000 / 250.0 as visits,
    y + hash(i + 100000) % 1000 / 250.0 as orders,
    case when i = 0 then null else revenue end as revenue
from groups, range(n) as t(i)
where {where}
"""
SETTINGS = {"id": "customer_id", "features": ["visits", "orders"], "value_column": "revenue", "refit": "never"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project whose customers are in four groups, the smallest of which has 2 % of them."""
    path: Path = tmp_path_factory.mktemp("least") / "shop"
    consumer = make_consumer(path)
    consumer.write_segmentation("plain", SHOP.format(where="true"), **SETTINGS)
    consumer.write_segmentation("large", SHOP.format(where="true"), min_share=0.05, **SETTINGS)
    consumer.write_segmentation("worthy", SHOP.format(where="true"), min_value_share=0.1, **SETTINGS)
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def _sizes(shop: Consumer, name: str) -> list[int]:
    return [n for (n,) in shop.query(f"select count(*) from {name} group by segment_id order by 1")]


def test_the_fit_takes_the_shares_into_account(shop: Consumer) -> None:
    assert _sizes(shop, "plain") == [12, 80, 200, 300]
    assert min(_sizes(shop, "large")) >= 0.05 * 592
    assert len(_sizes(shop, "large")) == 3
    shares = shop.query("select min(share_of_value), any_value(value_label) from worthy__profiles")
    assert shares[0][0] >= 0.1
    # 299 - 199 + 632 + 440 = 1172, of which the second group has less than nothing
    [(reason,)] = shop.query("select selection_reason from worthy__metrics where is_selected")
    assert "its smallest segment has -17.0% of revenue, and min_value_share is 0.1." in reason


def test_a_version_that_only_scores_says_that_a_segment_has_become_too_small(shop: Consumer) -> None:
    later = SHOP.format(where="segment <> 1 or i < 15")
    shop.write_segmentation("large", later, min_share=0.05, **SETTINGS)
    shop.write_segmentation("worthy", SHOP.format(where="true"), min_value_share=0.1, **SETTINGS)
    result = shop.dbt("build", "--select", "large", "worthy")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("has come to have less than the") == 1
    assert (
        "large: segment 3 has come to have less than the min_share of 0.05: dbt build --full-refresh" in result.stdout
    )
    assert shop.query("select distinct version from large") == [(1,)]
