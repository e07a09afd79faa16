"""A comparison as a table: one row per algorithm and number of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from mallard.algorithms.compare import Compared

COMPARISON = pa.schema(
    [
        ("algorithm", pa.string()),
        ("n_clusters", pa.int32()),
        ("parameter", pa.string()),
        ("clusters_found", pa.int32()),
        ("noise_share", pa.float64()),
        ("inertia", pa.float64()),
        ("silhouette", pa.float64()),
        ("davies_bouldin", pa.float64()),
        ("calinski_harabasz", pa.float64()),
        ("stability", pa.float64()),
        ("adjusted_rand_index", pa.float64()),
        ("can_score_in_sql", pa.bool_()),
        ("rows_used", pa.int64()),
        ("seconds", pa.float64()),
        ("message", pa.string()),
    ]
)


def comparison_table(compared: Sequence[Compared]) -> pa.Table:
    """The rows, with the schema `COMPARISON`."""
    return pa.Table.from_pylist([_row(of) for of in compared], COMPARISON)


def _row(of: Compared) -> dict[str, Any]:
    measures = {} if of.measures is None else of.measures._asdict()
    return {**of._asdict(), **measures}
