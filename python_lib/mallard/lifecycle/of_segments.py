"""What changed inside each segment: measures that tell where a drift comes from, and decide nothing."""

from __future__ import annotations

import numpy as np

from mallard.kmeans.points import Floats
from mallard.lifecycle.chance import hypergeometric
from mallard.lifecycle.change import Change, two_sided
from mallard.lifecycle.drift import FEWEST
from mallard.lifecycle.overlap import NO_OVERLAP, Overlap
from mallard.lifecycle.passes import Pass


def changes_of_segments(before: Pass, now: Pass, overlap: Overlap = NO_OVERLAP) -> list[Change]:
    """The changes of every segment, in its order.

    Args:
        before: an earlier pass, by the same version.
        now: the pass over the customers of today.
        overlap: of the two.
    """
    phi = overlap.phi_of_values
    return [
        change
        for segment in range(len(now.counts))
        for change in (
            _share(before, now, overlap.phi_of_shares, segment),
            *_means(before, now, phi, segment),
            *_spreads(before, now, phi, segment),
            _mean_distance(before, now, phi, segment),
            _far(before, now, segment),
        )
    ]


def _share(before: Pass, now: Pass, phi: float, segment: int) -> Change:
    then, today = float(before.shares[segment]), float(now.shares[segment])
    n_then, n_today = before.effective_total, now.effective_total
    pooled = (n_then * then + n_today * today) / (n_then + n_today)
    variance = phi * pooled * (1 - pooled) * (1 / n_then + 1 / n_today)
    return Change("share", abs(today - then), two_sided(today - then, variance), None, then, today, segment)


def _means(before: Pass, now: Pass, phi: float, segment: int) -> list[Change]:
    """In standard deviations of the segment."""
    deviations = np.sqrt(before.variances[segment])
    with np.errstate(invalid="ignore", divide="ignore"):
        variances = (
            before.variances[segment] / before.effective[segment] + now.variances[segment] / now.effective[segment]
        )
    found = []
    for feature, (then, today) in enumerate(zip(before.means[segment], now.means[segment], strict=True)):
        size = _over(abs(today - then), deviations[feature]) if today != then else 0.0
        p_value = two_sided(today - then, phi * variances[feature]) if _is_compared(before, now, segment) else None
        found.append(Change("mean", _known(size), p_value, None, _known(then), _known(today), segment, feature))
    return found


def _spreads(before: Pass, now: Pass, phi: float, segment: int) -> list[Change]:
    """Standard deviations, as a ratio. How much they vary by chance follows from the tails of the squared distances."""
    tails = max(_tails(before, segment), _tails(now, segment))
    found = []
    for feature, (then, today) in enumerate(zip(before.variances[segment], now.variances[segment], strict=True)):
        p_value = None
        if _is_compared(before, now, segment) and then > 0 and today > 0 and np.isfinite(tails):
            variance = 2 * tails * (1 / before.effective[segment] + 1 / now.effective[segment])
            p_value = two_sided(float(np.log(today / then)), phi * variance)
        ratio = np.sqrt(_over(today, then))
        found.append(
            Change("spread", _known(ratio), p_value, None, _known(then**0.5), _known(today**0.5), segment, feature)
        )
    return found


def _tails(of: Pass, segment: int) -> float:
    """The variance of the squared distances in a segment, over that of normal features of the same variances."""
    return float(_over(of.variances_of_squared_distances[segment], 2 * float((of.variances[segment] ** 2).sum())))


def _mean_distance(before: Pass, now: Pass, phi: float, segment: int) -> Change:
    """Roots of mean squared distances, as a ratio."""
    then, today = before.mean_squared_distances[segment], now.mean_squared_distances[segment]
    p_value = None
    if _is_compared(before, now, segment):
        variance = (
            before.variances_of_squared_distances[segment] / before.effective[segment]
            + now.variances_of_squared_distances[segment] / now.effective[segment]
        )
        p_value = two_sided(today - then, phi * variance)
    ratio = np.sqrt(_over(today, then))
    return Change("mean distance", _known(ratio), p_value, None, _known(then**0.5), _known(today**0.5), segment)


def _far(before: Pass, now: Pass, segment: int) -> Change:
    """Customers beyond the largest distance at the fit.

    Of the farthest customers of both passes, as many as these are, so many are of today: by the hypergeometric
    distribution, which for the pass at the fit, where nobody is beyond, is the distribution of exceedances. Customers
    in both passes make it err on the side of chance.
    """
    n_then, n_today = int(before.counts[segment]), int(now.counts[segment])
    then, today = int(before.n_far[segment]), int(now.n_far[segment])
    if not n_then or not n_today:
        return Change("far", None, None, None, None, None, segment)
    p_value = hypergeometric(today, then + today, n_today, n_then + n_today)
    return Change("far", today / n_today, p_value, None, then / n_then, today / n_today, segment)


def _is_compared(before: Pass, now: Pass, segment: int) -> bool:
    return bool(before.counts[segment] >= FEWEST and now.counts[segment] >= FEWEST)


def _over(value: float | Floats, by: float | Floats) -> float:
    return float(value / by) if by > 0 else float("nan")


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
