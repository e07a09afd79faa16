"""Reads what the current version of a segmentation keeps of its fit."""

from __future__ import annotations

from dataclasses import dataclass

from mallard.engines.duckdb.database import Database
from mallard.tables.find import SegmentationTables
from mallard.tables.version import current_version


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
    """The current version; None if nobody knows its state."""
    current = current_version(database, tables)
    if current is None:
        return None
    moments = current.state["moments"].values()
    return FittedVersion(
        number=current.number,
        weight_column=current.state["plan"]["settings"]["weight_column"],
        weight=sum(float(of["weight"]) for of in moments),
        squared_distances=sum(float(of["squared_distances"]) for of in moments),
    )
