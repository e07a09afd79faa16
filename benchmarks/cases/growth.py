"""Growth of the time of the whole job with the number of customers."""

from __future__ import annotations

import math
from functools import partial
from statistics import linear_regression, median
from typing import Any

from benchmarks import product
from benchmarks.chart import draw
from benchmarks.databases import remove
from benchmarks.datasets import Dataset, made
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan
from benchmarks.product import SEGMENTS

SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
KINDS = ("whole-number", "continuous")
TARGET = 1.05
CHART = "growth.svg"


def measure(plan: Plan) -> dict[str, Any]:
    datasets = [made(plan, kind, size) for kind in KINDS for size in SIZES]
    seconds_of = plan.rounds({str(dataset): partial(_whole_job, plan, dataset) for dataset in datasets})
    remove(product.OUTPUT)
    points = [
        {"kind": dataset.kind, "n_rows": dataset.n_rows, "seconds": seconds_of[str(dataset)]} for dataset in datasets
    ]
    plan.workers.run(draw, points, plan.folder / CHART)
    return {"points": points}


def _whole_job(plan: Plan, dataset: Dataset, _: int) -> float:
    outcome = plan.workers.run(product.whole_job, dataset, (1, 10), [SEGMENTS], plan.memory_limit)
    return product.seconds_to(SEGMENTS, outcome.result["models"])


def report(figures: dict[str, Any]) -> Section:
    points = figures["points"]
    exponents = {kind: _exponent([point for point in points if point["kind"] == kind]) for kind in KINDS}
    body = [
        "Mallard, all columns, k = 1 to 10. The seconds are those of the models, without the overhead of dbt. The "
        "exponent is fitted to the logarithms by least squares.",
        table(
            ("features", *(f"{n_rows:,}" for n_rows in sorted({point["n_rows"] for point in points})), "exponent"),
            [
                (
                    kind,
                    *(seconds(point["seconds"]) for point in points if point["kind"] == kind),
                    f"{exponents[kind]:.2f}",
                )
                for kind in KINDS
            ],
        ),
        f"![Seconds against customers, both on logarithmic scales]({CHART})",
    ]
    verdicts = [at_most(f"growth, {kind} features: exponent", exponents[kind], TARGET, "") for kind in KINDS]
    return Section("\n\n".join(body), verdicts)


def _exponent(points: list[dict[str, Any]]) -> float:
    logarithms = [(math.log(point["n_rows"]), math.log(median(point["seconds"]))) for point in points]
    return linear_regression(*zip(*logarithms, strict=True)).slope
