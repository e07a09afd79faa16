"""How far the partitions end above the best known, and how long the search takes, beside scikit-learn's restarts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan
from benchmarks.tables import TABLES, Floats

FIRST_SEED = 1000
"""Seeds below are for tuning; those from here on are for reports only."""
ABOVE = 0.01
"""Per cent above the best known inertia from which a fit counts as missed."""
OURS = "Mallard"


def measure(plan: Plan) -> dict[str, Any]:
    tables = {}
    for name, of in TABLES.items():
        n_rows = of.n_rows if name == "Mall" else max(10 * of.n_clusters[-1], plan.rows(of.n_rows) // 100 * 100)
        found = plan.workers.run(_fits, name, n_rows, plan.runs).result
        tables[name] = {"what": of.what, "n_clusters": list(of.n_clusters), **found}
    return {"tables": tables}


def report(figures: dict[str, Any]) -> Section:
    rows, by_k, missed, tried = [], [], 0, 0
    for name, of in figures["tables"].items():
        excess = _excess(of)
        for contestant, fits in excess.items():
            above = np.array(list(fits.values()))
            rows.append(
                (
                    f"{name}: {of['what']}, {of['n_points']:,} x {of['n_features']}, {_numbers(of['n_clusters'])}",
                    contestant,
                    f"{above.mean():.4f}",
                    f"{above.max():.3f}",
                    f"{np.sum(above > ABOVE)} of {above.size}",
                    seconds(of["contestants"][contestant]["seconds"]),
                )
            )
        ours = np.array(list(excess[OURS].values()))
        if len(of["n_clusters"]) > 1 and of["n_features"] <= 8:
            missed, tried = missed + int(np.sum(ours > ABOVE)), tried + ours.size
        by_k += [
            (name, str(k), *(f"{np.mean(excess[contestant][k]):.4f}" for contestant in excess)) for k in excess[OURS]
        ]
    contestants = list(next(iter(figures["tables"].values()))["contestants"])
    body = [
        f"Per cent above the lowest inertia that any run of this benchmark found, for every k; how many fits end more "
        f"than {ABOVE} % above it; and seconds for all k together, without compilation. Every contestant gets the same "
        f"seeds, from {FIRST_SEED} on, which weren't used for tuning.",
        table(("table", "contestant", "mean %", "worst %", f"above {ABOVE} %", "seconds"), rows),
        "Mean per cent above the best known by k:",
        table(("table", "k", *contestants), by_k),
    ]
    what = f"sweeps, 2 to 8 features: fits more than {ABOVE} % above the best known"
    return Section("\n\n".join(body), [at_most(what, 100 * missed / tried, 1.0, " %")])


def _numbers(n_clusters: list[int]) -> str:
    return f"k = {n_clusters[0]}" if len(n_clusters) == 1 else f"k = {n_clusters[0]} to {n_clusters[-1]}"


def _excess(of: Mapping[str, Any]) -> dict[str, dict[int, list[float]]]:
    """Per cent above the best known, by contestant and k, of every run."""
    fits = {name: np.array(found["inertia"]) for name, found in of["contestants"].items()}
    best = np.min([found.min(axis=0) for found in fits.values()], axis=0)
    return {
        name: dict(zip(of["n_clusters"], (100 * (found / best - 1)).T.tolist(), strict=True))
        for name, found in fits.items()
    }


def _fits(name: str, n_rows: int, n_runs: int) -> dict[str, Any]:
    """Inertia of every run and k, and seconds of every run, by contestant."""
    rows, weights = TABLES[name].make(n_rows)
    n_clusters = TABLES[name].n_clusters
    contestants: dict[str, Callable[[int], list[float]]] = {
        OURS: lambda seed: _mallard(rows, weights, n_clusters, seed),
        "scikit-learn, one start": lambda seed: _sklearn(rows, weights, n_clusters, seed, 1),
        "scikit-learn, ten starts": lambda seed: _sklearn(rows, weights, n_clusters, seed, 10),
    }
    found: dict[str, dict[str, list[Any]]] = {who: {"inertia": [], "seconds": []} for who in contestants}
    contestants[OURS](0)  # compiles
    for seed in range(FIRST_SEED, FIRST_SEED + n_runs):
        for who, fit in contestants.items():
            started = time.perf_counter()
            inertia = fit(seed)
            found[who]["seconds"].append(time.perf_counter() - started)
            found[who]["inertia"].append(inertia)
    return {"n_points": len(rows), "n_features": rows.shape[1], "contestants": found}


def _mallard(rows: Floats, weights: Floats, n_clusters: range, seed: int) -> list[float]:
    from mallard.kmeans.points import WeightedPoints
    from mallard.kmeans.search import Search

    points = WeightedPoints.from_rows(rows, weights)
    fits = Search().best_fits(points, n_clusters, np.random.RandomState(seed))
    return [fits[k].inertia for k in n_clusters]


def _sklearn(rows: Floats, weights: Floats, n_clusters: range, seed: int, n_init: int) -> list[float]:
    from sklearn.cluster import KMeans

    models = (KMeans(k, n_init=n_init, random_state=seed) for k in n_clusters)
    return [float(model.fit(rows, sample_weight=weights).inertia_) for model in models]
