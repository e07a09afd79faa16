"""Customers of any relation get their segments by a stored version, without a fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from consumer import Consumer
from kinds import KINDS, made_kinds


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    return made_kinds(tmp_path_factory)


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
    return Consumer(shutil.copytree(kinds.path, tmp_path / "shop", symlinks=True))


def ran(shop: Consumer, *arguments: str) -> str:
    result = shop.dbt(*arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


def refused(shop: Consumer, model: str, text: str) -> str:
    """What is said of a model that can't be built, after "mallard: "."""
    shop.write(f"models/{model}.sql", text)
    result = shop.dbt("run", "--select", model)
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stdout
    status, message = shop.messages()[model]
    assert status == "error"
    return next(line.partition("mallard: ")[2] for line in message.splitlines() if "mallard: " in line)


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


def test_customers_stream_through_a_score(shop: Consumer) -> None:
    shop.write("models/live.sql", "{{ config(materialized='view') }}\n" + SCORE)
    ran(shop, "run", "--select", "live")
    [(_, plan)] = shop.query("explain (format json) from live")
    operators = [json.loads(plan)[0]]
    for operator in operators:
        operators.extend(operator["children"])
    assert {operator["name"].strip().lower().replace("_", " ") for operator in operators} <= {
        "projection",
        "seq scan",
        "table scan",
    }


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
        "select *, timestamp '2026-03-01 12:00:00' + to_days(cast(orders % 3 as integer)) as seen_at "
        "from {{ ref('customers') }}",
    )
    shop.write(
        "models/batches.sql",
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', "
        "batch_size='day',"
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
        "select * exclude (previous_segment_id, segment_changed_at, is_new) from filled where orders % 3 < 2 "
        "order by all"
    )
    assert shop.query("select * exclude (seen_at) from batches order by all") == expected


