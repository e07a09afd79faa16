"""The commands of dbt besides build, in a project with a segmentation, mostly on a target where nothing is built."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer
from sample import copy_project

from mallard.cli import main

PROFILES = """
shop:
  target: dev
  outputs:
    dev: {{type: duckdb, path: "{database}", schema: dev, threads: 2}}
    prod: {{type: duckdb, path: "{database}", schema: prod, threads: 2}}
"""
PROPERTIES = """
models:
  - name: segments
    description: One row per customer of the shop.
    data_tests:
      - mallard.is_nearest_centroid: {arguments: {id_column: id}}
      - mallard.selected_metric_at_least: {arguments: {metric: silhouette, minimum: 0.1}}
      - mallard.no_rows_lost: {arguments: {from: [ref('customers')], id_column: id}}
    columns:
      - {name: orders, description: Orders of the customer.}
      - {name: confidence, description: As agreed with marketing.}
  - name: customers
    description: One row per customer.
    config: {access: public, materialized: table}
    columns:
      - {name: id, description: Number of the customer.}
"""
SELECT = "select i as id, i % 3 as orders, i * i % 17 as revenue from range(60) as t(i)"


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with two targets, a segmentation, and a model that reads the tables beside it; nothing is built."""
    shop = make_consumer(tmp_path / "shop")
    shop.write("profiles.yml", PROFILES.format(database=shop.database))
    shop.write("models/customers.sql", SELECT)
    shop.write_segmentation("segments", "select * from {{ ref('customers') }}", id="id", n_clusters=3)
    shop.write("models/best.sql", "select n_clusters, silhouette from {{ mallard.metrics(ref('segments')) }}")
    shop.write("models/_models.yml", PROPERTIES)
    return shop


def _succeed(shop: Consumer, *arguments: str) -> str:
    result = shop.dbt(*arguments)
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.parametrize("command", [["parse"], ["ls"], ["compile"], ["docs", "generate"]])
def test_commands_that_only_look_at_a_project_need_no_table(shop: Consumer, command: list[str]) -> None:
    said = _succeed(shop, *command)
    assert "stays as it is" not in said


def test_a_test_of_what_is_not_built_says_to_build_it(shop: Consumer) -> None:
    result = shop.dbt("test", "--select", "test_name:is_nearest_centroid")
    assert result.returncode == 1
    said = "dev.segments__centroids holds the centroids and isn't built yet: run dbt build first."
    assert said in result.stdout.replace('"', "")


def test_a_build_without_rows_makes_every_table_with_the_columns_of_a_real_one(shop: Consumer) -> None:
    _succeed(shop, "build", "--empty")
    _succeed(shop, "build", "--target", "prod")
    for table in ("segments", "segments__metrics", "segments__profiles", "segments__centroids"):
        described = [[row[:2] for row in shop.query(f"describe {schema}.{table}")] for schema in ("dev", "prod")]
        assert described[0] == described[1]
        assert shop.query(f"select count(*) from dev.{table}") == [(0,)]
        assert shop.query(f"select count(*) > 0 from prod.{table}") == [(True,)]


