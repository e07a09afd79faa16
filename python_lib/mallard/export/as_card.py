"""A model card: what a segmentation is made of and how good it is, as JSON for people and programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.sql.scaled_expression import TEXT, VECTOR, Arithmetic, RawColumn, ScaledExpression
from mallard.sql.text import quoted
from mallard.tables.find import SegmentationTables, selected_row
from mallard.tables.stored import StoredSegmentation

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database

Constant = Sequence[float] | None
"""None for what differs from row to row."""


class Standardisation(Arithmetic[Constant]):
    """The constants of a scale: (value - center) / spread * weight. What comes last is outermost."""

    def __init__(self) -> None:
        self.center: Constant = [0.0]
        self.spread: Constant = [1.0]
        self.weight: Constant = [1.0]

    def number(self, column: str, above: float | None) -> Constant:
        return None

    def vector(self, column: str, size: int) -> Constant:
        return None

    def is_text(self, column: str, text: str) -> Constant:
        return None

    def constant(self, numbers: Sequence[float]) -> Constant:
        return numbers

    def add(self, a: Constant, b: Constant) -> Constant:
        return None

    def subtract(self, a: Constant, b: Constant) -> Constant:
        self.center = b
        return None

    def multiply(self, a: Constant, b: Constant) -> Constant:
        self.weight = b
        return None

    def divide(self, a: Constant, b: Constant) -> Constant:
        self.spread = b
        return None

    def ln(self, a: Constant) -> Constant:
        return None

    def asinh(self, a: Constant) -> Constant:
        return None

    def in_range(self, a: Constant, above: float | None) -> Constant:
        return None

    def filled(self, a: Constant, filler: Constant) -> Constant:
        return None


def write_card(database: Database, tables: SegmentationTables, stored: StoredSegmentation, file: Path) -> None:
    """Write the card."""
    card = _card(database, tables, stored)
    file.write_text(json.dumps(card, indent=2, ensure_ascii=False, default=_plain) + "\n", "utf-8")


def _card(database: Database, tables: SegmentationTables, stored: StoredSegmentation) -> dict[str, Any]:
    chosen = selected_row(database, tables)
    version = _version(database, tables)
    return {
        "segmentation": stored.name,
        "entity": chosen.pop("entity"),
        "version": version.get("version"),
        "fitted_at": version.get("fitted_at"),
        "library": version.get("library"),
        "metric": chosen.pop("metric"),
        "quality": {name: value for name, value in chosen.items() if name != "is_selected"},
        "segments": _segments(database, tables, stored),
        "features": _features(database, tables, stored),
        **({} if stored.limit is None else {"max_distance": stored.limit.max_distance}),
        **_rules(stored),
        "columns": {column.name: _values_of(column, database, tables) for column in stored.columns},
        "settings": json.loads(version["settings"])["settings"] if version else None,
    }


def _rules(stored: StoredSegmentation) -> dict[str, Any]:
    """The rules that give the segments, if any do."""
    return {"rules": [rule._asdict() for rule in stored.rules]} if stored.rules else {}


def _version(database: Database, tables: SegmentationTables) -> dict[str, Any]:
    """The row of the current version; empty where there is no table of versions."""
    if "versions" not in tables.beside:
        return {}
    versions = tables.beside["versions"]
    return database.rows(f"select * from {versions} where version = (select max(version) from {versions})")[0]


def _segments(database: Database, tables: SegmentationTables, stored: StoredSegmentation) -> list[dict[str, Any]]:
    sizes = {
        segment_id: (n_customers, share)
        for segment_id, n_customers, share in database.tuples(
            f"select distinct segment_id, n_customers, share from {tables.beside['profiles']}"
        )
    }
    centroids = {
        (segment_id, feature): centroid if vector is None else vector
        for segment_id, feature, centroid, vector in database.tuples(
            f"select segment_id, feature, centroid, cast(centroid_vector as double[]) from {tables.beside['centroids']}"
        )
    }
    return [
        {
            "segment_id": segment.id,
            "segment_name": segment.name,
            "n_customers": sizes[segment.id][0],
            "share": sizes[segment.id][1],
            "centroid": {of.feature: centroids[segment.id, of.feature] for of in stored.features},
            "scaled_centroid": segment.centroid,
            **({} if stored.limit is None else {"radius": stored.limit.radii[place]}),
        }
        for place, segment in enumerate(stored.segments)
    ]


def _features(database: Database, tables: SegmentationTables, stored: StoredSegmentation) -> list[dict[str, Any]]:
    scales = dict(database.tuples(f"select distinct feature, scale from {tables.beside['centroids']}"))
    return [{"feature": of.feature, "scale": scales[of.feature], **_constants(of)} for of in stored.features]


def _constants(feature: ScaledExpression) -> dict[str, Any]:
    scale = Standardisation()
    feature.told_to(scale)
    return {
        "center": _one_or_all(scale.center),
        "spread": _one_or_all(scale.spread),
        "weight": _one_or_all(scale.weight),
        "scaled_expression": feature.sql,
    }


def _one_or_all(numbers: Constant) -> Any:
    return numbers[0] if numbers is not None and len(numbers) == 1 else numbers


def _values_of(column: RawColumn, database: Database, tables: SegmentationTables) -> dict[str, Any]:
    """What the column has: categories, or the smallest and the largest number of the customers with a segment."""
    if column.kind == TEXT:
        return {"kind": column.kind, "categories": column.categories}
    if column.kind == VECTOR:
        return {"kind": column.kind, "size": column.size}
    if column.name not in {name for name, *_ in database.tuples(f"describe {tables.customers}")}:
        return {"kind": column.kind}  # left out of what is published
    name = quoted(column.name)
    [(smallest, largest)] = database.tuples(
        f"select min({name}), max({name}) from {tables.customers} where segment_id is not null"
    )
    return {"kind": column.kind, "smallest": smallest, "largest": largest}


def _plain(value: Any) -> Any:
    """A value that JSON lacks."""
    return float(value) if isinstance(value, Decimal) else str(value)
