"""On Spark, too, what reads a segmentation by group takes the segments of each customer's own group."""

from __future__ import annotations

from pathlib import Path

import pytest
from compare import DIFFERENT, compare, duckdb_tables
from consumer import Consumer, make_consumer
from spark_consumer import SparkConsumer, make_spark_consumer, needs_spark

pytestmark = [pytest.mark.slow, needs_spark]

BY_COUNTRY = """
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'id',
            'group_by': 'country',
            'features': FEATURES,
            'n_clusters': 2,
            'max_clusters': 2,
            'nulls': 'exclude',
        },
    )
}}

select * from {{ ref('customers') }}
"""
CUSTOMERS = """
{{ config(materialized='table') }}

select
    id,
    case when id % 20 > 0 then if(id % 3 = 0, 'DE', "it's FR") end as country,
    cast(if(id % 7 > 0, id % 2 * if(id % 3 = 0, 30, 50) + id % 5, null) as double) as visits,
    array(cast(id % 2 as double), cast(id % 4 as double)) as place
from range(120)
"""
TESTS = """
models:
  - name: segments
    data_tests:
      - mallard.is_nearest_centroid: {arguments: {id_column: id}}
      - mallard.ids_persist
      - mallard.transitions_add_up
      - mallard.selected_metric_at_least: {arguments: {metric: silhouette, minimum: 0.1}}
      - mallard.min_segment_share:
          arguments: {minimum: 0.2}
          config: {where: "id >= 0"}
  - name: followed
    data_tests:
      - mallard.rules_agree
  - name: tried
    data_tests:
      - mallard.never_rises: {arguments: {column: inertia, along: n_clusters}}
      - mallard.exactly_one_row_where: {arguments: {condition: is_selected}}
"""
CALLS = {
    "memberships": "memberships(ref('segments'), top_n=2)",
    "explanations": "explain(ref('segments'))",
    "explanation": "explain(ref('segments'), [1, 2])",
    "representatives": "representatives(ref('segments'), n=2)",
    "lookalikes": "lookalikes(ref('segments'), 1, n=5, group=\"it's FR\")",
    "differences": "differences(ref('segments'), 1, 2, group='DE')",
    "scored_by_first": "score(ref('customers'), ref('segments'), version={'DE': 1})",
    "compared": "compare_segmentations(ref('everybody'), ref('segments'), 'id')",
    "compared_by_group": "compare_segmentations(ref('segments'), ref('followed'), 'id')",
    "moved": "moved_customers(ref('everybody'), ref('segments'), 'id')",
    "silhouettes": "silhouette(ref('segments'), 'segment_id', ['visits'], by='group')",
}
MODELS = {
    "customers": CUSTOMERS,
    "segments": BY_COUNTRY.replace("FEATURES", "{'visits': {'scale': 'standard'}, 'place': {}}, 'contamination': 0.1"),
    "everybody": BY_COUNTRY.replace("'group_by': 'country',", "").replace("FEATURES", "['place']"),
    "followed": BY_COUNTRY.replace("FEATURES", "['visits'], 'rules': true"),
    "scored": "{{ config(materialized='table') }} {{ mallard.score(ref('customers'), ref('segments')) }}",
    "new_customers": "select 1 as id, 'LU' as country, 1.0D as visits, array(1.0D, 1.0D) as place",
    "unknown": "{{ config(materialized='table') }} {{ mallard.score(ref('new_customers'), ref('segments')) }}",
    "scaled": "{{ config(materialized='table') }} {{ mallard.scaled(ref('segments')) }}",
    "ruled": """
        {{ config(materialized='table') }}
        select id, segment_id, {{ mallard.rules_case(ref('followed')) }} as ruled from {{ ref('followed') }}
    """,
    **{name: f"{{{{ config(materialized='table') }}}} {{{{ mallard.{call} }}}}" for name, call in CALLS.items()},
    "tried": "{{ config(materialized='table') }} select * from {{ mallard.metrics(ref('segments')) }}",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SparkConsumer:
    """A project that was built twice, and fitted anew at that."""
    project = make_spark_consumer(tmp_path_factory.mktemp("groups"))
    for name, text in MODELS.items():
        project.write(f"models/{name}.sql", text)
    project.write("models/_tests.yml", TESTS)
    _build_twice(project)
    return project


def _build_twice(project: Consumer) -> None:
    for arguments in (["run", "--select", "+segments"], ["build", "--full-refresh"]):
        result = project.dbt(*arguments)
        assert result.returncode == 0, result.stdout


def test_a_score_has_the_rows_of_the_segmentation(project: SparkConsumer) -> None:
    tables = project.tables()
    names = [name for name, _ in tables["scored"].columns]
    of_segments = [name for name, _ in tables["segments"].columns]
    places = [of_segments.index(name) for name in names]
    expected = [tuple(row[place] for place in places) for row in tables["segments"].rows]
    assert sorted(tables["scored"].rows, key=str) == sorted(expected, key=str)
    n_anomalies = sum(row[names.index("is_anomaly")] or False for row in expected)
    assert 0 < n_anomalies <= 0.1 * len(expected)
    found = {row[names.index("group")] for row in expected if row[names.index("segment_id")] is not None}
    assert found == {"DE", "it's FR"}
    reasons = {row[names.index("status_reason")] for row in expected}
    assert reasons == {None, "country is missing", "visits is missing"}
    assert project.query('select segment_id, status_reason, "group" from unknown') == [
        (None, "country is unknown", None)
    ]
    visits, group = names.index("visits"), names.index("group")
    n_scaled = sum(row[visits] is not None and row[group] is not None for row in expected)
    assert project.query("select count(*), count(scaled_visits) from scaled") == [(120, n_scaled)]
    assert project.query("select count(segment_id) > 0, bool_and(ruled = segment_id) from ruled") == [(True, True)]


def test_duckdb_says_the_same(project: SparkConsumer, tmp_path: Path) -> None:
    there = make_consumer(tmp_path)
    customers = project.path / "warehouse" / "shop.db" / "customers" / "*.parquet"
    for name in ("segments", "everybody", "followed", *CALLS):
        there.write(f"models/{name}.sql", MODELS[name])
    there.write("models/customers.sql", f"{{{{ config(materialized='table') }}}} select * from '{customers}'")
    _build_twice(there)
    tables, expected = project.tables(), duckdb_tables(there.database)
    found = {name: compare(expected[name], tables[name]) for name in CALLS}
    assert {name: said for name, said in found.items() if said[0] == DIFFERENT} == {}
    assert all(expected[name].rows for name in CALLS)
