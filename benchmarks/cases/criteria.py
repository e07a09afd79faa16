"""How often ways to choose the number of segments are right, on tables whose number of groups is known."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.choosing import CRITERIA, MOST_CLUSTERS, Sweep, searched
from benchmarks.groups import ATTAINABLE, OTHER, TUNED, Known, suite
from benchmarks.markdown import Section, Verdict, table
from benchmarks.plan import Plan

EVIDENCE = "evidence (Mallard)"
HALVES = {"that the constants were chosen on": TUNED, "that they had not seen": OTHER}
N_EACH = 2
RIGHT, NONE = 95.0, 98.0
"""Targets in per cent."""

Chosen = dict[str, Any]


def measure(plan: Plan) -> dict[str, Any]:
    n_each = 1 if plan.scale > 1 else N_EACH
    return {
        half: [of for seed in seeds for of in plan.workers.run(_suite, seed, n_each).result]
        for half, seeds in HALVES.items()
    }


def report(figures: dict[str, Any]) -> Section:
    halves = {half: _Counts(tables) for half, tables in figures.items()}
    last = list(halves.values())[-1]
    body = "\n\n".join(f"Tables {half}: {counts.text}" for half, counts in halves.items())
    return Section(
        body,
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

    from mallard.choice.evidence import natural, weigh
    from mallard.choice.stability import Resampling
    from mallard.kmeans.distances import nearest

    started = time.perf_counter()
    fits, sketch = searched(known, range(1, MOST_CLUSTERS + 1))
    found_fits = time.perf_counter()
    inertia = {k: fit.inertia for k, fit in fits.items()}
    centroids = {k: fit.centroids for k, fit in fits.items()}
    evidence = weigh(sketch, centroids, inertia)
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
