"""The whole job by Mallard, a segmentation through dbt: on Spark, and by the same model on DuckDB."""

from __future__ import annotations

import time
from typing import Any

from benchmarks import product
from benchmarks.databases import connect
from benchmarks.datasets import Dataset
from benchmarks.process_tree import cpu_seconds, peak_memory
from benchmarks.product import SEGMENTATION
from benchmarks.spark.session import CORES, SCHEMA, started, traffic

METRICS = f"select n_clusters, inertia, is_selected from {{schema}}.{SEGMENTATION}__metrics where n_clusters > 1"


def on_spark(dataset: Dataset, n_clusters: tuple[int, int], memory_limit: str, cores: int = CORES) -> dict[str, Any]:
    """Run the job once, in a session that has just started.

    Args:
        n_clusters: the smallest and the largest k.
        memory_limit: of DuckDB.

    Returns:
        Seconds of the model, CPU seconds of dbt's whole run, the peak memory by program, bytes read and shuffled, and
        the inertia of every k in standardised units.
    """
    product.prepare(dataset.path, memory_limit)
    session = started(dataset, cores)
    figures = _run("spark", dataset, n_clusters)
    metrics = session.sql(METRICS.format(schema=SCHEMA)).collect()
    figures |= traffic(session)
    session.stop()
    return figures | _inertia(metrics)


def on_duckdb(dataset: Dataset, n_clusters: tuple[int, int], memory_limit: str) -> dict[str, Any]:
    """The same in DuckDB, from a table to a table."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    product.prepare(dataset.path, memory_limit)
    figures = _run("dev", dataset, n_clusters)
    DuckDBConnectionManager.env().close()
    with connect(product.OUTPUT, read_only=True) as connection:
        return figures | _inertia(connection.execute(METRICS.format(schema="main")).fetchall())


def _run(target: str, dataset: Dataset, n_clusters: tuple[int, int]) -> dict[str, Any]:
    began, cpu_before = time.perf_counter(), cpu_seconds()
    run = product.run_dbt("run", "--select", SEGMENTATION, "--target", target, *product.variables(dataset, n_clusters))
    elapsed, cpu = time.perf_counter() - began, cpu_seconds() - cpu_before
    [seconds] = [result.execution_time for result in run.results if result.node.name == SEGMENTATION]
    return {"seconds": seconds, "dbt": elapsed - seconds, "cpu_seconds": cpu, "memory": peak_memory()}


def _inertia(metrics: list[Any]) -> dict[str, Any]:
    inertia = {k: of_k for k, of_k, _ in metrics}
    [chosen] = [k for k, _, is_selected in metrics if is_selected] or [1]
    return {"inertia": inertia, "chosen": chosen}
