"""What the columns of a table say of a customer, as numbers: SQL for each feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mallard.compression import folded, literal, quoted
from mallard.errors import MallardError
from mallard.settings import ClusterSettings, FeatureSettings

FRACTIONS = {"float", "double"}
WHOLE_NUMBERS = {u + size for u in ("", "u") for size in ("tinyint", "smallint", "integer", "bigint", "hugeint")}
NUMBERS = WHOLE_NUMBERS | FRACTIONS | {"decimal"}
TEXTS = {"varchar", "enum"}
VECTORS = {"list", "array"}
TIMES = {
    ("date", "timestamp"): "date_diff('day', {}, current_date)",
    ("time",): "date_part('hour', {})",
    ("interval",): "date_part('epoch', {})",
}
"""What to make of a column of such a type."""

Query = Callable[[str], list[tuple[Any, ...]]]


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        kind: the id of its DuckDB type, such as "double".
        element: that of the elements of a list or an array, else None.
    """

    name: str
    kind: str
    element: str | None = None


@dataclass(frozen=True)
class Feature:
    """A number that is known of each customer.

    Attributes:
        name: what people call it.
        expression: SQL of type DOUBLE, null where a customer hasn't got it.
        scale: how it is made comparable, see `mallard.settings`.
        weight: what the scaled feature is multiplied with.
        fill: what stands in for a missing one: "none", "mean" or "median".
    """

    name: str
    expression: str
    scale: str
    weight: float
    fill: str


def features_of(
    columns: Sequence[Column], table: str, settings: FeatureSettings, query: Query
) -> dict[str, list[Feature]]:
    """The features that each column gives: one for a number or a boolean, several for categories and vectors.

    Args:
        settings: which columns, as the table spells them.
        table: where the columns are, as SQL names it.
        query: runs a query on the table.

    Raises:
        MallardError: a column can't be a feature; the message says what to do.
    """
    by_name = {column.name: column for column in columns}
    chosen = [by_name[name] for name in settings.features or ()]
    return _with_names_of_their_own({c.name: _features_of_column(c, table, settings, query) for c in chosen})


def weight_of(columns: Sequence[Column], settings: ClusterSettings) -> str | None:
    """The column that says how often a customer counts, as the table spells it.

    Raises:
        MallardError: there is no such column, or it holds no numbers.
    """
    if settings.weight_column is None:
        return None
    column = next((column for column in columns if folded(column.name) == folded(settings.weight_column)), None)
    if column is None:
        raise settings.refusal(
            "weight_column", f"there is no such column; choose from {', '.join(column.name for column in columns)}"
        )
    if column.kind not in NUMBERS:
        raise settings.refusal(
            "weight_column", f"it is {column.kind.upper()}, which is no number; give a numeric column"
        )
    return column.name


def _features_of_column(column: Column, table: str, settings: FeatureSettings, query: Query) -> list[Feature]:
    if column.kind in NUMBERS:
        values, scale = {column.name: _number(quoted(column.name), column.kind)}, settings.scale
    elif column.kind == "boolean":
        values, scale = {column.name: f"cast({quoted(column.name)} as double)"}, "none"
    elif column.kind in TEXTS:
        values, scale = _categories(column, table, settings, query), "none"
    elif column.kind in VECTORS and column.element in NUMBERS:
        values, scale = _elements(column, table, query), "none"
    else:
        raise MallardError(f"column {column.name} is {column.kind.upper()}, which is no number: {_remedy(column)}.")
    if not values:
        raise MallardError(f"column {column.name} has a value in no row: leave it out of features.")
    weight = settings.of_feature(column.name, "weight", 1)
    fill = settings.nulls if settings.nulls in ("mean", "median") else "none"
    scale = settings.of_feature(column.name, "scale", scale)
    return [Feature(name, expression, scale, weight, fill) for name, expression in values.items()]


def _number(sql: str, kind: str | None) -> str:
    number = f"cast({sql} as double)"
    return f"case when isfinite({sql}) then {number} end" if kind in FRACTIONS else number


def _categories(column: Column, table: str, settings: FeatureSettings, query: Query) -> dict[str, str]:
    text = f"cast({quoted(column.name)} as varchar)"
    most = settings.max_categories
    found = query(f"select distinct {text} from {table} where {text} is not null order by 1 limit {most + 1}")
    if len(found) > most:
        raise MallardError(
            f"column {column.name} has more than {most} different texts, too many for categories: group them in the "
            "select, leave the column out of features, or raise max_categories."
        )
    return {f"{column.name}={value}": f"cast({text} = {literal(value)} as double)" for (value,) in found}


def _elements(column: Column, table: str, query: Query) -> dict[str, str]:
    name = quoted(column.name)
    [(shortest, longest)] = query(f"select min(len({name})), max(len({name})) from {table}")
    if shortest != longest:
        raise MallardError(
            f"column {column.name} has lists of {shortest} to {longest} numbers: make them equally long in the select."
        )
    return {
        f"{column.name}[{place}]": _number(f"{name}[{place}]", column.element) for place in range(1, (longest or 0) + 1)
    }


def _remedy(column: Column) -> str:
    name = quoted(column.name)
    otherwise = "or name the columns to compare customers by under features"
    for kinds, example in TIMES.items():
        if column.kind.startswith(kinds):
            return f"make one of it in the select, such as {example.format(name)}, {otherwise}"
    return f"take numbers or categories out of it in the select, {otherwise}"


def _with_names_of_their_own(by_column: dict[str, list[Feature]]) -> dict[str, list[Feature]]:
    """The same features; where names differ in nothing but capitals, the later ones get a number."""
    taken: set[str] = set()
    for features in by_column.values():
        for place, feature in enumerate(features):
            name, number = feature.name, 1
            while folded(name) in taken:
                number += 1
                name = f"{feature.name} ({number})"
            taken.add(folded(name))
            features[place] = replace(feature, name=name)
    return by_column
