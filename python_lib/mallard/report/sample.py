"""The customers that charts show one by one: a sample of each segment, and those near a border."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mallard.engines.duckdb.database import Database
from mallard.kmeans.metric import METRICS
from mallard.report.data import Feature, Row
from mallard.tables.find import SegmentationTables

SAMPLE = 2000
"""Approximate number of customers in the charts that show individual customers."""
FEWEST_OF_SEGMENT = 40
"""The sample has at least this many customers of each segment, or all of them."""
BORDER_ROWS = 100


def columns_sql(features: Sequence[Feature], shown: Sequence[Feature]) -> str:
    """Select list of the values of the shown features, by key, and of all scaled features, by position."""
    values = [f"{feature.value} as {feature.key}" for feature in shown]
    return ", ".join(values + [f"{feature.scaled} as s{i}" for i, feature in enumerate(features)])


def take_scaled(customers: Sequence[Row], n_features: int, metric: str) -> np.ndarray:
    """Move the scaled features out of the rows, into an array of shape (n_customers, n_features)."""
    found = [[row.pop(f"s{i}") for i in range(n_features)] for row in customers]
    scaled = np.array(found, dtype=float).reshape(len(customers), n_features)
    return METRICS[metric].prepare(scaled) if len(scaled) else scaled


def sampled_customers(
    database: Database, tables: SegmentationTables, columns: str, id_sql: str
) -> tuple[list[Row], int]:
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


def add_silhouettes(customers: Sequence[Row], scaled: np.ndarray, metric: str) -> None:
    """Add to each row its silhouette within the sample, by scikit-learn, and its place by segment and silhouette."""
    from sklearn.metrics import silhouette_samples

    labels = [row["segment"] for row in customers]
    if 1 < len(set(labels)) < len(labels):
        for row, silhouette in zip(customers, silhouette_samples(scaled, labels, metric=metric), strict=True):
            row["silhouette"] = float(silhouette)
        ranked = sorted(customers, key=lambda row: (row["segment"], -row["silhouette"]))
        for place, row in enumerate(ranked):
            row["place"] = place


def add_plane(*groups: tuple[Sequence[Row], np.ndarray]) -> float | None:
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


def customers_near_a_border(database: Database, tables: SegmentationTables, columns: str, id_sql: str) -> list[Row]:
    """The customers with the lowest confidence of all."""
    return database.rows(
        f"select {id_sql} as id, segment_id as segment, second_segment_id as second, confidence, {columns} "
        f"from {tables.customers} where second_segment_id is not null order by confidence, id limit {BORDER_ROWS}",
    )
