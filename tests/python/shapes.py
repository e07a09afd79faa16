"""Columns of every shape with planted groups, to judge scales by whether K-means finds the groups again."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[Generator, int], Floats]
N = 1500
"""Customers in every column."""


class Shape(NamedTuple):
    """A column.

    Attributes:
        chosen: what `scale: auto` should choose: standard or log, for asinh+standard.
        sizes: customers in each planted group; they add up to `N`.
        draws: the values of so many customers of each group.
    """

    chosen: str
    sizes: tuple[int, ...]
    draws: tuple[Draw, ...]

    def column(self, seed: int) -> tuple[Floats, NDArray[np.int64]]:
        """The values, shape (N,), and the group of each, shape (N,)."""
        rng = default_rng(seed)
        values = np.concatenate([draw(rng, size) for draw, size in zip(self.draws, self.sizes, strict=True)])
        return values.astype(np.float64), np.repeat(np.arange(len(self.sizes)), self.sizes)


def _normal(*centers: float, sd: float = 1) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, c=c: rng.normal(c, sd, n) for c in centers)  # type: ignore[misc]


def _whole(*centers: float, sd: float = 1) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, c=c: rng.normal(c, sd, n).round() for c in centers)  # type: ignore[misc]


def _money(*logs: float, unit: float = 1, sd: float = 0.4) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, m=m: unit * np.exp(rng.normal(m, sd, n)) for m in logs)  # type: ignore[misc]


def _counts(*means: float) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, m=m: 1 + rng.poisson(m, n) for m in means)  # type: ignore[misc]


def _days(*means: float, most: float = np.inf) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, m=m: np.minimum(most, np.floor(rng.gamma(6, m / 6, n))) for m in means)  # type: ignore[misc]


def _shares(*parameters: tuple[float, float]) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, p=p: rng.beta(*p, n) for p in parameters)  # type: ignore[misc]


def _heavy(*centers: float) -> tuple[Draw, ...]:
    return tuple(lambda rng, n, c=c: c + rng.standard_t(2, n) for c in centers)  # type: ignore[misc]


def _zeros(rng: Generator, n: int) -> Floats:
    return np.zeros(n)


def _below_zero(draw: Draw) -> Draw:
    return lambda rng, n: -draw(rng, n)


def _less_returns(draw: Draw) -> Draw:
    """One in seven gives back about as much as those who buy little."""
    return lambda rng, n: draw(rng, n) - np.where(rng.random(n) < 1 / 7, np.exp(rng.normal(3.2, 0.5, n)), 0)


def _with_outlier(draw: Draw, value: float) -> Draw:
    return lambda rng, n: np.append(draw(rng, n - 1), value)


def _mostly(first: float) -> tuple[int, int]:
    return round(N * first), N - round(N * first)


_LOW, _HIGH = _money(4, 6.5)
_YOUNG, *_OLDER = _normal(25, 45, 70, sd=4)
_BELOW, *_ABOVE = _normal(-8, 0, 8)
SIZES = (700, 500, 300)

SHAPES = {
    "revenue": Shape("log", SIZES, _money(3, 4.5, 6)),
    "revenue in millions": Shape("log", SIZES, _money(3, 4.5, 6, unit=1e6)),
    "amounts of a thousandth": Shape("log", SIZES, _money(3, 4.5, 6, unit=1e-5)),
    "revenue net of returns": Shape("log", SIZES, tuple(map(_less_returns, _money(3, 5, 6.5)))),
    "balances, all below 0": Shape("log", SIZES, tuple(map(_below_zero, _money(3, 4.5, 6)))),
    "gains, and losses of 45 %": Shape("log", (675, 500, 325), (_below_zero(_LOW), _LOW, _HIGH)),
    "order counts": Shape("log", SIZES, _counts(1, 10, 60)),
    "days since": Shape("log", SIZES, _days(5, 40, 300)),
    "days since, a year at most": Shape("log", SIZES, _days(15, 90, 330, most=365)),
    "80 % zeros, the rest money": Shape("log", (1200, 180, 120), (_zeros, *_money(3, 5.5))),
    "80 % zeros, the rest counts": Shape("log", (1200, 180, 120), (_zeros, *_counts(2, 30))),
    "shares near 0": Shape("log", SIZES, _shares((4, 396), (8, 160), (12, 40))),
    "shares from 0 to 1": Shape("standard", SIZES, _shares((3, 27), (20, 20), (30, 5))),
    "shares near 1": Shape("standard", SIZES, _shares((196, 4), (90, 10), (30, 18))),
    "age": Shape("standard", SIZES, _whole(25, 45, 70, sd=4)),
    "year of birth": Shape("standard", SIZES, _whole(1998, 1975, 1950, sd=4)),
    "income, symmetric": Shape("standard", SIZES, _normal(30, 50, 75, sd=5)),
    "both sides of 0": Shape("standard", SIZES, _normal(-8, 0, 8)),
    "heavy tails on both sides": Shape("standard", SIZES, _heavy(-15, 0, 15)),
    "two groups, 90:10, round 0": Shape("standard", _mostly(0.9), _normal(0, 8)),
    "two groups, 97:3, round 0": Shape("standard", _mostly(0.97), _normal(0, 8)),
    "two groups, 90:10, whole, round 0": Shape("standard", _mostly(0.9), _whole(0, 12, sd=1.5)),
    "two groups, 90:10, round 20": Shape("log", _mostly(0.9), _normal(20, 28)),
    "two groups, 90:10, of money": Shape("log", _mostly(0.9), _money(3, 5.5)),
    "age, and one of 10,000 sd": Shape("log", SIZES, (_with_outlier(_YOUNG, 2e5), *_OLDER)),
    "both sides of 0, and one of 10,000 sd": Shape("log", SIZES, (_BELOW, _ABOVE[0], _with_outlier(_ABOVE[1], 7e4))),
}
