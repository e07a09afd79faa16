"""One Lloyd iteration over all points, in the same process as scikit-learn's."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks.markdown import Section, at_least, seconds, speed, table
from benchmarks.plan import Plan

FEW, MANY = 1, 11
"""Iterations of the two runs whose difference is measured: the time before and after the iterations cancels out."""
REPEATS = 7


class Size(NamedTuple):
    """Size of the data, and the target for the speed relative to scikit-learn."""

    n_rows: int
    n_features: int
    n_clusters: int
    target: float


SIZES = (Size(1_000_000, 2, 5, 2.0), Size(1_000_000, 16, 8, 1.5), Size(200_000, 64, 64, 1.0))


def measure(plan: Plan) -> dict[str, Any]:
    return {
        "sizes": [
            {**size._asdict(), **plan.workers.run(_iterations, size._replace(n_rows=plan.rows(size.n_rows))).result}
            for size in SIZES
        ]
    }


def report(figures: dict[str, Any]) -> Section:
    rows, verdicts = [], []
    for size in figures["sizes"]:
        what = f"{size['n_rows']:,} x {size['n_features']}, k = {size['n_clusters']}"
        peer = median(size["scikit-learn"])
        ratios = {name: peer / median(times) for name, times in size["mallard"].items()}
        rows += [(what, "scikit-learn KMeans, float32", seconds(_milliseconds(size["scikit-learn"])), "")]
        rows += [
            (what, f"Mallard, {name}", seconds(_milliseconds(times)), speed(ratios[name]))
            for name, times in size["mallard"].items()
        ]
        verdicts.append(
            at_least(f"Lloyd iteration, {what}: faster than scikit-learn", ratios["float32"], size["target"])
        )
    body = [
        f"Difference between a run of {MANY} iterations and one of {FEW}, divided by {MANY - FEW}; in turn with "
        "scikit-learn, in one process. Mallard also adds up inertia and distances in every iteration.",
        table(("points", "contestant", "milliseconds", "speed"), rows),
    ]
    return Section("\n\n".join(body), verdicts)


def _iterations(size: Size) -> dict[str, Any]:
    """Seconds of one iteration of each contestant, measured several times."""
    rows = np.random.RandomState(0).random_sample((size.n_rows, size.n_features)).astype(np.float32)
    starts = rows[: size.n_clusters].copy()  # uniform rows, so that these centroids are far from convergence
    contestants = {"scikit-learn": _sklearn(rows, starts), **_lloyd(rows, starts)}
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for iterate in contestants.values():
        iterate(FEW)
        iterate(MANY)
    for _ in range(REPEATS):
        for name, iterate in contestants.items():
            few, many = _seconds(iterate, FEW), _seconds(iterate, MANY)
            found[name].append((many - few) / (MANY - FEW))
    return {"n_rows": size.n_rows, "scikit-learn": found.pop("scikit-learn"), "mallard": found}


def _sklearn(rows: np.ndarray, starts: np.ndarray) -> Callable[[int], None]:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    def iterate(max_iter: int) -> None:
        model = KMeans(len(starts), init=starts, n_init=1, max_iter=max_iter, tol=0, algorithm="lloyd")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(rows)
        _check(model.n_iter_, max_iter)

    return iterate


def _lloyd(rows: np.ndarray, starts: np.ndarray) -> dict[str, Callable[[int], None]]:
    from mallard.kmeans.lloyd import lloyd
    from mallard.kmeans.points import WeightedPoints

    points = WeightedPoints.in_order(rows.astype(np.float64), np.ones(len(rows)))

    def iterate(dtype: type[np.floating], max_iter: int) -> None:
        [fit] = lloyd(points, [starts.astype(np.float64)], max_iter=max_iter, tol=0.0, dtype=dtype)
        _check(fit.n_iter, max_iter)

    return {dtype.__name__: partial(iterate, dtype) for dtype in (np.float32, np.float64)}


def _check(n_iter: int, max_iter: int) -> None:
    if n_iter != max_iter:
        raise RuntimeError(f"{n_iter} iterations instead of {max_iter}: the start is too close to convergence")


def _seconds(iterate: Callable[[int], None], max_iter: int) -> float:
    started = time.perf_counter()
    iterate(max_iter)
    return time.perf_counter() - started


def _milliseconds(values: list[float]) -> list[float]:
    return [value * 1000 for value in values]
