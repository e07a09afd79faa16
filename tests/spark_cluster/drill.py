"""Kills builds on a cluster at moments spread over a build, and looks at what people could read after each.

`make drill-spark` runs it, most of an hour, and prints a table. The other tests don't.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from build_process import Build, dbt_build
from consumer import TABLES_BESIDE
from spark_consumer import SparkConsumer, make_spark_consumer
from tests.spark_cluster.cluster import Cluster
from tests.spark_cluster.kills import HEADER, Kill, Seen, kill_builds, row
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
of_tables = [
    f"select distinct '{name}' as name, {run} as run from shop.{name}" for name in names if name.startswith("segments")
]
runs = {}
for name, of_rows in session.sql(" union all ".join(of_tables)).collect():
    runs.setdefault(name, []).append(of_rows)
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

    def look(self) -> Seen:
        """The run of all tables, and the tables of others.

        Raises:
            AssertionError: they are of several, or tables are missing.
        """
        found = self._look()
        missing = {"segments", *(f"segments__{name}" for name in TABLES_BESIDE)} - set(found["names"])
        assert not missing, f"there is no {', '.join(missing)}"
        runs = {run for of_table in found["runs"].values() for run in of_table}
        assert len(runs) == 1, f"the tables are of several runs: {found['runs']}"
        [run] = runs
        of_runs = [name for name in found["names"] if name.startswith("mallard__segments__r")]
        public = f"mallard__segments__{run}"
        return Seen(run, [name for name in of_runs if not name.startswith(public) or name.endswith("__select")])

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
    kills = _killed(kill_builds(shop.build, shop.look, DRIVERS))
    assert any(kill.build == "killed" for kill in kills)
    assert all(kill.build == "killed" or kill.tables == "this run" for kill in kills)


def test_the_executors_are_killed(shop: Shop, spark_cluster: Cluster) -> None:
    kills = _killed(kill_builds(shop.build, shop.look, EXECUTORS, spark_cluster.executors))  # Spark starts others
    assert all(kill.tables == ("this run" if kill.build == "succeeded" else "the run before") for kill in kills)


def _killed(kills: Iterator[Kill]) -> list[Kill]:
    """All of them, each shown as soon as it is known."""
    print("\n" + HEADER, flush=True)
    found = []
    for kill in kills:
        print(row(kill), flush=True)
        found.append(kill)
    return found
