"""Hides figures of few customers in columns that are no features."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.report.data import Row
from mallard.report.disclosure import parts_to_hide
from mallard.report.features import number_sql
from mallard.report.value_counts import gives_away_few, groups, value_counts
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables


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
        elif not _are_of_few(database, tables, column, of_column, visible, fewest):
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
) -> set[str | float | None]:
    """The texts that have to be left out; None stands for all that the table doesn't list."""
    counts = value_counts(database, tables, f"cast({quoted(column)} as varchar)")
    listed = dict.fromkeys(row["value"] for row in rows)
    unlisted = [text for text in counts if text not in listed]
    parts: dict[str | float | None, list[int]] = {text: groups([counts.get(text, {})], visible) for text in listed}
    parts[None] = groups([counts[text] for text in unlisted], visible)
    return parts_to_hide(parts, fewest)


def _are_of_few(
    database: Database,
    tables: SegmentationTables,
    column: str,
    rows: Sequence[Row],
    visible: Collection[int],
    fewest: int,
) -> bool:
    """Whether the means of a column of numbers count few customers; dates have no means."""
    has_means = any(row["mean"] is not None for row in rows)
    return has_means and gives_away_few(database, tables, number_sql(column), visible, fewest)
