"""Spark undoes nothing: a build that fails leaves the tables of the build before, all of one run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from spark_consumer import SparkConsumer, make_spark_consumer, needs_spark

pytestmark = [pytest.mark.slow, needs_spark]

MODEL = """
{{ config(materialized='segmentation', meta={'id': 'id', 'features': ['a', 'b'], 'n_clusters': var('k', 3)}) }}

select
    id,
    {{ var('mark') }} as mark,
    {% if var('added', false) %} 'new' as added, {% endif %}
    {% if var('broken', false) %} raise_error('no such customer') as wrong, {% endif %}
    cast(id % 7 as double) as a,
    cast(id % 3 * 10 as double) as b
from range(300)
"""
STOP = """
{# Stands in for a kill while views are replaced: `before` the pointer names this run, or `after`. #}
{% macro spark__get_columns_in_query(select_sql) %}
    {% set of_this_run = 'mallard__seg__r' ~ local_md5(invocation_id)[:8] in select_sql %}
    {% set stage = 'before' if ' union all ' in select_sql else 'after' %}
    {% if of_this_run and var('stop', none) == stage %} {{ exceptions.raise_compiler_error('stopped') }} {% endif %}
    {{ return(default__get_columns_in_query(select_sql)) }}
{% endmacro %}

{% macro make_plain_table() %}
    {% do run_query('create schema if not exists shop') %}
    {% do run_query('create table shop.seg using parquet as select 0 as mark') %}
{% endmacro %}

{% macro print_state() %}
    {% if execute %}
        {% set marks = run_query('select distinct mark from shop.seg').columns[0].values() | map('int') | list %}
        {% set builds = run_query('select max(build) from shop.seg__builds').columns[0].values() | map('int') | list %}
        {% set columns = run_query('select * from shop.seg limit 0').column_names | list %}
        {% set kept = [] %}
        {% for row in run_query("show tables in shop like 'mallard__*__r*'") %}
            {% set run = row['tableName'].split('__')[2] %}
            {% do kept.append(run) if run not in kept %}
        {% endfor %}
        {% set state = {'marks': marks, 'builds': builds, 'n_runs': kept | length, 'columns': columns} %}
        {% do print('state: ' ~ tojson(state)) %}
    {% endif %}
{% endmacro %}
"""


@dataclass(frozen=True)
class Shop:
    """A project with one segmentation."""

    project: SparkConsumer

    def build(self, **variables: Any) -> tuple[int, str, dict[str, Any]]:
        """How a build ended, what it printed, and what people read then."""
        arguments = ["build", "--vars", json.dumps(variables)]
        result = self.project.dbt(*arguments)
        [state] = [line.removeprefix("state: ") for line in result.stdout.splitlines() if line.startswith("state: ")]
        return result.returncode, result.stdout, json.loads(state)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Its first build has replaced a plain table."""
    project = make_spark_consumer(tmp_path_factory.mktemp("swap"))
    project.write("models/seg.sql", MODEL)
    project.write("macros/stop.sql", STOP)
    made = project.dbt("run-operation", "make_plain_table")
    assert made.returncode == 0, made.stdout
    settings = project.path / "dbt_project.yml"
    settings.write_text(settings.read_text() + 'on-run-end: "{{ print_state() }}"\n')
    shop = Shop(project)
    code, printed, state = shop.build(mark=1)
    assert code == 0, printed
    assert (state["marks"], state["builds"], state["n_runs"]) == ([1], [1], 1)
    return shop


def test_a_build_that_fails_leaves_the_run_before_and_the_next_clears_up(shop: Shop) -> None:
    """In one test, because each build begins with what the one before has left."""
    failures = {
        "no such customer": {"mark": 2, "broken": True},
        "mallard: ": {"mark": 3, "k": 5000},
        "stopped": {"mark": 4, "stop": "before"},
    }
    for words, variables in failures.items():
        code, printed, state = shop.build(**variables)
        assert code == 1, printed
        assert words in printed
        assert (state["marks"], state["builds"]) == ([1], [1]), words

    code, printed, state = shop.build(mark=5, stop="after")
    assert (code, "stopped" in printed) == (1, True), printed
    assert (state["marks"], state["builds"]) == ([5], [2])
    assert state["n_runs"] == 2  # that before is read by views that know both

    code, printed, state = shop.build(mark=6, added=True)
    assert code == 0, printed
    assert (state["marks"], state["builds"], state["n_runs"]) == ([6], [3], 1)
    assert "added" in state["columns"]