def test_a_build_without_rows_is_not_published(shop: Consumer) -> None:
    said = _succeed(shop, "build", "--empty", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    assert "mallard: out/shop.duckdb stays as it is, because dbt built tables without rows." in said
    assert not (shop.path / "out").exists()


def test_the_tables_beside_a_clone_are_those_of_the_original(shop: Consumer) -> None:
    _succeed(shop, "build", "--target", "prod")
    shutil.copytree(shop.path / "target", shop.path / "state")
    _succeed(shop, "clone", "--state", "state", "--select", "segments")
    assert shop.query("select view_name from duckdb_views() where schema_name = 'dev'") == [("segments",)]
    _succeed(shop, "run", "--select", "best")
    assert shop.query("from dev.best") == shop.query("from prod.best")
    _succeed(shop, "test", "--select", "test_name:is_nearest_centroid")
    _succeed(shop, "build", "--select", "segments", "--full-refresh", "--defer", "--state", "state")
    assert len(shop.query("select 1 from duckdb_tables() where schema_name = 'dev'")) == 13
    _succeed(shop, "run", "--select", "best")
    assert shop.query("select sql from duckdb_views() where view_name = 'best' and schema_name = 'dev'")[0][0].count(
        "dev.segments__metrics"
    )


def test_a_view_of_a_clone_has_the_tables_of_the_original_and_a_view_of_some_rows_has_none(shop: Consumer) -> None:
    shop.write("models/seen.sql", "select * from {{ ref('segments') }}")
    shop.write("models/some.sql", "select * from {{ ref('segments') }} limit 5")
    shop.write("models/of_seen.sql", "select * from {{ mallard.profiles(ref('seen')) }}")
    shop.write("models/of_some.sql", "select * from {{ mallard.profiles(ref('some')) }}")
    _succeed(shop, "build", "--target", "prod", "--exclude", "of_some")
    shutil.copytree(shop.path / "target", shop.path / "state")
    _succeed(shop, "clone", "--state", "state", "--select", "segments")
    _succeed(shop, "run", "--select", "seen", "some", "of_seen")
    assert shop.query("select count(*) from dev.of_seen") == shop.query("select count(*) from prod.segments__profiles")
    assert shop.dbt("run", "--select", "of_some").returncode == 1


def test_a_segmentation_never_takes_the_place_of_a_table_beside_a_view_of_its_name(shop: Consumer) -> None:
    shop.write("models/segments.sql", "{{ config(materialized='view') }} select * from {{ ref('customers') }}")
    with duckdb.connect(shop.database) as connection:
        connection.execute("create schema dev; create table dev.segments__metrics as select 'mine' as x")
    _succeed(shop, "run", "--select", "customers", "segments")
    shop.write_segmentation("segments", "select * from {{ ref('customers') }}", id="id", n_clusters=3)
    assert shop.dbt("run", "--select", "segments").returncode == 1
    assert shop.query("from dev.segments__metrics") == [("mine",)]


def test_what_was_built_without_rows_is_said_by_the_commands(shop: Consumer) -> None:
    _succeed(shop, "build", "--empty")
    for command in (["summary"], ["report", "-o", str(shop.path / "page.html")]):
        result = CliRunner().invoke(main, [command[0], str(shop.database), *command[1:]])
        assert result.output == "Error: mallard: segments has no rows: run dbt build without --empty.\n"


def test_a_wrong_setting_of_a_model_that_is_not_built_stops_nothing(shop: Consumer) -> None:
    shop.write_segmentation("bad", SELECT, id="id", publish=["metric"])
    _succeed(shop, "run", "--select", "customers", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")


def test_what_a_retry_finishes_is_published(shop: Consumer) -> None:
    publish = ["--vars", "{mallard_publish: {dev: out/shop.duckdb}}"]
    shop.write("tests/fails.sql", "select * from {{ ref('customers') }} where id = 0")
    assert shop.dbt("build", *publish).returncode == 1
    assert not (shop.path / "out").exists()
    with duckdb.connect(shop.database) as connection:
        connection.execute("delete from dev.customers where id = 0")
    said = _succeed(shop, "retry")
    assert "14 tables published in out/shop.duckdb" in said


def test_columns_and_tables_have_their_meaning_as_comments_without_persist_docs(shop: Consumer) -> None:
    _succeed(shop, "build", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    with duckdb.connect(shop.path / "out" / "shop.duckdb", read_only=True) as published:
        for schema in ("dev", "main"):
            read = shop.query if schema == "dev" else partial(_rows, published)
            where = f"schema_name = '{schema}' and table_name like 'segments%'"
            lacking = read(f"select column_name from duckdb_columns() where {where} and comment is null order by 1")
            assert lacking == [("id",), ("revenue",)]
            comments = dict(
                read(f"select column_name, comment from duckdb_columns() where {where} and table_name = 'segments'")
            )
            assert comments["orders"] == "Orders of the customer."
            assert comments["confidence"] == "As agreed with marketing."
            assert comments["status_reason"].startswith("Why the status is not assigned")
            tables = dict(read(f"select table_name, comment from duckdb_tables() where {where}"))
            assert tables["segments"] == "One row per customer of the shop."
            assert tables["segments__metrics"].startswith("One row per number of segments tried")
        described = published.execute(
            "select comment from duckdb_columns() where table_name = 'customers' and column_name = 'id'"
        ).fetchall()
        assert described == [("Number of the customer.",)]
    _succeed(shop, "docs", "generate")
    catalog = json.loads((shop.path / "target" / "catalog.json").read_text())["nodes"]["model.shop.segments"]
    assert catalog["columns"]["segment_name"]["comment"].startswith("Name of the segment")


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("publish", "names"),
    [
        (False, ["customers", "publication"]),
        (["customers", "profiles"], ["customers", "publication", "segments", "segments__profiles"]),
    ],
)
def test_what_is_published_of_a_segmentation_can_be_chosen(shop: Consumer, publish: object, names: list[str]) -> None:
    shop.write_segmentation("segments", "select * from {{ ref('customers') }}", id="id", n_clusters=3, publish=publish)
    _succeed(shop, "run", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    with duckdb.connect(shop.path / "out" / "shop.duckdb", read_only=True) as published:
        found = published.execute("select table_name from duckdb_tables() order by 1").fetchall()
    assert [name for (name,) in found] == names


def test_a_public_model_can_stay_out_of_what_is_published(shop: Consumer) -> None:
    shop.write("models/_models.yml", PROPERTIES.replace("materialized: table", "meta: {mallard: {publish: false}}"))
    said = _succeed(shop, "run", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    assert "13 tables published" in said


def test_a_table_that_does_not_exist_cannot_be_published(shop: Consumer) -> None:
    shop.write_segmentation("segments", SELECT, id="id", publish=["customers", "sizes"])
    result = shop.dbt("run", "--select", "segments")
    assert result.returncode == 1
    choices = "customers, metrics, profiles, centroids, features, attributes, borders, divisions, rules, versions, "
    choices += "builds, lineage, transitions, drift"
    said = f'setting publish is ["customers", "sizes"]: choose from {choices}.'
    assert f"mallard: {said}" in result.stdout


def test_a_setting_outside_meta_is_shown_its_place(shop: Consumer) -> None:
    config = "materialized='segmentation', n_clusters=4, meta={'id': 'id'}"
    shop.write("models/segments.sql", f"{{{{ config({config}) }}}}\n{SELECT}")
    result = shop.dbt("run", "--select", "segments")
    assert result.returncode == 1
    said = (
        "mallard: setting n_clusters is in the wrong place: settings belong in meta, such as meta={'n_clusters': ...}"
    )
    assert said in result.stdout, result.stdout


def test_progress_names_the_model(shop: Consumer) -> None:
    assert "segments: 60 customers clustered as" in _succeed(shop, "run", "--select", "customers", "segments")


def test_a_first_run_says_nothing_of_publishing_before_it_begins(shop: Consumer) -> None:
    said = _succeed(shop, "build", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    assert "stays as it is" not in said
    assert said.count("tables published in") == 1


NEW_TABLE = """
{% macro sizes(segmentation) %}{{ return(mallard._beside(segmentation, 'sizes')) }}{% endmacro %}

{% macro _sizes_query(made) %}
    select segment_id, count(*) as n from {{ made.customers }} group by segment_id
{% endmacro %}

{% macro _sizes_table() %}
    {{ return({
        'row': 'One row per segment.',
        'columns': {'segment_id': ['integer', 'Number.'], 'n': ['bigint', 'Customers.']},
    }) }}
{% endmacro %}
"""


def test_a_new_table_beside_a_segmentation_is_one_file_and_one_line(tmp_path: Path) -> None:
    """In a copy of the package: the file, and the name in the register."""
    package = tmp_path / "package"
    package.mkdir()
    copy_project(package)
    register = package / "macros" / "tables" / "_register.sql"
    register.write_text(register.read_text().replace("'drift'\n", "'drift', 'sizes'\n"))
    (package / "macros" / "tables" / "sizes.sql").write_text(NEW_TABLE)
    shop = make_consumer(tmp_path / "shop", package)
    shop.write_segmentation("segments", SELECT, id="id", n_clusters=3)
    shop.write("models/total.sql", "select sum(n) as n from {{ mallard.sizes(ref('segments')) }}")
    said = _succeed(shop, "build", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}")
    assert "14 tables published" in said
    assert shop.query("from total") == [(60,)]
    comments = "select comment from duckdb_columns() where table_name = 'segments__sizes' order by column_index"
    assert shop.query(comments) == [("Number.",), ("Customers.",)]
    shop.write("models/segments__sizes.sql", "select 1 as x")
    refused = shop.dbt("run", "--select", "segments")
    assert "which is the name of the table of sizes beside segments: give it another name." in refused.stdout


def test_columns_with_personal_data_are_left_out_of_what_is_published(shop: Consumer) -> None:
    publish = ["--vars", "{mallard_publish: {dev: out/shop.duckdb}, mallard_copies: [csv]}"]
    people = "select i as id, 'person' || i || '@example.com' as email, i % 3 as orders, i * i % 17 as revenue"
    shop.write("models/customers.sql", f"{people} from range(60) as t(i)")
    excluded = PROPERTIES.replace("access: public,", "access: public, meta: {mallard: {publish_exclude: [email]}},")
    shop.write("models/_models.yml", excluded)
    features = ["orders", "revenue"]
    given = {"id": "id", "features": features, "n_clusters": 3}
    shop.write_segmentation(
        "segments", "select * from {{ ref('customers') }}", **given, publish_exclude=["Email", "id"]
    )
    _succeed(shop, "build", *publish)
    file = shop.path / "out" / "shop.duckdb"
    with duckdb.connect(file, read_only=True) as published:
        columns = published.execute(
            "select table_name, column_name from duckdb_columns() where table_name in ('customers', 'segments')"
        ).fetchall()
        comments = dict(
            published.execute(
                "select column_name, comment from duckdb_columns() where table_name = 'segments'"
            ).fetchall()
        )
    assert [name for table, name in columns if table == "customers"] == ["id", "orders", "revenue"]
    assert [name for table, name in columns if table == "segments"][:3] == ["orders", "revenue", "segment_id"]
    assert comments["orders"] == "Orders of the customer."
    assert not [path for path in (shop.path / "out").rglob("*.*") if b"@example.com" in path.read_bytes()]
    assert shop.query("select count(email) from dev.segments") == [(60,)]
    result = CliRunner().invoke(main, ["report", str(file), "-o", str(shop.path / "page.html"), "--no-pictures"])
    assert "values of 60 customers, without ids" in result.output
    before = file.read_bytes()
    shop.write_segmentation("segments", "select * from {{ ref('customers') }}", **given, publish_exclude=["emial"])
    assert shop.dbt("build", *publish).returncode == 1
    status, message = shop.messages()["segments"]
    assert status == "error"
    assert 'setting publish_exclude is ["emial"]: there is no column emial; choose from id, email, orders' in message
    shop.write_segmentation("segments", "select * from {{ ref('customers') }}", **given)
    for given_list, said in (
        ("[emial]", "setting publish_exclude names emial, but"),
        ("email", 'setting publish_exclude of customers is "email": give columns as a list.'),
    ):
        shop.write("models/_models.yml", excluded.replace("[email]", given_list))
        result = shop.dbt("build", *publish)
        assert result.returncode == 1
        assert said in result.stdout
        assert "Traceback" not in result.stdout
    assert file.read_bytes() == before
