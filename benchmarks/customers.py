"""Customers of several laws, and what happens to them.

Later customers are other ones of the same law, or the same with other values of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import log_ndtr

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

MONTH_TO_MONTH = 0.8
"""How much of what a customer deviates from the group is left when the values change."""
N_RECENCY = 3
"""Features of recency, orders and revenue."""


class Customers(NamedTuple):
    """Customers before they have values.

    Attributes:
        groups: the group of each, shape (n,).
        deviations: how they deviate from it, standard normal, shape (n, n_features).
    """

    groups: Labels
    deviations: Floats


@dataclass(frozen=True)
class Law:
    """How customers get their values.

    Attributes:
        name: of the kind.
        shares: of the groups, shape (n_groups,).
        centers: of the groups, shape (n_groups, n_features).
        values: function of the centers and the deviations of customers. The last feature is an amount of money.
        is_skewed: whether its scale is a logarithm.
        n_clusters: number of segments.
    """

    name: str
    shares: Floats
    centers: Floats
    values: Callable[[Floats, Floats], Floats]
    is_skewed: bool
    n_clusters: int

    def draw(self, n: int, random: Generator) -> Customers:
        groups = random.choice(len(self.shares), size=n, p=self.shares)
        return Customers(groups, random.normal(size=(n, self.centers.shape[1])))

    def changed(self, customers: Customers, random: Generator) -> Customers:
        """The same customers, with other values of the same law."""
        news = random.normal(size=customers.deviations.shape)
        left = MONTH_TO_MONTH * customers.deviations + np.sqrt(1 - MONTH_TO_MONTH**2) * news
        return Customers(customers.groups, left)

    def rows(self, customers: Customers) -> Floats:
        return self.values(self.centers[customers.groups], customers.deviations)


def law(kind: str, random: Generator) -> Law:
    """A law of this kind: with 2 to 8 features, and 3 to 7 segments."""
    n_clusters, n_features = int(random.integers(3, 8)), int(random.integers(2, 9))
    shares = random.uniform(0.5, 1.5, n_clusters)
    of_one_group = kind in ("one cloud", "recency, orders, revenue")
    if kind == "recency, orders, revenue":
        n_features = N_RECENCY
    apart = {"separate groups": 8.0, "touching groups": 3.5, "heavy tails": 8.0, "counts": 3.0}.get(kind, 0.0)
    centers = np.zeros((1, n_features)) if of_one_group else _apart(n_clusters, n_features, apart, random)
    mixing = np.linalg.qr(random.normal(size=(n_features, n_features)))[0] * random.uniform(0.5, 2.0, n_features)
    values: dict[str, Callable[[Floats, Floats], Floats]] = {
        "separate groups": lambda centers, deviations: centers + deviations,
        "touching groups": lambda centers, deviations: centers + deviations,
        "one cloud": lambda _, deviations: 5 + deviations @ mixing.T,
        "counts": lambda centers, deviations: np.floor(np.exp(0.5 * (centers + deviations))),
        "recency, orders, revenue": lambda _, deviations: _orders(deviations),
        "heavy tails": lambda centers, deviations: centers + np.sinh(deviations) / 1.8,
    }
    return Law(
        kind,
        np.ones(1) if of_one_group else shares / shares.sum(),
        centers,
        values[kind],
        kind in ("counts", "recency, orders, revenue"),
        n_clusters,
    )


KINDS = ("separate groups", "touching groups", "one cloud", "counts", "recency, orders, revenue", "heavy tails")


def _apart(n: int, n_features: int, distance: float, random: Generator) -> Floats:
    """Centers, each of which has its nearest at this distance or more; none is negative."""
    width = distance * max(1.5, n ** (1 / n_features))
    centers = [random.uniform(0, width, n_features)]
    while len(centers) < n:
        candidate = random.uniform(0, width, n_features)
        if min(np.linalg.norm(candidate - center) for center in centers) >= distance:
            centers.append(candidate)
        else:
            width *= 1.01
    return np.array(centers)


def _orders(deviations: Floats) -> Floats:
    """Days since the last order, number of orders, and revenue: who orders more ordered of late and spent more."""
    orders = np.floor(np.exp(1 + 0.8 * deviations[:, 1]))
    days = np.floor(-60 * log_ndtr(0.8 * deviations[:, 0] + 0.6 * deviations[:, 1]))
    revenue = (orders + 1) * np.exp(3 + 0.5 * deviations[:, 2])
    return np.column_stack([days, orders, revenue])


class Scaled(NamedTuple):
    """Features as a fit scaled them: the logarithm of skewed ones, and standard deviations from the mean."""

    center: Floats
    spread: Floats
    is_skewed: bool

    @classmethod
    def of(cls, rows: Floats, is_skewed: bool) -> Scaled:
        logarithms = np.arcsinh(rows) if is_skewed else rows
        return cls(logarithms.mean(axis=0), logarithms.std(axis=0), is_skewed)

    def __call__(self, rows: Floats) -> Floats:
        return ((np.arcsinh(rows) if self.is_skewed else rows) - self.center) / self.spread


def dearer(rows: Floats, factor: float = 4 / 3) -> Floats:
    """The last feature is an amount, and prices rise by a third."""
    return rows * np.append(np.ones(rows.shape[1] - 1), factor)


def with_movers(scaled: Floats, labels: Labels, random: Generator, share: float = 0.1) -> Floats:
    """As many of all customers leave the largest segment, and become like those of another."""
    largest = int(np.bincount(labels).argmax())
    other = int(random.choice(np.unique(labels[labels != largest])))
    n = min(int(share * len(scaled)), int((labels == largest).sum()))
    moved = scaled.copy()
    moved[random.choice(np.flatnonzero(labels == largest), n, replace=False)] = scaled[
        random.choice(np.flatnonzero(labels == other), n)
    ]
    return moved


def with_a_new_kind(scaled: Floats, centroids: Floats, random: Generator, share: float = 0.1) -> Floats:
    """As many of all customers give way to new ones who are where hardly anybody was."""
    lowest, highest = np.quantile(scaled, [0.01, 0.99], axis=0)
    places = random.uniform(lowest, highest, (20, scaled.shape[1]))
    farthest = places[np.linalg.norm(places[:, None] - centroids, axis=2).min(axis=1).argmax()]
    renewed = scaled.copy()
    who = random.choice(len(scaled), int(share * len(scaled)), replace=False)
    renewed[who] = farthest + 0.3 * random.normal(size=(len(who), scaled.shape[1]))
    return renewed


def melted(scaled: Floats, labels: Labels, centroids: Floats) -> Floats:
    """The two segments that are nearest to each other become one, in the middle between them."""
    distances = np.linalg.norm(centroids[:, None] - centroids, axis=2)
    distances[np.diag_indices_from(distances)] = np.inf
    pair = list(np.unravel_index(distances.argmin(), distances.shape))
    together = scaled.copy()
    for segment in pair:
        together[labels == segment] += centroids[pair].mean(axis=0) - centroids[segment]
    return together
