"""Generated tables whose number of groups is known, by which ways to choose the number of segments are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TUNED, OTHER = (1, 2, 3), (201, 202, 203)
"""Seeds of the suites on which the constants of the evidence were chosen, and of those that they hadn't seen."""
N_GROUPS = (2, 3, 4, 5, 6, 8, 10, 12, 15)
N_FEATURES = (2, 3, 4, 6, 8, 16)
N_ROWS = (200, 500, 1000, 3000, 10_000)
ROWS_PER_GROUP = 40
ATTAINABLE = 0.7
"""Where K-means at the true k agrees less with the truth (adjusted Rand index), no choice of k finds the groups."""


class Known(NamedTuple):
    """A table.

    Attributes:
        name: what is in it.
        n_groups: number of groups; 1 if there is no structure.
        rows: the table, standardised, shape (n_rows, n_features).
        weights: how often each row counts, shape (n_rows,).
        truth: the group of each row, shape (n_rows,).
    """

    name: str
    n_groups: int
    rows: Floats
    weights: Floats
    truth: NDArray[np.int64]


def suite(seed: int, n_each: int = 4, most_rows: int = 1_000_000) -> Iterator[Known]:
    """Tables of every kind: some with groups, and three quarters as many without structure.

    Args:
        n_each: number of tables of each kind.
        most_rows: tables with more rows are left out.
    """
    random = np.random.default_rng(seed)
    for i in range(n_each * len(KINDS)):
        kind = list(KINDS)[i % len(KINDS)]
        n_groups, n_features = int(random.choice(N_GROUPS)), int(random.choice(N_FEATURES))
        n_rows = max(int(random.choice(N_ROWS)), ROWS_PER_GROUP * n_groups)
        apart = float(random.choice([4.0, 5.0, 6.0, 8.0]))
        settings = KINDS[kind](random, n_rows, apart)
        of = {"n_rows": n_rows, "apart": apart, **settings}
        yield _table(f"{n_groups} groups, {kind} {of}", n_groups, *_groups(1000 * seed + i, n_groups, n_features, **of))
    for i in range(max(1, 3 * n_each // 4) * len(CLOUDS)):
        kind = list(CLOUDS)[i % len(CLOUDS)]
        n_features, n_rows = int(random.choice([2, 3, 4, 8, 16])), int(random.choice([200, 500, 1000, 5000]))
        rows = CLOUDS[kind](np.random.default_rng(1000 * seed + 500 + i), n_rows, n_features)
        weights = np.arange(n_rows) % 9 + 1.0 if kind == "weights" else np.ones(n_rows)
        yield _table(f"no groups, {kind} {n_rows} x {n_features}", 1, rows, weights, np.zeros(n_rows, int))


Settings = dict[str, Any]

KINDS: dict[str, Callable[[Generator, int, float], Settings]] = {
    "round": lambda random, n, apart: {},
    "unequal sizes": lambda random, n, apart: {"ratio": float(random.choice([5, 20, 100])), "n_rows": max(n, 3000)},
    "unequal spreads": lambda random, n, apart: {"spreads": 3.0, "apart": apart + 2},
    "heavy tails": lambda random, n, apart: {"tails": 5, "apart": apart + 1},
    "whole numbers": lambda random, n, apart: {"units": int(random.choice([1, 3]))},
    "noise features": lambda random, n, apart: {"noise": int(random.choice([1, 2, 3]))},
    "a category": lambda random, n, apart: {"categories": 1},
    "elongated": lambda random, n, apart: {"shape": "long", "apart": apart + 1},
    "weights": lambda random, n, apart: {"weights": True},
    "close": lambda random, n, apart: {"apart": 3.3, "n_rows": max(n, 1000)},
    "copied rows": lambda random, n, apart: {"copies": 4, "n_rows": max(n, 1000)},
    "skewed": lambda random, n, apart: {"shape": "skew"},
    "boxes": lambda random, n, apart: {"shape": "box"},
    "many rows": lambda random, n, apart: {"n_rows": int(random.choice([100_000, 1_000_000]))},
}
"""What is special about the groups, by kind."""


def _ball(random: Generator, n: int, d: int) -> Floats:
    rows = random.normal(size=(n, d))
    return rows * (random.random(n) ** (1 / d) / np.linalg.norm(rows, axis=1))[:, None]


def _shop(random: Generator, n: int, d: int) -> Floats:
    """Orders, revenue and days since the last order: who orders more spends more and was there lately."""
    liking = random.normal(size=n)
    orders = 1 + random.poisson(np.exp(0.9 * liking + 0.3))
    revenue = np.round(orders * np.exp(random.normal(3, 0.6, n)), 2)
    recency = np.round(365 * random.beta(1, 1 + np.exp(0.5 * liking), n))
    columns = [orders, revenue, recency, *np.round(random.normal(45, 13, (max(0, d - 3), n)))]
    return np.transpose([_by_shape(column.astype(np.float64)) for column in columns])


def _by_shape(column: Floats) -> Floats:
    """Logarithms where values are skewed."""
    skewness = np.mean((column - column.mean()) ** 3) / column.std() ** 3
    return np.arcsinh(column / np.quantile(column[column > 0], 0.25)) if abs(skewness) > 1 else column


CLOUDS: dict[str, Callable[[Generator, int, int], Floats]] = {
    "normal": lambda random, n, d: random.normal(size=(n, d)),
    "uniform": lambda random, n, d: random.random((n, d)),
    "heavy tails": lambda random, n, d: random.standard_t(4, size=(n, d)),
    "lognormal": lambda random, n, d: np.exp(0.7 * random.normal(size=(n, d))),
    "very skewed": lambda random, n, d: np.exp(1.1 * random.normal(size=(n, d))),
    "exponential": lambda random, n, d: random.exponential(size=(n, d)),
    "correlated": lambda random, n, d: random.normal(size=(n, d)) @ random.normal(size=(d, d)),
    "whole numbers": lambda random, n, d: np.round(4 * random.normal(size=(n, d))),
    "counts": lambda random, n, d: random.poisson(2.5, size=(n, d)).astype(np.float64),
    "a ball": _ball,
    "a flag": lambda random, n, d: np.column_stack([random.normal(size=(n, d)), np.eye(2)[random.integers(2, size=n)]]),
    "a category": lambda random, n, d: np.column_stack(
        [random.normal(size=(n, d)), np.eye(3)[random.choice(3, n, p=[0.6, 0.3, 0.1])]]
    ),
    "copied rows": lambda random, n, d: random.normal(size=(n // 4, d))[random.integers(0, n // 4, n)],
    "weights": lambda random, n, d: random.normal(size=(n, d)),
    "a shop": _shop,
}
"""Tables without structure, by kind."""


def _table(name: str, n_groups: int, rows: Floats, weights: Floats, truth: NDArray[np.int64]) -> Known:
    mean = np.average(rows, axis=0, weights=weights)
    spread = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights))
    return Known(name, n_groups, (rows - mean) / spread, weights, truth)


def _groups(
    seed: int,
    n_groups: int,
    n_features: int,
    n_rows: int,
    apart: float,
    ratio: float = 1.0,
    spreads: float = 1.0,
    shape: str = "round",
    units: int = 0,
    noise: int = 0,
    categories: int = 0,
    tails: int = 0,
    weights: bool = False,
    copies: int = 1,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Rows around centres that are apart, in standard deviations; their weights, and the group of each."""
    random = np.random.default_rng(seed)
    centers = _centers(random, n_groups, n_features, apart)
    truth = random.choice(n_groups, n_rows, p=_shares(random, n_groups, ratio))
    deviations = np.exp((random.random(n_groups) - 0.5) * np.log(spreads))
    around = _around(random, shape, tails, truth, n_features)
    rows = centers[truth] + around * deviations[truth, None]
    if units:
        rows = np.round(rows * units)
    if noise:
        rows = np.hstack([rows, random.normal(size=(n_rows, noise)) * rows.std(axis=0).mean()])
    for _ in range(categories):
        rows = np.hstack([rows, np.eye(3)[random.integers(3, size=n_rows)] * rows.std(axis=0).mean()])
    counts = random.integers(1, 10, n_rows).astype(np.float64) if weights else np.ones(n_rows)
    if copies > 1:
        some = random.integers(0, n_rows // copies, n_rows)
        rows, truth = rows[some], truth[some]
    return rows, counts, truth


def _around(random: Generator, shape: str, tails: int, truth: NDArray[np.int64], n_features: int) -> Floats:
    """Where rows are around their centres, with standard deviation 1 or so."""
    size = len(truth), n_features
    if tails:
        return random.standard_t(tails, size=size)
    around = random.normal(size=size)
    if shape == "long":
        turns = np.linalg.qr(random.normal(size=(truth.max() + 1, n_features, n_features)))[0]
        return np.einsum("nij,nj->ni", turns[truth] * np.r_[1.6, np.full(n_features - 1, 0.75)], around)
    if shape == "skew":
        return (random.gamma(2.0, size=size) - 2) / np.sqrt(2)
    if shape == "box":
        return (random.random(size) - 0.5) * np.sqrt(12)
    return around


def _centers(random: Generator, n_groups: int, n_features: int, apart: float) -> Floats:
    """Centres no two of which are nearer to each other than this, or a little less if there is no room."""
    side = apart * max(1.5, n_groups ** (1 / min(n_features, 3)))
    found: list[Floats] = []
    for _ in range(20_000):
        center = random.random(n_features) * side
        if all(np.linalg.norm(center - other) >= apart for other in found):
            found.append(center)
            if len(found) == n_groups:
                return np.array(found)
    return _centers(random, n_groups, n_features, 0.95 * apart)


def _shares(random: Generator, n_groups: int, ratio: float) -> Floats:
    """Shares of the groups, of which the largest is this many times the smallest."""
    sizes = np.exp(random.random(n_groups) * np.log(ratio))
    sizes[0], sizes[-1] = 1, ratio
    return sizes / sizes.sum()
