"""Scoring many features by many segments, beside a bare copy and DuckDB's join by distance."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import remove
from benchmarks.datasets import made
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan

N_ROWS, N_CLUSTERS = 1_000_000, 20
SCORE, COPY = "scored_customers", "copied_customers"
MODELS = {
    SCORE: "`mallard.score`",
    "nearest_customers": "`nearest by distance` of DuckDB, the segment and one distance",
    COPY: "bare copy",
}
TARGET = 3.0


def measure(plan: Plan) -> dict[str, Any]:
    dataset = made(plan, "blobs", N_ROWS)
    found = plan.rounds({"in turn": partial(_in_turn, plan, dataset.path)})["in turn"]
    remove(product.OUTPUT)
    return {
        "n_rows": dataset.n_rows,
        "n_features": len(dataset.features),
        "seconds": {model: list(of) for model, *of in zip(MODELS, *found, strict=True)},
    }


def _in_turn(plan: Plan, source: Any, _: int) -> list[float]:
    """Seconds of each model, after the segmentation."""
    seconds_of: list[float] = plan.workers.run(
        partial(product.seconds_in_turn, n_clusters=N_CLUSTERS), source, plan.memory_limit, product.LIVED, *MODELS
    ).result
    return seconds_of[1:]


def report(figures: dict[str, Any]) -> Section:
    found = figures["seconds"]
    over = {model: median(of) / median(found[COPY]) for model, of in found.items()}
    what = f"{figures['n_rows']:,} customers with {figures['n_features']} features by {N_CLUSTERS} segments"
    body = [
        f"Seconds of a model for {what}. Mallard gives segment, second segment, both distances, confidence, status and "
        "version, as the bare copy writes them.",
        table(
            ("model", "seconds", "over a bare copy"),
            [(words, seconds(found[model]), f"{over[model]:.1f}") for model, words in MODELS.items()],
        ),
    ]
    return Section("\n\n".join(body), [at_most(f"scoring {what}: over a bare copy", over[SCORE], TARGET, "x")])
