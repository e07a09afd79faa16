"""What the dbt Python model calls: a relation of customers in, a table of partitions out."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from dbt.adapters.events.logging import AdapterLogger

from mallard import progress
from mallard.engines.duckdb import DuckDBRows
from mallard.errors import MallardError
from mallard.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from mallard.segmentation import Partition, Segmentation

PARTITIONS = pa.schema(
    [
        pa.field("n_clusters", pa.int32()),
        pa.field("segment_id", pa.int32()),
        pa.field("segment_name", pa.string()),
        pa.field("features", pa.list_(pa.string())),
        pa.field("centroid", pa.list_(pa.float64())),
        pa.field("n_customers", pa.int64()),
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


class BuildStoppedError(MallardError):
    """A refusal on its way to the terminal: dbt-duckdb prints the traceback of what a model raises, so it has none."""

    __traceback__ = None


def fit_segments(customers: DuckDBPyRelation, meta: Mapping[str, Any]) -> pa.Table:
    """Cluster the `scaled_<feature>` columns of a relation.

    Args:
        customers: one row per customer.
        meta: the settings, see `mallard.settings`.

    Returns:
        A table with the schema `PARTITIONS`.

    Raises:
        BuildStoppedError: a setting makes no sense, or not for these customers.
    """
    try:
        settings = Settings.from_meta(meta)
        _quiet_tensorflow()
        from mallard.segmentation import segment

        log = AdapterLogger("Mallard").info
        with progress.reported(log), _nothing_older_collected():
            progress.begin("counting the customers")
            rows = DuckDBRows(customers, [f"scaled_{feature}" for feature in settings.features])
            segmentation = segment(rows, settings)
        log(str(segmentation.compression))
        return _table(settings.features, segmentation)
    except MallardError as refusal:
        raise BuildStoppedError(f"mallard: {refusal}") from None


@contextmanager
def _nothing_older_collected() -> Iterator[None]:
    """Keep Python's garbage collector to what is made from now on: going through all that dbt holds takes it 0.2 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _quiet_tensorflow() -> None:
    """TensorFlow greets on stderr, about its processor and oneDNN, unless it is told before its import not to."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def _table(features: tuple[str, ...], segmentation: Segmentation) -> pa.Table:
    selection, compression = segmentation.selection, segmentation.compression
    rows = [
        {
            "n_clusters": n_clusters,
            "segment_id": segment + 1,
            "segment_name": partition.names[segment],
            "features": features,
            "centroid": partition.fit.centroids[segment].tolist(),
            "n_customers": int(partition.assignment.counts[segment]),
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
