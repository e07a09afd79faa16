"""The Spark session that every contestant gets, and the customers in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import connect
from benchmarks.datasets import Dataset
from benchmarks.plan import CACHE, Plan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CORES = 2
DRIVER_MEMORY = "6g"
WAREHOUSE = CACHE / "spark-warehouse"
SCHEMA = "benchmark"
N_FILES = 8
"""Several files, so that Spark reads tables of any size with all cores."""
SETTINGS = {
    "spark.driver.memory": DRIVER_MEMORY,
    "spark.driver.extraJavaOptions": f"-Dlog4j2.level=FATAL -Dderby.stream.error.file={CACHE}/derby.log",
    "spark.log.level": "FATAL",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.default": "parquet",
    "spark.sql.warehouse.dir": str(WAREHOUSE),
    "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:benchmark;create=true",
}


def parquet(dataset: Dataset) -> Path:
    """The folder of the customers' files."""
    return dataset.path.with_suffix(".parquet")


def made_for_spark(plan: Plan, dataset: Dataset) -> None:
    """Write the customers to Parquet if that hasn't been done."""
    if not parquet(dataset).exists():
        plan.workers.run(_write, dataset)


def _write(dataset: Dataset) -> None:
    unfinished = parquet(dataset).with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    with connect(dataset.path, read_only=True) as connection:
        for file in range(N_FILES):
            connection.execute(
                f"copy (select * from customers where (customer_id - 1) * {N_FILES} // {dataset.n_rows} = {file}) "
                f"to '{unfinished / f'{file}.parquet'}'"
            )
    unfinished.rename(parquet(dataset))


def started(dataset: Dataset, cores: int = CORES) -> SparkSession:
    """A session in this process, with an empty warehouse but for the table customers of the schema."""
    from pyspark.sql import SparkSession

    shutil.rmtree(WAREHOUSE, ignore_errors=True)
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in (SETTINGS | {"spark.master": f"local[{cores}]"}).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sql(f"create schema {SCHEMA}")
    session.sql(f"create table {SCHEMA}.customers using parquet location '{parquet(dataset)}'")
    return session


def traffic(session: SparkSession) -> dict[str, int]:
    """Bytes that the tasks of a session have read from tables and kept rows, and written for shuffles, so far."""
    executors = session.sparkContext._jsc.sc().statusStore().executorList(False)
    summaries = [executors.apply(place) for place in range(executors.size())]
    return {
        "read": sum(executor.totalInputBytes() for executor in summaries),
        "shuffled": sum(executor.totalShuffleWrite() for executor in summaries),
    }
