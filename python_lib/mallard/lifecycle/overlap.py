"""How much two passes have in common: customers who are in both make the difference between them vary less."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mallard.lifecycle.passes import Pass

SMALLEST_PHI = 0.05


class Shared(NamedTuple):
    """Customers of two passes who have the same two segments, with sums over their squared distances to the centroid.

    Attributes:
        before: the segment in the one pass.
        now: the segment in the other.
        n: number of these customers.
        sum_before: of the squared distances in the one pass.
        sum_now: of those in the other.
        squares_before: of their squares in the one pass.
        squares_now: of their squares in the other.
        products: of the one times the other.
    """

    before: int
    now: int
    n: int
    sum_before: float
    sum_now: float
    squares_before: float
    squares_now: float
    products: float


class Overlap(NamedTuple):
    """How much two passes covary because customers are in both: 0 if none is, 1 if all are and none has changed.

    Attributes:
        shares: of the segments.
        values: inside the segments.
    """

    shares: float = 0.0
    values: float = 0.0

    @classmethod
    def of(cls, both: Sequence[Shared], before: Pass, now: Pass) -> Overlap:
        """The overlap of two passes, given the customers in both."""
        scale = math.sqrt(before.total * now.total)
        n, n_same = (sum(of.n for of in some) for some in (both, _same(both)))
        return cls(_within(kappa(both) * n / scale), _within(correlation(both) * n_same / scale))

    def then(self, later: Overlap) -> Overlap:
        """The overlap of a pass with one before the last, given those of each with the last.

        Customers who come back, and values that do, make it larger. That isn't known, and too small is the safe side.
        """
        return Overlap(self.shares * later.shares, self.values * later.values)

    @property
    def phi_of_shares(self) -> float:
        """By what factor the variance of a change of shares shrinks."""
        return max(SMALLEST_PHI, 1 - self.shares)

    @property
    def phi_of_values(self) -> float:
        """By what factor the variance of a change inside the segments shrinks."""
        return max(SMALLEST_PHI, 1 - self.values)

    @property
    def phi(self) -> float:
        """By what factor at most the variance of a change over all customers is left."""
        return max(self.phi_of_shares, self.phi_of_values)


NO_OVERLAP, FULL_OVERLAP = Overlap(0.0, 0.0), Overlap(1.0, 1.0)


def kappa(both: Sequence[Shared]) -> float:
    """Cohen's kappa of the segments of the customers in two passes."""
    total = sum(of.n for of in both)
    if not total:
        return 0.0
    first: Counter[int] = Counter()
    second: Counter[int] = Counter()
    for of in both:
        first[of.before] += of.n
        second[of.now] += of.n
    agreed = sum(of.n for of in _same(both)) / total
    expected = sum(first[segment] * second[segment] for segment in first) / total**2
    return 1.0 if expected == 1 else (agreed - expected) / (1 - expected)


def correlation(both: Sequence[Shared]) -> float:
    """The correlation of the squared distances of customers who stayed in their segment, inside the segments.

    That of the values themselves is hardly ever lower.
    """
    covariance = sum(of.products - of.sum_before * of.sum_now / of.n for of in _same(both))
    then = sum(of.squares_before - of.sum_before**2 / of.n for of in _same(both))
    today = sum(of.squares_now - of.sum_now**2 / of.n for of in _same(both))
    return covariance / math.sqrt(then * today) if then > 0 and today > 0 else 0.0


def _same(both: Sequence[Shared]) -> list[Shared]:
    return [of for of in both if of.before == of.now]


def _within(overlap: float) -> float:
    return min(1.0, max(0.0, overlap))
