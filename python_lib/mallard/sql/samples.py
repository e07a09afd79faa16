"""SQL for a sample of rows that depends on their values alone, not on their order."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.sql.columns import Scaled
from mallard.sql.evenness import EVEN, even_sql
from mallard.sql.text import quoted

COPY = "mallard__copy"


def shuffled_sample_sql(table: str, columns: Sequence[Scaled], n_rows: int, random_state: int) -> str:
    """At most `n_rows` of the rows with a value in every column, in an order like that of shuffled cards.

    Equal rows are numbered, so that they are drawn each for itself, as others are.
    """
    names = ", ".join(quoted(column.name) for column in columns)
    is_known = " and ".join(f"{quoted(column.name)} is not null" for column in columns)
    in_order = ", ".join(f"{quoted(column.name)} asc" for column in columns)
    numbered = (
        f"select {names}, row_number() over (partition by {names} order by {names}) as {quoted(COPY)} from {table} "
        f"where {is_known}"
    )
    return (
        f"select {names} from ({even_sql(numbered, [*columns, Scaled(COPY)], random_state)}) "
        f"order by {EVEN} asc, {in_order} limit {n_rows}"
    )
