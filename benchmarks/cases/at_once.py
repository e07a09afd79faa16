"""Several segmentations in one run, by one thread of dbt and by four."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import made
from benchmarks.markdown import Section, at_least, seconds, table
from benchmarks.plan import Plan

N_ROWS = 1_000_000
MODELS = (product.LIVED, "segments_with_outliers", "segments_with_reasons", "segments_of_least_share")
THREADS = (1, 4)
TARGET = 1.3


def measure(plan: Plan) -> dict[str, Any]:
    dataset = made(plan, "continuous", N_ROWS)
    found = plan.rounds({str(threads): partial(_built, plan, dataset.path, threads) for threads in THREADS})
    remove(product.OUTPUT)
    return {"n_rows": dataset.n_rows, "seconds": found}


def _built(plan: Plan, source: Path, threads: int, _: int) -> float:
    found: float = plan.workers.run(product.at_once, source, plan.memory_limit, MODELS, threads).result
    return found


def report(figures: dict[str, Any]) -> Section:
    found = figures["seconds"]
    faster = median(found["1"]) / median(found["4"])
    body = [
        f"Seconds from the beginning of the first to the end of the last of {len(MODELS)} segmentations of "
        f"{figures['n_rows']:,} customers with 2 continuous features, with imports done.",
        table(("threads of dbt", "seconds"), [(threads, seconds(of)) for threads, of in found.items()]),
    ]
    return Section(
        "\n\n".join(body),
        [at_least(f"{len(MODELS)} segmentations, threads: 4: faster than threads: 1", faster, TARGET)],
    )
