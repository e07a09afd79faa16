"""Whether the customers have moved away from the segments that were fitted to them.

Each test compares the pass over the customers now with the pass over those at the fit, both by the centroids of the
same version, so that truncated cells, skewness and slices need no correction. A change counts if it is significant and
large enough to matter; many customers make trifles significant, and few make chance look large. The constants come from
simulated tables, see benchmarks/cases/drift.py.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, norm

from mallard.kmeans.points import Floats
from mallard.lifecycle.passes import Pass

ALPHA = 0.001
"""How rarely each test finds a change where there is none."""
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
SMALLEST_PHI = 0.05


class Change(NamedTuple):
    """How one thing differs from what it was at the fit.

    Attributes:
        measure: "means", "spread", "shares" or "feature".
        feature: index of the feature, for the last one.
        size: how large the change is, in the unit of its bound.
        bound: from what size on it matters.
        p_value: how probable a change as large as this is, if nothing changed.
    """

    measure: str
    feature: int | None
    size: float
    bound: float
    p_value: float

    @property
    def is_material(self) -> bool:
        """Whether it is large enough to matter, and no chance."""
        return self.size >= self.bound and self.is_significant

    @property
    def is_significant(self) -> bool:
        return self.p_value < ALPHA


def overlap(n_common: float, kappa: float, before: Pass, now: Pass) -> float:
    """By how much variances shrink because the same customers are in both passes.

    Args:
        n_common: number of customers in both.
        kappa: Cohen's kappa of their segments then and now.
    """
    return max(SMALLEST_PHI, 1 - kappa * n_common / math.sqrt(before.total * now.total))


def kappa(both: Sequence[tuple[int, int, int]]) -> tuple[float, int]:
    """Cohen's kappa of the segments of the customers in two passes, and the number of these customers.

    Args:
        both: the segment in the one pass, the segment in the other, and how many customers have these.
    """
    total = sum(n for *_, n in both)
    if not total:
        return 0.0, 0
    first: Counter[int] = Counter()
    second: Counter[int] = Counter()
    for one, other, n in both:
        first[one] += n
        second[other] += n
    agreed = sum(n for one, other, n in both if one == other) / total
    expected = sum(first[segment] * second[segment] for segment in first) / total**2
    return (1.0 if expected == 1 else (agreed - expected) / (1 - expected)), total


def changes(fit: Pass, now: Pass, phi: float = 1.0) -> list[Change]:
    """All changes since the fit.

    Args:
        fit: the pass over the customers at the fit.
        now: the pass over those of today.
        phi: see `overlap`; 1 if no customer is in both.
    """
    noise = _noise(fit, now, phi)
    return [
        _means(fit, now, phi, noise),
        _spread(fit, now, phi, noise),
        _shares(fit, now, phi),
        *_features(fit, now, phi),
    ]


def _compared(fit: Pass, now: Pass) -> Floats:
    """The variance of the difference between two means, but for phi; infinite where they aren't compared."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = fit.variances / fit.counts[:, None] + now.variances / now.counts[:, None]
    is_known = ((fit.counts >= FEWEST) & (now.counts >= FEWEST))[:, None] & (variance > 0)
    return np.where(is_known, variance, np.inf)


def _noise(fit: Pass, now: Pass, phi: float) -> float:
    """By what fraction a new fit lowers inertia if nothing but chance moved the means."""
    variance = _compared(fit, now)
    of_segments = np.where(np.isfinite(variance), variance, 0.0).sum(axis=1)
    return _of_inertia(float(phi * (now.counts * of_segments).sum()), now)


def _of_inertia(amount: float, now: Pass) -> float:
    inertia = float(now.squared_distances.sum())
    return amount / inertia if inertia > 0 else 0.0


def _means(fit: Pass, now: Pass, phi: float, noise: float) -> Change:
    variance = _compared(fit, now)
    is_compared = np.isfinite(variance)
    moved = np.where(is_compared, now.means - fit.means, 0.0) ** 2
    statistic = float((moved / (phi * variance)).sum())
    gain = (
        float((now.counts * moved.sum(axis=1)).sum() / max(now.squared_distances.sum(), np.finfo(float).tiny)) - noise
    )
    return Change("means", None, gain, LEAST_GAIN, float(chi2.sf(statistic, max(int(is_compared.sum()), 1))))


def _spread(fit: Pass, now: Pass, phi: float, noise: float) -> Change:
    weights, both = fit.shares, (fit.counts > 1) & (now.counts > 1)

    def mean_and_variance(of: Pass) -> tuple[float, float]:
        with np.errstate(invalid="ignore", divide="ignore"):
            means = of.squared_distances / of.counts
            variances = np.maximum(of.fourth_powers / of.counts - means**2, 0.0) / of.counts
        return float((weights * means)[both].sum()), float((weights**2 * variances)[both].sum())

    (then, variance_then), (today, variance_today) = mean_and_variance(fit), mean_and_variance(now)
    if then <= 0 or today <= 0:
        return Change("spread", None, 1.0, LEAST_SPREAD, 1.0)
    ratio = (1 - 2 * noise) * today / then
    error = ratio * np.sqrt(phi * (variance_then / then**2 + variance_today / today**2))
    return Change("spread", None, ratio, LEAST_SPREAD, float(norm.sf((ratio - 1) / error)) if error > 0 else 1.0)


def _shares(fit: Pass, now: Pass, phi: float) -> Change:
    change = now.shares - fit.shares
    pooled = (fit.counts + now.counts) / (fit.total + now.total)
    variance = pooled * (1 / fit.total + 1 / now.total) * phi
    statistic = float((change[pooled > 0] ** 2 / variance[pooled > 0]).sum())
    p_value = float(chi2.sf(statistic, max(int((pooled > 0).sum()) - 1, 1)))
    return Change("shares", None, float(np.abs(change).sum() / 2), LEAST_SHARES, p_value)


def _features(fit: Pass, now: Pass, phi: float) -> list[Change]:
    moved = np.abs(now.overall_mean - fit.overall_mean)
    spread = np.sqrt(fit.overall_variance)
    error = np.sqrt(phi * (fit.overall_variance / fit.total + now.overall_variance / now.total))
    n_features = len(moved)
    return [
        Change(
            "feature",
            feature,
            float(moved[feature] / spread[feature]) if spread[feature] else 0.0,
            LEAST_MEAN,
            min(1.0, float(2 * norm.sf(moved[feature] / error[feature])) * n_features) if error[feature] else 1.0,
        )
        for feature in range(n_features)
    ]
