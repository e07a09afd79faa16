"""A billion customers, and ten million to compare the time per row."""

from __future__ import annotations

from typing import Any

from benchmarks.cases import memory
from benchmarks.markdown import Section, at_most
from benchmarks.plan import Plan
from benchmarks.product import TABLES

N_ROWS, BASE_ROWS = 1_000_000_000, 10_000_000
TARGET = 6.0


def measure(plan: Plan) -> dict[str, Any]:
    return {"base": memory.measure_rows(plan, BASE_ROWS), "billion": memory.measure_rows(plan, N_ROWS)}


def report(figures: dict[str, Any]) -> Section:
    base, billion = figures["base"], figures["billion"]
    verdicts = [
        verdict
        for name, what in TABLES.items()
        for verdict in (
            at_most(f"a billion rows, {what}: peak memory", memory.peak_memory(billion, name) / 1e9, TARGET, " GB"),
            at_most(
                f"a billion rows, {what}: time per row, against ten million",
                memory.seconds_a_million(billion, name) / memory.seconds_a_million(base, name),
                1,
                "x",
            ),
        )
    ]
    return Section(f"{memory.described(billion)}\n\n{memory.described(base)}", verdicts)
