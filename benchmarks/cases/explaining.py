"""What explains a segmentation, beside the segmentation itself and a bare copy of its customers."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import made
from benchmarks.markdown import Section, seconds, table
from benchmarks.plan import Plan

N_ROWS = 10_000_000
PLAIN, COPY = product.LIVED, "copied_customers"
SETTINGS = {
    PLAIN: "none of these",
    "segments_with_rules": "`rules`",
    "segments_by_rules": "`assignment: rules`",
    "segments_with_outliers": "`contamination` and `max_distance`",
    "segments_with_reasons": "`main_reason`",
    "segments_without_few": "`suppress_below`",
    "segments_of_least_share": "`min_share`",
}
MACROS = {
    "memberships": "`memberships`, of everybody",
    "explained_customers": "`explain`, of everybody",
    "explained_customer": "`explain`, of one",
    "differences": "`differences`",
    "representatives": "`representatives`",
    "lookalikes": "`lookalikes`",
    COPY: "bare copy",
}


def measure(plan: Plan) -> dict[str, Any]:
    dataset = made(plan, "continuous", N_ROWS)
    models = [*SETTINGS, *MACROS]
    found = plan.rounds({"in turn": partial(_in_turn, plan, dataset.path, models)})["in turn"]
    remove(product.OUTPUT)
    return {"n_rows": dataset.n_rows, "seconds": {model: list(of) for model, *of in zip(models, *found, strict=True)}}


def _in_turn(plan: Plan, source: Any, models: list[str], _: int) -> list[float]:
    """Seconds of each model, after another segmentation that compiles for all."""
    seconds_of: list[float] = plan.workers.run(
        product.seconds_in_turn, source, plan.memory_limit, product.SEGMENTATION, *models
    ).result
    return seconds_of[1:]


def report(figures: dict[str, Any]) -> Section:
    found = figures["seconds"]

    def rows(models: dict[str, str], base: str) -> list[tuple[str, ...]]:
        return [
            (what, seconds(found[model]), f"{median(found[model]) / median(found[base]):.2f}")
            for model, what in models.items()
        ]

    body = [
        f"Seconds of a model, with imports done, for {figures['n_rows']:,} customers with 2 continuous features.",
        table(("setting of the segmentation", "seconds", "over none"), rows(SETTINGS, PLAIN)),
        table(("macro", "seconds", "over a bare copy"), rows(MACROS, COPY)),
    ]
    return Section("\n\n".join(body), [])
