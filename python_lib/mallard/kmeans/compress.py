"""Compression: few weighted points in place of many customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mallard.kmeans.points import Floats, Rows, WeightedPoints

FINER = 16
"""A coreset with more points, by this factor, brings the centroids close to where they rest on all customers."""
UNSURE = 2
"""The approximate number of distinct customers may be wrong by almost this factor, in DuckDB 1.5."""


class Customers(Rows, Protocol):
    """Customers, with an engine's methods to compress them.

    Attributes:
        sizes: for each feature, the number of positions of a vector; None for a number.
        bounds: for each feature, the smallest and largest value, at any position of a vector.
        n_distinct: approximate number of distinct customers.
        n_missing: for each feature, the number of customers without a value.
        n_without_weight: number of customers without a usable weight.
    """

    sizes: Sequence[int | None]
    bounds: Sequence[tuple[float, float]]
    n_distinct: int
    n_missing: Sequence[int]
    n_without_weight: int

    @property
    def total_weight(self) -> float:
        """Total weight of all customers."""

    def count_distinct(self) -> int:
        """The exact number of distinct customers."""

    def lengths(self) -> tuple[float, float]:
        """Smallest and largest Euclidean length of a customer's features."""

    def all_points(self) -> WeightedPoints:
        """One point per customer."""

    def distinct_points(self) -> WeightedPoints:
        """The distinct customers; identical ones add up their weights."""

    def coresets(self, sizes: Sequence[int], random_state: int) -> list[WeightedPoints]:
        """For each size, about so many weighted points that represent all customers."""

    def even_sample(self, n_draws: int, random_state: int) -> Floats:
        """About `n_draws` customers, drawn in proportion to their weights, shape (number drawn, n_features)."""


@dataclass(frozen=True)
class Compression:
    """Points that represent customers.

    Attributes:
        method: "exact" (the distinct customers), "coreset" (points that represent several distinct ones) or "none".
        points: the points to cluster in place of the customers.
        n_customers: number of customers that they represent.
        finer: with method "coreset", more points for the same customers, `FINER` times as many.
    """

    method: str
    points: WeightedPoints
    n_customers: int
    finer: WeightedPoints | None = None

    @property
    def is_lossless(self) -> bool:
        """Whether K-means on the points is equivalent to K-means on the customers."""
        return self.finer is None

    @property
    def ratio(self) -> float:
        """Customers per point."""
        return self.n_customers / len(self.points)


def compress(customers: Customers, method: str, max_points: int, random_state: int) -> Compression:
    """Compress the customers into few points.

    Args:
        method: one of `Compression.method`, or "auto": "exact" with at most `max_points` points, "coreset" otherwise.
    """
    if method == "auto":
        method = "exact" if are_few(customers, max_points) else "coreset"
    if method == "coreset":
        points, finer = customers.coresets([max_points, FINER * max_points], random_state)
        return Compression(method, points, len(customers), finer)
    points = customers.distinct_points() if method == "exact" else customers.all_points()
    return Compression(method, points, len(customers))


def are_few(customers: Customers, max_points: int) -> bool:
    """Whether there are at most `max_points` distinct customers.

    Counts exactly where the approximation can't tell, so that the answer is the same on every engine.
    """
    about = min(customers.n_distinct, len(customers))
    if UNSURE * about <= max_points or about > UNSURE * max_points:
        return about <= max_points
    return customers.count_distinct() <= max_points
