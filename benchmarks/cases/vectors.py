"""Segmentations by vectors such as embeddings, through the materialization, beside scikit-learn."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import product
from benchmarks.databases import connect, create, remove
from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import CACHE, Plan

SIZES = ((400, 384), (1_000, 1_536), (100_000, 384))
"""Numbers of customers and of positions."""
N_CLUSTERS = 8
TARGET = 3.0


def measure(plan: Plan) -> dict[str, Any]:
    tables = []
    for n_rows, n_positions in SIZES:
        n_rows = max(200, plan.rows(n_rows))
        source = CACHE / f"vectors-{n_rows}-{n_positions}.duckdb"
        if not source.exists():
            plan.workers.run(_write, source, n_rows, n_positions)
        found = plan.rounds(
            {"mallard": partial(_mallard, plan, source), "scikit-learn": partial(_scikit_learn, plan, source)}
        )
        remove(product.OUTPUT)
        tables.append({"n_rows": n_rows, "n_positions": n_positions, **found})
    return {"tables": tables}


def _mallard(plan: Plan, source: Path, _: int) -> dict[str, float]:
    found: dict[str, float] = plan.workers.run(product.segmentation, source, "vectors", plan.memory_limit).result
    return found


def _scikit_learn(plan: Plan, source: Path, run: int) -> dict[str, float]:
    found: dict[str, float] = plan.workers.run(_ten_starts, source, run).result
    return found


def _ten_starts(source: Path, seed: int) -> dict[str, float]:
    import numpy as np
    from sklearn.cluster import KMeans

    with connect(source, read_only=True) as connection:
        started = time.perf_counter()
        rows = connection.execute("select embedding from customers").fetchnumpy()["embedding"]
        fit = KMeans(N_CLUSTERS, n_init=10, random_state=seed).fit(np.asarray(rows.tolist(), dtype=np.float64))
        return {"seconds": time.perf_counter() - started, "inertia": fit.inertia_}


def _write(source: Path, n_rows: int, n_positions: int) -> None:
    """Eight groups of equal size, with uniform noise."""
    unfinished = source.with_suffix(".unfinished")
    position = "(hash(i * 10000 + j) % 1000) / 1000.0 + (i % 8) * (j % 7) / 3.0"
    with create(unfinished) as connection:
        connection.execute(
            f"create table customers as select i as customer_id, [{position} for j in range({n_positions})]"
            f"::float[{n_positions}] as embedding from range({n_rows}) as t(i)"
        )
    unfinished.rename(source)


def report(figures: dict[str, Any]) -> Section:
    rows, verdicts = [], []
    for of_table in figures["tables"]:
        ours, theirs = ([run["seconds"] for run in of_table[name]] for name in ("mallard", "scikit-learn"))
        inertia, other = (min(run["inertia"] for run in of_table[name]) for name in ("mallard", "scikit-learn"))
        ratio = median(ours) / median(theirs)
        size = f"{of_table['n_rows']:,} x {of_table['n_positions']:,}"
        rows.append((size, seconds(ours), seconds(theirs), f"{ratio:.2f}", f"{inertia / other - 1:+.1e}"))
        if of_table == figures["tables"][0]:
            verdicts.append(at_most(f"vectors, {size}: seconds over those of scikit-learn", ratio, TARGET, ""))
    body = [
        f"k = {N_CLUSTERS}. Mallard is the whole model: checks, fit, silhouettes, all columns, and the tables beside "
        "it. scikit-learn reads the rows and fits ten starts.",
        table(
            ("customers x positions", "Mallard, s", "scikit-learn, s", "ratio", "inertia, relative difference"), rows
        ),
    ]
    return Section("\n\n".join(body), verdicts)
