"""Which columns of a select play which part: the id, the features, the weight and the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mallard.errors import MallardError
from mallard.inputs.settings import Settings
from mallard.inputs.values import listed
from mallard.sql.columns import NUMBERS, Column
from mallard.sql.points import LARGEST_WEIGHT, SMALLEST_WEIGHT, weights_sql
from mallard.sql.repeats import repeated_sql, same_value_sql
from mallard.sql.text import folded, quoted

OWN_PREFIXES = ("squared_distance_", "mallard__")
MAX_SHOWN = 5

Query = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query and returns all rows."""


def check_names(columns: Sequence[Column], added: Sequence[str]) -> None:
    """Refuse columns whose names a segmentation needs for columns of its own.

    Args:
        added: the columns that it adds.
    """
    for column in columns:
        if folded(column.name) in added or folded(column.name).startswith(OWN_PREFIXES):
            raise MallardError(
                f"column {column.name} has a name that the segmentation needs for a column of its own: give it another "
                "name in the select."
            )


def check_excluded(columns: Sequence[Column], added: Sequence[str], settings: Settings) -> None:
    """Refuse columns to leave out of what is published that aren't there: a misspelt one would be published."""
    names = [column.name for column in columns] + list(added)
    for excluded in settings.publish_exclude or ():
        if folded(excluded) not in map(folded, names):
            raise settings.refusal("publish_exclude", f"there is no column {excluded}; choose from {listed(names)}")


def spelled_as_in(columns: Sequence[Column], settings: Settings) -> Settings:
    """The settings with id, group, features, weight and value spelled as the table does, and with every feature listed.

    DuckDB ignores the case of names, so these settings may too.

    Raises:
        MallardError: a setting names a column that isn't there or can't play that part.
    """
    names = {folded(column.name): column.name for column in columns}
    settings = replace(
        settings,
        weight_column=_numeric("weight_column", columns, settings),
        value_column=_numeric("value_column", columns, settings),
    )
    id_column = _id_column(names, settings)
    group_by = _group_by(names, id_column, settings)
    others = [name for name in names.values() if name not in (id_column, group_by, settings.weight_column)]
    if not others:
        and_weight = f", and the weight, {settings.weight_column}" if settings.weight_column else ""
        and_group = f", and the group, {group_by}" if group_by else ""
        raise MallardError(
            f"the select has no column besides the id, {id_column}{and_group}{and_weight}: add what to compare "
            f"{settings.rows.many} by."
        )
    features = _features(names, id_column, others, settings)
    if group_by in features:
        raise settings.refusal("features", f"'{group_by}' is the column of the groups, the same in each; remove it")
    return replace(settings, id=id_column, group_by=group_by, features=features)


def check_ids(columns: Sequence[Column], settings: Settings, table: str, query: Query) -> None:
    """Refuse a table without rows, and ids that are missing or repeated."""
    id_column = quoted(str(settings.id))
    kind = next(column.kind for column in columns if column.name == settings.id)
    [(n_rows, n_known)] = query(f"select count(*), count({id_column}) from {table}")
    if not n_rows:
        raise MallardError(
            f"there are no {settings.rows.many} to segment: the select returns no rows; check its conditions and "
            "what it reads."
        )
    if n_known < n_rows:
        raise MallardError(
            f"column {settings.id} identifies {settings.rows.many} and is null in {n_rows - n_known:,} of {n_rows:,} "
            "rows: leave these out in the select, or give them an id."
        )
    if not query(repeated_sql(id_column, kind, table)):
        return
    same_id = same_value_sql(id_column, kind)
    repeated = query(
        f"select cast(example as varchar), count(*) over () from (select any_value({id_column}) as example, "
        f"{same_id} as same_id from {table} group by {same_id} having count(*) > 1) order by same_id asc "
        f"limit {MAX_SHOWN}"
    )
    examples = listed([customer for customer, _ in repeated])
    n_repeated = repeated[0][1]
    raise MallardError(
        f"column {settings.id} identifies {settings.rows.many}, but {n_repeated:,} of its values occur more than "
        f"once ({examples}{', ...' if n_repeated > len(repeated) else ''}): keep one row of each in the select."
    )


def check_weights(settings: Settings, table: str, query: Query) -> None:
    """Refuse weights that are no numbers of customers."""
    if settings.weight_column is None:
        return
    [(n_without, n_rows, _, total)] = query(weights_sql(table, settings.weight_column))
    if n_without:
        raise settings.refusal(
            "weight_column",
            f"it isn't a number above 0 (from {SMALLEST_WEIGHT:g} to {LARGEST_WEIGHT:g}) in {n_without:,} of "
            f"{n_rows:,} rows; exclude rows that should not count",
        )
    if total <= 1:
        raise settings.refusal(
            "weight_column",
            f"its values add up to {total:g}, so they look like shares; multiply them by the number of "
            f"{settings.rows.many} in the select",
        )


def _numeric(setting: str, columns: Sequence[Column], settings: Settings) -> str | None:
    given: str | None = getattr(settings, setting)
    if given is None:
        return None
    column = next((column for column in columns if folded(column.name) == folded(given)), None)
    if column is None:
        names = listed([column.name for column in columns])
        raise settings.refusal(setting, f"the select has no such column; choose from {names}")
    if column.kind not in NUMBERS:
        raise settings.refusal(setting, f"the column is {column.kind.upper()}; name a numeric one")
    return column.name


def _id_column(names: Mapping[str, str], settings: Settings) -> str:
    if settings.id is None:
        raise settings.refusal(
            "id",
            f"set it to the column that identifies each {settings.rows.one}, one of {listed(list(names.values()))}",
        )
    if folded(settings.id) not in names:
        raise settings.refusal("id", f"the select has no such column; choose from {listed(list(names.values()))}")
    return names[folded(settings.id)]


def _group_by(names: Mapping[str, str], id_column: str, settings: Settings) -> str | None:
    if settings.group_by is None:
        return None
    column = names.get(folded(settings.group_by))
    if column is None:
        remedy = f"the select has no such column; choose from {listed(list(names.values()))}"
    elif column in (id_column, settings.weight_column):
        remedy = f"it is the {'id' if column == id_column else 'weight'}; name another column"
    elif folded(column) in map(folded, settings.publish_exclude or ()):
        remedy = "it is in publish_exclude, and groups have their names from it; remove it from one of the two"
    else:
        return column
    raise settings.refusal("group_by", remedy)


def _features(
    names: Mapping[str, str], id_column: str, others: Sequence[str], settings: Settings
) -> list[str] | dict[str, Any]:
    if settings.features is None:
        return list(others)
    for feature in settings.features:
        if folded(feature) not in names:
            raise settings.refusal("features", f"the select has no column '{feature}'; choose from {listed(others)}")
    spelled = [names[folded(feature)] for feature in settings.features]
    for feature in spelled:
        if spelled.count(feature) > 1:
            raise settings.refusal("features", f"'{feature}' is listed twice; list it once")
        if feature == id_column:
            raise settings.refusal("features", f"'{feature}' is the id, which says nothing about likeness; remove it")
    if isinstance(settings.features, Mapping):  # dbt hands it on in any order
        given = dict(zip(spelled, settings.features.values(), strict=True))
        return {name: given[name] for name in names.values() if name in given}
    return spelled
