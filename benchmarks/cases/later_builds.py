"""The second build of a segmentation whose customers didn't change, and scoring, beside the first build and a copy."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import Dataset, made
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan

SIZES = (200, 1_000_000, 10_000_000)
KINDS = ("whole-number", "continuous")
STEPS = {
    "first": "first build",
    "second": "second build",
    "score": "`mallard.score`",
    "copy": "bare copy",
}
TARGET = 1.5


def measure(plan: Plan) -> dict[str, Any]:
    datasets = [made(plan, kind, size) for kind in KINDS for size in SIZES]
    found = plan.rounds({str(dataset): partial(_later_builds, plan, dataset) for dataset in datasets})
    remove(product.OUTPUT)
    return {
        "builds": [
            {"kind": dataset.kind, "n_rows": dataset.n_rows, "runs": found[str(dataset)]} for dataset in datasets
        ]
    }


def _later_builds(plan: Plan, dataset: Dataset, _: int) -> dict[str, float]:
    seconds_of: dict[str, float] = plan.workers.run(product.later_builds, dataset.path, plan.memory_limit).result
    return seconds_of


def report(figures: dict[str, Any]) -> Section:
    rows, verdicts = [], []
    for build in figures["builds"]:
        of = {step: [run[step] for run in build["runs"]] for step in STEPS}
        ratio = median(of["score"]) / median(of["copy"])
        rows.append((f"{build['n_rows']:,} {build['kind']}", *(seconds(of[step]) for step in STEPS), f"{ratio:.1f}"))
        if build["n_rows"] == max(SIZES):
            verdicts.append(at_most(f"score over a bare copy, {build['kind']} features", ratio, TARGET, "x"))
    body = [
        "Seconds of the model, with imports done. The second build has the same customers: it looks for drift, scores "
        "by the stored version, and writes all tables beside the segmentation. The bare copy writes as many columns of "
        "the same types.",
        table(("customers", *STEPS.values(), "score / copy"), rows),
    ]
    return Section("\n\n".join(body), verdicts)
