"""SQL that makes a table small without losing what K-means needs. Pure functions from names and numbers to text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

GRID_FEATURES = 3
"""With so many features or fewer a coreset is a grid; one of more features would have hardly two customers a cell."""
LINEAR_RANGE = 12
"""A grid has cells of equal width when the feature ranges over no more than so many standard deviations."""


class Moments(NamedTuple):
    """What is known of a feature over all customers."""

    lowest: float
    highest: float
    mean: float
    variance: float


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def folded(identifier: str) -> str:
    """What is equal for identifiers that DuckDB takes for the same: it folds the letters of ASCII only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in identifier)


def summary_sql(table: str, columns: Sequence[str]) -> str:
    """One row: the number of rows, about how many are distinct, and for each column how many have it and its bounds."""
    of_columns = ", ".join(f"count({c}), min({c}), max({c})" for c in map(quoted, columns))
    return f"select count(*), approx_count_distinct(({_list(columns)},)), {of_columns} from {quoted(table)}"


def lengths_sql(table: str, columns: Sequence[str]) -> str:
    """One row: the least and the largest Euclidean length of a row."""
    length = f"sqrt(list_sum([{', '.join(f'{c} * {c}' for c in map(quoted, columns))}]))"
    return f"select min({length}), max({length}) from {quoted(table)}"


def rows_sql(table: str, columns: Sequence[str]) -> str:
    """The columns of every row."""
    return f"select {_list(columns)} from {quoted(table)}"


def distinct_points_sql(table: str, columns: Sequence[str]) -> str:
    """One row per distinct combination of the columns with the number of rows that have it, as n_rows.

    K-means on the rows equals K-means on these, weighted by that number.
    """
    return f"select {_list(columns)}, count(*) as n_rows from {quoted(table)} group by all"


def means_sql(table: str, columns: Sequence[str], largest: Sequence[float]) -> str:
    """One row: the mean of each column and of its square in turn.

    Args:
        largest: what no value of the column exceeds in size.
    """
    means = [
        f"{_exact_sum(quoted(c), size)} / count(*), {_exact_sum(f'{quoted(c)} * {quoted(c)}', size**2)} / count(*)"
        for c, size in zip(columns, largest, strict=True)
    ]
    return f"select {', '.join(means)} from {quoted(table)}"


def grid_sql(table: str, moments: Mapping[str, Moments], n_cells: int) -> str:
    """One row per cell of a grid over the columns that has rows in it: their means, and their number as n_rows.

    Where a feature ranges far beyond its standard deviation, the cells widen with the distance from the mean.

    Args:
        n_cells: cells along each feature.
    """
    cells = ", ".join(_cell(c, of, n_cells) for c, of in moments.items())
    means = ", ".join(
        f"{_exact_sum(quoted(c), max(abs(of.lowest), abs(of.highest)))} / count(*) as {quoted(c)}"
        for c, of in moments.items()
    )
    return f"select {means}, count(*) as n_rows from {quoted(table)} group by {cells}"


def sample_sql(
    table: str, moments: Mapping[str, Moments], n_rows: int, n_draws: int, random_state: int, merge: bool
) -> str:
    """About `n_draws` points, each with the number of rows that it stands for, as n_rows: a lightweight coreset.

    A row is drawn with a chance that is half even and half by its squared distance to the mean; what is drawn depends
    on the values alone, not on the order of the rows. O. Bachem, M. Lucic and A. Krause, "Scalable k-means clustering
    via lightweight coresets", KDD 2018, doi 10.1145/3219819.3219973.

    Args:
        n_rows: in the table.
        merge: whether equal rows are worth the time to find them.
    """
    columns = list(moments)
    total = sum(of.variance for of in moments.values())
    squared = " + ".join(f"pow({quoted(c)} - {_double(of.mean)}, 2)" for c, of in moments.items())
    chance = f"{_double(n_draws / n_rows / 2)} * (1 + ({squared}) / {_double(total)})"
    names = _list(columns)
    points = distinct_points_sql(table, columns) if merge else f"select {names}, 1 as n_rows from {quoted(table)}"
    salt = np.random.RandomState(random_state).randint(2**63, dtype=np.int64)
    even = f"hash(xor(hash({names}), cast({salt} as ubigint))) / 18446744073709551616.0"
    return (
        f"select {names}, n_rows / least(n_rows * chance, 1) as n_rows "
        f"from (select {names}, n_rows, {chance} as chance from ({points})) "
        f"where {even} < n_rows * chance"
    )


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))


def _double(value: float) -> str:
    return f"cast('{value!r}' as double)"


def _cell(column: str, of: Moments, n_cells: int) -> str:
    """The number of the cell in which a value lies."""
    deviation = of.variance**0.5

    def place(value: str) -> str:
        return f"asinh(({value} - {_double(of.mean)}) / {_double(deviation)})"

    if of.highest - of.lowest <= LINEAR_RANGE * deviation:
        value, lowest, highest = quoted(column), _double(of.lowest), _double(of.highest)
    else:
        value, lowest, highest = place(quoted(column)), place(_double(of.lowest)), place(_double(of.highest))
    return f"cast(floor({n_cells} * ({value} - {lowest}) / nullif({highest} - {lowest}, 0)) as integer)"


def _exact_sum(expression: str, largest: float) -> str:
    """A sum that doesn't depend on the order of its terms, because they are added as whole numbers of 62 bits.

    Args:
        largest: what no term exceeds in size.
    """
    scale = _double(2.0 ** min(1000, 61 - math.frexp(largest)[1]))
    return f"cast(sum(cast({expression} * {scale} as bigint)) as double) / {scale}"
