"""Centroids that somebody gives, to start from."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from mallard.errors import QueryError
from mallard.inputs.columns import Query
from mallard.inputs.plan import Plan
from mallard.inputs.settings import INITS, Settings
from mallard.inputs.values import listed
from mallard.kmeans.metric import METRICS
from mallard.kmeans.points import Floats
from mallard.sql.text import folded, quoted

SEGMENT_ID = "segment_id"
IDS = f"try_cast({SEGMENT_ID} as bigint)"


def check_starts(starts: str, columns: Sequence[str], plan: Plan, query: Query) -> None:
    """Refuse a table that can't give centroids because it lacks a column or a value.

    Args:
        starts: the table, by the name that SQL uses.
        columns: its columns.
        plan: of the customers.
        query: runs a query.

    Raises:
        MallardError: the setting `init` can't be followed.
    """
    settings = plan.settings
    found = set(map(folded, columns))
    for name in (SEGMENT_ID, *plan.columns):
        if folded(name) not in found:
            raise settings.refusal(
                "init", f"it has no column '{name}'; give it the columns {listed((SEGMENT_ID, *plan.columns))}"
            )
    expressions = ", ".join(feature.expression for feature in plan.features)
    try:
        rows = query(f"select {IDS}, {expressions} from {starts} order by 1 asc nulls last")
    except QueryError as error:
        raise settings.refusal("init", f"it can't be read, {error}; change the table") from None
    _check_ids([segment_id for segment_id, *_ in rows], settings)
    for segment_id, *values in rows:
        for feature, value in zip(plan.features, values, strict=True):
            if value is None or (feature.size is not None and None in value):
                raise settings.refusal("init", f"segment {segment_id} lacks the feature {feature.name}; fill it in")


def fingerprint(starts: str, found: Sequence[str], settings: Settings, query: Query) -> str:
    """What changes if the given centroids do.

    Args:
        starts: the table, by the name that SQL uses.
        found: its columns.
        settings: with every feature listed. A column of one that the table lacks is refused by `check_starts`.
        query: runs a query.

    Raises:
        MallardError: the table can't be read.
    """
    names = set(map(folded, found))
    known = [quoted(name) for name in (SEGMENT_ID, *(settings.features or ())) if folded(name) in names]
    if not known:
        return ""
    try:
        rows = query(f"select {', '.join(known)} from {starts} order by all asc")
    except QueryError as error:
        raise settings.refusal("init", f"it can't be read, {error}; change the table") from None
    return sha256(repr(rows).encode()).hexdigest()[:16]


def given_centroids(
    starts: str | None, columns: Sequence[str], features: Sequence[str], settings: Settings, query: Query
) -> Floats | None:
    """The given centroids in the order of their segments, shape (n_clusters, n_features); None if none are given.

    Args:
        starts: one row per segment, by the name that SQL uses.
        columns: of the scaled features.
        features: what people call them.
        query: runs a query.

    Raises:
        MallardError: `init` asks for centroids and none are given, or these can't be centroids.
    """
    if starts is None:
        if settings.init not in INITS:
            raise settings.refusal(
                "init",
                f"choose from {', '.join(INITS)}; or, if it is a model or seed that has the centroids, write "
                f"-- depends_on: {{{{ ref('{settings.init}') }}}} above the select",
            )
        return None
    rows = query(f"select {IDS}, {', '.join(map(quoted, columns))} from {starts} order by 1 asc nulls last")
    _check_ids([segment_id for segment_id, *_ in rows], settings)
    centroids = []
    for segment_id, *values in rows:
        coordinates = [np.atleast_1d(np.array(value, dtype=np.float64)) for value in values]
        for feature, of_feature in zip(features, coordinates, strict=True):
            if not np.isfinite(of_feature).all():
                lacks = METRICS[settings.metric].missing(feature)
                raise settings.refusal("init", f"segment {segment_id} lacks {lacks}; give it another value")
        centroids.append(np.concatenate(coordinates))
    return np.array(centroids)


def stored_centroids(table: str, columns: Sequence[str], query: Query) -> Floats:
    """The centroids of a version, in the order of their segments, shape (n_clusters, n_features).

    Args:
        table: one row per segment, by the name that SQL uses.
        columns: of the scaled features.
        query: runs a query.
    """
    rows = query(f"select {', '.join(map(quoted, columns))} from {table} order by {SEGMENT_ID} asc")
    return np.array([np.concatenate([np.atleast_1d(value) for value in row]) for row in rows], dtype=np.float64)


def _check_ids(ids: Sequence[int | None], settings: Settings) -> None:
    if not ids or ids != list(range(1, len(ids) + 1)):
        found = f"has the segment_id {listed(ids)}" if ids else "has no rows"
        raise settings.refusal("init", f"it {found}; give it one row for each segment, with the ids 1, 2 and so on")
