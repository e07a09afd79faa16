"""Another dbt project that has Mallard installed, on Spark in a session of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from compare import Table, exported_tables
from consumer import Consumer, make_consumer
from dbt_runs import Run
from sample import ROOT

needs_spark = pytest.mark.skipif(
    not (shutil.which("java") and find_spec("dbt.adapters.spark") and find_spec("pyspark")),
    reason="needs Java 17 and pip install dbt-mallard[spark]",
)

DISPATCH = """
dispatch:
  - macro_namespace: dbt
    search_order: [shop, mallard, dbt]
seeds:
  +file_format: parquet
models:
  +file_format: parquet
"""
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: spark
      method: session
      host: NA
      schema: shop
      threads: 2
      server_side_parameters:
        spark.driver.memory: 1g
        spark.ui.enabled: "false"
        spark.sql.shuffle.partitions: "2"
        spark.sql.session.timeZone: UTC
        spark.sql.warehouse.dir: {folder}/warehouse
        spark.hadoop.javax.jdo.option.ConnectionURL: jdbc:derby:;databaseName={folder}/metastore;create=true
        spark.driver.extraJavaOptions: -Dderby.system.home={folder}
"""


@dataclass
class SparkConsumer(Consumer):
    """A project whose tables are Parquet files in a folder of its own.

    Attributes:
        environment: variables that lead to Spark.
    """

    environment: Mapping[str, str]

    def dbt(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Run:
        """In a process of its own, which takes Spark with it when it ends."""
        return super().dbt(*arguments, cwd=cwd, **self.variables | environment)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What DuckDB finds, to which the tables are views."""
        with duckdb.connect() as connection:
            for folder in (self.path / "warehouse" / "shop.db").iterdir():
                files = str(folder / "*.parquet").replace("'", "''")
                connection.execute(f"""create view "{folder.name}" as from read_parquet('{files}')""")
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, Table]:
        """What people read, tables and views, by name."""
        with TemporaryDirectory() as folder:
            command = [sys.executable, str(ROOT / "tests" / "engines" / "export.py"), folder, "dev"]
            subprocess.run(
                command, cwd=self.path, env=os.environ | self.variables, check=True, stdout=subprocess.DEVNULL
            )
            return exported_tables(Path(folder))

    @property
    def variables(self) -> dict[str, str]:
        """Those that a process needs for this library and this Spark."""
        return {"PYTHONPATH": str(ROOT / "python_lib"), **self.environment}


def make_spark_consumer(path: Path, **environment: str) -> SparkConsumer:
    """A project without models, in an empty folder.

    Args:
        environment: variables that lead to Spark; none for a session on this machine.
    """
    consumer = SparkConsumer(make_consumer(path).path, environment or {"MASTER": "local[2]"})
    with (path / "dbt_project.yml").open("a") as file:
        file.write(DISPATCH)
    consumer.write("profiles.yml", PROFILE.format(folder=path))
    return consumer
