"""Groups that are segmented one after the other, beside one segmentation of as many customers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import made
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan

N_ROWS = 2_000_000
ROWS_OF_A_GROUP = 10_000
"""As many as the model `group_segments` puts into one."""
MODELS = {"group_segments": "a segmentation for each group", product.LIVED: "one segmentation"}
TARGET = 2.0


def measure(plan: Plan) -> dict[str, Any]:
    dataset = made(plan, "continuous", N_ROWS)
    found = plan.rounds({model: partial(_segmented, plan, dataset.path, model) for model in MODELS})
    remove(product.OUTPUT)
    return {"n_rows": dataset.n_rows, "seconds": found}


def _segmented(plan: Plan, source: Path, model: str, _: int) -> float:
    found: dict[str, float] = plan.workers.run(product.segmentation, source, model, plan.memory_limit).result
    return found["seconds"]


def report(figures: dict[str, Any]) -> Section:
    n_groups, found = figures["n_rows"] // ROWS_OF_A_GROUP, figures["seconds"]
    groups, whole = (median(found[model]) for model in MODELS)
    body = [
        f"{figures['n_rows']:,} customers with 2 continuous features, k = 1 to 10, in {n_groups:,} groups of "
        f"{ROWS_OF_A_GROUP:,}. A group takes {groups / n_groups:.2f} s.",
        table(("model", "seconds"), [(what, seconds(found[model])) for model, what in MODELS.items()]),
    ]
    return Section(
        "\n\n".join(body), [at_most(f"{n_groups:,} groups over one segmentation", groups / whole, TARGET, "x")]
    )
