"""How often ways to choose the number of segments are right, on tables whose number of groups is known."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.choosing import CRITERIA, MOST_CLUSTERS, Sweep, in_duckdb, searched
from benchmarks.groups import ATTAINABLE, OTHER, TUNED, Floats, Known, suite
from benchmarks.markdown import Section, Verdict, seconds, table
from benchmarks.plan import Plan

EVIDENCE = "evidence (Mallard)"
HALVES = {"that the constants were chosen on": TUNED, "that they had not seen": OTHER}
N_EACH = 1
RIGHT, NONE = 95.0, 98.0
"""Targets in per cent."""

SIZES = (200, 10_000, 1_000_000)
STEPS = {
    "searching": "search",
    "measuring silhouettes": "silhouettes",
    "looking for borders": "borders",
    "comparing slices": "comparing slices",
    "drawing customers anew": "stability",
}
"""Columns of the table of seconds, by how the names of the steps begin."""

Chosen = dict[str, Any]


def measure(plan: Plan) -> dict[str, Any]:
    sizes = {n: plan.workers.run(_seconds, n, plan.runs).result for n in map(plan.rows, SIZES)}
    return {"sizes": sizes, "halves": _halves(plan)}


def _halves(plan: Plan) -> dict[str, Any]:
    return {
        half: [of for seed in seeds for of in plan.workers.run(_suite, seed, N_EACH).result]
        for half, seeds in HALVES.items()
    }


def report(figures: dict[str, Any]) -> Section:
    halves = {half: _Counts(tables) for half, tables in figures["halves"].items()}
    last = list(halves.values())[-1]
    body = [f"Tables {half}: {counts.text}" for half, counts in halves.items()]
    rows = [
        (f"{int(n):,}", what, *(seconds(of[step]) for step in STEPS))
        for n, tables in figures["sizes"].items()
        for what, of in tables.items()
    ]
    body += [
        "Seconds for k = 1 to 10 by the number of customers, with two continuous features, after compilation:",
        table(("customers", "table", *STEPS.values()), rows),
    ]
    return Section(
        "\n\n".join(body),
        [
            _share("tables with groups: the right number", last.right[EVIDENCE], len(last.groups), RIGHT),
            _share("tables without groups: none found", last.none[EVIDENCE], len(last.clouds), NONE),
        ],
    )


class _Counts:
    """How often each criterion is right in some tables."""

    def __init__(self, tables: list[Chosen]) -> None:
        self.tables = tables
        self.groups = [of for of in tables if of["n_groups"] > 1 and of["agreement"] >= ATTAINABLE]
        self.clouds = [of for of in tables if of["n_groups"] == 1]
        criteria = list(tables[0]["chosen"])
        self.right = {name: sum(_error(of, name) == 0 for of in self.groups) for name in criteria}
        self.near = {name: sum(_error(of, name) <= 1 for of in self.groups) for name in criteria}
        self.none = {name: sum(_error(of, name) == 0 for of in self.clouds) for name in criteria}

    @property
    def text(self) -> str:
        rows = [
            (name, *(str(counts[name]) for counts in (self.right, self.near, self.none)))
            for name in sorted(self.right, key=lambda name: -self.right[name])
        ]
        header = (
            "criterion",
            f"right, of {len(self.groups)}",
            "at most one off",
            f"no groups where there are none, of {len(self.clouds)}",
        )
        search, evidence, stability = (
            sum(of["seconds"][what] for of in self.tables) for what in ("search", "evidence", "stability")
        )
        n_out = sum(of["n_groups"] > 1 for of in self.tables) - len(self.groups)
        return (
            f"{len(self.tables)} tables, of which {n_out} aren't counted, because K-means at their number of groups "
            f"doesn't find these (adjusted Rand index below {ATTAINABLE}).\n\n{table(header, rows)}\n\n"
            f"For all of them, the search took {search:.0f} s, the evidence {evidence:.0f} s and the stability of the "
            f"chosen segments {stability:.0f} s."
        )


def _error(of: Chosen, criterion: str) -> int:
    return abs(int(of["chosen"][criterion]) - int(of["n_groups"]))


def _share(what: str, n: int, of: int, target: float) -> Verdict:
    share = 100 * n / of
    return Verdict(what, f"at least {target:g} %", f"{share:.1f} %", share >= target)


def _suite(seed: int, n_each: int) -> list[Chosen]:
    """What each criterion chooses for the tables of a suite."""
    return [_of_table(known) for known in suite(seed, n_each)]


def _of_table(known: Known) -> Chosen:
    from sklearn.metrics import adjusted_rand_score

    from mallard.choice.evidence import natural, weigh, with_bends
    from mallard.choice.stability import Resampling
    from mallard.kmeans.distances import nearest

    started = time.perf_counter()
    fits, sketch = searched(known, range(1, MOST_CLUSTERS + 1))
    found_fits = time.perf_counter()
    inertia = {k: fit.inertia for k, fit in fits.items()}
    centroids = {k: fit.centroids for k, fit in fits.items()}
    evidence = with_bends(weigh(sketch, centroids), inertia)
    weighed = time.perf_counter()
    found = natural(evidence)
    if found:
        Resampling.of(sketch, spherical=False, random_state=0).stability(centroids[found])
    done = time.perf_counter()
    sweep = Sweep.of(centroids, inertia, known)
    labels, _ = nearest(known.rows, centroids[known.n_groups])
    return {
        "name": known.name,
        "n_groups": known.n_groups,
        "agreement": float(adjusted_rand_score(known.truth, labels)),
        "seconds": {"search": found_fits - started, "evidence": weighed - found_fits, "stability": done - weighed},
        "chosen": {
            EVIDENCE: evidence[found].n_groups if found else 1,
            **{name: choose(sweep) for name, choose in CRITERIA.items()},
        },
    }


def _seconds(n_rows: int, n_runs: int) -> dict[str, dict[str, list[float]]]:
    """Seconds that the steps of a build take, in a table with five groups and in one without any."""
    random = np.random.default_rng(0)
    cloud = random.normal(size=(n_rows, 2))
    centers = np.array([[0, 0], [8, 0], [0, 8], [8, 8], [4, 14]])
    tables = {"five groups": cloud + centers[random.integers(5, size=n_rows)], "one cloud": cloud}
    return {what: _seconds_of(rows, n_runs) for what, rows in tables.items()}


def _seconds_of(rows: Floats, n_runs: int) -> dict[str, list[float]]:
    from mallard import progress
    from mallard.flow import segment
    from mallard.inputs.settings import Settings

    began: list[tuple[str, float]] = []

    def begin(step: str) -> None:
        began.append((step, time.perf_counter()))

    found: dict[str, list[float]] = {step: [] for step in STEPS}
    progress.begin = begin
    with in_duckdb(rows, np.ones(len(rows))) as customers:
        for run in range(n_runs + 1):
            began.clear()
            segment(customers, ["x0", "x1"], Settings())
            begin("done")
            for step in found if run else ():
                spans = pairwise(began)
                found[step].append(sum(end - start for (name, start), (_, end) in spans if name.startswith(step)))
    return found
