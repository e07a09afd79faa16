"""The stored version of a segmentation: all that scoring needs, by whomever."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from mallard.errors import MallardError
from mallard.kmeans.metric import METRICS
from mallard.sql.scaled_expression import RawColumn, ScaledExpression
from mallard.sql.text import folded, literal
from mallard.tables.find import SegmentationTables, selected_row
from mallard.tables.version import current_version

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database


TOO_FAR = "too far from every segment"
"""The reason of who gets no segment because of the setting max_distance."""

NO_RADIUS = 1e-300
"""Divides distances where a radius is 0: they become too large, but for 0."""


@dataclass(frozen=True)
class StoredSegment:
    """A segment.

    Attributes:
        centroid: its coordinates in scaled units, those of all features in their order.
    """

    id: int
    name: str
    centroid: tuple[float, ...]


class StoredRule(NamedTuple):
    """A rule that gives a segment.

    Attributes:
        sql: a boolean expression on the columns, in DuckDB's SQL.
    """

    sql: str
    segment_id: int


class StoredLimit(NamedTuple):
    """How far from every segment a customer may be and still get one.

    Attributes:
        max_distance: the largest distance, in radii.
        radii: of the segments, in their order: the root mean square of the distances of their customers at the fit, as
            in `macros/scoring/_outliers.sql`. If it is 0, only who is at the centroid itself is near.
    """

    max_distance: float
    radii: tuple[float, ...]


def case_sql(rules: Iterable[StoredRule]) -> str:
    """The id of the segment that rules give."""
    return f"case {' '.join(f'when {rule.sql} then {rule.segment_id}' for rule in rules)} end"


@dataclass(frozen=True)
class StoredSegmentation:
    """A segmentation as it is stored.

    Attributes:
        name: of its table.
        id: the first column of its table, which identifies a customer.
        booleans: the columns of its table that are true or false.
        metric: the name of the distance measure, see `mallard.kmeans.metric`.
        features: in the order of their columns.
        segments: by id.
        rules: that give the segments; empty if the nearest centroid does.
        limit: beyond which nobody gets a segment; None if there is none.
    """

    name: str
    id: str
    booleans: frozenset[str]
    metric: str
    features: tuple[ScaledExpression, ...]
    segments: tuple[StoredSegment, ...]
    rules: tuple[StoredRule, ...] = ()
    limit: StoredLimit | None = None

    @property
    def columns(self) -> list[RawColumn]:
        """The columns that the features are made of, each once, with all its categories."""
        by_name: dict[str, RawColumn] = {}
        for column in (column for feature in self.features for column in feature.columns):
            before = by_name.get(column.name, column)
            categories = tuple(dict.fromkeys(before.categories + column.categories))
            by_name[column.name] = replace(column, categories=categories)
        return list(by_name.values())


def read_stored(database: Database, tables: SegmentationTables) -> StoredSegmentation:
    """The current version.

    Raises:
        MallardError: the segmentation was built without rows, or nobody knows how far is too far.
    """
    metric = selected_row(database, tables)["metric"]
    # In published files, vectors are text.
    rows = database.tuples(
        "select segment_id, segment_name, feature, scaled_expression, scaled_centroid, "
        f"cast(scaled_centroid_vector as double[]) from {tables.beside['centroids']}"
    )
    if not rows:
        raise MallardError(f"{tables.name} has no centroids: run dbt build without --empty.")
    coordinates = {(of, feature): [number] if vector is None else vector for of, _, feature, _, number, vector in rows}
    names = dict(sorted((segment_id, name) for segment_id, name, *_ in rows))
    expressions = {feature: sql for _, _, feature, sql, *_ in rows}
    first = min(names)
    kinds = {name: kind for name, kind, *_ in database.tuples(f"describe {tables.customers}")}
    return StoredSegmentation(
        name=tables.name,
        id=next(iter(kinds)),
        booleans=frozenset(name for name, kind in kinds.items() if kind == "BOOLEAN"),
        metric=metric,
        features=tuple(ScaledExpression(of, sql, len(coordinates[first, of])) for of, sql in expressions.items()),
        segments=tuple(
            StoredSegment(of, name, tuple(_flat(coordinates[of, feature] for feature in expressions)))
            for of, name in names.items()
        ),
        rules=_rules(database, tables),
        limit=_limit(database, tables, metric, list(names), kinds),
    )


def rules_give_segments(database: Database, tables: SegmentationTables) -> bool:
    """Whether rules do, in place of the nearest centroid. Those of an earlier version of this package don't."""
    table = tables.beside.get("rules")
    if table is None or "gives_segments" not in {name for name, *_ in database.tuples(f"describe {table}")}:
        return False
    [(is_so,)] = database.tuples(f"select coalesce(bool_or(gives_segments), false) from {table}")
    return bool(is_so)


def _rules(database: Database, tables: SegmentationTables) -> tuple[StoredRule, ...]:
    """The rules that give the segments."""
    if not rules_give_segments(database, tables):
        return ()
    found = database.tuples(f"select duckdb_sql, segment_id from {tables.beside['rules']} order by rule asc")
    return tuple(StoredRule(*row) for row in found)


def _limit(
    database: Database, tables: SegmentationTables, metric: str, segments: Iterable[int], columns: Iterable[str]
) -> StoredLimit | None:
    """The setting max_distance of the version, if it has one.

    Args:
        segments: the ids, in order.
        columns: of the customers.
    """
    current = current_version(database, tables)
    if current is None:
        _check_has_no_limit(database, tables, columns)
        return None
    max_distance = current.state["plan"]["settings"].get("max_distance")
    if max_distance is None:
        return None
    moments = [current.state["moments"][str(segment)] for segment in segments]
    # The distance of directions is half of the square.
    squares = [of["fourth_powers"] / 4 if METRICS[metric].spherical else of["squared_distances"] for of in moments]
    radii = [math.sqrt(square / of["weight"]) for square, of in zip(squares, moments, strict=True)]
    return StoredLimit(max_distance, tuple(radii))


def _check_has_no_limit(database: Database, tables: SegmentationTables, columns: Iterable[str]) -> None:
    """Refuse a segmentation that leaves out who is too far, where the version that says how far isn't there.

    Raises:
        MallardError: it has only the column that max_distance adds, or a customer who is too far.
    """
    names = set(map(folded, columns))
    if "normalized_distance" not in names:
        return
    if "is_anomaly" in names and not database.tuples(
        f"select 1 from {tables.customers} where ends_with(status_reason, {literal(TOO_FAR)}) limit 1"
    ):
        return
    raise MallardError(
        f"{tables.name} leaves out who is too far from every segment, and its table of versions, which says how far, "
        "isn't there: add versions to its setting publish, or name the warehouse."
    )


def _flat(lists: Iterable[list[float]]) -> list[float]:
    return [number for numbers in lists for number in numbers]
