"""Reads the tables of what was before: builds, versions, lineage, transitions and drift."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mallard.tables.find import SegmentationTables

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database


def last_build(database: Database, tables: SegmentationTables) -> dict[str, Any] | None:
    """The row of the last build; None if there is no table of builds, or nothing in it."""
    if "builds" not in tables.beside:
        return None
    builds = tables.beside["builds"]
    found = database.rows(f"select * from {builds} where build = (select max(build) from {builds})")
    return found[0] if found else None


def suppressed_below(database: Database, tables: SegmentationTables) -> int | None:
    """The setting suppress_below of the last build; None without it, or if that can't be known."""
    last = last_build(database, tables)
    state = json.loads((last or {}).get("moments") or "{}")
    fewest = state.get("suppress_below")
    return int(fewest) if isinstance(fewest, int) else None


def history_rows(
    database: Database, tables: SegmentationTables, what: str, key: str, number: int
) -> list[dict[str, Any]]:
    """The rows of one build or version; none if there is no such table.

    Args:
        what: the table, such as "drift".
        key: "build" or "version".
    """
    if what not in tables.beside:
        return []
    return database.rows(f"select * from {tables.beside[what]} where {key} = {number:d} order by all asc nulls last")
