"""How often a build fits again: where nothing changed, and where the customers did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.customers import (
    KINDS,
    Floats,
    Labels,
    Scaled,
    dearer,
    law,
    melted,
    with_a_new_kind,
    with_movers,
)
from benchmarks.markdown import Section, Verdict, table
from benchmarks.plan import Plan

if TYPE_CHECKING:
    from mallard.lifecycle.overlap import Shared

TRIALS = {500: 300, 1_000: 300, 10_000: 300, 1_000_000: 100}
"""By the number of customers."""
FIRST_SEED = 700_000
"""Neither the constants nor the overlap were chosen on these."""
MOST_FITTED = 20_000
"""Rows that centroids are fitted to. The pass at the fit is over all."""
NOTHING = "no change"
CHANGES = (NOTHING, "a tenth changes segment", "a tenth is a new kind", "two segments melt", "a price rises by a third")
WHO = ("fresh customers", "the same customers")
FEWEST_TO_BE_SURE = 1_000
"""Customers from which on a change has to be found."""


def measure(plan: Plan) -> dict[str, Any]:
    return {
        "sizes": {
            str(n_rows): plan.workers.run(_trials, n_rows, max(len(KINDS), n_trials // plan.scale)).result
            for n_rows, n_trials in TRIALS.items()
        }
    }


def report(figures: dict[str, Any]) -> Section:
    sizes = figures["sizes"]
    header = ("what happens", "who", *(f"{int(n):,}" for n in sizes))
    rows = [
        (change, who, *(_percent(of["fits"][f"{change}, {who}"], of["n_trials"]) for of in sizes.values()))
        for change in CHANGES
        for who in WHO
    ]
    by_kind = [
        (
            kind,
            "no change" if is_null else "a change",
            *(
                _percent(
                    sum(n for what, n in of["of_kind"][kind].items() if what.startswith(NOTHING) == is_null),
                    (2 if is_null else 8) * of["n_of_kind"][kind],
                )
                for of in sizes.values()
            ),
        )
        for kind in KINDS
        for is_null in (True, False)
    ]
    informing = [
        (what, *(_percent(of["informing"][what], of["n_compared"][what]) for of in sizes.values()))
        for what in next(iter(sizes.values()))["informing"]
    ]
    trials = ", ".join(f"{of['n_trials']:,} with {int(n):,} customers" for n, of in sizes.items())
    body = [
        f"How many builds in a hundred fit again, by the number of customers. Trials: {trials}, a sixth with each kind "
        "of table. No change: other customers of the same law, or the same with other values of the same law.",
        table(header, rows),
        "What asks for the fit, of all trials with no change and with a change (percent):",
        table(
            ("test", "trials", *header[2:]),
            [
                (test, what, *(_percent(of[key].get(test, 0), n * of["n_trials"]) for of in sizes.values()))
                for test in ("means", "spread", "shares", "feature mean")
                for what, key, n in (("no change", "alarms", 2), ("a change", "tests", 8))
            ],
        ),
        "Builds that fit again, by the kind of table (percent):",
        table(("table", "trials", *header[2:]), by_kind),
        "Measures that only inform, significant (p < .001) although nothing changed (percent of all comparisons):",
        table(("measure", *header[2:]), informing),
    ]
    return Section("\n\n".join(body), [verdict for n, of in sizes.items() for verdict in _verdicts(int(n), of)])


def _verdicts(n_rows: int, of: dict[str, Any]) -> list[Verdict]:
    found = []
    for change in CHANGES:
        for who in WHO:
            share = 100 * of["fits"][f"{change}, {who}"] / of["n_trials"]
            what = f"{n_rows:,} customers, {change}, {who}: fits again"
            if change == NOTHING:
                found.append(Verdict(what, "at most 1 %", f"{share:.1f} %", share <= 1))
            elif n_rows >= FEWEST_TO_BE_SURE:
                found.append(Verdict(what, "at least 95 %", f"{share:.1f} %", share >= 95))
    return found


def _percent(n: int, of: int) -> str:
    return f"{100 * n / of:.1f}" if of else ""


def _trials(n_rows: int, n_trials: int) -> dict[str, Any]:
    fits: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    informing: Counter[str] = Counter()
    n_compared: Counter[str] = Counter()
    of_kind: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for trial in range(n_trials):
        kind = KINDS[trial % len(KINDS)]
        for what, (found, others) in _trial(kind, n_rows, FIRST_SEED + trial).items():
            is_null = what.startswith(NOTHING)
            fits[what] += bool(found)
            of_kind[kind][what] += bool(found)
            (alarms if is_null else tests).update(found)
            if is_null:
                who = what.removeprefix(f"{NOTHING}, ")
                for measure, is_significant in others:
                    n_compared[f"{measure}, {who}"] += 1
                    informing[f"{measure}, {who}"] += is_significant
    return {
        "n_trials": n_trials,
        "fits": {f"{change}, {who}": fits[f"{change}, {who}"] for change in CHANGES for who in WHO},
        "tests": dict(tests),
        "alarms": dict(alarms),
        "informing": {measure: informing[measure] for measure in n_compared},
        "n_compared": dict(n_compared),
        "of_kind": {kind: dict(counts) for kind, counts in of_kind.items()},
        "n_of_kind": {kind: (n_trials - place + len(KINDS) - 1) // len(KINDS) for place, kind in enumerate(KINDS)},
    }


def _trial(kind: str, n_rows: int, seed: int) -> dict[str, tuple[set[str], list[tuple[str, bool]]]]:
    """For every change: the tests that ask for a fit, and which of the other measures are significant."""
    from mallard.estimator.kmeans import KMeans
    from mallard.lifecycle.drift import changes
    from mallard.lifecycle.of_segments import changes_of_segments
    from mallard.lifecycle.overlap import NO_OVERLAP, Overlap
    from mallard.lifecycle.passes import Pass
    from mallard.lifecycle.psi import psi

    random = np.random.default_rng(seed)
    of = law(kind, random)
    at_fit = of.draw(n_rows, random)
    values = of.rows(at_fit)
    scale = Scaled.of(values, of.is_skewed)
    rows = scale(values)
    centroids = KMeans(of.n_clusters, n_init=3, random_state=0).fit(rows[:MOST_FITTED]).cluster_centers_
    fit = Pass.of(rows, centroids)
    found = {}
    for who in WHO:
        is_fresh = who == WHO[0]
        later = of.rows(of.draw(n_rows, random) if is_fresh else of.changed(at_fit, random))
        for change, now in _changed(later, scale, centroids, random).items():
            today = Pass.of(now, centroids, largest_at_fit=fit.largest)
            overlap = NO_OVERLAP if is_fresh else Overlap.of(_in_both(rows, now, centroids), fit, today)
            asking = {test.measure for test in changes(fit, today, overlap) if test.is_material}
            others = [psi(fit, today, overlap), *changes_of_segments(fit, today, overlap)] if change == NOTHING else []
            known = [(test.measure, test.is_significant) for test in others if test.is_significant is not None]
            found[f"{change}, {who}"] = asking, known
    return found


def _changed(values: Floats, scale: Scaled, centroids: Floats, random: np.random.Generator) -> dict[str, Floats]:
    rows = scale(values)
    labels = _labels(rows, centroids)
    return {
        CHANGES[0]: rows,
        CHANGES[1]: with_movers(rows, labels, random),
        CHANGES[2]: with_a_new_kind(rows, centroids, random),
        CHANGES[3]: melted(rows, labels, centroids),
        CHANGES[4]: scale(dearer(values)),
    }


def _labels(rows: Floats, centroids: Floats) -> Labels:
    from mallard.kmeans.distances import nearest

    return nearest(rows, centroids)[0].astype(np.int64)


def _in_both(before: Floats, now: Floats, centroids: Floats) -> list[Shared]:
    """The same customers then and now, by their segments."""
    from mallard.kmeans.distances import nearest
    from mallard.lifecycle.overlap import Shared

    (labels, then), (labels_now, today) = nearest(before, centroids), nearest(now, centroids)
    k = len(centroids)
    pairs = labels.astype(np.int64) * k + labels_now
    columns = [np.bincount(pairs, of, k * k) for of in (then, today, then**2, today**2, then * today)]
    return [
        Shared(int(pair) // k, int(pair) % k, int(n), *(float(column[pair]) for column in columns))
        for pair, n in enumerate(np.bincount(pairs, minlength=k * k))
        if n
    ]
