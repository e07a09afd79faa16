"""What happens to a history when the model around it changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer
from dbt_runs import Run

from mallard.cli import main

CUSTOMERS = """
with groups(segment, x, y) as (values (0, 10, 10), (1, 40, 12), (2, 25, 45))
select
    {id},
    x + (hash(i) % 1000) / 250.0 as visits,
    y + (hash(i + 100000) % 1000) / 250.0 as revenue
from range({rows}) as t(i)
join groups on i % 3 = segment
"""
CAME_AND_WENT = "select build, n_joined, n_left, n_moved from segments__builds order by build"


def customers(id: str = "i as customer_id", rows: int = 300) -> str:
    return CUSTOMERS.format(id=id, rows=rows)


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with one build of a segmentation of 300 customers in three plain groups."""
    consumer = make_consumer(tmp_path / "shop")
    consumer.write_segmentation("segments", customers(), id="customer_id")
    built(consumer)
    return consumer


def built(shop: Consumer, *arguments: str) -> Run:
    result = shop.dbt("build", *arguments)
    assert result.returncode == 0, result.stdout
    return result


def test_ids_of_another_type_are_the_same_customers(shop: Consumer) -> None:
    for kind in ("double", "decimal(18, 2)", "float", "bigint", "varchar"):
        shop.write_segmentation("segments", customers(f"cast(i as {kind}) as customer_id"), id="customer_id")
        built(shop)
    assert shop.query(CAME_AND_WENT)[1:] == [(build, 0, 0, 0) for build in range(2, 7)]
    assert shop.query("select version, count(*) from segments__drift where measure = 'psi' group by all") == [(1, 10)]


def test_fractions_tell_customers_apart(shop: Consumer) -> None:
    for kind in ("double", "varchar"):
        select = customers(f"cast(i / 2 as {kind}) as customer_id")
        shop.write_segmentation("segments", select, id="customer_id")
        built(shop)
    assert shop.query(CAME_AND_WENT)[1:] == [(2, 150, 150, 100), (3, 0, 0, 0)]


def test_customers_under_another_column_are_others(shop: Consumer) -> None:
    before = shop.query("select customer_id, segment_id from segments order by all")
    shop.write_segmentation("segments", customers("i as client_id"), id="client_id")
    built(shop)
    assert shop.query(CAME_AND_WENT)[1:] == [(2, 300, 300, 0)]
    assert shop.query("select client_id, segment_id from segments order by all") == before


def test_a_fit_after_a_build_without_rows_keeps_ids(shop: Consumer) -> None:
    before = shop.query("select customer_id, segment_id from segments order by all")
    built(shop, "--empty")
    built(shop, "--full-refresh")
    assert shop.query("select customer_id, segment_id from segments order by all") == before
    assert shop.query(
        "select version, segment_id, fate, new_segment_id, n_shared, keeps_id from segments__lineage"
    ) == [(2, segment, "survived", segment, 0, True) for segment in (1, 2, 3)]
    assert shop.query(CAME_AND_WENT) == [(1, None, None, None), (2, None, None, None)]


def test_a_fit_may_begin_from_the_version_of_another_segmentation(shop: Consumer) -> None:
    settings = {"id": "customer_id", "first_version_from": "segments", "refit": "always"}
    shop.write_segmentation("others", customers(rows=150), **settings)
    built(shop, "-s", "others")
    both = "from others join segments using (customer_id)"
    assert shop.query(f"select count(*), count(*) filter (others.segment_id = segments.segment_id) {both}") == [
        (150, 150)
    ]
    assert shop.query("select version, replaces from others__versions order by 1") == [(1, None), (2, 1)]


def test_a_table_of_another_kind_in_between_is_no_build(shop: Consumer) -> None:
    shop.write("models/segments.sql", "{{ config(materialized='table') }} " + customers())
    built(shop)
    shop.write_segmentation("segments", customers(), id="customer_id")
    assert "nothing to fit: version 1" in built(shop).stdout
    assert shop.query(CAME_AND_WENT) == [(1, None, None, None), (2, None, None, None)]


def test_ids_of_a_history_that_is_forgotten_are_not_compared(shop: Consumer) -> None:
    mirrored = customers().replace("(0, 10, 10), (1, 40, 12)", "(0, 40, 12), (1, 10, 10)")
    shop.write_segmentation("mine", mirrored + "where i > 0", id="customer_id", n_clusters=2)
    built(shop, "-s", "mine")
    forgotten = shop.dbt("run-operation", "mallard.forget_history", "--args", "{segmentation: mine}")
    assert forgotten.returncode == 0, forgotten.stdout
    settings = {"id": "customer_id", "refit": "never", "first_version_from": "segments"}
    shop.write_segmentation("mine", mirrored + "where i > 0", **settings)
    built(shop, "-s", "mine")
    assert shop.query("select count(*) from mine where previous_segment_id is not null or not is_new") == [(0,)]
    assert shop.query("select build, n_joined, n_left, n_moved from mine__builds") == [(1, None, None, None)]


