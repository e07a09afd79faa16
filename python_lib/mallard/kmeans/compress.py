"""Few weighted points for many customers: which, and whether anything was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mallard.kmeans.points import Floats, Rows, WeightedPoints


class Customers(Rows, Protocol):
    """Customers, and the ways an engine has to make few points of them.

    Attributes:
        n_distinct: about how many different customers there are.
        n_missing: for each feature, how many customers lack it.
        n_without_weight: how many customers have no usable weight.
    """

    n_distinct: int
    n_missing: Sequence[int]
    n_without_weight: int

    def lengths(self) -> tuple[float, float]:
        """The Euclidean lengths of the shortest and of the longest customer."""

    def all_points(self) -> WeightedPoints:
        """Every customer a point."""

    def distinct_points(self) -> WeightedPoints:
        """The different customers, weighted by how often they count together."""

    def coreset(self, max_points: int, random_state: int) -> WeightedPoints:
        """About `max_points` weighted points that stand for all."""

    def even_sample(self, n_draws: int, random_state: int) -> Floats:
        """About `n_draws` of the customers, with chances by their weights, shape (number drawn, n_features)."""


@dataclass(frozen=True)
class Compression:
    """Points that stand for customers.

    Attributes:
        method: "exact" (the distinct customers), "coreset" (points that stand for different ones) or "none".
        points: few points in place of the customers.
        n_customers: for how many they stand.
    """

    method: str
    points: WeightedPoints
    n_customers: int

    def __str__(self) -> str:
        return (
            f"{self.n_customers:,} customers clustered as {len(self.points):,} points "
            f"({self.method}, {self.ratio:.3g} customers a point)"
        )

    @property
    def is_lossless(self) -> bool:
        """Whether K-means on the points is K-means on the customers."""
        return self.method != "coreset"

    @property
    def ratio(self) -> float:
        """Customers for each point."""
        return self.n_customers / len(self.points)


def compress(customers: Customers, method: str, max_points: int, random_state: int) -> Compression:
    """Make few points of the customers.

    Args:
        method: one of `Compression.method`, or "auto": without loss if that takes no more than `max_points` points.
    """
    if method == "auto":
        method = "exact" if min(customers.n_distinct, len(customers)) <= max_points else "coreset"
    if method == "exact":
        points = customers.distinct_points()
    elif method == "coreset":
        points = customers.coreset(max_points, random_state)
    else:
        points = customers.all_points()
    return Compression(method, points, len(customers))
