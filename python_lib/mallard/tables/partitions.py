"""Results of an analysis as a table: one row per segment of every number of segments tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from mallard.choice.evidence import Support

if TYPE_CHECKING:
    from mallard.flow import Partition, Segmentation
    from mallard.kmeans.points import Floats


class Row(NamedTuple):
    """The source of a row of the table.

    Attributes:
        segment: index of the segment, from 0.
        features: names of the features, that of a vector once for each position.
        shared: weight of the customers that each segment of the partition has from each among one fewer, see
            `Evidence.parents`; None if one fewer wasn't tried.
    """

    segmentation: Segmentation
    n_clusters: int
    partition: Partition
    segment: int
    features: list[str]
    shared: Floats | None

    @property
    def is_selected(self) -> bool:
        return self.n_clusters == self.segmentation.selection.n_clusters

    def index_named(self, name: str) -> float | None:
        """A quality index of the partition; None if it isn't defined."""
        return getattr(self.partition.quality, name, None)

    def silhouette(self, exact: bool, of_segment: bool) -> float | None:
        """Silhouette of the segment or of all customers; None if it isn't of the requested kind."""
        if self.partition.quality is None:
            return None
        silhouette = self.partition.quality.silhouette
        if (silhouette.standard_error is None) != exact:
            return None
        return float(silhouette.of_clusters[self.segment]) if of_segment else silhouette.mean

    @property
    def stability(self) -> float | None:
        """Of the segment, if the partition was chosen."""
        stability = self.segmentation.stability if self.is_selected else None
        return None if stability is None else float(stability[self.segment])

    @property
    def least_stability(self) -> float | None:
        """Of the segment of the partition that comes back least."""
        stability = self.segmentation.stability if self.is_selected else None
        return None if stability is None else float(stability.min())

    @property
    def borders(self) -> list[dict[str, Any]]:
        """With the neighbours that come after the segment."""
        return [
            {
                "other_segment_id": border.second + 1,
                "depth": border.depth,
                "significance": border.significance,
                "n_border": border.n_border,
                "n_inside": border.n_inside[0],
                "n_inside_other": border.n_inside[1],
                "is_separate": self.partition.evidence.is_separate(border),
                "profile": border.profile.tolist(),
            }
            for border in self.partition.evidence.borders
            if border.first == self.segment
        ]

    @property
    def parents(self) -> list[dict[str, Any]]:
        """Segments among one fewer that customers of the segment are in."""
        if self.shared is None:
            return []
        return [
            {
                "parent_id": parent + 1,
                "share_of_segment": float(weight / self.shared[self.segment].sum()),
                "share_of_parent": float(weight / self.shared[:, parent].sum()),
            }
            for parent, weight in enumerate(self.shared[self.segment])
            if weight > 0
        ]

    @property
    def standard_error(self) -> float | None:
        return None if self.partition.quality is None else self.partition.quality.silhouette.standard_error


class Column(NamedTuple):
    """A column of the table.

    Attributes:
        value: function that gives the value in a row.
        of_partition: whether the column describes the whole partition and is the same in each of its rows.
    """

    kind: pa.DataType
    value: Callable[[Row], Any]
    of_partition: bool


def _of_segment(kind: pa.DataType, value: Callable[[Row], Any]) -> Column:
    return Column(kind, value, of_partition=False)


def _of_partition(kind: pa.DataType, value: Callable[[Row], Any]) -> Column:
    return Column(kind, value, of_partition=True)


BORDER = {
    "other_segment_id": pa.int32(),
    "depth": pa.float64(),
    "significance": pa.float64(),
    "n_border": pa.float64(),
    "n_inside": pa.float64(),
    "n_inside_other": pa.float64(),
    "is_separate": pa.bool_(),
    "profile": pa.list_(pa.float64()),
}
PARENT = {"parent_id": pa.int32(), "share_of_segment": pa.float64(), "share_of_parent": pa.float64()}

