"""What a table looks like: how many rows it has, and of each column the kind and how many values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mallard.engines.duckdb.database import Database
from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.sql.text import folded, literal, quoted

FAMILIES = {
    "whole": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
              "UHUGEINT"),
    "number": ("FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"),
    "text": ("VARCHAR", "ENUM", "UUID"),
    "moment": ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"),
    "boolean": ("BOOLEAN",),
}  # fmt: skip
"""Types that play the same parts."""
OTHER = "other"
NUMBERS = ("whole", "number")
FORMATS = [
    f"{day}{clock}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d-%b-%Y")
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
]
"""How dates are written as text; those that DuckDB casts to a moment need none."""
LIKE_A_DATE = re.compile(r"\d{1,4}[-/.]\w{1,3}[-/.]\d{2,4}")


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        family: one of `FAMILIES`, or "other".
        n_known: number of rows that have a value; blank texts are none.
        n_distinct: number of different values, exact if it is small or if every row has another.
        formats: of a text, the formats in which all values are moments; "" if DuckDB casts it to one.
    """

    name: str
    family: str
    n_known: int
    n_distinct: int
    formats: tuple[str, ...] = ()

    @property
    def is_unique(self) -> bool:
        return self.n_known == self.n_distinct > 0


@dataclass(frozen=True)
class Table:
    """A table, by the name of its schema and its own."""

    schema: str
    name: str
    n_rows: int
    columns: tuple[Column, ...]

    def column(self, name: str, option: str) -> Column:
        """The column that an option names.

        Raises:
            MallardError: there is none.
        """
        for column in self.columns:
            if folded(column.name) == folded(name):
                return column
        names = listed([column.name for column in self.columns])
        raise MallardError(f"{option} is {name}, but {self.name} has no such column: choose from {names}.")


def look_at(database: Database, name: str | None, is_seed: bool = False) -> Table:
    """What a table looks like.

    Args:
        name: with or without the schema; None if the database has only one table.
        is_seed: whether all columns are text and dbt will load them as what they look like.

    Raises:
        MallardError: there is no such table, or it is empty.
    """
    schema, table = _find(database, name)
    relation = f"{quoted(schema)}.{quoted(table)}"
    kinds = {column: _family(kind) for column, kind, *_ in database.tuples(f"describe {relation}")}
    values = {column: _value(column, family) for column, family in kinds.items()}
    counts = ", ".join(f"count({value}), approx_count_distinct({value})" for value in values.values())
    [(n_rows, *counted)] = database.tuples(f"select count(*), {counts} from {relation}")
    if not n_rows:
        raise MallardError(f"table {table} has no rows: name one that has.")
    columns = []
    for column, n_known, n_distinct in zip(kinds, counted[::2], counted[1::2], strict=True):
        family, value, formats = kinds[column], values[column], list[str]()
        if n_distinct >= 0.9 * n_known:
            [(n_distinct,)] = database.tuples(f"select count(distinct {value}) from {relation}")
        if family == "text" and n_known:
            family, formats = _read_as(database, relation, value, n_known, is_seed)
        columns.append(Column(column, family, n_known, n_distinct, tuple(formats)))
    return Table(schema, table, n_rows, tuple(columns))


def _find(database: Database, name: str | None) -> tuple[str, str]:
    found = database.tuples(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database() order by all asc"
    )
    chosen = [
        (schema, table)
        for schema, table in found
        if name is None or folded(name) in (folded(table), folded(f"{schema}.{table}"))
    ]
    if len(chosen) == 1:
        return chosen[0]
    if not found:
        raise MallardError("there is no table in this database: name another file.")
    what = f"there are {len(chosen)} tables" if chosen else f"there is no table {name}"
    raise MallardError(f"{what}: name one of {listed([f'{schema}.{table}' for schema, table in found])}.")


def _family(kind: str) -> str:
    return next(
        (family for family, kinds in FAMILIES.items() if kind.partition("(")[0] in kinds and kind[-1] != "]"), OTHER
    )


def _value(column: str, family: str) -> str:
    return f"nullif(trim(cast({quoted(column)} as varchar)), '')" if family == "text" else quoted(column)


def _read_as(database: Database, relation: str, value: str, n_known: int, is_seed: bool) -> tuple[str, list[str]]:
    """The family of a text and, if it is of moments, their formats. What dbt makes of a seed is no text any more."""
    tried = {
        "whole": f"try_cast({value} as bigint)",
        "number": f"try_cast({value} as double)",
        "boolean": f"nullif(lower({value}) in ('true', 'false'), false)",
        "moment": rf"nullif(regexp_matches({value}, '^\d{{4}}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?$'), false)",
        "": f"try_cast({value} as timestamp)",
    }
    fits = _that_fit(database, relation, tried, n_known)
    as_seed = [family for family in fits if family] if is_seed else []
    if as_seed:
        return as_seed[0], []
    if "" in fits or "number" in fits:
        return "text", [""] if "" in fits and "number" not in fits else []
    [(example,)] = database.tuples(f"select any_value({value}) from {relation}")
    if not LIKE_A_DATE.match(example):
        return "text", []
    formats = {form: f"try_strptime({value}, {literal(form)})" for form in FORMATS}
    return "text", _that_fit(database, relation, formats, n_known)


def _that_fit(database: Database, relation: str, tried: dict[str, str], n_known: int) -> list[str]:
    """The names of the expressions that have a value wherever the column has one."""
    counts = ", ".join(f"count({expression})" for expression in tried.values())
    [counted] = database.tuples(f"select {counts} from {relation}")
    return [name for name, count in zip(tried, counted, strict=True) if count == n_known]