def test_a_unit_test_overrides_the_stored_version(shop: Consumer) -> None:
    shop.write("models/vips.sql", "{{ mallard.score(ref('unweighted'), ref('filled')) }}")
    said = ran(shop, "run-operation", "mallard.stored_version_as_yaml", "--args", "{segmentation: filled}")
    pasted = yaml.safe_load(said[said.index("mallard.stored_version:") :])
    assert [segment["segment_id"] for segment in pasted["mallard.stored_version"]["segments"]] == [1, 2, 3]
    [(row, expected)] = shop.query(
        "select {'visits': visits, 'orders': orders, 'colour': colour, 'is_member': is_member}, segment_id "
        "from filled where visits is null and colour is not null limit 1"
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
    assert "PASS vips::the_segment_of_a_customer" in ran(shop, "test", "--select", "vips")
    with duckdb.connect(shop.database) as connection:  # the stored version isn't read
        connection.execute("drop table filled__versions")
    assert "PASS vips::the_segment_of_a_customer" in ran(shop, "test", "--select", "vips")
    tests["unit_tests"][0].pop("overrides")
    shop.write("models/_unit_tests.yml", yaml.safe_dump(tests, sort_keys=False))
    result = shop.dbt("test", "--select", "vips")
    assert "is a fixture of a unit test: override the macro mallard.stored_version in it" in result.stdout


def test_a_row_that_lacks_what_nobody_lacked_at_the_fit_has_no_segment(shop: Consumer) -> None:
    shop.write(
        "models/lacking.sql",
        "{{ mallard.score("
        "'(select null as orders, 2.0 as revenue union all select 3, \\'nan\\'::double)', ref('plain')) }}",
    )
    ran(shop, "run", "--select", "lacking")
    assert shop.query("select segment_id, distance_to_centroid, assignment_status, status_reason from lacking") == [
        (None, None, "excluded", "orders is missing"),
        (None, None, "excluded", "revenue is missing"),
    ]


def test_a_number_that_a_fit_refuses_gives_no_segment(shop: Consumer) -> None:
    rows = "select 2.0 as revenue, unnest([-1, -7, 3]) as orders union all select 1e200, 3"
    shop.write("models/impossible.sql", f"{{{{ mallard.score('({rows})', ref('logarithm')) }}}}")
    ran(shop, "run", "--select", "impossible")
    assert shop.query(
        "select orders, segment_id is null, distance_to_centroid, assignment_status, status_reason from impossible "
        "order by revenue, orders"
    )[:2] == [
        (-7, True, None, "excluded", "orders is out of range"),
        (-1, True, None, "excluded", "orders is out of range"),
    ]
    assert shop.query("select status_reason, segment_id from impossible where revenue > 1e100") == [
        ("revenue is out of range", None)
    ]
    assert shop.query("select count(*) from impossible where segment_id > 0 and isfinite(distance_to_centroid)") == [
        (1,)
    ]


def test_where_values_are_filled_in_one_out_of_range_is_too(shop: Consumer) -> None:
    rows = "select 10.0 as visits, 2.0 as revenue union all select 11.0, 1e200 union all select 12.0, null"
    shop.write("models/filled_in.sql", f"{{{{ mallard.score('({rows})', ref('mean')) }}}}")
    ran(shop, "run", "--select", "filled_in")
    assert shop.query("select segment_id > 0, assignment_status, status_reason from filled_in order by visits") == [
        (True, "assigned", None),
        (True, "imputed", "revenue is out of range"),
        (True, "imputed", "revenue is missing"),
    ]
    assert shop.query("select count(distinct distance_to_centroid) from filled_in where visits in (11, 12)") == [(2,)]


def test_a_gap_in_a_vector_that_had_none_stops_no_scoring(shop: Consumer) -> None:
    rows = "select 1 as place, 5 as orders, [1.0, 2.0, 1.5] as taste union all select 2, 5, [1.0, null, 1.5] "
    rows += "union all select 3, 5, [1.0, 'nan'::double, 1.5] union all select 4, 5, null"
    shop.write("models/gaps.sql", f"{{{{ mallard.score(\"({rows})\", ref('vector')) }}}}")
    ran(shop, "run", "--select", "gaps")
    assert shop.query("select segment_id > 0, status_reason from gaps order by place") == [
        (True, None),
        *[(None, "taste is missing")] * 3,
    ]


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        (
            "select * exclude (orders) from {{ ref('customers') }}",
            "column orders, which was INTEGER at the fit, is missing; add it to what is scored.",
        ),
        (
            "select * replace (cast(orders as varchar) as orders) from {{ ref('customers') }}",
            "column orders is VARCHAR and was INTEGER at the fit; cast it in what is scored.",
        ),
        (
            "select * replace (orders + 0.5::double as orders) from {{ ref('customers') }}",
            "column orders is DOUBLE and was INTEGER at the fit; cast it in what is scored.",
        ),
        (
            "select * replace (1 as colour) from {{ ref('customers') }}",
            "column colour is INTEGER and was VARCHAR at the fit; cast it in what is scored.",
        ),
        (
            "select *, 1 as Segment_ID from {{ ref('customers') }}",
            "column Segment_ID has a name that scoring needs for a column of its own; leave it out, or give it another "
            "name.",
        ),
    ],
)
def test_columns_that_do_not_fit_are_named(shop: Consumer, relation: str, said: str) -> None:
    shop.write("models/other.sql", relation)
    ran(shop, "run", "--select", "other")
    message = f"model bad can't score by version 1 of filled: {said}"
    assert refused(shop, "bad", "{{ mallard.score(ref('other'), ref('filled')) }}") == message


def test_a_build_without_a_fit_sees_it_too(shop: Consumer) -> None:
    with duckdb.connect(shop.database) as connection:
        connection.execute("update customers set orders = null where customer_id = 'c7'")
    assert "plain: nothing to fit: version 1" in ran(shop, "run", "--select", "plain")
    assert shop.query("select segment_id, status_reason from plain where customer_id = 'c7'") == [
        (None, "orders is missing")
    ]
    assert shop.query("select count(segment_id) from plain") == [(599,)]


