"""The sample dashboard: Superset imports it, and its charts show what stands in the published file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from published import build, published_file, read
from sample import Project
from superset_client import Superset
from zip_dashboard import DASHBOARD, PLACEHOLDER, zip_dashboard

CHARTS = {
    "Segments by size": ["select segment_name, n_customers from segment_profiles order by n_customers desc"],
    "Customers by income and score": [
        "select customer_id, segment_name, annual_income, spending_score, 1 from customer_segments order by customer_id"
    ],
    "Metrics by number of clusters": [
        "select n_clusters, inertia from cluster_metrics order by n_clusters",
        "select n_clusters, silhouette from cluster_metrics order by n_clusters",
    ],
    "Profiles of the segments": [
        "select segment_name, n_customers, share, avg_age, avg_annual_income, avg_spending_score "
        "from segment_profiles order by segment_id"
    ],
}
"""What each query of each chart shows."""


@pytest.fixture
def imported(superset: Superset, built: Project, tmp_path: Path) -> Superset:
    """A Superset with the dashboard, drawn from a project that may be built again."""
    zip_dashboard(published_file(built), tmp_path / "dashboard.zip")
    superset.import_dashboard(tmp_path / "dashboard.zip")
    return superset


def _assert_shows_the_file(superset: Superset, project: Project) -> None:
    drawn = superset.draw_dashboard("customer-segments")
    assert drawn.keys() == CHARTS.keys()
    for name, queries in CHARTS.items():
        assert drawn[name] == [read(project, query) for query in queries], name


def test_every_chart_shows_the_file_before_and_after_a_build(imported: Superset, built: Project) -> None:
    _assert_shows_the_file(imported, built)
    assert len(imported.draw_dashboard("customer-segments")["Segments by size"][0]) == 5
    assert build(built, mallard_n_clusters=3).returncode == 0
    _assert_shows_the_file(imported, built)
    assert len(imported.draw_dashboard("customer-segments")["Segments by size"][0]) == 3


def test_what_a_chart_draws_is_what_its_saved_query_asks_for() -> None:
    for file in (DASHBOARD / "charts").glob("*.yaml"):
        chart = yaml.safe_load(file.read_text())
        params = chart["params"]
        drawn = [*params.get("metrics", []), *params.get("metrics_b", [])]
        drawn += [params[axis] for axis in ("x", "y", "size") if axis in params]
        queries = yaml.safe_load(chart["query_context"])["queries"]
        assert drawn == [metric for query in queries for metric in query.get("metrics", [])], file.name


def test_the_database_is_read_only_and_not_cached() -> None:
    database = yaml.safe_load((DASHBOARD / "databases" / "Mallard.yaml").read_text())
    assert database["sqlalchemy_uri"] == f"duckdb:///{PLACEHOLDER}"
    assert database["extra"] == {"engine_params": {"connect_args": {"read_only": True}}}
    assert database["cache_timeout"] == -1


def test_the_datasets_have_the_columns_of_the_tables(imported: Superset, built: Project) -> None:
    for identifier in imported.get("/api/v1/dataset/")["ids"]:
        dataset = imported.get(f"/api/v1/dataset/{identifier}")["result"]
        columns = [column["column_name"] for column in dataset["columns"]]
        query = f"select column_name from (describe {dataset['table_name']})"
        assert columns == [name for (name,) in read(built, query)]
