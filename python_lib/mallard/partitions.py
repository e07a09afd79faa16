"""The outcome of an analysis as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from mallard.segmentation import Partition, Segmentation

PARTITIONS = pa.schema(
    [
        pa.field("n_clusters", pa.int32()),
        pa.field("segment_id", pa.int32()),
        pa.field("segment_name", pa.string()),
        pa.field("features", pa.list_(pa.string())),
        pa.field("centroid", pa.list_(pa.float64())),
        pa.field("metric", pa.string()),
        pa.field("weight", pa.float64()),
        pa.field("segment_inertia", pa.float64()),
        pa.field("segment_silhouette", pa.float64()),
        pa.field("segment_silhouette_estimate", pa.float64()),
        pa.field("inertia", pa.float64()),
        pa.field("silhouette", pa.float64()),
        pa.field("silhouette_estimate", pa.float64()),
        pa.field("silhouette_standard_error", pa.float64()),
        pa.field("davies_bouldin", pa.float64()),
        pa.field("calinski_harabasz", pa.float64()),
        pa.field("n_iter", pa.int32()),
        pa.field("converged", pa.bool_()),
        pa.field("is_elbow", pa.bool_()),
        pa.field("is_best_silhouette", pa.bool_()),
        pa.field("is_selected", pa.bool_()),
        pa.field("selection_reason", pa.string()),
        pa.field("compression", pa.string()),
        pa.field("n_points", pa.int64()),
        pa.field("compression_ratio", pa.float64()),
    ]
)
"""One row per segment of every k tried; what concerns the whole partition stands in each of its rows."""


def partitions_table(features: Sequence[str], segmentation: Segmentation) -> pa.Table:
    """A table with the schema `PARTITIONS`."""
    selection, compression = segmentation.selection, segmentation.compression
    rows = [
        {
            "n_clusters": n_clusters,
            "segment_id": segment + 1,
            "segment_name": partition.names[segment],
            "features": features,
            "centroid": partition.fit.centroids[segment].tolist(),
            "metric": segmentation.metric,
            "weight": partition.assignment.counts[segment],
            "segment_inertia": partition.assignment.inertia[segment],
            "inertia": partition.assignment.inertia.sum(),
            "n_iter": partition.fit.n_iter,
            "converged": partition.fit.converged,
            "is_elbow": n_clusters == selection.elbow,
            "is_best_silhouette": n_clusters == selection.best_silhouette,
            "is_selected": n_clusters == selection.n_clusters,
            "selection_reason": selection.reason if n_clusters == selection.n_clusters else None,
            "compression": compression.method,
            "n_points": len(compression.points),
            "compression_ratio": compression.ratio,
        }
        | _quality_of(partition, segment)
        for n_clusters, partition in segmentation.partitions.items()
        for segment in range(n_clusters)
    ]
    return pa.Table.from_pylist(rows, schema=PARTITIONS)


def _quality_of(partition: Partition, segment: int) -> dict[str, float | None]:
    quality = partition.quality
    if quality is None:
        return {}
    silhouette = quality.silhouette
    suffix = "" if silhouette.standard_error is None else "_estimate"
    figures = {
        f"segment_silhouette{suffix}": silhouette.of_clusters[segment],
        f"silhouette{suffix}": silhouette.mean,
        "silhouette_standard_error": silhouette.standard_error,
        "davies_bouldin": quality.davies_bouldin,
        "calinski_harabasz": quality.calinski_harabasz,
    }
    return {name: None if value is None or np.isnan(value) else value for name, value in figures.items()}
