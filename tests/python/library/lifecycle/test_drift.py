from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, norm

from mallard.lifecycle.drift import changes, overlap
from mallard.lifecycle.passes import Pass

CENTROIDS = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])


def rows(seed: int, counts: tuple[int, int, int] = (300, 400, 300), spread: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(c, spread, (n, 2)) for c, n in zip(CENTROIDS, counts, strict=True)])


def test_a_pass_has_the_sums_of_its_segments() -> None:
    found = Pass.of(np.array([[0.0, 1], [1, 0], [6, 2]]), CENTROIDS)
    assert found.counts.tolist() == [2, 1, 0]
    assert found.means[:2].tolist() == [[0.5, 0.5], [6, 2]]
    assert found.variances[:2].tolist() == [[0.25, 0.25], [0, 0]]
    assert found.squared_distances.tolist() == [2, 4, 0]
    assert found.fourth_powers.tolist() == [2, 16, 0]
    np.testing.assert_allclose(found.overall_mean, [7 / 3, 1])
    np.testing.assert_allclose(found.overall_variance, np.var([[0, 1], [1, 0], [6, 2]], axis=0))


def test_shares_and_means_are_compared_as_chi_square_tests_do() -> None:
    fit, now = Pass.of(rows(1), CENTROIDS), Pass.of(rows(2, (250, 500, 250)), CENTROIDS)
    found = {change.measure: change for change in changes(fit, now)}
    p0, p1 = np.array([0.3, 0.4, 0.3]), np.array([0.25, 0.5, 0.25])
    assert found["shares"].size == pytest.approx(0.1, abs=0.01)
    pooled = (p0 + p1) / 2
    statistic = ((p1 - p0) ** 2 / (pooled * (2 / 1000))).sum()
    assert np.log(found["shares"].p_value) == pytest.approx(np.log(chi2.sf(statistic, 2)), rel=0.2)
    assert found["shares"].is_material


def test_a_feature_that_rises_is_found_by_its_mean() -> None:
    customers = rows(1)
    risen = customers + np.array([0.0, 0.5])
    fit, now = Pass.of(customers, CENTROIDS), Pass.of(risen, CENTROIDS)
    first, second = (change for change in changes(fit, now) if change.measure == "feature")
    assert (first.size, first.p_value) == (0.0, 1.0)
    deviation = customers[:, 1].std()
    assert second.size == pytest.approx(0.5 / deviation)
    z = 0.5 / np.sqrt(2 * deviation**2 / 1000)
    assert second.p_value == pytest.approx(2 * 2 * norm.sf(z))


def test_nothing_changed_where_the_customers_are_the_same() -> None:
    customers = rows(1)
    same = Pass.of(customers, CENTROIDS)
    assert not [change for change in changes(same, same, overlap(1000, 1.0, same, same)) if change.is_significant]


def test_overlapping_customers_make_smaller_changes_significant() -> None:
    fit, now = Pass.of(rows(1), CENTROIDS), Pass.of(rows(1) + np.array([0.08, 0.0]), CENTROIDS)
    phi = overlap(900, 0.9, fit, now)
    assert phi == pytest.approx(1 - 0.9 * 0.9)
    apart, together = (next(c for c in changes(fit, now, of) if c.measure == "means") for of in (1.0, phi))
    assert apart.p_value > together.p_value
    assert overlap(1000, 1.0, fit, now) == 0.05


@pytest.mark.parametrize(
    ("now", "measure"),
    [
        (rows(2) + np.repeat([[0.5, 0.0], [0.0, 0.0], [0.0, 0.5]], [300, 400, 300], axis=0), "means"),
        (rows(2, spread=1.3), "spread"),
        (rows(2, (100, 400, 500)), "shares"),
        (rows(2) + np.array([0.0, 0.8]), "feature"),
    ],
)
def test_each_change_is_found(now: np.ndarray, measure: str) -> None:
    found = changes(Pass.of(rows(1), CENTROIDS), Pass.of(now, CENTROIDS))
    assert measure in {change.measure for change in found if change.is_material}


def test_resampled_customers_seldom_seem_changed() -> None:
    fit = Pass.of(rows(0), CENTROIDS)
    alarms = [any(c.is_material for c in changes(fit, Pass.of(rows(seed), CENTROIDS))) for seed in range(1, 301)]
    assert sum(alarms) <= 3


def test_a_segment_that_is_empty_now_breaks_nothing() -> None:
    found = changes(Pass.of(rows(1), CENTROIDS), Pass.of(rows(2, (300, 400, 0)), CENTROIDS))
    assert all(np.isfinite([change.size, change.p_value]).all() for change in found)
    assert any(change.measure == "shares" and change.is_material for change in found)
