"""Reads how any two segments differ in each column, by effect size.

The formulas are those of the macro `mallard.differences`, where their sources stand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mallard.engines.duckdb.database import Database
from mallard.figures import figure
from mallard.kmeans.points import Floats
from mallard.report.data import Attribute, Compared, Difference, Differences, Feature
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.report.features import column_of, number_sql, short
from mallard.report.suppression import Hidden
from mallard.report.value_counts import groups, value_counts
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables

MOST_OF_PAIR, FEWEST_OF_PAIR, MOST_OF_ALL = 12, 3, 6000
"""How many differences a pair has: at most, at least, and about how many all pairs have together."""
FEWEST_DESCRIBED = 5
"""What fewer customers of two segments have isn't named, as in the macro."""


@dataclass(frozen=True)
class Numbers:
    """A column of numbers or times.

    Attributes:
        sql: of the number.
        label: what people call it.
        typical: see `Compared`.
        segments: ids of the segments in which it may be shown.
    """

    sql: str
    label: str
    typical: dict[int, str]
    segments: frozenset[int]


@dataclass(frozen=True)
class Texts:
    """A column of texts or booleans."""

    column: str
    label: str


def read_differences(
    database: Database,
    tables: SegmentationTables,
    columns: Sequence[Numbers | Texts],
    visible: Collection[int],
    weight_column: str | None,
    fewest: int,
) -> Differences | None:
    """The differences between all pairs of segments that have figures; None if there are fewer than two, or no column.

    Args:
        weight_column: says how often a customer counts; None if each counts once.
        fewest: values of texts that fewer customers have aren't named.
    """
    segments = sorted(visible)
    if len(segments) < 2 or not columns:
        return None
    weight = "1.0" if weight_column is None else f"cast({quoted(weight_column)} as double)"
    found: dict[tuple[int, int], list[tuple[float, Difference]]] = {pair: [] for pair in combinations(segments, 2)}
    for place, column in enumerate(columns):
        if isinstance(column, Texts):
            by_pair = _of_texts(database, tables, column, place, segments, weight, fewest)
        else:
            by_pair = _of_numbers(database, tables, column, place, segments, weight)
        for pair, difference in by_pair.items():
            found[pair].append(difference)
    most = max(FEWEST_OF_PAIR, min(MOST_OF_PAIR, MOST_OF_ALL // len(found)))
    return Differences(
        columns=[Compared(c.label, isinstance(c, Texts), {} if isinstance(c, Texts) else c.typical) for c in columns],
        pairs={
            pair: [difference for _, difference in sorted(of_pair, key=lambda one: -one[0])[:most]]
            for pair, of_pair in found.items()
        },
    )


def cohens_d(count: Floats, mean: Floats, spread: Floats) -> tuple[float, float] | None:
    """Difference of the means of two segments in pooled standard deviations, and their point-biserial correlation.

    Args:
        count: how often the customers with a value count, shape (2,).
        spread: population standard deviations, shape (2,).

    Returns:
        None if it isn't defined.
    """
    apart, both = mean[0] - mean[1], count.sum()
    within = float((count * spread**2).sum())
    between = count.prod() / both * apart**2
    if not count.all() or both <= 2 or not 0 < within < np.inf or not np.isfinite(between):
        return None
    return float(apart / np.sqrt(within / (both - 2))), float(np.sqrt(between / (between + within)))


def cramers_v(counts: Floats) -> float | None:
    """Cramér's V, corrected for bias, of the values of a text and two segments.

    Args:
        counts: how often the customers with a value count in each, shape (n_values, 2).

    Returns:
        None if it isn't defined.
    """
    counts = counts[counts.sum(axis=1) > 0]
    of_segments, both, n_values = counts.sum(axis=0), counts.sum(), len(counts)
    if not of_segments.all() or n_values < 2 or both <= 2:
        return None
    expected = counts.sum(axis=1, keepdims=True) * of_segments / both
    contingency = float(((counts - expected) ** 2 / expected).sum() / both)
    excess = max(0.0, contingency - (n_values - 1) / (both - 1))
    largest = min(n_values - 1 - (n_values - 1) ** 2 / (both - 1), 1 - 1 / (both - 1))
    return float(np.sqrt(excess / largest)) if largest > 0 else None


def _of_numbers(
    database: Database,
    tables: SegmentationTables,
    column: Numbers,
    place: int,
    segments: Sequence[int],
    weight: str,
) -> dict[tuple[int, int], tuple[float, Difference]]:
    rows = database.tuples(
        f"with known as (select segment_id, {column.sql} as x, {weight} as w from {tables.customers} "
        "where segment_id is not null), "
        "means as (select segment_id, sum(w) as n, sum(w * x) / sum(w) as mean from known where x is not null "
        "group by segment_id) "
        "select segment_id, any_value(n), any_value(mean), sqrt(sum(w * (x - mean) * (x - mean)) / any_value(n)) "
        "from known inner join means using (segment_id) where x is not null group by segment_id"
    )
    of = {segment: np.array(rest, dtype=float) for segment, *rest in rows if segment in column.segments}
    found = {}
    for pair in combinations(segments, 2):
        if of.keys() >= set(pair) and (effect := cohens_d(*np.array([of[one] for one in pair]).T)) is not None:
            found[pair] = (effect[1], Difference(place, effect[0]))
    return found


def _of_texts(
    database: Database,
    tables: SegmentationTables,
    column: Texts,
    place: int,
    segments: Sequence[int],
    weight: str,
    fewest: int,
) -> dict[tuple[int, int], tuple[float, Difference]]:
    rows = database.tuples(
        f"select cast({quoted(column.column)} as varchar) as value, segment_id, sum({weight}), count(*) "
        f"from {tables.customers} where segment_id is not null and value is not null "
        "group by value, segment_id order by value collate posix asc, segment_id asc"
    )
    values = {value: i for i, value in enumerate(dict.fromkeys(value for value, *_ in rows))}
    at = {segment: i for i, segment in enumerate(segments)}
    counts, numbers = np.zeros((2, len(values), len(segments)))
    for value, segment, of_value, n in rows:
        if segment in at:
            counts[values[value], at[segment]], numbers[values[value], at[segment]] = of_value, n
    texts = list(values)
    found = {}
    for pair in combinations(segments, 2):
        of_pair = counts[:, [at[one] for one in pair]]
        effect = cramers_v(of_pair)
        if effect is None:
            continue
        shares = of_pair / of_pair.sum(axis=0)
        apart = np.where(numbers[:, [at[one] for one in pair]].sum(axis=1) >= fewest, abs(shares @ [1, -1]), -1.0)
        most = int(apart.argmax())
        named = (
            (short(texts[most]) or "(empty)", (float(shares[most, 0]), float(shares[most, 1])))
            if apart[most] >= 0
            else (None, None)
        )
        found[pair] = (effect, Difference(place, effect, *named))
    return found


def columns_to_compare(
    database: Database,
    tables: SegmentationTables,
    kinds: Mapping[str, str],
    features: Sequence[Feature],
    means: Mapping[int, Mapping[str, float | None]],
    attributes: Sequence[Attribute],
    visible: Collection[int],
    hidden: Hidden,
    disclosure: Disclosure,
) -> list[Numbers | Texts]:
    """Features and other columns, as far as they may be shown; those that aren't among the customers are left out.

    Args:
        kinds: type of each column of the customers.
        features: that are numbers, and shown.
        means: of each segment: the mean of each feature, by key.
        attributes: what the page shows of other columns.
    """
    names = {folded(column): column for column in kinds}
    found: dict[str, Numbers | Texts] = {}
    for feature in features:
        column = names.get(folded(column_of(feature.name, list(kinds))))
        if feature.is_share and column is not None:
            label = feature.label if folded(feature.name) == folded(column) else feature.label.partition("=")[0]
            found.setdefault(column, Texts(column, label or "(no name)"))
        elif not feature.is_share:
            typical = {segment: figure(of[feature.key]) for segment, of in means.items()}
            free = frozenset(visible) - {segment for segment, name in hidden.cells if name == feature.name}
            found[feature.name] = Numbers(feature.value, feature.label, typical, free)
    by_column: dict[str, list[Attribute]] = {}
    for attribute in attributes:
        by_column.setdefault(attribute.column, []).append(attribute)
    for name, of_column in by_column.items():
        column = names.get(folded(name))
        if column is None or column in found:
            continue
        if any(attribute.value is not None for attribute in of_column):
            found[column] = Texts(column, of_column[0].label)
        else:
            is_time = any(attribute.median_at is not None for attribute in of_column)
            found[column] = Numbers(
                f"epoch(cast({quoted(column)} as timestamp))" if is_time else number_sql(column),
                of_column[0].label,
                {a.segment: _when(a) if is_time else figure(a.mean) for a in of_column},
                frozenset(attribute.segment for attribute in of_column),
            )
    fewest = disclosure.suppress_below
    return [
        column
        for column in found.values()
        if fewest <= 1 or not (isinstance(column, Texts) and _names_few(database, tables, column, visible, fewest))
    ]


def _when(attribute: Attribute) -> str:
    return "" if attribute.median_at is None else f"{attribute.median_at:%Y-%m-%d}"


def _names_few(
    database: Database, tables: SegmentationTables, column: Texts, visible: Collection[int], fewest: int
) -> bool:
    """Whether a value of a text is of few customers of a segment: the effect size could tell their number."""
    counts = value_counts(database, tables, f"cast({quoted(column.column)} as varchar)")
    return bool(parts_to_hide({value: groups([of_value], visible) for value, of_value in counts.items()}, fewest))
