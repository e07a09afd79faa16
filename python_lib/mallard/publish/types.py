"""Types that every BI tool reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mallard.engines.duckdb.session import EngineError
from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.sql.text import folded, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = {
    "BOOLEAN": "BOOLEAN", "DATE": "DATE", "VARCHAR": "VARCHAR", "DOUBLE": "DOUBLE", "BIGINT": "BIGINT",
    "INTEGER": "INTEGER", "TINYINT": "INTEGER", "SMALLINT": "INTEGER", "UTINYINT": "INTEGER", "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT", "FLOAT": "DOUBLE",
}  # fmt: skip
"""The published type of each type. Types that are missing here are published as text."""
WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT", "DECIMAL")
"""Numbers that may not fit into a BIGINT or the digits of a DOUBLE. If one doesn't fit, its column becomes text."""
DIGITS = 15
"""Decimal digits that a DOUBLE always keeps."""


def published_columns_sql(cursor: DuckDBPyConnection, table: str, exclude: Sequence[str] = ()) -> str:
    """A select list that casts the columns of a table to types that every BI tool reads.

    Args:
        table: name of the table in SQL.
        exclude: columns to leave out.

    Raises:
        MallardError: there is no such column, or no other.
    """
    described = cursor.execute(f"describe {table}").fetchall()
    kinds = {name: kind for name, kind, *_ in described}
    for name in exclude:
        if folded(name) not in map(folded, kinds):
            raise MallardError(
                f"setting publish_exclude names {name}, but {table} has no such column: choose from "
                f"{listed(list(kinds))}."
            )
    left_out = set(map(folded, exclude))
    published = {name: kind for name, kind in kinds.items() if folded(name) not in left_out}
    if not published:
        raise MallardError(f"setting publish_exclude leaves no column of {table}: set publish to false.")
    return ", ".join(f"{_column(cursor, table, name, kind)} as {quoted(name)}" for name, kind in published.items())


def _column(cursor: DuckDBPyConnection, table: str, name: str, kind: str) -> str:
    column = quoted(name)
    if kind in KINDS:
        return f"cast({column} as {KINDS[kind]})"
    if kind.startswith(WIDE) and not kind.endswith("]"):
        scale = int(kind.rstrip(")").rpartition(",")[2]) if "," in kind else 0
        type_, largest = ("double", 10 ** (DIGITS - scale)) if scale else ("bigint", 2**63)
        [(fits,)] = cursor.execute(
            f"select coalesce(max({column}) < {largest} and min({column}) > -{largest}, true) from {table}"
        ).fetchall()
        return f"cast({column} as {type_ if fits else 'varchar'})"
    text = f"cast({column} as varchar)"
    if kind.startswith("TIMESTAMP") and not kind.endswith("]"):
        has_zone = "TIME ZONE" in kind or "TZ" in kind
        moment = f"timezone('UTC', cast({column} as timestamptz))" if has_zone else f"cast({column} as timestamp)"
        return moment if _can_be_read(cursor, table, moment) else text
    return text


def _can_be_read(cursor: DuckDBPyConnection, table: str, expression: str) -> bool:
    """Whether an expression has a value for every row. Types that came after this was written may have no such cast."""
    try:
        cursor.execute(f"select count({expression}) from {table}").fetchall()
    except EngineError:
        return False
    return True
