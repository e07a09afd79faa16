"""SQL that makes a table small without losing anything that K-means needs. Pure functions from names to text."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it, whatever characters it has."""
    return '"' + identifier.replace('"', '""') + '"'


def distinct_points_sql(table: str, columns: Sequence[str]) -> str:
    """One row per distinct combination of the columns with the number of rows that have it, in lexicographic order.

    K-means on the rows equals K-means on these, weighted by that number.
    """
    names = ", ".join(map(quoted, columns))
    return f"select {names}, count(*) as n_rows from {quoted(table)} group by {names} order by {names}"