def test_columns_of_a_cte_are_named_too(shop: Consumer) -> None:
    with_column = (
        "with new as (select *, 'x' as version from {{ ref('customers') }}) "
        "select * from ({{ mallard.score('new', ref('filled')) }})"
    )
    said = (
        "column version has a name that scoring needs for a column of its own; leave it out, or give it another name."
    )
    text = "{{ config(materialized='table') }}\n" + with_column
    assert refused(shop, "bad", text) == f"model bad can't score by version 1 of filled: {said}"


def test_other_numbers_and_texts_are_as_good(shop: Consumer) -> None:
    shop.write(
        "models/other.sql",
        "{{ config(materialized='table') }}\n"
        "select * replace (cast(orders as decimal(9, 2)) as orders, "
        "cast(colour as enum('red', 'green \"x\"', 'it''s blue')) as colour, "
        "cast(visits as float) as visits) from {{ ref('customers') }}",
    )
    shop.write("models/same.sql", "{{ mallard.score(ref('other'), ref('filled')) }}")
    ran(shop, "run", "--select", "other", "same")
    assert shop.query("select customer_id, segment_id from same order by all") == shop.query(
        "select customer_id, segment_id from filled order by all"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "'customers', 'filled'",
            "the segmentation is \"filled\": give it as ref('...'), source('...', '...') or api.Relation.create(...).",
        ),
        (
            "ref('customers'), ref('filled'), 7",
            '"shop"."main"."filled" has no version 7: choose from 1, or leave it out for the current one.',
        ),
        (
            "ref('customers'), ref('filled'), 'last'",
            'version is "last": give the number of a version of "shop"."main"."filled".',
        ),
        (
            "ref('customers'), ref('unweighted')",
            '"shop"."main"."unweighted" isn\'t a segmentation, because there is no table unweighted__versions beside '
            "it: "
            "name a model that is materialized='segmentation', or what mallard fit wrote.",
        ),
        (
            "ref('customers'), api.Relation.create(database='shop', schema='main', identifier='nothing')",
            '"shop"."main"."nothing" holds the segments to score by and isn\'t built yet: run dbt build first.',
        ),
    ],
)
def test_a_segmentation_that_cannot_score_is_refused(shop: Consumer, arguments: str, said: str) -> None:
    assert refused(shop, "bad", f"{{{{ mallard.score({arguments}) }}}}") == said


def test_a_segmentation_without_rows_or_of_another_format_is_refused(shop: Consumer) -> None:
    with duckdb.connect(shop.database) as connection:
        connection.execute("update filled__versions set scoring = replace(scoring, '\"format\": 1', '\"format\": 3')")
        connection.execute("delete from plain__versions")
    assert refused(shop, "bad", SCORE) == (
        "version 1 of filled was written by another version of this package, in format 3, and this one reads formats 1 "
        "and 2: update the package mallard."
    )
    assert refused(shop, "bad", SCORE.replace("filled", "plain")) == (
        '"shop"."main"."plain" has no version yet, because it was built without rows: build it without --empty.'
    )
    ran(shop, "run", "--select", "bad", "--empty")
    assert shop.query("select count(*) from bad") == [(0,)]


def test_an_older_version_goes_on_scoring(shop: Consumer) -> None:
    first = shop.query("select * exclude (previous_segment_id, segment_changed_at, is_new) from plain order by all")
    shop.write_segmentation("plain", "select * from {{ ref('customers') }}", id="customer_id", features=["visits"])
    shop.write("models/by_first.sql", "{{ mallard.score(ref('customers'), ref('plain'), version=1) }}")
    shop.write("models/by_last.sql", "{{ mallard.score(ref('customers'), ref('plain')) }}")
    ran(shop, "run", "--select", "plain", "by_first", "by_last")
    assert shop.query("from by_first order by all") == first
    last = shop.query("select * exclude (previous_segment_id, segment_changed_at, is_new) from plain order by all")
    assert shop.query("from by_last order by all") == last
    assert {row[-1] for row in last} == {2}


def test_commands_that_only_look_do_not_need_the_segmentation(shop: Consumer) -> None:
    shop.database.unlink()
    for command in ("parse", "compile"):
        ran(shop, command)
