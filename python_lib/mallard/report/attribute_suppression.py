"""Hides figures of few customers in columns that are no features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.report.data import Row
from mallard.report.disclosure import parts_to_hide
from mallard.report.features import number_sql
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables

Counts = dict[str | None, dict[int, int]]


def shown_rows(
    database: Database,
    tables: SegmentationTables,
    kinds: Mapping[str, str],
    rows: Sequence[Row],
    visible: Collection[int],
    fewest: int,
) -> list[Row]:
    """The rows of the table of attributes that give away nothing about fewer customers.

    A text is left out of all segments or of none. What is left of a column that isn't among the customers can't be
    counted, so nothing of it is shown.
    """
    columns = {folded(column): column for column in kinds}
    shown: list[Row] = []
    for name in dict.fromkeys(row["attribute"] for row in rows):
        column = columns.get(folded(name))
        of_column = [row for row in rows if row["attribute"] == name]
        if column is None:
            continue
        if any(row["value"] is not None for row in of_column):
            hidden = _texts_to_hide(database, tables, column, of_column, visible, fewest)
            shown += [row for row in of_column if row["value"] not in hidden]
        elif not _gives_away_zeros_or_ones(database, tables, column, of_column, visible, fewest):
            few = parts_to_hide({row["segment_id"]: [row["n_customers"]] for row in of_column}, fewest)
            shown += [row for row in of_column if row["segment_id"] not in few]
    return shown


def _texts_to_hide(
    database: Database,
    tables: SegmentationTables,
    column: str,
    rows: Sequence[Row],
    visible: Collection[int],
    fewest: int,
) -> set[str | None]:
    """The texts that have to be left out; None stands for all that the table doesn't list."""
    counts = _counts(database, tables, f"cast({quoted(column)} as varchar)")
    listed = dict.fromkeys(row["value"] for row in rows)
    unlisted = [text for text in counts if text not in listed]
    parts = {text: _groups([counts.get(text, {})], visible) for text in listed}
    parts[None] = _groups([counts[text] for text in unlisted], visible)
    return parts_to_hide(parts, fewest)


def _gives_away_zeros_or_ones(
    database: Database,
    tables: SegmentationTables,
    column: str,
    rows: Sequence[Row],
    visible: Collection[int],
    fewest: int,
) -> bool:
    """Whether all numbers are 0 or 1, so that their means count the ones, and one of these counts is of few."""
    if all(row["mean"] is None for row in rows):
        return False
    number = number_sql(column)
    [(are_binary,)] = database.tuples(f"select coalesce(bool_and({number} in (0, 1)), false) from {tables.customers}")
    if not are_binary:
        return False
    counts = _counts(database, tables, f"cast(cast({number} as integer) as varchar)")
    return bool(parts_to_hide({text: _groups([of_text], visible) for text, of_text in counts.items()}, fewest))


def _counts(database: Database, tables: SegmentationTables, text_sql: str) -> Counts:
    """The number of customers by text, and by segment."""
    counts: Counts = {}
    for text, segment, n in database.tuples(
        f"select {text_sql}, segment_id, count(*) from {tables.customers} where segment_id is not null group by all"
    ):
        counts.setdefault(text, {})[segment] = n
    return counts


def _groups(counts: Sequence[Mapping[int, int]], visible: Collection[int]) -> list[int]:
    """The sum of the counts in each segment that has figures, and in all others, because theirs can be deduced."""
    segments = sorted(visible)
    sums = [sum(of_text.get(segment, 0) for of_text in counts) for segment in segments]
    return [*sums, sum(map(sum, (of_text.values() for of_text in counts))) - sum(sums)]
