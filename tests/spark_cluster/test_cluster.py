"""The cluster computes in both deployments, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.spark_cluster.cluster import DEPLOYMENTS, Cluster, cluster

SUM = """
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
rows = session.range(1000, numPartitions=2).selectExpr("id", "spark_partition_id() as part")
[(total, n_partitions)] = rows.selectExpr("sum(id)", "count(distinct part)").collect()
print("sum", total, "of", n_partitions, "partitions by", session.conf.get("spark.master"))
session.stop()
"""


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_sums_on_the_workers(spark_cluster: Cluster, deployment: str) -> None:
    environment = os.environ | spark_cluster.environment(deployment)
    result = subprocess.run([sys.executable, "-c", SUM], env=environment, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines()[-1:] == [f"sum 499500 of 2 partitions by {spark_cluster.master_url}"], (
        result.stderr
    )


def test_the_connect_server_has_an_executor_on_every_worker(spark_cluster: Cluster) -> None:
    assert len(spark_cluster.executors()) >= 2


def test_stops_what_it_started_when_the_block_fails() -> None:
    class BlockError(Exception):
        pass

    def fail() -> None:
        with cluster(workers=1) as running:
            processes.update(running.processes)
            folders.append(running.folder)
            raise BlockError

    processes: dict[str, subprocess.Popen[bytes]] = {}
    folders: list[Path] = []
    with pytest.raises(BlockError):
        fail()
    assert processes.keys() == {"master", "worker-1", "connect"}
    assert all(process.poll() is not None for process in processes.values())
    assert not folders[0].exists()
