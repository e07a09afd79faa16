"""Reads what the current version of a segmentation keeps of its fit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mallard.engines.duckdb.database import Database
from mallard.sql.text import folded
from mallard.tables.find import SegmentationTables


@dataclass(frozen=True)
class FittedVersion:
    """What the version of the segments keeps of its fit.

    Attributes:
        number: of the version.
        weight_column: the column that says how often a customer counts; None if each counts once.
        weight: how often the customers counted together.
        squared_distances: sum of their squared distances to their centroids, in scaled units.
    """

    number: int
    weight_column: str | None
    weight: float
    squared_distances: float


def fitted_version(database: Database, tables: SegmentationTables) -> FittedVersion | None:
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
    scoring = json.loads(state)
    moments = scoring["moments"].values()
    return FittedVersion(
        number=number,
        weight_column=scoring["plan"]["settings"]["weight_column"],
        weight=sum(float(of["weight"]) for of in moments),
        squared_distances=sum(float(of["squared_distances"]) for of in moments),
    )
