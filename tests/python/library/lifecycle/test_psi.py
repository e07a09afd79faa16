from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from mallard.lifecycle.overlap import Overlap
from mallard.lifecycle.passes import Pass
from mallard.lifecycle.psi import psi


def passed(*counts: int) -> Pass:
    n, nothing = np.array(counts, dtype=float), np.zeros((len(counts), 0))
    return Pass(n, n, n, nothing, nothing, n, n, n, n * 0)


def test_it_is_the_sum_that_its_name_stands_for() -> None:
    """Worked by hand: (0.5 - 0.4) ln(0.5 / 0.4) + (0.5 - 0.6) ln(0.5 / 0.6)."""
    found = psi(passed(400_000, 600_000), passed(500_000, 500_000))
    assert found.size == pytest.approx(0.022314 + 0.018232, rel=1e-4)
    assert found.is_material


def test_its_bound_knows_how_many_customers_there_are() -> None:
    """The same shares: 0.1 would pass with a million customers, and fail by chance with twenty."""
    for n, is_material in ((20, False), (1_000_000, True)):
        found = psi(passed(5 * n // 10, 5 * n // 10), passed(4 * n // 10, 6 * n // 10))
        assert found.bound == pytest.approx(chi2.isf(0.001, 1) * 2 / n)
        assert found.is_material == is_material


def test_the_bound_is_exceeded_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(3)
    shares = [0.1, 0.2, 0.3, 0.4]
    drawn = [psi(passed(*rng.multinomial(800, shares)), passed(*rng.multinomial(500, shares))) for _ in range(2000)]
    p_values = np.array([of.p_value for of in drawn])
    assert np.mean(p_values < 0.1) == pytest.approx(0.1, abs=0.02)
    assert np.mean([bool(of.is_material) for of in drawn]) < 0.004


def test_customers_in_both_make_the_bound_tighter() -> None:
    apart, together = (psi(passed(500, 500), passed(480, 520), of) for of in (Overlap(), Overlap(0.75, 0.0)))
    assert together.bound == pytest.approx(apart.bound / 4)


def test_an_empty_segment_is_no_infinity() -> None:
    found = psi(passed(500, 500, 0), passed(500, 0, 0))
    assert found.size is not None
    assert np.isfinite(found.size)
    assert found.is_material


def test_one_segment_has_no_index() -> None:
    found = psi(passed(500), passed(400))
    assert (found.size, found.p_value) == (0.0, 1.0)
