"""Customers of any relation get their segments by a stored version, without a fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from consumer import PROFILE, Consumer, make_consumer
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
    "logarithm": {
        "features": {"revenue": {"scale": "asinh+standard", "weight": 2}, "orders": {"scale": "log1p+standard"}}
    },
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


@pytest.fixture
def shop(kinds: Consumer, tmp_path: Path) -> Consumer:
    """A copy of that project, to build more in."""
    shop = Consumer(shutil.copytree(kinds.path, tmp_path / "shop", symlinks=True))
    shop.write("profiles.yml", PROFILE.format(database=shop.database))
    return shop


def ran(shop: Consumer, *arguments: str) -> str:
    result = shop.dbt(*arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


def refused(shop: Consumer, model: str, text: str) -> str:
    """What is said over a model that can't be built, without the word before it."""
    shop.write(f"models/{model}.sql", text)
    result = shop.dbt("run", "--select", model)
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stdout
    return next(
        line.partition("mallard: ")[2]
        for line in result.stdout.splitlines()
        if "mallard: model" in line or " mallard: " in line
    )


SCORE = "{{ mallard.score(ref('customers'), ref('filled')) }}"


def test_a_score_is_a_view_of_what_comes_later(shop: Consumer) -> None:
    shop.write("models/live.sql", "{{ config(materialized='view') }}\n" + SCORE)
    ran(shop, "run", "--select", "live")
    assert shop.query("from live order by all") == shop.query(
        "select * exclude (previous_segment_id, segment_changed_at, is_new) from filled order by all"
    )
    with duckdb.connect(shop.database) as connection:
        connection.execute("insert into customers select * replace ('new' as customer_id) from customers limit 1")
    assert shop.query("select count(*), count(segment_id) from live") == [(601, 601)]


@pytest.mark.parametrize(
    "select",
    [
        "with new as (select * from {{ ref('customers') }} where orders > 5)\n"
        "select * from ({{ mallard.score('new', ref('filled')) }})",
        "{{ mallard.score('(select * from ' ~ ref('customers') ~ ' where orders > 5)', ref('filled')) }}",
        "select * from (" + SCORE + ") where orders > 5",
    ],
    ids=["cte", "subquery", "filter"],
)
def test_a_cte_a_subquery_or_a_part_may_be_scored(shop: Consumer, select: str) -> None:
    shop.write("models/part.sql", "{{ config(materialized='table') }}\n" + select)
    ran(shop, "run", "--select", "part")
    found = shop.query("from part order by all")
    assert found == shop.query(
        "select * exclude (previous_segment_id, segment_changed_at, is_new) from filled where orders > 5 order by all"
    )
    assert 0 < len(found) < 600


def test_a_single_row_is_scored_without_the_columns_that_scoring_does_not_take(shop: Consumer) -> None:
    row = "(select 31.5 as visits, 6 as orders, ''red'' as colour, true as is_member)".replace("''", "\\'")
    said = ran(shop, "show", "--output", "json", "--inline", "{{ mallard.score('" + row + "', ref('filled')) }}")
    [found] = json.loads(said[said.index("{") :])["show"]
    features = shop.query("select feature, center, spread from filled__features")
    assert found["segment_id"] in (1, 2, 3)
    assert found["assignment_status"] == "assigned"
    assert len(features) == 6


def test_an_incremental_model_scores_what_is_new_and_merges(shop: Consumer) -> None:
    shop.write(
        "models/grown.sql",
        "{{ config(materialized='incremental', unique_key='customer_id', incremental_strategy='merge') }}\n"
        f"select * from ({SCORE})\n"
        "{% if is_incremental() %} where orders = 99 {% endif %}",
    )
    ran(shop, "run", "--select", "grown")
    with duckdb.connect(shop.database) as connection:
        connection.execute(
            "insert into customers select * replace ('new' as customer_id, 99 as orders) from customers limit 1"
        )
        connection.execute("update customers set orders = 99 where customer_id = 'c5'")
        connection.execute("update customers set orders = 98 where customer_id = 'c6'")
    ran(shop, "run", "--select", "grown")
    assert shop.query("select customer_id, orders from grown where customer_id in ('new', 'c5', 'c6') order by 1") == [
        ("c5", 99),
        ("c6", shop.query("select orders from filled where customer_id = 'c6'")[0][0]),
        ("new", 99),
    ]
    assert shop.query("select count(*) from grown") == [(601,)]


