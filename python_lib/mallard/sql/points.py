"""SQL that turns the rows of a table into few weighted points without losing what K-means needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mallard.sql.exact_sum import exact_sum_sql
from mallard.sql.text import double, quoted

GRID_FEATURES = 3
"""With so many features or fewer a coreset is a grid; one of more features would have hardly two customers a cell."""
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-12, 1e12
"""What sums of weights are exact for."""
LINEAR_RANGE = 12
"""A grid has cells of equal width when the feature ranges over no more than so many standard deviations."""


class Moments(NamedTuple):
    """What is known of a feature over all customers."""

    lowest: float
    highest: float
    mean: float
    variance: float


class Weight(NamedTuple):
    """The column that says how often a row counts, and what no value in it exceeds."""

    column: str
    largest: float


def summary_sql(table: str, columns: Sequence[str]) -> str:
    """One row: the number of rows, about how many are distinct, and for each column how many have it and its bounds."""
    of_columns = ", ".join(f"count({c}), min({c}), max({c})" for c in map(quoted, columns))
    return f"select count(*), approx_count_distinct(row({_list(columns)})), {of_columns} from {quoted(table)}"


def lengths_sql(table: str, columns: Sequence[str]) -> str:
    """One row: the least and the largest Euclidean length of a row."""
    length = f"sqrt(list_sum([{', '.join(f'{c} * {c}' for c in map(quoted, columns))}]))"
    return f"select min({length}), max({length}) from {quoted(table)}"


def weights_sql(table: str, column: str) -> str:
    """One row: how many rows have no usable weight, how many there are, the largest weight, and about their sum."""
    weight = _weight_of(column)
    is_weight = f"coalesce({weight} between {SMALLEST_WEIGHT!r} and {LARGEST_WEIGHT!r}, false)"
    return (
        f"select count(*) filter (where not {is_weight}), count(*), max({weight}), sum({weight}) from {quoted(table)}"
    )


def total_sql(table: str, weight: Weight | None) -> str:
    """One row: how often all rows count together."""
    return f"select {_total(weight)} from {quoted(table)}"


def rows_sql(table: str, columns: Sequence[str], weight: Weight | None = None) -> str:
    """The columns of every row, then how often it counts, as weight, unless every row counts once."""
    weights = f", {_weight_of(weight.column)} as weight" if weight else ""
    return f"select {_list(columns)}{weights} from {quoted(table)}"


def distinct_points_sql(table: str, columns: Sequence[str], weight: Weight | None = None) -> str:
    """One row per distinct combination of the columns with how often the rows that have it count, as weight.

    K-means on the rows equals K-means on these, weighted by that number.
    """
    return f"select {_list(columns)}, {_total(weight)} as weight from {quoted(table)} group by {_list(columns)}"


def means_sql(table: str, columns: Sequence[str], largest: Sequence[float], weight: Weight | None = None) -> str:
    """One row: the mean of each column and of its square in turn.

    Args:
        largest: what no value of the column exceeds in size.
    """
    means = [
        f"{_mean(quoted(c), size, weight)}, {_mean(f'{quoted(c)} * {quoted(c)}', size**2, weight)}"
        for c, size in zip(columns, largest, strict=True)
    ]
    return f"select {', '.join(means)} from {quoted(table)}"


def grid_sql(table: str, moments: Mapping[str, Moments], n_cells: int, weight: Weight | None = None) -> str:
    """One row per cell of a grid over the columns that has rows in it: their means, and as weight how often they count.

    Where a feature ranges far beyond its standard deviation, the cells widen with the distance from the mean.

    Args:
        n_cells: cells along each feature.
    """
    cells = ", ".join(_cell(c, of, n_cells) for c, of in moments.items())
    means = ", ".join(
        f"{_mean(quoted(c), max(abs(of.lowest), abs(of.highest)), weight)} as {quoted(c)}" for c, of in moments.items()
    )
    return f"select {means}, {_total(weight)} as weight from {quoted(table)} group by {cells}"


def sample_sql(
    table: str,
    moments: Mapping[str, Moments],
    total_weight: float,
    n_draws: int,
    random_state: int,
    merge: bool,
    weight: Weight | None = None,
) -> str:
    """About `n_draws` points, each with how often the rows that it stands for count, as weight: a lightweight coreset.

    A row is drawn with a chance that is half even and half by its squared distance to the mean; what is drawn depends
    on the values alone, not on the order of the rows. O. Bachem, M. Lucic and A. Krause, "Scalable k-means clustering
    via lightweight coresets", KDD 2018, doi 10.1145/3219819.3219973.

    Args:
        total_weight: how often all rows count together.
        merge: whether equal rows are worth the time to find them.
    """
    columns = list(moments)
    total = sum(of.variance for of in moments.values())
    squared = " + ".join(f"pow({quoted(c)} - {double(of.mean)}, 2)" for c, of in moments.items())
    chance = f"{double(n_draws / total_weight / 2)} * (1 + ({squared}) / {double(total)})"
    names = _list(columns)
    points = distinct_points_sql(table, columns, weight) if merge else rows_sql(table, columns, weight)
    of_point = "weight" if merge or weight else "1"
    salt = np.random.RandomState(random_state).randint(2**63, dtype=np.int64)
    even = f"hash(xor(hash({names}), cast({salt} as ubigint))) / 18446744073709551616.0"
    return (
        f"select {names}, {of_point} / least({of_point} * chance, 1) as weight "
        f"from (select *, {chance} as chance from ({points})) "
        f"where {even} < {of_point} * chance"
    )


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))


def _cell(column: str, of: Moments, n_cells: int) -> str:
    """The number of the cell in which a value lies."""
    deviation = of.variance**0.5

    def place(value: str) -> str:
        return f"asinh(({value} - {double(of.mean)}) / {double(deviation)})"

    if of.highest - of.lowest <= LINEAR_RANGE * deviation:
        value, lowest, highest = quoted(column), double(of.lowest), double(of.highest)
    else:
        value, lowest, highest = place(quoted(column)), place(double(of.lowest)), place(double(of.highest))
    return f"cast(floor({n_cells} * ({value} - {lowest}) / nullif({highest} - {lowest}, 0)) as integer)"


def _weight_of(column: str) -> str:
    return f"cast({quoted(column)} as double)"


def _total(weight: Weight | None) -> str:
    """How often rows count together."""
    return exact_sum_sql(_weight_of(weight.column), weight.largest) if weight else "count(*)"


def _mean(expression: str, largest: float, weight: Weight | None) -> str:
    """Of rows as often as they count.

    Args:
        largest: what the expression doesn't exceed in size.
    """
    if weight:
        expression, largest = f"{expression} * {_weight_of(weight.column)}", largest * weight.largest
    return f"{exact_sum_sql(expression, largest)} / {_total(weight)}"
