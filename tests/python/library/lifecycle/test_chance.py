from __future__ import annotations

import pytest
from scipy.stats import chi2, hypergeom, norm

from mallard.lifecycle.chance import chi_squared, chi_squared_bound, hypergeometric, normal


@pytest.mark.parametrize(("statistic", "freedom"), [(0.0, 1), (3.84, 1), (25.0, 7), (900.0, 16)])
def test_chi_squared(statistic: float, freedom: int) -> None:
    assert chi_squared(statistic, freedom) == pytest.approx(chi2.sf(statistic, freedom), rel=1e-9, abs=1e-300)
    assert chi_squared_bound(0.001, freedom) == pytest.approx(chi2.isf(0.001, freedom), rel=1e-9)


@pytest.mark.parametrize("deviation", [-2.0, 0.0, 3.0902, 30.0])
def test_normal(deviation: float) -> None:
    assert normal(deviation) == pytest.approx(norm.sf(deviation), rel=1e-9)


@pytest.mark.parametrize(
    ("found", "drawn", "marked", "total"),
    [(0, 0, 50, 100), (3, 3, 50, 150), (2, 5, 40, 90), (7, 9, 500_000, 1_000_000), (0, 4, 10, 12), (5, 5, 20, 20)],
)
def test_hypergeometric(found: int, drawn: int, marked: int, total: int) -> None:
    expected = hypergeom.sf(found - 1, total, marked, drawn)
    assert hypergeometric(found, drawn, marked, total) == pytest.approx(expected, rel=1e-7)
