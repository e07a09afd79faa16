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


def columns_sql(scaled: Sequence[str], shown: Sequence[Feature]) -> str:
    """Select list of the values of the shown features, by key, and of all scaled features, numbers or vectors."""
    values = [f"{feature.value} as {feature.key}" for feature in shown]
    return ", ".join(values + [f"{sql} as s{i}" for i, sql in enumerate(scaled)])


def take_scaled(customers: Sequence[Row], n_columns: int, n_features: int, metric: str) -> np.ndarray:
    """Move the scaled features out of the rows, into an array of shape (n_customers, n_features).

    Args:
        n_columns: number of columns that have them: fewer than features if there are vectors.
    """
    found = [
        np.concatenate([np.atleast_1d(np.array(row.pop(f"s{i}"), dtype=float)) for i in range(n_columns)])
        for row in customers
    ]
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
        f"cast(hash({id_sql}) as double) / {2.0**64} as even from {tables.customers} where segment_id is not null) "
        f"where even < {_by_segment(chances)} "
        "qualify row_number() over (partition by segment order by even asc, id collate posix asc) "
        f"<= {_by_segment(wanted)} "
        "order by segment asc, even asc, id collate posix asc",
    )
    return drawn, n_segmented


def _by_segment(values: dict[int, float] | dict[int, int]) -> str:
    return f"case segment {' '.join(f'when {segment} then {value}' for segment, value in values.items())} else 0 end"


def add_silhouettes(customers: Sequence[Row], scaled: np.ndarray, metric: str) -> None:
    """Add to each row its silhouette within the sample, by scikit-learn, and its place by segment and silhouette.

    Customers whose scaled features aren't all numbers have none.
    """
    from sklearn.metrics import silhouette_samples

    is_known = np.isfinite(scaled).all(axis=1)
    known = [row for row, of_row in zip(customers, is_known, strict=True) if of_row]
    labels = [row["segment"] for row in known]
    if 1 < len(set(labels)) < len(labels):
        for row, silhouette in zip(known, silhouette_samples(scaled[is_known], labels, metric=metric), strict=True):
            row["silhouette"] = float(silhouette)
        ranked = sorted(known, key=lambda row: (row["segment"], -row["silhouette"]))
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

    known = [np.isfinite(values).all(axis=1) for _, values in groups]
    scaled = groups[0][1][known[0]]
    if min(scaled.shape) < 3:
        return None
    plane = PCA(2, svd_solver="full").fit(scaled)
    for (of_group, values), is_known in zip(groups, known, strict=True):
        places = np.full((len(values), 2), np.nan)
        if is_known.any():
            places[is_known] = plane.transform(values[is_known])
        for row, (p0, p1), is_place in zip(of_group, places.tolist(), is_known, strict=True):
            row |= {"p0": p0, "p1": p1} if is_place else {"p0": None, "p1": None}
    explained = float(plane.explained_variance_ratio_.sum())
    return explained if np.isfinite(explained) else None


def axes_of(shown: Sequence[Feature], scaled: np.ndarray) -> tuple[str, str]:
    """Keys of two features that separate the segments well, in the order of the features.

    The first has the largest spread of centroids. The second has the largest spread of what the first doesn't explain:
    two features that say nearly the same, such as orders and revenue, would leave the plot with one direction. With one
    feature, it is both.

    Args:
        shown: features to choose from.
        scaled: their scaled values, shape (n_customers, number of features).
    """
    first = max(range(len(shown)), key=lambda i: shown[i].spread)
    known = scaled[np.isfinite(scaled).all(axis=1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = (
            np.nan_to_num(np.corrcoef(known, rowvar=False).reshape(len(shown), -1)) if len(known) > 1 else None
        )
    others = [i for i in range(len(shown)) if i != first]
    if not others:
        return shown[first].key, shown[first].key
    unexplained = [1.0] * len(shown) if correlations is None else np.sqrt(np.maximum(0, 1 - correlations[first] ** 2))
    second = max(others, key=lambda i: shown[i].spread * unexplained[i])
    return shown[min(first, second)].key, shown[max(first, second)].key


def customers_near_a_border(database: Database, tables: SegmentationTables, columns: str, id_sql: str) -> list[Row]:
    """The customers with the lowest confidence of all."""
    return database.rows(
        f"select {id_sql} as id, segment_id as segment, second_segment_id as second, confidence, {columns} "
        f"from {tables.customers} where second_segment_id is not null "
        f"order by confidence asc nulls last, id collate posix asc limit {BORDER_ROWS}",
    )
