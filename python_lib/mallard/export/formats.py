"""The formats in which a segmentation can be exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mallard.tables.find import SegmentationTables
from mallard.tables.stored import StoredSegmentation

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database


class Exported(NamedTuple):
    """What is exported.

    Attributes:
        dialect: of SQL; None for the default.
        relation: the table that SQL reads; None for the default.
    """

    database: Database
    tables: SegmentationTables
    stored: StoredSegmentation
    dialect: str | None
    relation: str | None


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        ending: of the file; empty for a folder.
        write: writes it; the packages that it takes are imported then.
        has_rules: whether it can say that rules give the segments.
    """

    ending: str
    write: Callable[[Exported, Path], None]
    has_rules: bool


def _keras(exported: Exported, file: Path) -> None:
    from mallard.export.as_keras import write_keras

    write_keras(exported.stored, file)


def _saved_model(exported: Exported, folder: Path) -> None:
    from mallard.export.as_saved_model import write_saved_model

    write_saved_model(exported.stored, folder)


def _onnx(exported: Exported, file: Path) -> None:
    from mallard.export.as_onnx import write_onnx

    write_onnx(exported.stored, file)


def _sql(exported: Exported, file: Path) -> None:
    from mallard.export.as_sql import DIALECT, RELATION, write_sql

    write_sql(exported.stored, file, exported.dialect or DIALECT, exported.relation or RELATION)


def _json(exported: Exported, file: Path) -> None:
    from mallard.export.as_card import write_card

    write_card(exported.database, exported.tables, exported.stored, file)


FORMATS = {
    "keras": Format(".keras", _keras, has_rules=False),
    "saved_model": Format("", _saved_model, has_rules=False),
    "onnx": Format(".onnx", _onnx, has_rules=False),
    "sql": Format(".sql", _sql, has_rules=True),
    "json": Format(".json", _json, has_rules=True),
}
