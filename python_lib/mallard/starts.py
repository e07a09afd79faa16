"""Centroids that somebody gives, to start from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mallard.compression import folded, quoted
from mallard.points import Floats
from mallard.settings import INITS, ClusterSettings

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SEGMENT_ID = "segment_id"


def check_columns(columns: Sequence[str], needed: Sequence[str], settings: ClusterSettings) -> None:
    """Refuse a table that lacks the id of the segment or one of the columns of which features are made."""
    found = set(map(folded, columns))
    for name in (SEGMENT_ID, *needed):
        if folded(name) not in found:
            raise settings.refusal(
                "init", f"it has no column '{name}'; give it the columns {', '.join((SEGMENT_ID, *needed))}"
            )


def centroids_of(
    starts: DuckDBPyRelation | None, columns: Sequence[str], features: Sequence[str], settings: ClusterSettings
) -> Floats | None:
    """The given centroids in the order of their segments, shape (n_clusters, n_features); None if none are given.

    Args:
        starts: one row per segment.
        columns: where the features are in it.
        features: what people call them.

    Raises:
        MallardError: the setting asks for centroids and none are given, or they are no points, or not of segments 1..k.
    """
    if starts is None:
        if settings.init not in INITS:
            raise settings.refusal(
                "init",
                f"choose from {', '.join(INITS)}; or, if it is a model or seed with the centroids, write "
                f"-- depends_on: {{{{ ref('{settings.init}') }}}} above the select",
            )
        return None
    import duckdb

    coordinates = ", ".join(f"cast({quoted(column)} as double)" for column in columns)
    try:
        rows = starts.project(f"{quoted(SEGMENT_ID)}, {coordinates}").order(quoted(SEGMENT_ID)).fetchall()
    except duckdb.Error as error:
        raise settings.refusal("init", f"it can't be read, {str(error).splitlines()[0]}; change the table") from None
    ids = [segment_id for segment_id, *_ in rows]
    if not ids or ids != list(range(1, len(ids) + 1)):
        found = f"has the segment_id {', '.join(map(str, ids))}" if ids else "has no row"
        raise settings.refusal("init", f"it {found}; give one row for each segment, with the ids 1, 2 and so on")
    centroids: Floats = np.array([coordinates for _, *coordinates in rows], dtype=np.float64)
    for segment, feature in np.argwhere(~np.isfinite(centroids)):
        raise settings.refusal("init", f"segment {segment + 1} lacks the feature {features[feature]}; fill it in")
    return centroids