def test_another_column_of_weights_makes_a_version(shop: Consumer) -> None:
    for weight in ("often", "seldom"):
        select = customers(f"i as customer_id, 1 + i % 4 as {weight}")
        settings = {"id": "customer_id", "features": ["visits", "revenue"], "weight_column": weight}
        shop.write_segmentation("segments", select, **settings)
        built(shop)
    assert shop.query("select version, reason, weight from segments__versions order by version")[1:] == [
        (2, 'setting weight_column was null and is "often"', 750.0),
        (3, 'setting weight_column was "often" and is "seldom"', 750.0),
    ]
    assert shop.query("select kind, sum(weight) from segments__transitions where build = 3 group by all") == [
        ("stayed", 1500.0)
    ]
    shop.write_segmentation("segments", customers(), id="customer_id", refit="never")
    assert shop.dbt("build").returncode != 0
    assert 'weight_column was "seldom" at the fit and is null' in shop.messages()["segments"][1]


def test_values_that_are_missing_for_the_first_time_leave_a_segment_by_behaviour(shop: Consumer) -> None:
    select = "select * replace (if(customer_id % 50 = 7, null, visits) as visits) from (" + customers() + ")"
    shop.write_segmentation("segments", select, id="customer_id")
    built(shop, "--full-refresh")
    moves = "select part, kind, to_segment_id is null, sum(n_customers) from segments__transitions"
    assert shop.query(f"{moves} group by all order by all") == [
        ("behaviour", "moved", True, 6),
        ("behaviour", "stayed", False, 294),
        ("redefinition", "stayed", False, 294),
        ("redefinition", "stayed", True, 6),
    ]


def test_a_history_without_rows_is_said_by_the_commands(shop: Consumer) -> None:
    def said(command: str) -> str:
        return CliRunner().invoke(main, [command, str(shop.database)]).output

    built(shop, "--empty")
    nothing = "Error: mallard: segments has no rows: run dbt build without --empty.\n"
    assert (said("report"), said("summary")) == (nothing, nothing)


def test_indexes_are_there_after_every_build(shop: Consumer) -> None:
    indexes = "indexes=[{'columns': ['customer_id'], 'unique': true}, {'columns': ['segment_id']}]"
    config = f"{{{{ config(materialized='segmentation', {indexes}, meta={{'id': 'customer_id'}}) }}}}"
    shop.write("models/segments.sql", f"{config} {customers()}")
    for arguments in ([], [], ["--full-refresh"], []):
        built(shop, *arguments)
        assert shop.query("select table_name, is_unique from duckdb_indexes() order by all") == [
            ("segments", False),
            ("segments", True),
        ]
    assert shop.query(CAME_AND_WENT)[1:] == [(build, 0, 0, 0) for build in range(2, 6)]
    assert shop.query("select table_name from duckdb_tables() where table_name like '%backup%'") == []


def test_embeddings_of_another_size_are_another_feature(shop: Consumer) -> None:
    vectors = "select i as customer_id, [{}]::float[{}] as taste from range(60) as t(i)"
    places = "10 * (i % 3) + (hash(i) % 100) / 100.0"
    for size in (3, 4):
        elements = ", ".join([places, *["(hash(i + 7) % 100) / 100.0"] * (size - 1)])
        shop.write_segmentation("tastes", vectors.format(elements, size), id="customer_id", n_clusters=3)
        result = shop.dbt("run", "--select", "tastes")
        assert result.returncode == 0, result.stdout
    assert shop.query("select reason from tastes__versions order by version") == [
        ("there was no version before",),
        ("column taste had 3 numbers and has 4",),
    ]
    assert shop.query("select count(*) from tastes where segment_id is distinct from previous_segment_id") == [(0,)]


def test_a_version_without_fillers_gives_no_segment_to_who_lacks_a_value_whatever_nulls_says_now(
    shop: Consumer,
) -> None:
    select = "select case when i > {} then 10 * (i % 3) end as visits, i % 2 as orders, i as id from range(60) as t(i)"
    for lacking, nulls in ((-1, "exclude"), (1, "mean")):
        shop.write_segmentation(
            "plain", select.format(lacking), id="id", n_clusters=3, scale="standard", nulls=nulls, refit="never"
        )
        result = shop.dbt("run", "--select", "plain")
        assert result.returncode == 0, result.stdout
    assert shop.query("select id, segment_id, status_reason from plain where segment_id is null order by id") == [
        (0, None, "visits is missing"),
        (1, None, "visits is missing"),
    ]
    assert shop.query("select count(*) from plain__versions") == [(1,)]
