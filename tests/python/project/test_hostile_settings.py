"""Both projects under settings of DuckDB that change what SQL means: the tables are the same, to the last bit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import tables as golden
import yaml
from consumer import TABLES_BESIDE, Consumer, make_consumer
from once import made_once
from sample import ROOT, Project, copy_project, lasting_columns

from mallard.report.reading import read_report_data
from mallard.tables.find import find_segmentations

HOSTILE = {
    "Calendar": "buddhist",
    "TimeZone": "Pacific/Kiritimati",
    "arrow_large_buffer_size": "true",
    "arrow_lossless_conversion": "true",
    "arrow_output_list_view": "true",
    "default_collation": "nocase",
    "default_null_order": "NULLS_FIRST",
    "default_order": "DESC",
    "dialect_compatibility_mode": "spark",
    "error_on_division_by_zero": "false",
    "errors_as_json": "true",
    "file_search_path": "/nowhere",
    "ieee_floating_point_ops": "false",
    "integer_division": "true",
    "legacy_disable_null_type": "true",
    "lambda_syntax": "DISABLE_SINGLE_ARROW",
    "max_expression_depth": "200",
    "old_implicit_casting": "true",
    "order_by_non_integer_literal": "true",
    "preserve_identifier_case": "lowercase",
    "preserve_insertion_order": "false",
    "produce_arrow_string_view": "true",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "true",
    "regex_match_operator_semantics": "full",
    "scalar_subquery_error_on_multiple_rows": "false",
    "search_path": "temp",
    "show_behavior": "setting",
}
"""Values that people may give under `settings` in profiles.yml; a version of DuckDB knows some of them."""
# Named so that the stored tables leave it out. The ids and the categories differ in their capitals only.
CAPITALS = """
{{ config(materialized='segmentation', meta={'id': 'name', 'n_clusters': 2, 'weight_column': 'times'}) }}
select
    chr(cast(97 + i // 2 - 32 * (i % 2) as integer)) as "name",
    case when i < 10 then 'pro' when i < 12 then null else 'PRO' end as "plan",
    cast(i as integer) as "orders",
    1 + cast(i % 3 as integer) as "times"
from range(20) as t(i)
"""
CAPITALS_TESTS = """
models:
  - name: int_capitals
    data_tests:
      - mallard.is_nearest_centroid: {arguments: {id_column: name}}
      - mallard.no_rows_lost: {arguments: {from: [ref('int_names')], id_column: name}}
"""
NAMES = "select chr(cast(97 + i // 2 - 32 * (i % 2) as integer)) as name from range(20) as t(i)"


def _known(settings: dict[str, str]) -> dict[str, str]:
    with duckdb.connect() as connection:
        names = {name for (name,) in connection.execute("select name from duckdb_settings()").fetchall()}
    return {name: value for name, value in settings.items() if name in names}


def _make_hostile(profiles: Path, settings: dict[str, str]) -> None:
    profile = yaml.safe_load(profiles.read_text())
    for of_project in profile.values():
        for output in of_project["outputs"].values():
            output["settings"] = settings
    profiles.write_text(yaml.safe_dump(profile))


def _build(root: Path) -> None:
    project = copy_project(root)
    _make_hostile(root / "profiles.yml", _known(HOSTILE))
    result = project.build()
    assert result.returncode == 0, result.stdout
    left_out = shutil.ignore_patterns("target", "dbt_packages", "logs", "*.duckdb")
    consumer = _Integrated(shutil.copytree(ROOT / "integration_tests", root / "integration_tests", ignore=left_out))
    _make_hostile(consumer.path / "profiles.yml", _known(HOSTILE))
    consumer.write("models/int_names.sql", NAMES)
    consumer.write("models/int_capitals.sql", CAPITALS)
    consumer.write("models/int_capitals.yml", CAPITALS_TESTS)
    for command in ("deps", "build"):
        result = consumer.dbt(command)
        assert result.returncode == 0, result.stdout


class _Integrated(Consumer):
    @property
    def database(self) -> Path:
        return self.path / "integration_tests.duckdb"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both projects, built under hostile settings, to be read only."""
    return made_once(tmp_path_factory, "built_hostile", _build)


def _bits(database: Path, which: str) -> golden.Tables:
    return golden.read_tables(database, which)


def test_the_settings_are_those_of_duckdb() -> None:
    """A setting that got another name would no longer be tested."""
    only_in_1_5 = {"lambda_syntax", "old_implicit_casting", "produce_arrow_string_view"}
    assert HOSTILE.keys() - _known(HOSTILE).keys() <= only_in_1_5


@pytest.mark.slow
def test_the_sample_is_the_same_to_the_last_bit(hostile: Path, built_once: Project) -> None:
    found = _bits(hostile / "mallard.duckdb", "sample")
    assert golden.differences(found, _bits(built_once.path / "mallard.duckdb", "sample"), tolerance=0.0) == []


@pytest.mark.slow
def test_the_integration_project_is_the_same_to_the_last_bit(hostile: Path, integrated: Consumer) -> None:
    found = _bits(hostile / "integration_tests" / "integration_tests.duckdb", "integration")
    assert golden.differences(found, _bits(integrated.database, "integration"), tolerance=0.0) == []


@pytest.mark.slow
def test_what_is_published_is_the_same(hostile: Path, built_once: Project) -> None:
    def published(project: Path) -> dict[str, list[Any]]:
        with duckdb.connect(project / "published" / "mallard.duckdb", read_only=True) as connection:
            names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
            return {
                name: connection.execute(f"select {lasting_columns(name)} from {name} order by all").fetchall()
                for name in names
                if name != "publication"
            }

    assert published(hostile) == published(built_once.path)
    [report, other] = [read_report_data(path / "published" / "mallard.duckdb") for path in (hostile, built_once.path)]
    assert report.customers == other.customers
    assert [segment.means for segment in report.segments] == [segment.means for segment in other.segments]


@pytest.mark.slow
def test_texts_that_differ_in_capitals_are_two(hostile: Path) -> None:
    consumer = _Integrated(hostile / "integration_tests")
    rows = consumer.query(
        "select name, segment_id is null, status_reason from int_capitals order by lower(name), name desc"
    )
    assert [name for name, *_ in rows] == list("aAbBcCdDeEfFgGhHiIjJ")
    assert [(name, reason) for name, is_excluded, reason in rows if is_excluded] == [
        ("f", "plan is missing"),
        ("F", "plan is missing"),
    ]
    features = consumer.query(
        "select feature, sum(n_customers * mean) from int_capitals__profiles group by 1 order by 1"
    )
    assert [feature for feature, _ in features] == ["orders", "plan=PRO", "plan=pro (2)"]


@pytest.mark.slow
def test_names_that_are_folded_to_capitals_are_found(tmp_path: Path) -> None:
    """As in a warehouse whose clients want capitals: weights count, and everything that reads the tables works."""
    tables = {}
    for case in ("preserve_case", "uppercase"):
        (tmp_path / case).mkdir()
        consumer = make_consumer(tmp_path / case)
        consumer.write("models/capitals.sql", CAPITALS)
        _make_hostile(consumer.path / "profiles.yml", {"preserve_identifier_case": case})
        arguments = ["--vars", '{"mallard_publish": {"dev": "shop_published.duckdb"}}']
        result = consumer.dbt("run", *arguments)
        assert result.returncode == 0, result.stdout
        result = consumer.dbt("run", *arguments)  # the tables beside are recognised and made again
        assert result.returncode == 0, result.stdout
        published = consumer.path / "shop_published.duckdb"
        data = read_report_data(published, id_column="name")
        tables[case] = (
            consumer.query("select * exclude (segment_changed_at) from capitals order by all"),
            *(consumer.query(f"from capitals{side} order by all") for side in ("__metrics", "__profiles")),
            [segment.means for segment in data.segments],
            data.built_at.tzinfo,
        )
    assert tables["uppercase"] == tables["preserve_case"]


def test_segmentations_are_listed_in_the_order_of_their_names() -> None:
    with duckdb.connect() as connection:
        for name in ("b", "a"):
            for table in (name, *(f"{name}__{beside}" for beside in TABLES_BESIDE)):
                connection.execute(f"create table {table} as select 1 as x")
        connection.execute("set default_order = 'DESC'")

        class Opened:
            def tuples(self, sql: str) -> list[tuple[Any, ...]]:
                return connection.execute(sql).fetchall()

        assert [found.name for found in find_segmentations(Opened())] == ["a", "b"]  # type: ignore[arg-type]
