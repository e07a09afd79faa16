"""Centroids that somebody gives, to start from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from mallard.compression import folded, quoted
from mallard.features import Query
from mallard.plan import Plan
from mallard.points import Floats
from mallard.settings import INITS, ClusterSettings

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SEGMENT_ID = "segment_id"
IDS = f"try_cast({SEGMENT_ID} as bigint)"


def check_table(starts: str, columns: Sequence[str], plan: Plan, settings: ClusterSettings, query: Query) -> None:
    """Refuse a table that can't give centroids: it lacks a column, or a value in one.

    Args:
        starts: as SQL names it.
        columns: that it has.
        plan: of the customers.
        query: runs a query.
    """
    found = set(map(folded, columns))
    for name in (SEGMENT_ID, *plan.columns):
        if folded(name) not in found:
            raise settings.refusal(
                "init", f"it has no column '{name}'; give it the columns {', '.join((SEGMENT_ID, *plan.columns))}"
            )
    expressions = ", ".join(feature.expression for feature in plan.features)
    try:
        rows = query(f"select {IDS}, {expressions} from {starts} order by 1")
    except duckdb.Error as error:
        raise settings.refusal("init", f"it can't be read, {str(error).splitlines()[0]}; change the table") from None
    _check_ids([segment_id for segment_id, *_ in rows], settings)
    for segment_id, *values in rows:
        for feature, value in zip(plan.features, values, strict=True):
            if value is None:
                raise settings.refusal("init", f"segment {segment_id} lacks the feature {feature.name}; fill it in")


def centroids_of(
    starts: DuckDBPyRelation | None, columns: Sequence[str], features: Sequence[str], settings: ClusterSettings
) -> Floats | None:
    """The given centroids in the order of their segments, shape (n_clusters, n_features); None if none are given.

    Args:
        starts: one row per segment.
        columns: where the scaled features are in it.
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
    coordinates = ", ".join(f"cast({quoted(column)} as double)" for column in columns)
    rows = starts.project(f"{IDS} as segment_id, {coordinates}").order("segment_id").fetchall()
    _check_ids([segment_id for segment_id, *_ in rows], settings)
    centroids: Floats = np.array([coordinates for _, *coordinates in rows], dtype=np.float64)
    for segment, feature in np.argwhere(~np.isfinite(centroids)):
        lacks = "a direction" if settings.metric == "cosine" else f"the feature {features[feature]}"
        raise settings.refusal("init", f"segment {segment + 1} lacks {lacks}; fill it in")
    return centroids


def _check_ids(ids: Sequence[int | None], settings: ClusterSettings) -> None:
    if not ids or ids != list(range(1, len(ids) + 1)):
        found = f"has the segment_id {', '.join(map(str, ids))}" if ids else "has no row"
        raise settings.refusal("init", f"it {found}; give one row for each segment, with the ids 1, 2 and so on")
