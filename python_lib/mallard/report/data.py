"""What the report shows, read from the tables of a segmentation: aggregates of all customers, and a sample of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mallard.compression import folded, quoted
from mallard.tables import SegmentationTables, built_at, one_segmentation, opened, rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLE = 2000
"""Customers in the charts that show customers one by one, about."""
FEWEST_OF_SEGMENT = 40
"""Of each segment the sample has so many at least, or all."""
BORDER_ROWS = 100
MAX_FEATURES = 20
"""Features in charts and cards, at most: those that tell the segments apart best."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Feature:
    """A feature in the charts.

    Attributes:
        key: its name in the data of charts, where other characters than letters and digits mean something.
        name: what people call it.
        value: SQL of its value for a customer.
        scaled: SQL of that as distances see it.
    """

    key: str
    name: str
    value: str
    scaled: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Segment:
    """A segment.

    Attributes:
        means: of each feature, by its key; None where no customer of it has a value.
        z_scores: the same against all customers, in standard deviations.
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
        n_customers: in the table.
        statuses: how many customers got no segment or one by a filled-in value, with the reason; none for the sample.
        built_at: in UTC.
        metrics: one row per number of clusters tried, in order.
        customers: those of the charts, one row each, with `id`, `segment`, a value by the key of each feature,
            `silhouette` and its `place` in order, and, of three features or more, p0 and p1, the place in the plane of
            the principal components.
        is_sample: whether these are not all.
        explained: the share of the variance of the sample that this plane has; None where there is none.
        border: the customers who are nearest to a border.
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
        """The row of the metrics of the number of clusters chosen."""
        return next(row for row in self.metrics if row["is_selected"])

    @property
    def runner_up(self) -> Row | None:
        """Of the other numbers that with the highest silhouette."""
        others = [row for row in self.metrics if not row["is_selected"] and silhouette_of(row) is not None]
        return max(others, key=lambda row: silhouette_of(row) or 0.0, default=None)


def silhouette_of(metrics: Row) -> float | None:
    """The exact one, or else the estimate."""
    exact: float | None = metrics["silhouette"]
    return exact if exact is not None else metrics["silhouette_estimate"]


def read_report_data(database: Path, segmentation: str | None = None, id_column: str | None = None) -> ReportData:
    """Read what the report shows.

    Args:
        database: a warehouse or a published file.
        segmentation: the name of the table of customers; may be left out where there is one only.
        id_column: what identifies a customer; the first column if left out.

    Raises:
        MallardError: there is no such file or segmentation.
    """
    with opened(database) as connection:
        tables = one_segmentation(connection, segmentation)
        columns = [name for name, *_ in connection.execute(f"describe {tables.customers}").fetchall()]
        id_sql = f"cast({quoted(id_column or columns[0])} as varchar)"
        metrics = rows(connection, f"select * from {tables.metrics} order by n_clusters")
        features = _features(connection, tables, columns)
        customers, n_segmented = _customers(connection, tables, features, id_sql)
        scaled = np.array([[row.pop(f"s{i}") for i in range(len(features))] for row in customers], dtype=float)
        metric = next((row["metric"] for row in metrics if row["is_selected"]), "euclidean")
        if metric == "cosine":
            scaled = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
        _add_silhouettes(customers, scaled, metric)
        centroids = _scaled_centroids(connection, tables, features)
        explained, positions = _add_plane(customers, scaled, centroids)
        [count] = rows(connection, f"select count(*) as n from {tables.customers}")
        return ReportData(
            name=tables.name,
            n_customers=count["n"],
            n_assigned=n_segmented,
            statuses=_statuses(connection, tables, columns),
            built_at=built_at(connection, database),
            features=features,
            segments=_segments(connection, tables, features, positions),
            metrics=metrics,
            customers=customers,
            is_sample=len(customers) < n_segmented,
            explained=explained,
            border=_border(connection, tables, features, id_sql),
        )


def _features(connection: DuckDBPyConnection, tables: SegmentationTables, columns: Sequence[str]) -> list[Feature]:
    """Those that tell the segments apart best, in the order of the profiles."""
    of_table = {folded(column): column for column in columns}
    found = connection.execute(
        f"select feature, any_value(scaled_expression), max(scaled_centroid) - min(scaled_centroid) as spread "
        f"from {tables.centroids} group by feature order by spread desc, feature limit {MAX_FEATURES}"
    ).fetchall()
    in_order = [
        name
        for (name,) in connection.execute(
            f"select feature from {tables.profiles} where segment_id = (select min(segment_id) from {tables.profiles})"
        ).fetchall()
    ]
    found.sort(key=lambda row: in_order.index(row[0]))
    return [
        Feature(
            key=f"f{i}",
            name=name,
            value=f"cast({quoted(of_table[folded(name)])} as double)" if folded(name) in of_table else scaled,
            scaled=scaled,
        )
        for i, (name, scaled, _) in enumerate(found)
    ]


def _customers(
    connection: DuckDBPyConnection, tables: SegmentationTables, features: Sequence[Feature], id_sql: str
) -> tuple[list[Row], int]:
    """A random sample of each segment, the same every time, in the order of the segments; and how many there are.

    A number that is random but for the id decides; those who may be drawn are few before any sort begins.
    """
    counts = connection.execute(
        f"select segment_id, count(*) from {tables.customers} where segment_id is not null group by segment_id"
    ).fetchall()
    n_segmented = sum(n for _, n in counts)
    wanted = {segment: max(FEWEST_OF_SEGMENT, round(n * min(1.0, SAMPLE / n_segmented))) for segment, n in counts}
    chances = {segment: (wanted[segment] + 4 * wanted[segment] ** 0.5 + 10) / n for segment, n in counts}
    values = ", ".join(f"{feature.value} as {feature.key}" for feature in features)
    scaled = ", ".join(f"{feature.scaled} as s{i}" for i, feature in enumerate(features))
    drawn = rows(
        connection,
        f"select * exclude (even) from (select {id_sql} as id, segment_id as segment, {values}, {scaled}, "
        f"hash({id_sql}) / 18446744073709551616.0 as even from {tables.customers} where segment_id is not null) "
        f"where even < {_by_segment(chances)} "
        f"qualify row_number() over (partition by segment order by even, id) <= {_by_segment(wanted)} "
        "order by segment, even, id",
    )
    return drawn, n_segmented


def _by_segment(values: dict[int, float] | dict[int, int]) -> str:
    return f"case segment {' '.join(f'when {segment} then {value}' for segment, value in values.items())} else 0 end"


def _add_silhouettes(customers: Sequence[Row], scaled: np.ndarray, metric: str) -> None:
    """Of each customer among those drawn, as scikit-learn has them, and the place by segment and then by silhouette."""
    from sklearn.metrics import silhouette_samples

    labels = [row["segment"] for row in customers]
    if 1 < len(set(labels)) < len(labels):
        for row, silhouette in zip(customers, silhouette_samples(scaled, labels, metric=metric), strict=True):
            row["silhouette"] = float(silhouette)
        ranked = sorted(customers, key=lambda row: (row["segment"], -row["silhouette"]))
        for place, row in enumerate(ranked):
            row["place"] = place


def _scaled_centroids(
    connection: DuckDBPyConnection, tables: SegmentationTables, features: Sequence[Feature]
) -> dict[int, list[float]]:
    found = connection.execute(f"select segment_id, feature, scaled_centroid from {tables.centroids}").fetchall()
    by_name = {(segment, name): coordinate for segment, name, coordinate in found}
    return {
        segment: [by_name[segment, feature.name] for feature in features]
        for segment in sorted({segment for segment, *_ in found})
    }


def _add_plane(
    customers: Sequence[Row], scaled: np.ndarray, centroids: dict[int, list[float]]
) -> tuple[float | None, dict[int, dict[str, float | None]]]:
    """The places of customers in the plane in which they differ most, and of the centroids; none of two features."""
    from sklearn.decomposition import PCA

    if scaled.shape[1] < 3 or len(scaled) < 3:
        return None, {segment: {} for segment in centroids}
    plane = PCA(2, svd_solver="full").fit(scaled)
    for row, (p0, p1) in zip(customers, plane.transform(scaled).tolist(), strict=True):
        row |= {"p0": p0, "p1": p1}
    places = plane.transform(np.array(list(centroids.values()))).tolist()
    return float(plane.explained_variance_ratio_.sum()), {
        segment: {"p0": p0, "p1": p1} for segment, (p0, p1) in zip(centroids, places, strict=True)
    }


def _segments(
    connection: DuckDBPyConnection,
    tables: SegmentationTables,
    features: Sequence[Feature],
    positions: dict[int, dict[str, float | None]],
) -> list[Segment]:
    by_segment: dict[int, dict[str, Row]] = {}
    for row in rows(connection, f"select * from {tables.profiles} order by segment_id"):
        by_segment.setdefault(row["segment_id"], {})[row["feature"]] = row
    segments = []
    for segment_id, profile in by_segment.items():
        first = next(iter(profile.values()))
        means = {feature.key: profile[feature.name]["mean"] for feature in features}
        segments.append(
            Segment(
                segment_id=segment_id,
                name=first["segment_name"],
                n_customers=first["n_customers"],
                share=first["share"],
                means=means,
                z_scores={feature.key: profile[feature.name]["z_score"] for feature in features},
                position=means | positions[segment_id],
            )
        )
    return segments


def _statuses(connection: DuckDBPyConnection, tables: SegmentationTables, columns: Sequence[str]) -> list[Row]:
    if "assignment_status" not in columns:
        return []
    return rows(
        connection,
        f"select assignment_status as status, status_reason as reason, count(*) as n from {tables.customers} "
        "where assignment_status <> 'assigned' group by all order by n desc, reason",
    )


def _border(
    connection: DuckDBPyConnection, tables: SegmentationTables, features: Sequence[Feature], id_sql: str
) -> list[Row]:
    """Those of the lowest confidence, of all customers."""
    values = "".join(f", {feature.value} as {feature.key}" for feature in features)
    return rows(
        connection,
        f"select {id_sql} as id, segment_id as segment, second_segment_id as second, confidence{values} "
        f"from {tables.customers} where second_segment_id is not null order by confidence, id limit {BORDER_ROWS}",
    )
