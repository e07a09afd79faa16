"""Reads the current version of a segmentation: its number, and the state from which later builds score."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mallard.sql.text import folded
from mallard.tables.find import SegmentationTables

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database


class CurrentVersion(NamedTuple):
    """A version.

    Attributes:
        number: from 1.
        state: the column `scoring` of the table of versions: the plan, the statistics, and the sums at the fit.
    """

    number: int
    state: dict[str, Any]


def current_version(database: Database, tables: SegmentationTables) -> CurrentVersion | None:
    """The current version; None if its table isn't there, or was published without its state."""
    if "versions" not in tables.beside:
        return None
    versions = tables.beside["versions"]
    names = {folded(name) for (name,) in database.tuples(f"select column_name from (describe {versions})")}
    if not {"scoring", "version"} <= names:
        return None
    found = database.tuples(
        f"select version, scoring from {versions} where version = (select max(version) from {versions})"
    )
    if not found or found[0][1] is None:
        return None
    [(number, state)] = found
    return CurrentVersion(number, json.loads(state))
