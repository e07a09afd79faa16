"""What a table looks like: how many rows it has, and of each column the kind and how many values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mallard.engines.duckdb.database import Database
from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.sql.text import folded, quoted
from mallard.start.readings import day_formats, read_texts
from mallard.start.words import MOMENT, words_of

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
IDS = (*NUMBERS, "text", "numerals")
"""Families of columns that can tell rows apart."""
FEW = 1000
MAYBE_ALL = 0.5
"""DuckDB 1.5 estimates numbers of different values to about a tenth."""
VECTOR = re.compile(r"(FLOAT|DOUBLE|DECIMAL\(.*\)|(TINY|SMALL|BIG)INT|INTEGER)\[\d*\]")


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        family: one of `FAMILIES`; "numerals" of numbers that are text, "vector" or "other".
        n_known: number of rows that have a value; blank texts are none.
        n_distinct: number of different values, exact if it is small or if every row has another.
        formats: of texts and whole numbers, the formats in which all are moments; "" if DuckDB casts them to some.
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
    counts = ", ".join(f"count({value})" for value in values.values())
    [(n_rows, *counted)] = database.tuples(f"select count(*), {counts} from {relation}")
    if not n_rows:
        raise MallardError(f"table {table} has no rows: name one that has.")
    n_different = _distinct(database, relation, values, dict(zip(kinds, counted, strict=True)))
    columns = []
    for column, n_known in zip(kinds, counted, strict=True):
        family, value, formats = kinds[column], values[column], list[str]()
        if family == "text" and n_known:
            family, formats = read_texts(database, relation, value, n_known, is_seed)
        if family == "whole" and n_known and MOMENT & set(words_of(column)):
            formats = day_formats(database, relation, quoted(column), n_known)
        columns.append(Column(column, family, n_known, n_different[column], tuple(formats)))
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


def _distinct(database: Database, relation: str, values: dict[str, str], n_known: dict[str, int]) -> dict[str, int]:
    """The number of different values of each column: exact where it is small or may be that of all rows."""
    estimates = ", ".join(f"approx_count_distinct({value})" for value in values.values())
    [estimated] = database.tuples(f"select {estimates} from {relation}")
    found = dict(zip(values, estimated, strict=True))
    exactly = [name for name, n in found.items() if n <= FEW or n >= MAYBE_ALL * n_known[name]]
    if exactly:
        counts = ", ".join(f"count(distinct {values[name]})" for name in exactly)
        [counted] = database.tuples(f"select {counts} from {relation}")
        found |= dict(zip(exactly, counted, strict=True))
    return found


def _family(kind: str) -> str:
    if VECTOR.fullmatch(kind):
        return "vector"
    return next(
        (family for family, kinds in FAMILIES.items() if kind.partition("(")[0] in kinds and kind[-1] != "]"), OTHER
    )


def _value(column: str, family: str) -> str:
    return f"nullif(trim(cast({quoted(column)} as varchar)), '')" if family == "text" else quoted(column)
