"""Counts the customers who have a value in a column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.report.disclosure import parts_to_hide
from mallard.tables.find import SegmentationTables

Counts = dict[str | float | None, dict[int, int]]


def value_counts(database: Database, tables: SegmentationTables, value_sql: str) -> Counts:
    """The number of customers by value, and by segment."""
    counts: Counts = {}
    for value, segment, n in database.tuples(
        f"select {value_sql}, segment_id, count(*) from {tables.customers} where segment_id is not null group by all"
    ):
        counts.setdefault(value, {})[segment] = n
    return counts


def groups(counts: Sequence[Mapping[int, int]], visible: Collection[int]) -> list[int]:
    """The sum of the counts in each segment that has figures, and in all others, because theirs can be deduced."""
    segments = sorted(visible)
    sums = [sum(of_value.get(segment, 0) for of_value in counts) for segment in segments]
    return [*sums, sum(map(sum, (of_value.values() for of_value in counts))) - sum(sums)]


def gives_away_few(
    database: Database, tables: SegmentationTables, number_sql: str, visible: Collection[int], fewest: int
) -> bool:
    """Whether there are but two numbers, so that their means and sums count each of them, and one is of few."""
    [(n_values,)] = database.tuples(
        f"select count(distinct {number_sql}) from {tables.customers} where segment_id is not null"
    )
    if n_values > 2:
        return False
    counts = value_counts(database, tables, number_sql)
    return bool(parts_to_hide({value: groups([of_value], visible) for value, of_value in counts.items()}, fewest))
