"""What a segmentation costs on Spark as customers and cores grow, and what that means for more than fit here."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks.chart import draw_cost
from benchmarks.datasets import Dataset, made
from benchmarks.markdown import Section, gigabytes, seconds, table
from benchmarks.plan import Plan
from benchmarks.spark import product
from benchmarks.spark.session import DRIVER_MEMORY, made_for_spark

SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
KINDS = ("whole-number", "continuous")
CORES = (1, 2)
ON_FEWER_CORES = 10_000_000
"""The size that is run with each number of cores."""
N_CLUSTERS = (2, 10)
ON_PAPER = (1_000_000_000, 10_000_000_000, 100_000_000_000)
CORES_ON_PAPER = 1000
CHART = "spark-cost.svg"


def measure(plan: Plan) -> dict[str, Any]:
    jobs = [(made(plan, kind, size), max(CORES)) for kind in KINDS for size in SIZES]
    jobs += [(made(plan, kind, ON_FEWER_CORES), cores) for kind in KINDS for cores in CORES[:-1]]
    for dataset, _ in jobs:
        made_for_spark(plan, dataset)
    found = plan.rounds({f"{dataset}, {cores}": partial(_run, plan, dataset, cores) for dataset, cores in jobs})
    points = [
        {"kind": dataset.kind, "n_rows": dataset.n_rows, "cores": cores, "runs": found[f"{dataset}, {cores}"]}
        for dataset, cores in jobs
    ]
    on_paper = {kind: _cost(_of_kind(points, kind)) for kind in KINDS}
    plan.workers.run(draw_cost, _drawn(points, on_paper), plan.folder / CHART)
    return {"points": points, "cost": on_paper}


def report(figures: dict[str, Any]) -> Section:
    points = figures["points"]
    rows = [
        (
            point["kind"],
            f"{point['n_rows']:,}",
            str(point["cores"]),
            seconds([run["seconds"] for run in point["runs"]]),
            seconds([run["cpu_seconds"] for run in point["runs"]]),
            gigabytes(median(run["read"] for run in point["runs"])),
            gigabytes(median(run["shuffled"] for run in point["runs"])),
            gigabytes(max(run["memory"].get("python", 0) for run in point["runs"])),
        )
        for point in points
    ]
    header = ("features", "customers", "cores", "seconds", "CPU seconds", "read", "shuffled", "memory of Python")
    paper = [
        (
            kind,
            f"{cost['fixed']:.0f} s + {cost['per_million']:.2f} s per million",
            *(f"{_minutes(cost, n_rows):,.1f} min" for n_rows in ON_PAPER),
        )
        for kind, cost in figures["cost"].items()
    ]
    smallest, largest = N_CLUSTERS
    body = [
        f"The materialization `segmentation`, k = {smallest} to {largest}, in a session with {DRIVER_MEMORY}.",
        table(header, rows),
        "On paper: CPU seconds are a fixed part, of the driver and of many short queries, and a part for each "
        "customer, both fitted by least squares, relative to the cost, to the points with the most cores. Then, on "
        f"{CORES_ON_PAPER} cores: the part for each customer divided among them, the fixed part on one. It assumes "
        "that executors read as fast as here, that rows are kept in their memory, that passes stay as many, and that "
        "shuffles, which carry partial sums and at most some rows per point and partition, stay as small. Points come "
        "to the driver, 100,000 at most, so its memory doesn't grow.",
        table(("features", "CPU seconds on paper", *(f"{n_rows:,}" for n_rows in ON_PAPER)), paper),
        f"![CPU seconds against customers, measured and on paper]({CHART})",
    ]
    return Section("\n\n".join(body), [])


def _run(plan: Plan, dataset: Dataset, cores: int, _: int) -> dict[str, Any]:
    found: dict[str, Any] = plan.workers.run(product.on_spark, dataset, N_CLUSTERS, plan.memory_limit, cores).result
    return found


def _of_kind(points: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [point for point in points if point["kind"] == kind and point["cores"] == max(CORES)]


def _cost(points: list[dict[str, Any]]) -> dict[str, float]:
    """CPU seconds of a job of no customers, and those that each million adds."""
    millions = np.array([point["n_rows"] / 1e6 for point in points])
    cpu = np.array([median(run["cpu_seconds"] for run in point["runs"]) for point in points])
    per_million, fixed = np.polyfit(millions, cpu, 1, w=1 / cpu)
    return {"fixed": float(fixed), "per_million": float(per_million)}


def _minutes(cost: dict[str, float], n_rows: int) -> float:
    """On `CORES_ON_PAPER` cores."""
    return (cost["fixed"] + cost["per_million"] * n_rows / 1e6 / CORES_ON_PAPER) / 60


def _drawn(points: list[dict[str, Any]], costs: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """The points of the chart: what was measured with the most cores, and what is on paper."""
    measured = [
        {
            "kind": point["kind"],
            "n_rows": point["n_rows"],
            "cpu_seconds": median(run["cpu_seconds"] for run in point["runs"]),
            "source": "measured",
        }
        for kind in KINDS
        for point in _of_kind(points, kind)
    ]
    on_paper = [
        {"kind": kind, "n_rows": n, "cpu_seconds": cost["fixed"] + cost["per_million"] * n / 1e6, "source": "on paper"}
        for kind, cost in costs.items()
        for n in (*SIZES, *ON_PAPER)
    ]
    return measured + on_paper