def test_a_microbatch_scores_its_own_rows(shop: Consumer) -> None:
    shop.write(
        "models/dated.sql",
        "{{ config(materialized='table', event_time='seen_at') }}\n"
        "select *, timestamp '2026-03-01 12:00:00' + to_days(cast(orders % 3 as integer)) as seen_at from {{ ref('customers') }}",
    )
    shop.write(
        "models/batches.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='day',"
        " begin='2026-03-01') }}\n{{ mallard.score(ref('dated'), ref('filled')) }}",
    )
    ran(
        shop,
        "run",
        "--select",
        "dated",
        "batches",
        "--event-time-start",
        "2026-03-01",
        "--event-time-end",
        "2026-03-03",
    )
    expected = shop.query(
        "select * exclude (previous_segment_id, segment_changed_at, is_new) from filled where orders % 3 < 2 order by all"
    )
    assert shop.query("select * exclude (seen_at) from batches order by all") == expected


def test_a_unit_test_overrides_the_stored_version(shop: Consumer) -> None:
    shop.write("models/vips.sql", "{{ mallard.score(ref('unweighted'), ref('filled')) }}")
    said = ran(shop, "run-operation", "mallard.stored_version_as_yaml", "--args", "{segmentation: filled}")
    pasted = yaml.safe_load(said[said.index("mallard.stored_version:") :])
    assert [segment["segment_id"] for segment in pasted["mallard.stored_version"]["segments"]] == [1, 2, 3]
    [(row, expected)] = shop.query(
        "select {'visits': visits, 'orders': orders, 'colour': colour, 'is_member': is_member}, segment_id "
        "from filled where visits is null limit 1"
    )
    tests = {
        "unit_tests": [
            {
                "name": "the_segment_of_a_customer",
                "model": "vips",
                "overrides": {"macros": pasted},
                "given": [
                    {"input": "ref('unweighted')", "rows": [row]},
                    {"input": "ref('filled')", "format": "sql", "rows": "select 1 as nothing"},
                ],
                "expect": {"rows": [{"segment_id": expected, "status_reason": "visits is missing"}]},
            }
        ]
    }
    shop.write("models/_unit_tests.yml", yaml.safe_dump(tests, sort_keys=False))
    assert "PASS=1" in ran(shop, "test", "--select", "vips")
    with duckdb.connect(shop.database) as connection:  # the stored version isn't read
        connection.execute("drop table filled__versions")
    assert "PASS=1" in ran(shop, "test", "--select", "vips")
    tests["unit_tests"][0].pop("overrides")
    shop.write("models/_unit_tests.yml", yaml.safe_dump(tests, sort_keys=False))
    result = shop.dbt("test", "--select", "vips")
    assert "is a fixture of a unit test: override the macro mallard.stored_version in it" in result.stdout


def test_a_row_that_lacks_what_nobody_lacked_at_the_fit_has_no_segment(shop: Consumer) -> None:
    shop.write(
        "models/lacking.sql",
        "{{ mallard.score('(select null as orders, 2.0 as revenue union all select 3, \\'nan\\'::double)', ref('plain')) }}",
    )
    ran(shop, "run", "--select", "lacking")
    assert shop.query("select segment_id, distance_to_centroid, assignment_status, status_reason from lacking") == [
        (None, None, "excluded", "orders is missing"),
        (None, None, "excluded", "revenue is missing"),
    ]
