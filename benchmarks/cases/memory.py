"""Peak memory of Mallard's whole job."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import Dataset, made
from benchmarks.markdown import Section, at_most, gigabytes, seconds, table
from benchmarks.plan import Plan
from benchmarks.product import TABLES

N_ROWS = 100_000_000
TARGET = 3.0


def measure(plan: Plan) -> dict[str, Any]:
    return measure_rows(plan, N_ROWS)


def measure_rows(plan: Plan, n_rows: int) -> dict[str, Any]:
    """Run the whole job for each of the two tables that it can end with, several times."""
    dataset = made(plan, "whole-number", n_rows)
    outcomes = plan.rounds({name: partial(_whole_job, plan, dataset, name) for name in TABLES})
    remove(product.OUTPUT)
    return {"dataset": dataset._asdict(), "memory_limit": plan.memory_limit, "tables": outcomes}


def _whole_job(plan: Plan, dataset: Dataset, name: str, _: int) -> dict[str, Any]:
    outcome = plan.workers.run(product.whole_job, dataset, (1, 10), [name], plan.memory_limit)
    return {"memory": outcome.peak_memory, "models": outcome.result["models"], "dbt": outcome.result["dbt"]}


def report(figures: dict[str, Any]) -> Section:
    dataset = Dataset(**figures["dataset"])
    verdicts = [
        at_most(f"{dataset}, {what}: peak memory", peak_memory(figures, name) / 1e9, TARGET, " GB")
        for name, what in TABLES.items()
    ]
    return Section(described(figures), verdicts)


def described(figures: dict[str, Any]) -> str:
    """Table of times and memory."""
    dataset, tables = Dataset(**figures["dataset"]), figures["tables"]
    rows = [
        (
            what,
            seconds([product.seconds_to(name, run["models"]) for run in tables[name]]),
            *(
                f"{median(run['models'][model] for run in tables[name]):.2f}"
                for model in ("feature_statistics", "kmeans", name)
            ),
            f"{seconds_a_million(figures, name):.3f}",
            gigabytes(peak_memory(figures, name)),
        )
        for name, what in TABLES.items()
    ]
    header = ("table", "seconds", "statistics", "K-means", "scoring", "seconds per million rows", "peak memory")
    return (
        f"{dataset} features, k = 1 to 10. Peak memory is the resident memory of the whole process, including Python, "
        f"dbt and TensorFlow. DuckDB's memory_limit is {figures['memory_limit']}.\n\n{table(header, rows)}"
    )


def peak_memory(figures: dict[str, Any], name: str) -> int:
    """Highest peak memory of all runs, in bytes."""
    return max(int(run["memory"]) for run in figures["tables"][name])


def seconds_a_million(figures: dict[str, Any], name: str) -> float:
    """Median seconds per million rows."""
    times = [product.seconds_to(name, run["models"]) for run in figures["tables"][name]]
    return float(median(times) / figures["dataset"]["n_rows"] * 1e6)
