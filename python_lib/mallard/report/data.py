"""Data of the report, from the tables of a segmentation: aggregates of all customers, and a sample of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mallard.engines.duckdb.database import Database, opened
from mallard.errors import MallardError
from mallard.kmeans.metric import METRICS
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables, built_at, one_segmentation

SAMPLE = 2000
"""Approximate number of customers in the charts that show individual customers."""
FEWEST_OF_SEGMENT = 40
"""The sample has at least this many customers of each segment, or all of them."""
BORDER_ROWS = 100
MAX_FEATURES = 20
"""Most features in charts and cards: those that separate the segments best."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """A feature in the charts.

    Attributes:
        key: name in the data of charts, where characters other than letters and digits have a meaning.
        name: name in the tables.
        label: name for people.
        value: SQL of a customer's value.
        scaled: SQL of the value in scaled units, in which distances are measured.
        spread: range of the segments' centroids, in scaled units.
    """

    key: str
    name: str
    label: str
    value: str
    scaled: str
    spread: float


@dataclass(frozen=True)
class Segment:
    """A segment.

    Attributes:
        means: mean of each feature, by key; None if no customer of the segment has a value.
        z_scores: distance of each mean from the mean of all customers, in standard deviations, by key.
        position: the means, and the centroid's place in the plane of the principal components as p0 and p1.
    """

    segment_id: int
    name: str
    n_customers: int
    share: float
    means: dict[str, float | None]
    z_scores: dict[str, float | None]
    position: dict[str, float | None]


@dataclass(frozen=True)
class ReportData:
    """Everything that the report shows.

    Attributes:
        n_customers: number of customers in the table.
        n_assigned: number of customers with a segment.
        statuses: number of customers without a segment, or with a filled-in value, by reason; empty for the sample.
        built_at: time of the build, in UTC.
        metrics: one row per number of clusters tried, in order.
        customers: the customers in the charts, one row each, with `id`, `segment`, the value of each feature by its
            key, `silhouette` and its rank as `place`, and, with three features or more, p0 and p1, the place in the
            plane of the principal components.
        is_sample: whether `customers` is a sample.
        explained: fraction of the variance of the customers in the charts that the plane explains; None without it.
        border: the customers nearest to a border between segments.
    """

    name: str
    n_customers: int
    n_assigned: int
    statuses: list[Row]
    built_at: datetime
    features: list[Feature]
    segments: list[Segment]
    metrics: list[Row]
    customers: list[Row]
    is_sample: bool
    explained: float | None
    border: list[Row]

    @property
    def selected(self) -> Row:
        """Metrics of the chosen number of clusters."""
        return next(row for row in self.metrics if row["is_selected"])

    @property
    def runner_up(self) -> Row | None:
        """Metrics of the other number of clusters with the highest silhouette."""
        others = [row for row in self.metrics if not row["is_selected"] and silhouette_of(row) is not None]
        return max(others, key=lambda row: silhouette_of(row) or 0.0, default=None)


def silhouette_of(metrics: Row) -> float | None:
    """The exact silhouette, or else the estimate."""
    exact: float | None = metrics["silhouette"]
    return exact if exact is not None else metrics["silhouette_estimate"]


def read_report_data(path: Path, segmentation: str | None = None, id_column: str | None = None) -> ReportData:
    """Read the data of the report.

    Args:
        path: a DuckDB file, or a folder with copies of its tables.
        segmentation: name of the customers table; may be None if there is only one segmentation.
        id_column: column that identifies a customer; None means the first column.

    Raises:
        MallardError: there is no such file, segmentation or column.
    """
    with opened(path) as database:
        tables = one_segmentation(database, segmentation)
        kinds = dict(database.tuples(f"select column_name, column_type from (describe {tables.customers})"))
        id_sql = f"cast({quoted(_id_column(kinds, id_column))} as varchar)"
        features = _features(database, tables, list(kinds))
        tables = _with_vectors(tables, kinds, features)
        shown = sorted(sorted(features, key=lambda feature: -feature.spread)[:MAX_FEATURES], key=features.index)
        metrics = database.rows(f"select * from {tables.beside['metrics']} order by n_clusters")
        metric = next(row["metric"] for row in metrics if row["is_selected"])
        columns = _columns(features, shown)
        customers, n_segmented = _customers(database, tables, columns, id_sql)
        border = _border(database, tables, columns, id_sql)
        scaled, scaled_border = (_take_scaled(of, len(features), metric) for of in (customers, border))
        _add_silhouettes(customers, scaled, metric)
        segments, centroids = _segments(database, tables, features, shown)
        explained = _add_plane(
            (customers, scaled), (border, scaled_border), ([s.position for s in segments], centroids)
        )
        [count] = database.rows(f"select count(*) as n from {tables.customers}")
        return ReportData(
            name=tables.name,
            n_customers=count["n"],
            n_assigned=n_segmented,
            statuses=_statuses(database, tables, list(kinds)),
            built_at=built_at(database, path),
            features=shown,
            segments=segments,
            metrics=metrics,
            customers=customers,
            is_sample=len(customers) < n_segmented,
            explained=explained,
            border=border,
        )


def _id_column(columns: Iterable[str], given: str | None) -> str:
    names = {folded(column): column for column in columns}
    if given is None:
        return next(iter(names.values()))
    if folded(given) not in names:
        raise MallardError(
            f"there is no column {given} to identify customers: choose from {', '.join(names.values())}."
        )
    return names[folded(given)]


def _features(database: Database, tables: SegmentationTables, columns: Sequence[str]) -> list[Feature]:
    """All features, in the order of the profiles."""
    of_table = {folded(column): quoted(column) for column in columns}
    found = {
        name: of_feature
        for name, *of_feature in database.tuples(
            "select feature, any_value(scaled_expression), max(scaled_centroid) - min(scaled_centroid) "
            f"from {tables.beside['centroids']} group by feature"
        )
    }
    profiles = tables.beside["profiles"]
    in_order = database.tuples(
        f"select feature from {profiles} where segment_id = (select min(segment_id) from {profiles})"
    )
    labels = [name.replace("_", " ") for (name,) in in_order]
    return [
        Feature(
            key=f"f{i}",
            name=name,
            label=label if labels.count(label) == 1 else name,
            value=_number(of_table[folded(name)]) if folded(name) in of_table else found[name][0],
            scaled=found[name][0],
            spread=found[name][1],
        )
        for i, ((name,), label) in enumerate(zip(in_order, labels, strict=True))
    ]


def _number(column: str) -> str:
    return f"case when isfinite(cast({column} as double)) then cast({column} as double) end"


def _with_vectors(
    tables: SegmentationTables, kinds: Mapping[str, str], features: Sequence[Feature]
) -> SegmentationTables:
    """The same tables, with vectors as numbers; published files contain them as text."""
    texts = [
        column
        for column, kind in kinds.items()
        if kind == "VARCHAR" and any(feature.name.startswith(f"{column}[") for feature in features)
    ]
    if not texts:
        return tables
    replaced = ", ".join(f"cast({quoted(column)} as double[]) as {quoted(column)}" for column in texts)
    return replace(tables, customers=f"(select * replace ({replaced}) from {tables.customers})")


def _columns(features: Sequence[Feature], shown: Sequence[Feature]) -> str:
    """Select list of the values of the shown features, by key, and of all scaled features, by position."""
    values = [f"{feature.value} as {feature.key}" for feature in shown]
    return ", ".join(values + [f"{feature.scaled} as s{i}" for i, feature in enumerate(features)])


def _take_scaled(customers: Sequence[Row], n_features: int, metric: str) -> np.ndarray:
    """Move the scaled features out of the rows, into an array of shape (n_customers, n_features)."""
    found = [[row.pop(f"s{i}") for i in range(n_features)] for row in customers]
    scaled = np.array(found, dtype=float).reshape(len(customers), n_features)
    return METRICS[metric].prepare(scaled) if len(scaled) else scaled


def _customers(database: Database, tables: SegmentationTables, columns: str, id_sql: str) -> tuple[list[Row], int]:
    """A reproducible random sample of each segment, in the order of the segments, and the number of all with a segment.

    A hash of the id decides who is drawn. A filter leaves few candidates before the sort.
    """
    counts = database.tuples(
        f"select segment_id, count(*) from {tables.customers} where segment_id is not null group by segment_id"
    )
    n_segmented = sum(n for _, n in counts)
    wanted = {segment: max(FEWEST_OF_SEGMENT, round(n * min(1.0, SAMPLE / n_segmented))) for segment, n in counts}
    chances = {segment: (wanted[segment] + 4 * wanted[segment] ** 0.5 + 10) / n for segment, n in counts}
    drawn = database.rows(
        f"select * exclude (even) from (select {id_sql} as id, segment_id as segment, {columns}, "
        f"hash({id_sql}) / 18446744073709551616.0 as even from {tables.customers} where segment_id is not null) "
        f"where even < {_by_segment(chances)} "
        f"qualify row_number() over (partition by segment order by even, id) <= {_by_segment(wanted)} "
        "order by segment, even, id",
    )
    return drawn, n_segmented


def _by_segment(values: dict[int, float] | dict[int, int]) -> str:
    return f"case segment {' '.join(f'when {segment} then {value}' for segment, value in values.items())} else 0 end"


def _add_silhouettes(customers: Sequence[Row], scaled: np.ndarray, metric: str) -> None:
    """Add to each row its silhouette within the sample, by scikit-learn, and its place by segment and silhouette."""
    from sklearn.metrics import silhouette_samples

    labels = [row["segment"] for row in customers]
    if 1 < len(set(labels)) < len(labels):
        for row, silhouette in zip(customers, silhouette_samples(scaled, labels, metric=metric), strict=True):
            row["silhouette"] = float(silhouette)
        ranked = sorted(customers, key=lambda row: (row["segment"], -row["silhouette"]))
        for place, row in enumerate(ranked):
            row["place"] = place


def _add_plane(*groups: tuple[Sequence[Row], np.ndarray]) -> float | None:
    """Add to the rows their places, p0 and p1, in the plane of the first group's first two principal components.

    Args:
        groups: rows, and their scaled features, shape (n_rows, n_features).

    Returns:
        Fraction of the first group's variance that the plane explains; None if there are fewer than three features or
        rows.
    """
    from sklearn.decomposition import PCA

    _, scaled = groups[0]
    if min(scaled.shape) < 3:
        return None
    plane = PCA(2, svd_solver="full").fit(scaled)
    for of_group, values in groups:
        for row, (p0, p1) in zip(of_group, plane.transform(values).tolist() if len(values) else [], strict=True):
            row |= {"p0": p0, "p1": p1}
    return float(plane.explained_variance_ratio_.sum())


def _segments(
    database: Database, tables: SegmentationTables, features: Sequence[Feature], shown: Sequence[Feature]
) -> tuple[list[Segment], np.ndarray]:
    """The segments, and their scaled centroids, shape (n_segments, n_features)."""
    of_segments: dict[int, dict[str, Row]] = {}
    for row in database.rows(
        f"select * from {tables.beside['profiles']} inner join {tables.beside['centroids']} using (segment_id, feature)"
    ):
        of_segments.setdefault(row["segment_id"], {})[row["feature"]] = row
    segments = []
    for segment_id, of_features in sorted(of_segments.items()):
        first = next(iter(of_features.values()))
        means = {feature.key: of_features[feature.name]["mean"] for feature in shown}
        segments.append(
            Segment(
                segment_id=segment_id,
                name=first["segment_name"],
                n_customers=first["n_customers"],
                share=first["share"],
                means=means,
                z_scores={feature.key: of_features[feature.name]["z_score"] for feature in shown},
                position=dict(means),
            )
        )
    centroids = [
        [of_features[feature.name]["scaled_centroid"] for feature in features]
        for _, of_features in sorted(of_segments.items())
    ]
    return segments, np.array(centroids, dtype=float)


def _statuses(database: Database, tables: SegmentationTables, columns: Sequence[str]) -> list[Row]:
    if "assignment_status" not in columns:
        return []
    return database.rows(
        f"select assignment_status as status, status_reason as reason, count(*) as n from {tables.customers} "
        "where assignment_status <> 'assigned' group by all order by n desc, reason",
    )


def _border(database: Database, tables: SegmentationTables, columns: str, id_sql: str) -> list[Row]:
    """The customers with the lowest confidence of all."""
    return database.rows(
        f"select {id_sql} as id, segment_id as segment, second_segment_id as second, confidence, {columns} "
        f"from {tables.customers} where second_segment_id is not null order by confidence, id limit {BORDER_ROWS}",
    )
