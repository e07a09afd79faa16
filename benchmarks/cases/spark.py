"""From a table of customers in Spark to a table of segments: Mallard and MLlib, and Mallard on DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmarks.datasets import Dataset, made
from benchmarks.inertia import Partition, best_inertia, inertia_table
from benchmarks.markdown import Section, at_least, at_most, gigabytes, seconds, speed, table
from benchmarks.plan import Plan
from benchmarks.spark import mllib, product
from benchmarks.spark.session import CORES, DRIVER_MEMORY, made_for_spark

MALLARD, MLLIB, DUCKDB = "Mallard on Spark", "MLlib", "Mallard on DuckDB"
N_CLUSTERS = (2, 10)
MOST_EXCESS = 0.001
"""Percent by which Mallard's inertia may exceed MLlib's at any k."""


@dataclass(frozen=True)
class SparkJob:
    """One table to segment.

    Attributes:
        target: for MLlib's CPU seconds divided by Mallard's; None for no target.
    """

    kind: str
    full_size: int
    target: float | None = None

    def measure(self, plan: Plan) -> dict[str, Any]:
        dataset = made(plan, self.kind, self.full_size)
        made_for_spark(plan, dataset)
        outcomes = plan.rounds(
            {
                MALLARD: partial(self._run_mallard, plan, dataset, product.on_spark),
                MLLIB: partial(self._run_mllib, plan, dataset),
                DUCKDB: partial(self._run_mallard, plan, dataset, product.on_duckdb),
            }
        )
        partitions = [
            Partition(MLLIB, k, centroids) for run in outcomes[MLLIB] for k, centroids in run.pop("centroids").items()
        ]
        inertia = {name: outcomes[name][0]["inertia"] for name in (MALLARD, DUCKDB)}
        return {
            "dataset": dataset._asdict(),
            "n_clusters": N_CLUSTERS,
            "runs": outcomes,
            "inertia": inertia | dict(plan.workers.run(best_inertia, dataset, partitions).result),
        }

    def report(self, figures: dict[str, Any]) -> Section:
        dataset = Dataset(**figures["dataset"])
        verdicts = []
        if self.target is not None:
            what = f"Spark, {dataset} features: CPU seconds of MLlib over Mallard's"
            verdicts.append(at_least(what, _ratio(figures["runs"], "cpu_seconds"), self.target))
        what = f"Spark, {dataset} features: inertia above MLlib's"
        verdicts.append(at_most(what, _excess(figures), MOST_EXCESS, " %"))
        body = [_introduction(dataset), _contestants(figures), inertia_table(figures["inertia"])]
        return Section("\n\n".join(body), verdicts)

    def _run_mallard(self, plan: Plan, dataset: Dataset, job: Any, _: int) -> dict[str, Any]:
        found: dict[str, Any] = plan.workers.run(job, dataset, N_CLUSTERS, plan.memory_limit).result
        return found

    def _run_mllib(self, plan: Plan, dataset: Dataset, run: int) -> dict[str, Any]:
        found: dict[str, Any] = plan.workers.run(mllib.whole_job, dataset, N_CLUSTERS, run).result
        return found


def _introduction(dataset: Dataset) -> str:
    smallest, largest = N_CLUSTERS
    return (
        f"{dataset} features, k = {smallest} to {largest}, in a session of local[{CORES}] with {DRIVER_MEMORY} that "
        "has just started; the start isn't counted. MLlib: StandardScaler, k-means||, a silhouette of every k, the "
        "labels written back. Mallard: the materialization `segmentation`, with all tables beside it. The CPU seconds "
        "are those of Python and Java, and of dbt's whole run."
    )


def _contestants(figures: dict[str, Any]) -> str:
    runs = figures["runs"]
    rows = [
        (
            f"**{name}**" if name == MALLARD else name,
            seconds([run["seconds"] for run in of_name]),
            seconds([run["cpu_seconds"] for run in of_name]),
            *("" if name == MALLARD else speed(_ratio(runs, unit, name)) for unit in ("seconds", "cpu_seconds")),
            gigabytes(max(run["memory"].get("java", 0) for run in of_name)),
            gigabytes(max(run["memory"].get("python", 0) for run in of_name)),
        )
        for name, of_name in runs.items()
    ]
    over = [f"{unit} over Mallard's on Spark" for unit in ("seconds", "CPU seconds")]
    return table(("contestant", "seconds", "CPU seconds", *over, "peak memory of Java", "of Python"), rows)


def _ratio(runs: Mapping[str, list[dict[str, Any]]], unit: str, name: str = MLLIB) -> float:
    """A contestant's seconds or CPU seconds, divided by Mallard's on Spark."""
    return median(run[unit] for run in runs[name]) / median(run[unit] for run in runs[MALLARD])


def _excess(figures: dict[str, Any]) -> float:
    """Largest excess of Mallard's inertia on Spark over MLlib's best, over all k, in percent."""
    inertia = figures["inertia"]
    return max(float(ours / inertia[MLLIB][k] - 1) * 100 for k, ours in inertia[MALLARD].items())


JOBS = {
    "spark-a": SparkJob("whole-number", 1_000_000),
    "spark-b": SparkJob("continuous", 1_000_000),
    "spark-c": SparkJob("blobs", 2_000_000),
    "spark-d": SparkJob("whole-number", 20_000_000, target=20),
    "spark-e": SparkJob("continuous", 20_000_000, target=8),
}
"""By the name of the case."""
