"""The number of clusters, chosen by the flow that chooses it in a warehouse, and what it was chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from mallard.engines.duckdb.arrays import rows_of
from mallard.flow import segment
from mallard.inputs.settings import Settings
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats
from mallard.tables.partitions import partitions_table

OF_A_NUMBER = (
    "n_clusters",
    "inertia",
    "silhouette",
    "silhouette_estimate",
    "davies_bouldin",
    "calinski_harabasz",
    "border_depth",
    "border_significance",
    "bend",
    "is_natural",
    "is_elbow",
    "is_best_silhouette",
    "is_selected",
)
"""What is told of every number that was tried, by the names of the columns in a warehouse."""


class Number(NamedTuple):
    """The chosen number.

    Attributes:
        fit: the best partition into that many clusters.
        reason: why that many.
        verdict: what the clusters are: "natural", "reproducible", "constructive" or "none".
        verdict_reason: why.
        tried: the columns `OF_A_NUMBER`, with a value for each number, ascending.
    """

    fit: Fit
    reason: str
    verdict: str
    verdict_reason: str
    tried: dict[str, NDArray[Any]]


def chosen_number(rows: Floats, weights: Floats | None, features: Sequence[str], **settings: Any) -> Number:
    """Choose the number of clusters.

    Args:
        rows: as the metric compares them, shape (n_rows, n_features).
        weights: shape (n_rows,), all above 0; None means 1 for every row.
        features: their names.
        **settings: those of a segmentation.

    Raises:
        MallardError: the rows can't be clustered with these settings.
    """
    with rows_of(rows, weights) as customers:
        segmentation = segment(customers, features, Settings(entity="row", **settings))
    selection, verdict = segmentation.selection, segmentation.verdict
    partitions = partitions_table(features, segmentation)
    is_first = partitions["segment_id"].to_numpy() == 1
    return Number(
        fit=segmentation.partitions[selection.n_clusters].fit,
        reason=selection.reason,
        verdict=verdict.name,
        verdict_reason=verdict.reason,
        tried={name: partitions[name].to_numpy()[is_first] for name in OF_A_NUMBER},
    )
