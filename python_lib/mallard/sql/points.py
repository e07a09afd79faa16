"""SQL that compresses the rows of a table into few weighted points and keeps what K-means needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mallard.sql.columns import Bounds, Scaled
from mallard.sql.evenness import EVEN, even_sql
from mallard.sql.exact_sum import exact_sum_sql
from mallard.sql.text import double, literal, quoted

GRID_FEATURES = 3
"""Up to this many features, a coreset is a grid; with more features, few cells would have two customers."""
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-12, 1e12
"""Weights outside this range are refused. A sum adds each weight to within 2^-62 of the largest."""
N_BUCKETS = 4096
"""Into so many, rows are spread by their values, to see which values many have."""
CHANCE = "mallard__chance"
"""The column with the chance of a row to be drawn, for each unit of its weight."""
LINEAR_RANGE = 12
"""A grid has cells of equal width if the range of the feature is at most this many standard deviations."""


class Moments(NamedTuple):
    """Statistics of a feature over all customers.

    Attributes:
        lowest, highest: bounds, at any position of a vector.
        mean: one for each position.
        variance: the sum over the positions.
    """

    lowest: float
    highest: float
    mean: Sequence[float]
    variance: float

    @classmethod
    def of_means(cls, bounds: Bounds, excess: Sequence[float], square: float) -> Moments:
        """The moments of a feature from what `means_sql` gives."""
        variance = max(square - sum(of**2 for of in excess), 0.0)
        return cls(*bounds, [_middle(bounds) + of for of in excess], variance)


class Weight(NamedTuple):
    """The column with the weights of the rows, and an upper bound on its values."""

    column: str
    largest: float


def summary_sql(table: str, columns: Sequence[Scaled]) -> str:
    """One row: the number of rows, the approximate number of distinct rows, and each column's count, min and max."""
    of_columns = ", ".join(map(_summary, columns))
    return f"select count(*), approx_count_distinct(row({_list(columns)})), {of_columns} from {quoted(table)}"


def count_distinct_sql(table: str, columns: Sequence[Scaled]) -> str:
    """One row: the exact number of distinct rows."""
    return f"select count(*) from (select distinct {_list(columns)} from {quoted(table)})"


def lengths_sql(table: str, columns: Sequence[Scaled]) -> str:
    """One row: the smallest and the largest Euclidean length of a row."""
    length = f"sqrt(list_sum([{', '.join(map(_square, columns))}]))"
    return f"select min({length}), max({length}) from {quoted(table)}"


def weights_sql(table: str, column: str) -> str:
    """One row: the number of rows without a usable weight, of all rows, the largest weight, and a sum of the weights.

    The sum is approximate: its last digits depend on the order of the rows.
    """
    weight = _weight_of(column)
    is_weight = f"coalesce({weight} between {SMALLEST_WEIGHT!r} and {LARGEST_WEIGHT!r}, false)"
    return (
        f"select count(*) filter (where not {is_weight}), count(*), max({weight}), sum({weight}) from {quoted(table)}"
    )


def total_sql(table: str, weight: Weight | None) -> str:
    """One row: the total weight of all rows."""
    return f"select {_total(weight)} from {quoted(table)}"


def rows_sql(table: str, columns: Sequence[Scaled], weight: Weight | None = None) -> str:
    """The columns of every row, then its weight, if there is a column of weights."""
    weights = f', {_weight_of(weight.column)} as "weight"' if weight else ""
    return f"select {_list(columns)}{weights} from {quoted(table)}"


def distinct_points_sql(table: str, columns: Sequence[Scaled], weight: Weight | None = None) -> str:
    """One row per distinct combination of the columns, with the total weight of its rows.

    K-means on the rows equals weighted K-means on these.
    """
    return f'select {_list(columns)}, {_total(weight)} as "weight" from {quoted(table)} group by {_list(columns)}'


def means_sql(table: str, columns: Mapping[Scaled, Bounds], weight: Weight | None = None) -> str:
    """One row: for each column, a list of the means of what its positions exceed the middle by, and the mean square.

    Args:
        columns: the columns, with the bounds of their values.
    """
    means = ", ".join(_means(column, bounds, weight) for column, bounds in columns.items())
    return f"select {means} from {quoted(table)}"


def grid_sql(table: str, moments: Mapping[Scaled, Moments], n_cells: int, weight: Weight | None = None) -> str:
    """One row per non-empty cell of a grid over columns of numbers: the means of its rows, and their total weight.

    If a feature ranges far beyond its standard deviation, the cells widen with the distance from the mean.

    Args:
        n_cells: number of cells along each feature.
    """
    cells = ", ".join(_cell(column.name, of, n_cells) for column, of in moments.items())
    means = ", ".join(
        f"{_mean(quoted(column.name), max(abs(of.lowest), abs(of.highest)), weight)} as {quoted(column.name)}"
        for column, of in moments.items()
    )
    return f'select {means}, {_total(weight)} as "weight" from {quoted(table)} group by {cells}'


def crowded_buckets_sql(table: str, columns: Sequence[Scaled], fewest: int) -> str:
    """One row per bucket with more than `fewest` rows: its number, and that of its rows. Equal rows share a bucket."""
    return (
        f"select bucket, count(*) from (select {_bucket(columns)} as bucket from {quoted(table)}) group by bucket "
        f"having count(*) > {fewest} order by bucket asc"
    )


