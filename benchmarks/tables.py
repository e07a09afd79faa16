"""Tables on which partitions are compared with the best known: made here, but for the Mall data."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MALL = Path(__file__).parents[1] / "seeds" / "mall_customers.csv"


class Table(NamedTuple):
    """A table.

    Attributes:
        what: what is in it.
        rows: function of the number of rows and a random generator that returns the rows and their weights.
        n_rows: number of rows before equal ones are merged.
        n_clusters: every k that is tried; a sweep if there are several.
    """

    what: str
    rows: Callable[[int, np.random.Generator], tuple[Floats, Floats]]
    n_rows: int
    n_clusters: range

    def make(self, n_rows: int) -> tuple[Floats, Floats]:
        return self.rows(n_rows, np.random.default_rng(0))


def _one_each(rows: Floats) -> tuple[Floats, Floats]:
    return rows, np.ones(len(rows))


def _whole_numbers(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    centers = np.array([[15, 20], [25, 80], [55, 50], [88, 82], [87, 17]])
    rows = np.round(centers[random.integers(5, size=n)] + 9 * random.normal(size=(n, 2)))
    distinct, times = np.unique(rows, axis=0, return_counts=True)
    return distinct, times.astype(np.float64)


def _mall(_n: int, _random: np.random.Generator) -> tuple[Floats, Floats]:
    with MALL.open(newline="") as file:
        customers = list(csv.DictReader(file))
    columns = ("Annual Income (k$)", "Spending Score (1-100)")
    return _one_each(np.array([[float(customer[column]) for column in columns] for customer in customers]))


def _groups(centers: Floats, deviation: float, n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    rows = np.repeat(centers, n // len(centers), axis=0)
    return _one_each(rows + deviation * random.normal(size=rows.shape))


def _unequal(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    centers, shares = 2 * random.normal(size=(10, 8)), random.dirichlet(np.full(10, 2.0))
    return _one_each(centers[random.choice(10, n, p=shares)] + random.normal(size=(n, 8)))


def _weighted(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    centers = 1.5 * random.normal(size=(6, 5))
    rows = centers[random.integers(6, size=n)] + random.normal(size=(n, 5))
    return rows, random.integers(1, 20, n).astype(np.float64)


def _places(n_groups: int, deviation: float) -> Callable[[int, np.random.Generator], tuple[Floats, Floats]]:
    return lambda n, random: _groups(100 * random.random((n_groups, 2)), deviation, n, random)


def _grid(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    return _groups(np.array([[i // 10, i % 10] for i in range(100)], dtype=float), 0.25, n, random)


def _sine(n: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    i = np.arange(100.0)
    return _groups(np.column_stack([2 * np.pi * i, 50 * np.sin(i / 4)]), 1.4, n, random)


TABLES = {
    "whole numbers": Table("five overlapping groups, merged and weighted", _whole_numbers, 2_000_000, range(2, 13)),
    "normal 2": Table("one normal cloud", lambda n, r: _one_each(r.normal(size=(n, 2))), 20_000, range(2, 13)),
    "uniform 4": Table("a uniform cube", lambda n, r: _one_each(r.random((n, 4))), 20_000, range(2, 13)),
    "log-normal 3": Table("heavy tails", lambda n, r: _one_each(r.lognormal(size=(n, 3))), 12_000, range(2, 13)),
    "weighted 5": Table("six groups with weights", _weighted, 8_000, range(2, 13)),
    "unequal 8": Table("ten groups of unequal size", _unequal, 10_000, range(2, 21)),
    "normal 16": Table("one normal cloud", lambda n, r: _one_each(r.normal(size=(n, 16))), 10_000, range(2, 13)),
    "15 places": Table("15 groups, as in the published set s1", _places(15, 3.0), 4_995, range(2, 31)),
    "20 places": Table("20 groups, as in the published set a1", _places(20, 3.0), 3_000, range(2, 41)),
    "Mall": Table("the 200 customers of the example", _mall, 200, range(2, 13)),
    "50 places": Table("50 groups, as in the published set a3", _places(50, 2.0), 7_500, range(50, 51)),
    "grid": Table("100 groups, as in the published set birch1", _grid, 100_000, range(100, 101)),
    "sine": Table("100 groups, as in the published set birch2", _sine, 100_000, range(100, 101)),
    "no groups": Table(
        "100 clusters of one normal cloud", lambda n, r: _one_each(r.normal(size=(n, 2))), 20_000, range(100, 101)
    ),
}
