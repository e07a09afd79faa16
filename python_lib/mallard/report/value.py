"""Whether a report may show what the customers of each segment are worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.report.data import Feature
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.report.features import number_sql
from mallard.report.value_counts import gives_away_few
from mallard.sql.text import folded
from mallard.tables.find import SegmentationTables


def shows_value(
    database: Database,
    tables: SegmentationTables,
    features: Sequence[Feature],
    kinds: Mapping[str, str],
    visible: Collection[int],
    disclosure: Disclosure,
) -> bool:
    """Whether every sum that is shown, or can be deduced, is of enough customers with a value, and counts no few.

    The tables have the label of the column with the values. Where no column that can be counted is called so, nobody
    knows.

    Args:
        kinds: type of each column of the customers.
        visible: ids of the segments that have figures.
    """
    if disclosure.suppress_below <= 1:
        return True
    values = _values(database, tables, features, kinds)
    return bool(values) and all(_are_many(database, tables, value, visible, disclosure) for value in values)


def _are_many(
    database: Database, tables: SegmentationTables, value: str, visible: Collection[int], disclosure: Disclosure
) -> bool:
    known = dict(
        database.tuples(
            f"select segment_id, count({value}) from {tables.customers} where segment_id is not null group by all"
        )
    )
    of_hidden = sum(n for segment, n in known.items() if segment not in visible)
    few = parts_to_hide({segment: [n] for segment, n in known.items()}, disclosure.suppress_below)
    if few & set(visible) or disclosure.hides(of_hidden):
        return False
    return not gives_away_few(database, tables, value, visible, disclosure.suppress_below)


def _values(
    database: Database, tables: SegmentationTables, features: Sequence[Feature], kinds: Mapping[str, str]
) -> list[str]:
    """SQL of the columns that are called what the values are called."""
    named = [f"select feature as name from {tables.beside['profiles']} where label = value_label"]
    if "attributes" in tables.beside:
        labels = f"(select any_value(value_label) from {tables.beside['profiles']})"
        named.append(f"select attribute from {tables.beside['attributes']} where label = {labels} and value is null")
    columns = {folded(column): column for column in kinds}
    of_features = {feature.name: feature.value for feature in features}
    found = [name for (name,) in database.tuples(" union ".join(named))]
    return [
        of_features.get(name) or number_sql(columns[folded(name)])
        for name in found
        if name in of_features or folded(name) in columns
    ]
