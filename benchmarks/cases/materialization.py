"""From a table of customers to a segmentation by one model, as people write it, beside scikit-learn and a bare copy."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import peers, product
from benchmarks.databases import remove
from benchmarks.datasets import Dataset, made
from benchmarks.markdown import Section, at_least, gigabytes, seconds, table
from benchmarks.peers import SKLEARN_AUTO
from benchmarks.plan import Plan
from benchmarks.product import SEGMENTATION

JOBS = {("whole-number", 10_000_000, (1, 10)): 15.0, ("continuous", 10_000_000, (1, 10)): 10.0}
"""Target for the speed relative to scikit-learn, by the kind and number of customers and the numbers of segments."""
MALLARD, IMPORTED, COPY = "Mallard", "Mallard, with imports done", "copy"


def measure(plan: Plan) -> dict[str, Any]:
    jobs = [_measured(plan, made(plan, kind, size), n_clusters) for kind, size, n_clusters in JOBS]
    remove(product.OUTPUT)
    return {"jobs": jobs}


def _measured(plan: Plan, dataset: Dataset, n_clusters: tuple[int, int]) -> dict[str, Any]:
    given = product.variables(dataset, n_clusters)
    run = plan.workers.run
    segmented = (product.segmentation, dataset.path, SEGMENTATION, plan.memory_limit, *given)
    found = plan.rounds(
        {
            IMPORTED: lambda _: run(*segmented),
            MALLARD: lambda _: run(partial(product.segmentation, with_imports=True), *segmented[1:]),
            COPY: lambda _: run(product.copy, SEGMENTATION),
            SKLEARN_AUTO.name: partial(_peer, plan, dataset, n_clusters),
        }
    )
    ours = [outcome.result for outcome in found[MALLARD]]
    return {
        "dataset": dataset._asdict(),
        "seconds": [of["seconds"] for of in ours],
        "imported": [outcome.result["seconds"] for outcome in found[IMPORTED]],
        "memory": max(outcome.peak_memory for outcome in found[MALLARD]),
        "copy": [outcome.result for outcome in found[COPY]],
        "peer": [outcome.result["seconds"] for outcome in found[SKLEARN_AUTO.name]],
    }


def _peer(plan: Plan, dataset: Dataset, n_clusters: tuple[int, int], run: int) -> Any:
    return plan.workers.run(peers.whole_job, dataset, n_clusters, SKLEARN_AUTO, run)


def report(figures: dict[str, Any]) -> Section:
    rows, verdicts = [], []
    for job, target in zip(figures["jobs"], JOBS.values(), strict=True):
        dataset, ours = Dataset(**job["dataset"]), median(job["seconds"])
        rows.append(
            (
                str(dataset),
                seconds(job["seconds"]),
                seconds(job["imported"]),
                seconds(job["copy"]),
                f"{ours / median(job['copy']):.1f}",
                seconds(job["peer"]),
                f"{median(job['peer']) / ours:.1f}",
                gigabytes(job["memory"]),
            )
        )
        what = f"{dataset} features, materialization: faster than {SKLEARN_AUTO.name}"
        verdicts.append(at_least(what, median(job["peer"]) / ours, target))
    header = (
        "customers",
        "seconds",
        "with imports done",
        "bare copy",
        "over a copy",
        SKLEARN_AUTO.name,
        "faster",
        "peak memory",
    )
    body = (
        "The materialization `segmentation` with its defaults for k = 1 to 10: it checks the rows, tries every k, and "
        "writes all columns and the tables beside them. The process has imported dbt alone, and imports "
        "TensorFlow while the model runs. The bare copy is of the table of customers alone."
    )
    return Section(f"{body}\n\n{table(header, rows)}", verdicts)
