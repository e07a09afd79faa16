"""How much two passes have in common: customers who are in both make the difference between them vary less."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mallard.lifecycle.passes import Pass

SMALLEST_PHI = 0.05


class Shared(NamedTuple):
    """Customers of both passes who have the same two segments.

    Attributes:
        before: the segment in the one pass.
        now: the segment in the other.
        n: number of these customers.
        n_stayed: of these, who have been in the segment `before` ever since the fit.
    """

    before: int
    now: int
    n: int
    n_stayed: int


def overlap_with_build_before(both: Sequence[Shared], before: Pass, now: Pass) -> float:
    """By how much variances shrink, compared with the build before."""
    return _overlap(both, sum(of.n for of in both if of.before == of.now), before, now)


def overlap_with_fit(both: Sequence[Shared], fit: Pass, now: Pass) -> float:
    """By how much variances shrink, compared with the fit.

    Nobody remembers who was there at the fit and left their segment since. All customers of the build before count as
    if they had been there, and only those agree who have stayed since: that is never too small.
    """
    return _overlap(both, sum(of.n_stayed for of in both if of.before == of.now), fit, now)


def _overlap(both: Sequence[Shared], n_agreed: int, before: Pass, now: Pass) -> float:
    """One minus the share of the customers in both, times Cohen's kappa of their segments then and now."""
    n_common = sum(of.n for of in both)
    phi = 1 - kappa(both, n_agreed) * n_common / math.sqrt(before.total * now.total)
    return min(1.0, max(SMALLEST_PHI, phi))


def kappa(both: Sequence[Shared], n_agreed: int) -> float:
    """Cohen's kappa of the segments of the customers in two passes.

    Args:
        n_agreed: number of those who have the same segment in both.
    """
    total = sum(of.n for of in both)
    if not total:
        return 0.0
    first: Counter[int] = Counter()
    second: Counter[int] = Counter()
    for of in both:
        first[of.before] += of.n
        second[of.now] += of.n
    expected = sum(first[segment] * second[segment] for segment in first) / total**2
    return float(n_agreed == total) if expected == 1 else (n_agreed / total - expected) / (1 - expected)
