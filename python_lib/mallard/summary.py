"""What a build has made, for a person at a terminal."""

from __future__ import annotations

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from mallard.errors import MallardError

COUNTS_SQL = """
    select
        (select count(*) from mall_customers),
        (select count(*) from stg_mall__customers),
        (select count(*) from stg_mall__rejected_customers)
"""
REASON_SQL = "select selection_reason from cluster_metrics where is_selected"
SEGMENTS_SQL = """
    select segment_id, segment_name, n_customers, share, avg_annual_income, avg_spending_score
    from segment_profiles
    order by segment_id
"""


def print_summary(database: Path, console: Console) -> None:
    """Customers read, used and rejected; the k chosen and why; a line for each segment; where the file is.

    Raises:
        MallardError: the file isn't there or hasn't got the tables.
    """
    if not database.is_file():
        raise MallardError(f"there is no file {database}: run make build first, or name another file.")
    try:
        with duckdb.connect(database, read_only=True) as connection:
            [(n_read, n_used, n_rejected)] = connection.execute(COUNTS_SQL).fetchall()
            [(reason,)] = connection.execute(REASON_SQL).fetchall()
            segments = connection.execute(SEGMENTS_SQL).fetchall()
    except duckdb.Error as error:
        raise MallardError(f"{database} can't be read as a database that Mallard built: {error}") from None

    console.print(f"\n{n_read:,} customers read, {n_used:,} used, {n_rejected:,} rejected", highlight=False)
    if n_rejected:
        console.print("The reasons are in stg_mall__rejected_customers.", highlight=False)
    console.print(reason, highlight=False, soft_wrap=True)
    console.print(_table(segments))
    console.print(f"Tables: {database.resolve()}", highlight=False, soft_wrap=True)


def _table(segments: list[tuple[int, str, int, float, float, float]]) -> Table:
    table = Table("", "segment", box=None, pad_edge=False)
    for heading in ("customers", "share", "mean income", "mean score"):
        table.add_column(heading, justify="right")
    for segment_id, name, n_customers, share, income, score in segments:
        table.add_row(str(segment_id), name, f"{n_customers:,}", f"{share:.1%}", f"{income:.1f} k$", f"{score:.1f}")
    return table
