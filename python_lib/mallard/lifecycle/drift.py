"""Whether the customers have moved away from the segments that were fitted to them.

Each test compares the pass over the customers now with the pass over those at the fit, both by the centroids of the
same version, so that truncated cells, skewness and slices need no correction. A change counts if it is significant and
large enough to matter; many customers make trifles significant, and few make chance look large. Customers with weights
count in significance as the number of customers of equal weight who say as much. The constants come from simulated
tables, see benchmarks/cases/drift.py.
"""

from __future__ import annotations

import numpy as np

from mallard.kmeans.points import Floats
from mallard.lifecycle.chance import chi_squared, normal
from mallard.lifecycle.change import Change, two_sided
from mallard.lifecycle.overlap import NO_OVERLAP, Overlap
from mallard.lifecycle.passes import Pass

FEWEST = 10
"""Means of fewer customers in a segment aren't compared."""
LEAST_GAIN = 0.0075
"""A change of means matters if a new fit would lower inertia by this fraction."""
LEAST_SPREAD = 1.15
"""A change of spread matters if mean squared distances are larger by this factor."""
LEAST_SHARES = 0.06
"""A change of shares matters if as many customers are in other segments."""
LEAST_MEAN = 0.15
"""A change of a feature matters if its mean moves by this many standard deviations."""


def changes(fit: Pass, now: Pass, overlap: Overlap = NO_OVERLAP) -> list[Change]:
    """The four tests on which a new fit hangs. Both passes have customers.

    Args:
        fit: the pass over the customers at the fit.
        now: the pass over those of today.
        overlap: of the two.
    """
    noise = _noise(fit, now, overlap.phi_of_values)
    return [
        _means(fit, now, overlap.phi_of_values, noise),
        _spread(fit, now, overlap.phi_of_values, noise),
        _shares(fit, now, overlap.phi_of_shares),
        *_features(fit, now, overlap.phi),
    ]


def _compared(fit: Pass, now: Pass) -> Floats:
    """The variance of the difference between two means, but for phi; infinite where they aren't compared."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = fit.variances / fit.effective[:, None] + now.variances / now.effective[:, None]
    is_known = ((fit.counts >= FEWEST) & (now.counts >= FEWEST))[:, None] & (variance > 0)
    return np.where(is_known, variance, np.inf)


def _noise(fit: Pass, now: Pass, phi: float) -> float:
    """By what fraction a new fit lowers inertia if nothing but chance moved the means."""
    variance = _compared(fit, now)
    of_segments = np.where(np.isfinite(variance), variance, 0.0).sum(axis=1)
    return _of_inertia(float(phi * (now.weights * of_segments).sum()), now)


def _of_inertia(amount: float, now: Pass) -> float:
    inertia = float(now.squared_distances.sum())
    return amount / inertia if inertia > 0 else 0.0


def _means(fit: Pass, now: Pass, phi: float, noise: float) -> Change:
    variance = _compared(fit, now)
    is_compared = np.isfinite(variance)
    moved = np.where(is_compared, now.means - fit.means, 0.0) ** 2
    statistic = float((moved / (phi * variance)).sum())
    gain = _of_inertia(float((now.weights * moved.sum(axis=1)).sum()), now) - noise
    return Change("means", gain, chi_squared(statistic, max(int(is_compared.sum()), 1)), LEAST_GAIN)


def _spread(fit: Pass, now: Pass, phi: float, noise: float) -> Change:
    shares, both = fit.shares, (fit.counts > 1) & (now.counts > 1)

    def mean_and_variance(of: Pass) -> tuple[float, float]:
        with np.errstate(invalid="ignore", divide="ignore"):
            variances = of.variances_of_squared_distances / of.effective
        mean = float((shares * of.mean_squared_distances)[both].sum())
        return mean, float((shares**2 * variances)[both].sum())

    (then, variance_then), (today, variance_today) = mean_and_variance(fit), mean_and_variance(now)
    if then <= 0 or today <= 0:
        return Change("spread", 1.0, 1.0, LEAST_SPREAD, then, today)
    ratio = (1 - 2 * noise) * today / then
    error = ratio * np.sqrt(phi * (variance_then / then**2 + variance_today / today**2))
    p_value = normal((ratio - 1) / error) if error > 0 else 1.0
    return Change("spread", ratio, p_value, LEAST_SPREAD, then, today)


def _shares(fit: Pass, now: Pass, phi: float) -> Change:
    change = now.shares - fit.shares
    then, today = fit.effective_total, now.effective_total
    pooled = (then * fit.shares + today * now.shares) / (then + today)
    variance = pooled * (1 / then + 1 / today) * phi
    statistic = float((change[pooled > 0] ** 2 / variance[pooled > 0]).sum())
    p_value = chi_squared(statistic, max(int((pooled > 0).sum()) - 1, 1))
    return Change("shares", float(np.abs(change).sum() / 2), p_value, LEAST_SHARES)


def _features(fit: Pass, now: Pass, phi: float) -> list[Change]:
    moved = now.overall_mean - fit.overall_mean
    deviation = np.sqrt(fit.overall_variance)
    variance = phi * (fit.overall_variance / fit.effective_total + now.overall_variance / now.effective_total)
    n_features = len(moved)
    return [
        Change(
            "feature mean",
            float(abs(moved[feature]) / deviation[feature]) if deviation[feature] else 0.0,
            min(1.0, two_sided(moved[feature], variance[feature]) * n_features),
            LEAST_MEAN,
            float(fit.overall_mean[feature]),
            float(now.overall_mean[feature]),
            feature=feature,
        )
        for feature in range(n_features)
    ]
