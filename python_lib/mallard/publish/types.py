"""Types that every BI tool reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mallard.sql.text import quoted

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


def published_columns_sql(cursor: DuckDBPyConnection, table: str) -> str:
    """A select list that casts the columns of a table to types that every BI tool reads.

    Args:
        table: name of the table in SQL.
    """
    described = cursor.execute(f"describe {table}").fetchall()
    return ", ".join(f"{_column(cursor, table, name, kind)} as {quoted(name)}" for name, kind, *_ in described)


def _column(cursor: DuckDBPyConnection, table: str, name: str, kind: str) -> str:
    column = quoted(name)
    if kind.endswith("]"):
        return f"cast({column} as varchar)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {column})"
    if kind.startswith("TIMESTAMP"):
        return f"cast({column} as timestamp)"
    if kind.startswith(WIDE):
        scale = int(kind.rstrip(")").rpartition(",")[2]) if "," in kind else 0
        type_, largest = ("double", 10 ** (DIGITS - scale)) if scale else ("bigint", 2**63)
        [(fits,)] = cursor.execute(
            f"select coalesce(max({column}) < {largest} and min({column}) > -{largest}, true) from {table}"
        ).fetchall()
        return f"cast({column} as {type_ if fits else 'varchar'})"
    return f"cast({column} as {KINDS.get(kind, 'VARCHAR')})"
