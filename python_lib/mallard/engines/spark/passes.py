"""A pass over customers in Spark: one aggregate for each set of centroids, of which one row per cluster comes back.

The sums are of whole numbers, so that neither the order of the rows nor the partitions change a bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats

MOST_SHARE_BITS = 31
SUM_BITS = 62
UNROLLED = 32
"""A vector with more positions goes through functions of lists: their code is short, whatever its length."""


class Feature(NamedTuple):
    """A column of the customers.

    Attributes:
        name: in SQL.
        size: number of positions of a vector; None for a number.
        bounds: lowest and highest value, at any position.
    """

    name: str
    size: int | None
    bounds: tuple[float, float]

    @property
    def width(self) -> int:
        return self.size or 1


class ExactSum(NamedTuple):
    """A sum in two shares of whole numbers, neither of which overflows.

    Attributes:
        scale: what the terms are multiplied by.
        bits: of the lower share.
    """

    scale: float
    bits: int

    @classmethod
    def of_terms(cls, largest: float, n_rows: int) -> ExactSum:
        """For so many terms, none above the largest in size."""
        bits = min(MOST_SHARE_BITS, SUM_BITS - max(1, n_rows).bit_length())
        return cls(2.0 ** min(1000, 2 * bits - 1 - math.frexp(largest)[1]), bits)

    def sql(self, term: str) -> str:
        """Two columns."""
        whole = f"cast(rint({term} * {_double(self.scale)}) as bigint)"
        return f"sum(shiftright({whole}, {self.bits})), sum({whole} & {2**self.bits - 1})"

    def of(self, high: int, low: int) -> float:
        """The sum, from these columns."""
        return ((high << self.bits) + low) / self.scale


def assigned_sql(
    table: str, features: Sequence[Feature], centroids: Floats, weight: tuple[str, float] | None, n_rows: int
) -> tuple[str, list[ExactSum]]:
    """Sums over the rows of each cluster: its index, the number of rows, and two columns for each exact sum.

    These are the weights, if there are any, the features, the squared distances and the distances, all by weight.

    Args:
        centroids: shape (n_clusters, n_features).
        weight: the column with the weights, and the largest.
    """
    values, lengths = _values(features), np.array([largest for _, largest in _values(features)])
    reach = float(np.max(np.sum((lengths + np.abs(centroids)) ** 2, axis=1)))
    distances = ", ".join(f"{_squared(features, of)} as d{place}" for place, of in enumerate(centroids.tolist()))
    nearest = [f"d{place}" for place in range(len(centroids))]
    smallest = f"least({', '.join(nearest)})" if len(nearest) > 1 else "d0"
    cluster = " ".join(f"when {of} = squared then {place}" for place, of in enumerate(nearest))
    name, heaviest = weight or ("", 1.0)
    by_weight = f" * {name}" if weight else ""
    terms = [*values, ("squared", reach), ("sqrt(squared)", math.sqrt(reach))]
    sums = [(f"{term}{by_weight}", largest * heaviest) for term, largest in terms]
    if weight:
        sums.insert(0, (name, heaviest))
    exact = [ExactSum.of_terms(largest, n_rows) for _, largest in sums]
    columns = ", ".join(of.sql(term) for of, (term, _) in zip(exact, sums, strict=True))
    return (
        f"select cluster, count(*), {columns} from (select *, case {cluster} end as cluster from "
        f"(select *, {smallest} as squared from (select *, {distances} from {table}))) group by cluster"
    ), exact


def assignment_of(
    rows: Sequence[Sequence[Any]], exact: Sequence[ExactSum], centroids: Floats, is_weighted: bool
) -> Assignment:
    """What the rows of the query say."""
    found = np.zeros((len(centroids), len(exact) + 1))
    for cluster, count, *shares in rows:
        if cluster is None:
            continue
        found[cluster, 0] = count
        found[cluster, 1:] = [of.of(high, low) for of, high, low in zip(exact, shares[::2], shares[1::2], strict=True)]
    counts, sums = (found[:, 1], found[:, 2:]) if is_weighted else (found[:, 0], found[:, 1:])
    return Assignment(counts, sums[:, :-2], sums[:, -2], sums[:, -1])


def _values(features: Sequence[Feature]) -> list[tuple[str, float]]:
    """Each coordinate in SQL, and the largest that it can be in size."""
    found = []
    for feature in features:
        largest = max(map(abs, feature.bounds))
        if feature.size is None:
            found.append((feature.name, largest))
        else:
            found += [(f"{feature.name}[{place}]", largest) for place in range(feature.size)]
    return found


def _squared(features: Sequence[Feature], centroid: Sequence[float]) -> str:
    """Squared distance to a centroid, added up from the first feature to the last."""
    terms, start = [], 0
    for feature in features:
        own, start = centroid[start : start + feature.width], start + feature.width
        if feature.size is not None and feature.size > UNROLLED:
            numbers = ", ".join(map(_double, own))
            squares = f"zip_with({feature.name}, array({numbers}), (x, y) -> (x - y) * (x - y))"
            terms.append(f"aggregate({squares}, 0D, (total, x) -> total + x)")
            continue
        for (value, _), of in zip(_values([feature]), own, strict=True):
            difference = f"({value} - {_double(of)})"
            terms.append(f"{difference} * {difference}")
    return " + ".join(terms)


def _double(value: float) -> str:
    """A double with all its digits."""
    return f"({value!r}D)" if value < 0 else f"{value!r}D"
