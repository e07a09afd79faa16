"""A segmentation over several builds."""

from __future__ import annotations

from pathlib import Path

import pytest
from consumer import Consumer, make_consumer
from dbt_runs import Run

SHOP = """
with groups(segment, x, y) as (values (0, 10, 10), (1, 40, 12), (2, 25, 45))
select
    'c' || lpad(cast(i as varchar), 4, '0') as customer_id,
    x + (hash(i) % 1000) / 250.0 as visits,
    y + (hash(i + 100000) % 1000) / 250.0 as revenue
from range({rows}) as t(i)
join groups on i % 3 = segment
"""


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with a segmentation of 600 customers in three plain groups."""
    consumer = make_consumer(tmp_path / "shop")
    consumer.write_segmentation("segments", SHOP.format(rows=600), id="customer_id")
    return consumer


def built(shop: Consumer, *arguments: str) -> Run:
    result = shop.dbt("build", *arguments)
    assert result.returncode == 0, result.stdout
    return result


def test_a_build_with_nothing_new_scores_by_the_version_that_is_there(shop: Consumer) -> None:
    built(shop)
    first = shop.query("from segments order by customer_id")
    assert "nothing to fit: version 1" in built(shop).stdout
    unchanged = "select * exclude (previous_segment_id, is_new) from segments order by customer_id"
    assert shop.query(unchanged) == [row[:-3] + (row[-2],) for row in first]
    assert shop.query("select distinct previous_segment_id = segment_id, is_new, version from segments") == [
        (True, False, 1)
    ]
    assert shop.query("select build, version, is_fit, n_rows, n_joined, n_left, n_moved from segments__builds") == [
        (1, 1, True, 600, None, None, None),
        (2, 1, False, 600, 0, 0, 0),
    ]


def test_full_refresh_makes_a_version_whose_segments_keep_their_ids(shop: Consumer) -> None:
    built(shop)
    first = shop.query("select customer_id, segment_id, segment_name from segments order by all")
    built(shop, "--full-refresh")
    assert shop.query("select customer_id, segment_id, segment_name from segments order by all") == first
    assert shop.query("select version, replaces, reason from segments__versions order by version") == [
        (1, None, "there was no version before"),
        (2, 1, "--full-refresh asks for it"),
    ]
