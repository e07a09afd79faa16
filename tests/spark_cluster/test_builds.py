"""A build on the cluster, in both deployments, gives the tables that DuckDB gives."""

from __future__ import annotations

import pytest
from compare import DIFFERENT, Table, differences, duckdb_tables
from consumer import Consumer, make_consumer
from spark_consumer import make_spark_consumer
from tests.spark_cluster.cluster import DEPLOYMENTS, Cluster
from tests.spark_cluster.shop import open_shop


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    project = make_consumer(tmp_path_factory.mktemp("shop_duckdb"))
    _build_twice(project)
    return duckdb_tables(project.database)


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_tables_are_those_of_duckdb(
    spark_cluster: Cluster,
    on_duckdb: dict[str, Table],
    tmp_path_factory: pytest.TempPathFactory,
    deployment: str,
) -> None:
    folder = tmp_path_factory.mktemp(f"shop_{deployment}")
    project = make_spark_consumer(folder, **spark_cluster.environment(deployment))
    _build_twice(project)
    found = differences(on_duckdb, project.tables())
    assert {name: said for name, (outcome, said) in found.items() if outcome == DIFFERENT} == {}


def _build_twice(project: Consumer) -> None:
    """The second build has nothing to fit."""
    open_shop(project)
    for _ in range(2):
        built = project.dbt("build")
        assert built.returncode == 0, built.stdout
