"""Publishing a segmentation and looking at it, beside a copy of the published file."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import made
from benchmarks.markdown import Section, at_most, gigabytes, seconds, table
from benchmarks.plan import Plan

N_ROWS = 10_000_000
STEPS = {
    "publish": "publishing",
    "copy": "copy of the published file",
    "report": "`mallard report`, in a new process",
}
REPORT_TARGET = 2.0


def measure(plan: Plan) -> dict[str, Any]:
    dataset = made(plan, "continuous", N_ROWS)
    found = plan.rounds({"in turn": partial(_in_turn, plan, dataset.path)})["in turn"]
    remove(product.OUTPUT)
    return {
        "n_rows": dataset.n_rows,
        "bytes": found[0]["bytes"],
        "seconds": {step: [run[step] for run in found] for step in STEPS},
    }


def _in_turn(plan: Plan, source: Any, _: int) -> dict[str, float]:
    found: dict[str, float] = plan.workers.run(product.published, source, plan.memory_limit).result
    return found


def report(figures: dict[str, Any]) -> Section:
    found = figures["seconds"]
    over = median(found["publish"]) / median(found["copy"])
    body = [
        f"Seconds for a segmentation of {figures['n_rows']:,} customers with 2 continuous features, and the tables "
        f"beside it: a file of {gigabytes(figures['bytes'])}.",
        table(("what", "seconds"), [(words, seconds(found[step])) for step, words in STEPS.items()]),
    ]
    what = f"{figures['n_rows']:,} customers"
    return Section(
        "\n\n".join(body),
        [
            at_most(f"publishing {what}: over a copy of the file", over, 1.0, "x"),
            at_most(f"report on {what}", median(found["report"]), REPORT_TARGET, " s"),
        ],
    )