def merged_points_sql(
    table: str, columns: Sequence[Scaled], buckets: Sequence[int], weight: Weight | None = None
) -> str:
    """The columns and the weight of every row; of those in some buckets, one row per distinct combination.

    Args:
        buckets: as in `crowded_buckets_sql`.
    """
    names, weights = _list(columns), _weight_of(weight.column) if weight else "1"
    if not buckets:
        return f'select {names}, {weights} as "weight" from {quoted(table)}'
    within = f"{_bucket(columns)} in ({', '.join(map(str, buckets))})"
    return (
        f'select {names}, {weights} as "weight" from {quoted(table)} where not {within} union all '
        f'select {names}, {_total(weight)} as "weight" from {quoted(table)} where {within} group by {names}'
    )


def sample_sql(
    points: str, moments: Mapping[Scaled, Moments], total_weight: float, n_draws: int, random_state: int
) -> str:
    """Rows to draw samples of up to `n_draws` from, each with its weight, its chance to be drawn, and its number.

    A row is drawn if its number is below the product of weight and chance, and into a sample of half as many if it is
    below half of it. Half of the chance is uniform, so that all rows of an even sample of half as many are among them,
    and half is proportional to the squared distance to the mean, as in a lightweight coreset: O. Bachem, M. Lucic and
    A. Krause, "Scalable k-means clustering via lightweight coresets", KDD 2018, doi 10.1145/3219819.3219973. The draw
    depends on the values alone, not on the order of the rows.

    Args:
        points: a query for the rows with a column "weight". Equal ones are drawn together.
        total_weight: total weight of all rows.
    """
    columns = list(moments)
    total = sum(of.variance for of in moments.values()) or 1.0
    squared = " + ".join(_square_from(column, of.mean) for column, of in moments.items())
    chance = f"{double(n_draws / total_weight / 2)} * (1 + ({squared}) / {double(total)})"
    return (
        f'select {_list(columns)}, "weight", {CHANCE}, {EVEN} '
        f"from (select *, {chance} as {CHANCE} from ({even_sql(points, columns, random_state)})) "
        f'where {EVEN} < "weight" * {CHANCE}'
    )


def _bucket(columns: Sequence[Scaled]) -> str:
    """The number of the bucket of a row, of `N_BUCKETS`."""
    rng = np.random.RandomState(0)
    terms = []
    for column in columns:
        name, factors = quoted(column.name), rng.uniform(1, 2, column.size or 1) * N_BUCKETS
        if column.size is None:
            terms.append(f"cast({name} as double) * {double(float(factors[0]))}")
        else:
            kind = f"double[{column.size}]"
            numbers = literal(repr(factors.tolist()))
            terms.append(f"array_inner_product(cast({name} as {kind}), cast({numbers} as {kind}))")
    total = f"({' + '.join(terms)})"
    return f"cast(floor(({total} - floor({total})) * {N_BUCKETS}) as integer)"


def _list(columns: Sequence[Scaled]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _summary(column: Scaled) -> str:
    name = quoted(column.name)
    if column.size is None:
        return f"count({name}), min({name}), max({name})"
    is_known = f"list_aggregate({name}, 'count') = {column.size}"
    return f"count(*) filter ({is_known}), min(list_min({name})), max(list_max({name}))"


def _square(column: Scaled) -> str:
    """Squared length."""
    name = quoted(column.name)
    return f"{name} * {name}" if column.size is None else f"array_inner_product({name}, {name})"


def _square_from(column: Scaled, mean: Sequence[float]) -> str:
    """Squared distance from the mean."""
    name = quoted(column.name)
    if column.size is None:
        excess = f"({name} - {double(mean[0])})"
        return f"{excess} * {excess}"  # takes a fraction of the time of pow()
    return f"pow(array_distance({name}, cast({literal(repr(list(mean)))} as double[{column.size}])), 2)"


def _middle(bounds: Bounds) -> float:
    """What means are measured from: far from zero, squares lose the digits that a variance is made of."""
    lowest, highest = bounds
    return lowest / 2 + highest / 2


def _means(column: Scaled, bounds: Bounds, weight: Weight | None) -> str:
    name, origin = quoted(column.name), _middle(bounds)
    reach = max(abs(bound - origin) for bound in bounds)
    values = [name] if column.size is None else [f"{name}[{place}]" for place in range(1, column.size + 1)]
    exceeds = [f"({value} - {double(origin)})" for value in values]
    if column.size is None:
        square, largest = f"{exceeds[0]} * {exceeds[0]}", reach**2
    else:
        square, largest = _square_from(column, [origin] * column.size), reach**2 * column.size
    return f"[{', '.join(_mean(of, reach, weight) for of in exceeds)}], {_mean(square, largest, weight)}"


def _cell(column: str, of: Moments, n_cells: int) -> str:
    """Number of the cell that contains the value."""
    deviation = of.variance**0.5

    def place(value: str) -> str:
        return f"asinh(({value} - {double(of.mean[0])}) / {double(deviation)})"

    if of.highest - of.lowest <= LINEAR_RANGE * deviation:
        value, lowest, highest = quoted(column), double(of.lowest), double(of.highest)
    else:
        value, lowest, highest = place(quoted(column)), place(double(of.lowest)), place(double(of.highest))
    return f"cast(floor({n_cells} * ({value} - {lowest}) / nullif({highest} - {lowest}, 0)) as integer)"


def _weight_of(column: str) -> str:
    return f"cast({quoted(column)} as double)"


def _total(weight: Weight | None) -> str:
    """Total weight of rows."""
    return exact_sum_sql(_weight_of(weight.column), weight.largest) if weight else "count(*)"


def _mean(expression: str, largest: float, weight: Weight | None) -> str:
    """Weighted mean of an expression.

    Args:
        largest: upper bound on the absolute value of the expression.
    """
    if weight:
        expression, largest = f"{expression} * {_weight_of(weight.column)}", largest * weight.largest
    return f"{exact_sum_sql(expression, largest)} / {_total(weight)}"