COLUMNS = {
    "n_clusters": _of_partition(pa.int32(), lambda row: row.n_clusters),
    "segment_id": _of_segment(pa.int32(), lambda row: row.segment + 1),
    "segment_name": _of_segment(pa.string(), lambda row: row.partition.names and row.partition.names[row.segment]),
    "features": _of_segment(pa.list_(pa.string()), lambda row: row.features),
    "centroid": _of_segment(pa.list_(pa.float64()), lambda row: row.partition.fit.centroids[row.segment].tolist()),
    "entity": _of_partition(pa.string(), lambda row: row.segmentation.rows.one),
    "metric": _of_partition(pa.string(), lambda row: row.segmentation.metric.name),
    "weight": _of_segment(pa.float64(), lambda row: row.partition.assignment.counts[row.segment]),
    "segment_inertia": _of_segment(pa.float64(), lambda row: row.partition.assignment.inertia[row.segment]),
    "segment_silhouette": _of_segment(pa.float64(), lambda row: row.silhouette(exact=True, of_segment=True)),
    "segment_silhouette_estimate": _of_segment(pa.float64(), lambda row: row.silhouette(exact=False, of_segment=True)),
    "segment_stability": _of_segment(pa.float64(), lambda row: row.stability),
    "borders": _of_segment(pa.list_(pa.struct(BORDER)), lambda row: row.borders),
    "parents": _of_segment(pa.list_(pa.struct(PARENT)), lambda row: row.parents),
    "inertia": _of_partition(pa.float64(), lambda row: row.partition.assignment.total_inertia),
    "silhouette": _of_partition(pa.float64(), lambda row: row.silhouette(exact=True, of_segment=False)),
    "silhouette_estimate": _of_partition(pa.float64(), lambda row: row.silhouette(exact=False, of_segment=False)),
    "silhouette_standard_error": _of_partition(pa.float64(), lambda row: row.standard_error),
    "davies_bouldin": _of_partition(pa.float64(), lambda row: row.index_named("davies_bouldin")),
    "calinski_harabasz": _of_partition(pa.float64(), lambda row: row.index_named("calinski_harabasz")),
    "border_depth": _of_partition(pa.float64(), lambda row: row.partition.evidence.depth),
    "border_significance": _of_partition(pa.float64(), lambda row: row.partition.evidence.significance),
    "bend": _of_partition(pa.float64(), lambda row: row.partition.evidence.bend),
    "least_stability": _of_partition(pa.float64(), lambda row: row.least_stability),
    "n_groups": _of_partition(pa.int32(), lambda row: row.segmentation.n_groups),
    "verdict": _of_partition(pa.string(), lambda row: row.segmentation.verdict.name if row.is_selected else None),
    "verdict_reason": _of_partition(
        pa.string(), lambda row: row.segmentation.verdict.reason if row.is_selected else None
    ),
    "n_iter": _of_partition(pa.int32(), lambda row: row.partition.fit.n_iter),
    "converged": _of_partition(pa.bool_(), lambda row: row.partition.fit.converged),
    "is_natural": _of_partition(pa.bool_(), lambda row: row.partition.evidence.support > Support.NONE),
    "is_elbow": _of_partition(pa.bool_(), lambda row: row.n_clusters == row.segmentation.selection.elbow),
    "is_best_silhouette": _of_partition(
        pa.bool_(), lambda row: row.n_clusters == row.segmentation.selection.best_silhouette
    ),
    "is_selected": _of_partition(pa.bool_(), lambda row: row.is_selected),
    "selection_reason": _of_partition(
        pa.string(), lambda row: row.segmentation.selection.reason if row.is_selected else None
    ),
    "compression": _of_partition(pa.string(), lambda row: row.segmentation.compression.method),
    "n_points": _of_partition(pa.int64(), lambda row: len(row.segmentation.compression.points)),
    "compression_ratio": _of_partition(pa.float64(), lambda row: row.segmentation.compression.ratio),
}
"""All columns, in order: the only list of them in the library."""
PARTITIONS = pa.schema([pa.field(name, column.kind) for name, column in COLUMNS.items()])


def partitions_table(features: Sequence[str], segmentation: Segmentation) -> pa.Table:
    """A table with the schema `PARTITIONS`."""
    rows = [
        Row(segmentation, n_clusters, partition, segment, list(features), shared)
        for n_clusters, partition in segmentation.partitions.items()
        for shared in (_shared(segmentation, partition, n_clusters),)
        for segment in range(n_clusters)
    ]
    columns = {
        name: pa.array([_known(column.value(row)) for row in rows], column.kind) for name, column in COLUMNS.items()
    }
    return pa.table(columns, schema=PARTITIONS)


def _shared(segmentation: Segmentation, partition: Partition, n_clusters: int) -> Floats | None:
    coarser = segmentation.partitions.get(n_clusters - 1)
    if coarser is None:
        return None
    return partition.evidence.parents(coarser.evidence, segmentation.sketch.few.weights)


def _known(value: Any) -> Any:
    """Replace NaN by None."""
    return None if isinstance(value, float) and np.isnan(value) else value
