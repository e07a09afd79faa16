from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, chi2_contingency, norm

from mallard.lifecycle.change import Change
from mallard.lifecycle.drift import changes
from mallard.lifecycle.overlap import FULL_OVERLAP, Overlap
from mallard.lifecycle.passes import Pass

Floats = NDArray[np.float64]

CENTROIDS = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])


def rows(seed: int, counts: tuple[int, int, int] = (300, 400, 300), spread: float = 1.0) -> Floats:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(c, spread, (n, 2)) for c, n in zip(CENTROIDS, counts, strict=True)])


def of_measure(found: list[Change]) -> dict[str, Change]:
    return {change.measure: change for change in found}


def test_the_gain_is_what_a_new_fit_would_gain() -> None:
    """With the means moved apart, inertia falls by what lies between the old and the new means."""
    before, now = rows(1), rows(2) + np.repeat([[0.4, 0.0], [0.0, 0.0], [0.0, 0.0]], [300, 400, 300], axis=0)
    labels = ((now[:, None] - CENTROIDS) ** 2).sum(axis=2).argmin(axis=1)
    then = ((before[:, None] - CENTROIDS) ** 2).sum(axis=2).argmin(axis=1)
    gain, noise, statistic = 0.0, 0.0, 0.0
    for segment in range(3):
        old, new = before[then == segment], now[labels == segment]
        shift = new.mean(axis=0) - old.mean(axis=0)
        variance = old.var(axis=0) / len(old) + new.var(axis=0) / len(new)
        gain, noise = gain + len(new) * (shift**2).sum(), noise + len(new) * variance.sum()
        statistic += (shift**2 / variance).sum()
    inertia = ((now - CENTROIDS[labels]) ** 2).sum()
    means = of_measure(changes(Pass.of(before, CENTROIDS), Pass.of(now, CENTROIDS)))["means"]
    assert means.size == pytest.approx((gain - noise) / inertia)
    assert means.p_value == pytest.approx(chi2.sf(statistic, 6))
    assert means.is_material


def test_shares_are_compared_as_a_contingency_table() -> None:
    fit, now = Pass.of(rows(1), CENTROIDS), Pass.of(rows(2, (250, 500, 250)), CENTROIDS)
    shares = of_measure(changes(fit, now))["shares"]
    assert shares.size == pytest.approx(np.abs(now.counts / 1000 - fit.counts / 1000).sum() / 2)
    assert shares.p_value == pytest.approx(chi2_contingency([fit.counts, now.counts], correction=False).pvalue)
    assert shares.is_material


def test_a_feature_that_rises_is_found_by_its_mean() -> None:
    customers = rows(1)
    fit, now = Pass.of(customers, CENTROIDS), Pass.of(customers + np.array([0.0, 0.5]), CENTROIDS)
    first, second = (change for change in changes(fit, now) if change.measure == "feature mean")
    assert (first.size, first.p_value) == (0.0, 1.0)
    deviation = customers[:, 1].std()
    assert second.size == pytest.approx(0.5 / deviation)
    assert (second.before, second.value) == pytest.approx((customers[:, 1].mean(), customers[:, 1].mean() + 0.5))
    assert second.p_value == pytest.approx(2 * 2 * norm.sf(0.5 / np.sqrt(2 * deviation**2 / 1000)))


def test_a_larger_spread_is_found() -> None:
    before, now = rows(1), rows(2, spread=1.3)
    spread = of_measure(changes(Pass.of(before, CENTROIDS), Pass.of(now, CENTROIDS)))["spread"]
    assert spread.size == pytest.approx(1.3**2, rel=0.1)
    assert spread.is_material


def test_nothing_changed_where_the_customers_are_the_same() -> None:
    same = Pass.of(rows(1), CENTROIDS)
    assert not [change for change in changes(same, same, FULL_OVERLAP) if change.is_significant]


def test_overlapping_customers_make_smaller_changes_significant() -> None:
    fit, now = Pass.of(rows(1), CENTROIDS), Pass.of(rows(1) + np.array([0.08, 0.0]), CENTROIDS)
    apart, together = (of_measure(changes(fit, now, of))["means"] for of in (Overlap(), Overlap(0.8, 0.8)))
    assert apart.p_value is not None
    assert chi2.isf(together.p_value, 6) == pytest.approx(5 * chi2.isf(apart.p_value, 6))


@pytest.mark.parametrize("seed", range(3))
def test_customers_who_all_weigh_the_same_count_once_each(seed: int) -> None:
    before, now = rows(seed), rows(seed + 10, (250, 500, 250))
    once = changes(Pass.of(before, CENTROIDS), Pass.of(now, CENTROIDS))
    heavy = changes(Pass.of(before, CENTROIDS, np.full(1000, 7.0)), Pass.of(now, CENTROIDS, np.full(1000, 0.5)))
    for one, other in zip(once, heavy, strict=True):
        assert (one.size, one.p_value) == pytest.approx((other.size, other.p_value))


def test_significance_knows_that_few_customers_have_most_of_the_weight() -> None:
    """Customers with weights say as much about a mean as fewer without: (sum of weights)^2 / sum of their squares."""
    weights = np.where(np.arange(1000) % 10 == 0, 100.0, 1.0)
    before, now = rows(1), rows(2) + np.array([0.5, 0.0])
    found = changes(Pass.of(before, CENTROIDS, weights), Pass.of(now, CENTROIDS, weights))
    first = next(change for change in found if change.measure == "feature mean")
    then, today = (np.average(of[:, 0], weights=weights) for of in (before, now))
    spread_then, spread_today = (np.cov(of[:, 0], aweights=weights, ddof=0) for of in (before, now))
    effective = weights.sum() ** 2 / (weights**2).sum()
    assert effective == pytest.approx(118.8, abs=0.1)
    assert (first.before, first.value) == pytest.approx((then, today))
    error = np.sqrt((spread_then + spread_today) / effective)
    assert first.p_value == pytest.approx(min(1.0, 2 * 2 * norm.sf(abs(today - then) / error)))


def test_resampled_customers_seldom_seem_changed() -> None:
    fit = Pass.of(rows(0), CENTROIDS)
    alarms = [any(c.is_material for c in changes(fit, Pass.of(rows(seed), CENTROIDS))) for seed in range(1, 301)]
    assert sum(alarms) <= 3


def test_a_segment_that_is_empty_now_breaks_nothing() -> None:
    found = changes(Pass.of(rows(1), CENTROIDS), Pass.of(rows(2, (300, 400, 0)), CENTROIDS))
    assert all(np.isfinite([change.size, change.p_value]).all() for change in found)
    assert of_measure(found)["shares"].is_material


def test_one_segment_has_no_shares_to_change() -> None:
    centroid = np.zeros((1, 2))
    found = of_measure(changes(Pass.of(rows(1), centroid), Pass.of(rows(2), centroid)))
    assert (found["shares"].size, found["shares"].p_value) == (0.0, 1.0)


def test_without_numbers_distances_and_shares_are_left() -> None:
    """Positions of vectors aren't summed up by themselves."""
    empty = np.zeros((3, 0))
    fit, now = (
        Pass.of(rows(seed, spread=of), CENTROIDS)._replace(sums=empty, squares=empty)
        for seed, of in ((1, 1.0), (2, 1.3))
    )
    found = of_measure(changes(fit, now))
    assert list(found) == ["means", "spread", "shares"]
    assert (found["means"].size, found["means"].p_value) == (0.0, 1.0)
    assert found["spread"].is_material
