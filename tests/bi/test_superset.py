"""What Superset sees of the published file, before and after a build that replaces it."""

from __future__ import annotations

import pytest
from published import build, published_file, read
from sample import PUBLIC_TABLES, Project
from superset_client import COUNT, Superset, average

SEGMENTS = "select segment_name, n_customers from segment_profiles order by segment_id"
CHART = """
    select segment_name, count(*), avg(annual_income) from customer_segments
    group by segment_name order by segment_name
"""
MEASURES = [COUNT, average("annual_income")]


def test_superset_lists_the_tables_with_their_types_and_descriptions(superset: Superset, built_once: Project) -> None:
    database = superset.register_database("lists", published_file(built_once))
    tables = superset.get(f"/api/v1/database/{database}/tables/?q=(schema_name:main)")["result"]
    assert {table["value"] for table in tables} >= {*PUBLIC_TABLES, "publication"}
    dataset = superset.register_dataset(database, "customer_segments")
    columns = superset.get(f"/api/v1/dataset/{dataset}")["result"]["columns"]
    kinds = {column["column_name"]: (column["type"], column["description"]) for column in columns}
    assert list(kinds) == [name for (name,) in read(built_once, "select column_name from (describe customer_segments)")]
    assert kinds["customer_id"] == ("BIGINT", "Number of the customer.")
    assert kinds["spending_score"] == ("FLOAT", "Score from 1 to 100 that the mall gave for spending behaviour.")


def test_a_chart_has_the_numbers_of_the_file(superset: Superset, built_once: Project) -> None:
    database = superset.register_database("draws", published_file(built_once))
    drawn = superset.draw(superset.register_dataset(database, "customer_segments"), ["segment_name"], MEASURES)
    assert [customers for _, customers, _ in drawn] == [81, 39, 35, 22, 23]
    assert drawn == [(name, n, pytest.approx(income, rel=1e-12)) for name, n, income in read(built_once, CHART)]


def test_sql_lab_has_the_numbers_of_the_file(superset: Superset, built_once: Project) -> None:
    database = superset.register_database("runs SQL", published_file(built_once))
    assert superset.run_sql(database, SEGMENTS) == read(built_once, SEGMENTS)


def test_superset_cannot_write_even_where_it_may(superset: Superset, built_once: Project) -> None:
    database = superset.register_database("writes", published_file(built_once), allow_dml=True)
    body = {"database_id": database, "sql": "drop table segment_profiles", "client_id": "writes"}
    response = superset.client.post("/api/v1/sqllab/execute/", json=body, headers=superset.headers)
    assert response.status_code == 500
    assert "attached in read-only mode" in response.json["errors"][0]["message"]


def test_a_build_succeeds_while_superset_reads_and_superset_then_sees_it(superset: Superset, built: Project) -> None:
    database = superset.register_database("stays up", published_file(built), cache_timeout=-1)
    dataset = superset.register_dataset(database, "customer_segments")
    before = superset.draw(dataset, ["segment_name"], MEASURES)
    assert len(before) == 5
    with superset.running_query(database) as cursor:
        cursor.execute(SEGMENTS)
        assert len(cursor.fetchall()) == 5
        result = build(built, mallard_n_clusters=3)
        assert result.returncode == 0, result.stdout
        cursor.execute(SEGMENTS)
        assert len(cursor.fetchall()) == 5
        # One process has one DuckDB for one file: as long as a query holds the old one, those beside it read it too.
        assert superset.draw(dataset, ["segment_name"], MEASURES) == before
    after = superset.draw(dataset, ["segment_name"], MEASURES)
    assert len(after) == 3
    assert after == [(name, n, pytest.approx(income, rel=1e-12)) for name, n, income in read(built, CHART)]
    assert superset.run_sql(database, SEGMENTS) == read(built, SEGMENTS)
    assert superset.run_sql(database, "select run_id from publication") == read(built, "select run_id from publication")


def test_a_database_that_may_be_cached_shows_old_charts(superset: Superset, built: Project) -> None:
    database = superset.register_database("is cached", published_file(built))
    dataset = superset.register_dataset(database, "customer_segments")
    assert len(superset.draw(dataset, ["segment_name"], MEASURES)) == 5
    assert build(built, mallard_n_clusters=3).returncode == 0
    assert len(superset.draw(dataset, ["segment_name"], MEASURES)) == 5
    assert len(superset.run_sql(database, SEGMENTS)) == 3
