"""Which columns besides the features say what else is different about a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mallard.inputs.columns import Query
from mallard.inputs.features import TEXTS
from mallard.inputs.settings import Settings
from mallard.inputs.sizes import LARGEST_SQUARED, UNBOUNDED, largest_sql
from mallard.inputs.values import listed
from mallard.sql.columns import NUMBERS, Column
from mallard.sql.text import exact_text, folded, quoted

LARGEST_SHARE_OF_DIFFERENT = 0.5
"""Texts with more different values than this share of the customers with a value are names and the like."""

WITHOUT_ARITHMETIC = ("timestamptz_ns", "timestamp_ns with time zone")
"""Moments of which DuckDB 2.0 can't make a number."""


@dataclass(frozen=True)
class Attribute:
    """A column that is no feature.

    Attributes:
        column: its name.
        kind: "number", "text", which booleans count as, or "time", which dates count as.
    """

    column: str
    kind: str


@dataclass(frozen=True)
class LeftOut:
    """Columns that should be attributes, but can't be.

    Attributes:
        too_varied: texts that are nearly all different, of those columns that the settings name.
        too_large: numbers that can't be squared.
    """

    too_varied: list[str]
    too_large: list[str]


def attributes_of(
    columns: Sequence[Column], used: str, settings: Settings, query: Query
) -> tuple[list[Attribute], LeftOut]:
    """The attributes, and the columns that people may miss among them.

    Args:
        columns: all of the table.
        used: what follows `from` in a query for the customers who get a segment.
        settings: spelled as in the table, with every feature listed.

    Raises:
        MallardError: `profile_columns` names a column that isn't there or of which nothing can be said.
    """
    named = settings.profile_columns is not None
    chosen = _chosen(columns, settings) if named else _others(columns, settings)
    kinds = {column.name: kind for column in chosen if (kind := _kind(column)) is not None}
    varied = [name for name, kind in kinds.items() if kind == "text" and _is_mostly_different(name, used, query)]
    large = _too_large([column.name for column in chosen if column.kind in UNBOUNDED], used, query)
    attributes = [Attribute(name, kind) for name, kind in kinds.items() if name not in (*varied, *large)]
    return attributes, LeftOut(too_varied=varied if named else [], too_large=large)


def _others(columns: Sequence[Column], settings: Settings) -> list[Column]:
    excluded = [folded(name) for name in settings.publish_exclude or ()]
    parts = (settings.id, settings.group_by, settings.weight_column, *(settings.features or ()))
    return [column for column in columns if column.name not in parts and folded(column.name) not in excluded]


def _chosen(columns: Sequence[Column], settings: Settings) -> list[Column]:
    by_name = {folded(column.name): column for column in columns}
    excluded = [folded(name) for name in settings.publish_exclude or ()]
    chosen: list[Column] = []
    for given in settings.profile_columns or ():
        column = by_name.get(folded(given))
        if column is None:
            remedy = f"the select has no column '{given}'; choose from {listed([of.name for of in columns])}"
        elif column in chosen:
            remedy = f"'{column.name}' is listed twice; list it once"
        elif column.name == settings.id:
            remedy = f"'{column.name}' is the id, which is different for everybody; remove it"
        elif column.name in (settings.features or ()):
            remedy = (
                f"'{column.name}' is a feature, and profiles speak of these; remove it, or list features without it"
            )
        elif folded(column.name) in excluded:
            remedy = (
                f"'{column.name}' is in publish_exclude, so nothing is said about it; remove it from one of the two"
            )
        elif _kind(column) is None:
            remedy = f"'{column.name}' is {column.kind.upper()}; name columns of numbers, texts, booleans or dates"
        else:
            chosen.append(column)
            continue
        raise settings.refusal("profile_columns", remedy)
    return chosen


def _kind(column: Column) -> str | None:
    if column.kind in NUMBERS:
        return "number"
    if column.kind in TEXTS or column.kind == "boolean":
        return "text"
    is_time = column.kind.startswith(("date", "timestamp")) and column.kind not in WITHOUT_ARITHMETIC
    return "time" if is_time else None


def _is_mostly_different(name: str, used: str, query: Query) -> bool:
    text = exact_text(quoted(name))
    [(n_values, n_known)] = query(f"select count(distinct {text}), count({text}) from {used}")
    return bool(n_values > LARGEST_SHARE_OF_DIFFERENT * n_known)


def _too_large(names: Sequence[str], used: str, query: Query) -> list[str]:
    if not names:
        return []
    [largest] = query(f"select {', '.join(map(largest_sql, names))} from {used}")
    return [name for name, of_name in zip(names, largest, strict=True) if (of_name or 0) > LARGEST_SQUARED]
