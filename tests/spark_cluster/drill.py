"""Kills builds on a cluster at moments spread over a build, and looks at what people could read after each.

`make drill-spark` runs it, most of an hour, and prints a table. The other tests don't.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from build_process import Build, dbt_build
from consumer import TABLES_BESIDE
from spark_consumer import SparkConsumer, make_spark_consumer
from tests.spark_cluster.cluster import Cluster
from tests.spark_cluster.kills import Tables, kill_builds, report
from tests.spark_cluster.shop import open_shop

DRIVERS, EXECUTORS = 20, 10
"""Number of kills."""
LOOK = """
import json, sys, yaml
from pyspark.sql import SparkSession

settings = yaml.safe_load(open("profiles.yml"))["shop"]["outputs"]["dev"]["server_side_parameters"]
builder = SparkSession.builder.master("local[1]").enableHiveSupport()
for name, value in settings.items():
    builder = builder.config(name, value)
session = builder.getOrCreate()
run = "regexp_extract(input_file_name(), '__(r[0-9a-f]{8})', 1)"
names = [row.tableName for row in session.sql("show tables in shop").collect()]
runs = {
    name: [row[0] for row in session.sql(f"select distinct {run} from shop.{name}").collect()]
    for name in names if name.startswith("segments")
}
print(json.dumps({"runs": runs, "names": names}))
"""
"""Which run the files are of that each view reads, and what else there is."""


class Shop:
    """A project with one segmentation, as people see it from outside."""

    def __init__(self, project: SparkConsumer) -> None:
        self._project = project

    @property
    def build(self) -> Build:
        return dbt_build(self._project.path, **self._project.variables)

    @property
    def tables(self) -> Tables:
        return Tables(self._run, self._scratch)

    def _run(self) -> str:
        """The run of all tables that have rows.

        Raises:
            AssertionError: they are of several, or tables are missing.
        """
        found = self._look()["runs"]
        missing = {"segments", *(f"segments__{name}" for name in TABLES_BESIDE)} - found.keys()
        assert not missing, f"there is no {', '.join(missing)}"
        runs = {run for of_table in found.values() for run in of_table}
        assert len(runs) == 1, f"the tables are of several runs: {found}"
        return str(runs.pop())

    def _scratch(self) -> list[str]:
        """Tables of other runs."""
        current = self._run()
        of_runs = [name for name in self._look()["names"] if name.startswith("mallard__segments__r")]
        return [name for name in of_runs if not name.startswith(f"mallard__segments__{current}")] + [
            name for name in of_runs if name.endswith("__select")
        ]

    def _look(self) -> dict[str, Any]:
        looked = subprocess.run(
            [sys.executable, "-c", LOOK], cwd=self._project.path, capture_output=True, text=True, check=False
        )
        assert looked.returncode == 0, looked.stderr[-2000:]
        found: dict[str, Any] = json.loads(looked.stdout.splitlines()[-1])
        return found


@pytest.fixture(scope="module")
def shop(spark_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    project = make_spark_consumer(tmp_path_factory.mktemp("drill"), **spark_cluster.environment("standalone"))
    open_shop(project)
    return Shop(project)


def test_the_driver_is_killed_and_dbt_with_it(shop: Shop) -> None:
    kills = kill_builds(shop.build, shop.tables, DRIVERS)
    print("\n" + report(kills))
    assert any(kill.build == "killed" for kill in kills)
    assert all(kill.build == "killed" or kill.tables == "this run" for kill in kills)


def test_the_executors_are_killed(shop: Shop, spark_cluster: Cluster) -> None:
    kills = kill_builds(shop.build, shop.tables, EXECUTORS, spark_cluster.executors)  # Spark starts others
    print("\n" + report(kills))
    assert all(kill.tables == ("this run" if kill.build == "succeeded" else "the run before") for kill in kills)
