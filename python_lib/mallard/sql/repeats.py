"""Whether a value of a column occurs more than once."""

from __future__ import annotations

from mallard.sql.columns import NUMBERS, SMALL_WHOLE_NUMBERS
from mallard.sql.text import exact_text


def same_value_sql(column: str, kind: str) -> str:
    """What is equal where two values are, whatever the collation.

    Args:
        column: its name in SQL.
        kind: its type, as `mallard.sql.columns.Column` has it.
    """
    return column if kind in NUMBERS else exact_text(column)


def repeated_sql(column: str, kind: str, table: str) -> str:
    """A query that has a row if a value occurs more than once, and none otherwise.

    Whole numbers set bits by stretches of 32: ids are dense, so that there are few stretches to keep in memory.

    Args:
        column: its name in SQL; none of its values is null.
        kind: its type, as `mallard.sql.columns.Column` has it.
    """
    if kind in SMALL_WHOLE_NUMBERS:
        bit = f"cast(1 as bigint) << cast({column} & 31 as integer)"
        return f"select 1 from {table} group by {column} >> 5 having bit_count(bit_or({bit})) < count(*) limit 1"
    return f"select 1 from {table} group by {same_value_sql(column, kind)} having count(*) > 1 limit 1"
