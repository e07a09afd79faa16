"""A fit of few customers, in which what every fit costs counts most: the first of a process, and one after it."""

from __future__ import annotations

import time
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from benchmarks.choosing import in_duckdb
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan

N_ROWS, N_FEATURES, N_GROUPS = 10_000, 5, 6
FITS = {"first": "the first fit, including compilation", "second": "a second one, of a tenth fewer customers"}
TARGET = 0.4


def measure(plan: Plan) -> dict[str, Any]:
    n_rows = plan.rows(N_ROWS)
    found = plan.rounds({"fits": partial(_both, plan, n_rows)})["fits"]
    return {
        "n_rows": n_rows,
        **{of: {name: [run[of][name] for run in found] for name in FITS} for of in ("wall", "cpu")},
    }


def _both(plan: Plan, n_rows: int, _: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = plan.workers.run(_fits, n_rows).result
    return found


def _fits(n_rows: int) -> dict[str, dict[str, float]]:
    from mallard.flow import segment
    from mallard.inputs.settings import Settings

    features = [f"x{i}" for i in range(N_FEATURES)]
    found: dict[str, dict[str, float]] = {"wall": {}, "cpu": {}}
    for seed, (name, n_of_fit) in enumerate(zip(FITS, (n_rows, n_rows - n_rows // 10), strict=True)):
        random = np.random.default_rng(seed)
        centers = random.normal(0, 2.5, (N_GROUPS, N_FEATURES))
        rows = centers[random.integers(N_GROUPS, size=n_of_fit)] + random.normal(size=(n_of_fit, N_FEATURES))
        with in_duckdb(rows, np.ones(n_of_fit)) as customers:
            wall, cpu = time.perf_counter(), time.process_time()
            segment(customers, features, Settings())
            found["wall"][name], found["cpu"][name] = time.perf_counter() - wall, time.process_time() - cpu
    return found


def report(figures: dict[str, Any]) -> Section:
    body = [
        f"The library's fit of {figures['n_rows']:,} x {N_FEATURES} continuous customers after imports: k = 1 to 10, "
        "with silhouettes, evidence for k and stability.",
        table(
            ("fit", "seconds", "CPU seconds"),
            [(what, seconds(figures["wall"][name]), seconds(figures["cpu"][name])) for name, what in FITS.items()],
        ),
    ]
    what = f"fit of {figures['n_rows']:,} x {N_FEATURES} customers"
    verdicts = [at_most(f"{what}, {name}", median(figures["wall"][name]), TARGET, " s") for name in FITS]
    return Section("\n\n".join(body), verdicts)
