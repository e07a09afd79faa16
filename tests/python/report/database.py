"""A database with a segmentation whose figures are computed here, not by Mallard."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from sklearn.metrics import silhouette_score


def make_database(
    file: Path,
    values: np.ndarray,
    labels: np.ndarray,
    features: list[str],
    names: list[str],
    ids: list[str] | None = None,
) -> Path:
    """Customers with features, shape (n_customers, n_features), in the segments that the labels say, from 0.

    Args:
        names: of the segments; a segment without a customer has no row in the profiles.
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    scaled = (values - mean) / deviation
    n_segments = len(names)
    centroids = np.array([scaled[labels == segment].mean(axis=0) for segment in range(n_segments)])
    distances = np.sqrt(((scaled[:, None] - centroids[None]) ** 2).sum(axis=2))
    order = np.argsort(distances, axis=1)
    second = order[:, 1] if n_segments > 1 else None
    nearest = np.take_along_axis(distances, order[:, :2], axis=1)
    customers = pa.table(
        {
            "customer": ids or [f"c{i}" for i in range(len(values))],
            **{feature: values[:, i] for i, feature in enumerate(features)},
            "segment_id": pa.array(labels + 1, pa.int32()),
            "segment_name": [names[label] for label in labels],
            "second_segment_id": pa.array(second + 1, pa.int32())
            if second is not None
            else pa.nulls(len(values), pa.int32()),
            "confidence": 1 - nearest[:, 0] / nearest[:, 1] if second is not None else np.ones(len(values)),
            "assignment_status": ["assigned"] * len(values),
            "status_reason": pa.nulls(len(values), pa.string()),
        }
    )
    expressions = [
        f'("{feature.replace(chr(34), 2 * chr(34))}" - {mean[i]!r}) / {deviation[i]!r}'.replace("np.float64", "")
        for i, feature in enumerate(features)
    ]
    sides = [
        {
            "segment_id": segment + 1,
            "segment_name": names[segment],
            "n_customers": int((labels == segment).sum()),
            "share": float((labels == segment).mean()),
            "feature": feature,
            "mean": float(values[labels == segment, i].mean()),
            "overall_mean": float(mean[i]),
            "z_score": float(centroids[segment, i]),
            "scaled_centroid": float(centroids[segment, i]),
            "scaled_expression": expressions[i],
        }
        for segment in range(n_segments)
        for i, feature in enumerate(features)
    ]
    silhouette = silhouette_score(scaled[:5000], labels[:5000]) if n_segments > 1 else None
    metrics = [
        {
            "n_clusters": k,
            "metric": "euclidean",
            "inertia": float((nearest[:, 0] ** 2).sum()) * n_segments / k,
            "silhouette": silhouette if k == n_segments else None if k == 1 else 0.25,
            "silhouette_estimate": None,
            "is_selected": k == n_segments,
            "selection_reason": f"k = {k}, set by hand: a test." if k == n_segments else None,
        }
        for k in range(1, n_segments + 2)
    ]
    tables = {
        "people": customers,
        "people__profiles": pa.Table.from_pylist(sides),
        "people__centroids": pa.Table.from_pylist(sides),
        "people__metrics": pa.Table.from_pylist(metrics),
    }
    with duckdb.connect(file) as connection:
        for name, table in tables.items():
            connection.register("given", table)
            connection.execute(f"create table {name} as from given")
        connection.execute("alter table people__profiles add column representatives varchar")
        connection.execute("alter table people__centroids add column scaled_centroid_vector double[]")
    return file


def groups(n_customers: int, n_features: int, n_groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Customers in well separated groups, and the group of each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n_customers) % n_groups
    return 10 * rng.normal(size=(n_groups, n_features))[labels] + rng.normal(size=(n_customers, n_features)), labels
