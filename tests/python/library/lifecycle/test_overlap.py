from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from mallard.lifecycle.overlap import FULL_OVERLAP, NO_OVERLAP, Overlap, Shared, correlation, kappa
from mallard.lifecycle.passes import Pass

RNG = np.random.default_rng(2)
THEN, NOW = RNG.integers(1, 4, 300), RNG.integers(1, 4, 300)
NOW[:200] = THEN[:200]
BEFORE = RNG.exponential(size=300)
AFTER = 0.5 * BEFORE + RNG.exponential(size=300)


def shared() -> list[Shared]:
    found = []
    for one in (1, 2, 3):
        for other in (1, 2, 3):
            is_here = (one == THEN) & (other == NOW)
            a, b = BEFORE[is_here], AFTER[is_here]
            sums = (a.sum(), b.sum(), (a**2).sum(), (b**2).sum(), (a * b).sum())
            found.append(Shared(one, other, len(a), *map(float, sums)))
    return found


def passed(n: int) -> Pass:
    counts, nothing = np.array([n / 2, n / 2]), np.zeros((2, 0))
    return Pass(counts, counts, counts, nothing, nothing, counts, counts, counts, counts)


def test_kappa_is_cohens() -> None:
    assert kappa(shared()) == pytest.approx(cohen_kappa_score(THEN, NOW))
    assert kappa([]) == 0.0


def test_the_correlation_is_inside_the_segments_of_those_who_stayed() -> None:
    stayed = THEN == NOW
    a, b = BEFORE[stayed].copy(), AFTER[stayed].copy()
    for segment in (1, 2, 3):
        here = THEN[stayed] == segment
        a[here] -= a[here].mean()
        b[here] -= b[here].mean()
    assert correlation(shared()) == pytest.approx(np.corrcoef(a, b)[0, 1])


def test_the_overlap_counts_those_in_both() -> None:
    found = Overlap.of(shared(), passed(400), passed(900))
    assert found.shares == pytest.approx(cohen_kappa_score(THEN, NOW) * 300 / 600)
    assert found.values == pytest.approx(correlation(shared()) * (THEN == NOW).sum() / 600)
    assert (found.phi_of_shares, found.phi_of_values) == (1 - found.shares, 1 - found.values)
    assert found.phi == max(found.phi_of_shares, found.phi_of_values)


def test_it_is_carried_on_from_build_to_build() -> None:
    assert Overlap(0.8, 0.5).then(Overlap(0.5, 0.5)) == (0.4, 0.25)
    assert FULL_OVERLAP.then(Overlap(0.7, 0.6)) == (0.7, 0.6)
    assert NO_OVERLAP.then(Overlap(0.7, 0.6)) == NO_OVERLAP


def test_variances_never_shrink_to_nothing() -> None:
    assert FULL_OVERLAP.phi == 0.05
    assert NO_OVERLAP.phi == 1.0


def test_customers_who_changed_all_together_overlap_no_less_than_none() -> None:
    swapped = [Shared(1, 2, 50, 1.0, 1.0, 1.0, 1.0, 1.0), Shared(2, 1, 50, 1.0, 1.0, 1.0, 1.0, 1.0)]
    assert kappa(swapped) == -1.0
    assert Overlap.of(swapped, passed(100), passed(100)) == NO_OVERLAP


def test_values_that_walk_lose_their_correlation_as_the_product_says() -> None:
    """Squared normal values that keep 0.9 of their deviation at each build."""
    n = 200_000
    first = RNG.normal(size=n)
    now, product = first, FULL_OVERLAP
    for _ in range(3):
        before, now = now, 0.9 * now + np.sqrt(1 - 0.81) * RNG.normal(size=n)
        a, b = before**2, now**2
        both = [Shared(1, 1, n, a.sum(), b.sum(), (a**2).sum(), (b**2).sum(), (a * b).sum())]
        product = product.then(Overlap.of(both, passed(n), passed(n)))
    assert product.values == pytest.approx(np.corrcoef(first**2, now**2)[0, 1], abs=0.02)
