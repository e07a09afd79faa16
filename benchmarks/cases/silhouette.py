"""The exact silhouette of one partition, in the same process as scikit-learn's."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np

from benchmarks.markdown import Section, at_least, seconds, speed, table
from benchmarks.plan import Plan

N_ROWS, N_CLUSTERS = 20_000, 5
REPEATS = 3
CONTESTANTS = {
    "cold": "Mallard, first call, including compilation",
    "warm": "Mallard, later calls",
    "scikit-learn": "sklearn.metrics.silhouette_score",
}


def measure(plan: Plan) -> dict[str, Any]:
    outcomes = plan.rounds({"silhouette": lambda _: plan.workers.run(_silhouettes, plan.rows(N_ROWS))})
    results = [outcome.result for outcome in outcomes["silhouette"]]
    return {
        "n_rows": plan.rows(N_ROWS),
        "difference": max(result["difference"] for result in results),
        **{name: [value for result in results for value in result[name]] for name in CONTESTANTS},
    }


def report(figures: dict[str, Any]) -> Section:
    peer = median(figures["scikit-learn"])
    ratios = {name: peer / median(figures[name]) for name in CONTESTANTS}
    body = [
        f"{figures['n_rows']:,} distinct rows x 2, {N_CLUSTERS} clusters. The two silhouettes differ by "
        f"{figures['difference']:.1e}.",
        table(
            ("contestant", "seconds", "speed"),
            [
                (what, seconds(figures[name]), "" if name == "scikit-learn" else speed(ratios[name]))
                for name, what in CONTESTANTS.items()
            ],
        ),
    ]
    what = f"silhouette of {figures['n_rows']:,} rows"
    verdicts = [at_least(f"{what}, {name}: faster than scikit-learn", ratios[name], 10) for name in ("cold", "warm")]
    return Section("\n\n".join(body), verdicts)


def _silhouettes(n_rows: int) -> dict[str, Any]:
    from sklearn.metrics import silhouette_score

    from mallard.choice.silhouette import silhouette_samples
    from mallard.kmeans.points import WeightedPoints

    random = np.random.RandomState(0)
    centers = random.uniform(-2, 2, size=(N_CLUSTERS, 2))
    rows = centers[random.randint(N_CLUSTERS, size=n_rows)] + random.normal(size=(n_rows, 2))
    points = WeightedPoints.from_rows(rows)
    squared = ((points.coordinates[:, None] - centers) ** 2).sum(axis=2)
    labels = squared.argmin(axis=1)
    found: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for repeat in range(REPEATS + 1):
        started = time.perf_counter()
        ours = silhouette_samples(points, labels[None]).mean()
        found["warm" if repeat else "cold"].append(time.perf_counter() - started)
        if repeat:
            started = time.perf_counter()
            theirs = silhouette_score(points.coordinates, labels)
            found["scikit-learn"].append(time.perf_counter() - started)
    return {**found, "difference": abs(ours - theirs)}
