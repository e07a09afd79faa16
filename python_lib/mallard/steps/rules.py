"""The Python step of the materialization `segmentation` that finds rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mallard.steps.segmentation import PREFIX
from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    from mallard.engines.engine import Connection


def write_rules(connection: Connection, scales: Sequence[Mapping[str, str | None]], scratch: str | None = None) -> None:
    """Find rules that follow mallard__segments, and write them into the table mallard__rules.

    If the rules give the segments, the table mallard__names_by_rules has the names that fit them.

    Args:
        scales: of each feature, what scales the value that stands for a missing one: `filler`, None without one,
            `center`, `spread` and `weight`, as texts.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        import numpy as np
        import pyarrow as pa

        from mallard import progress
        from mallard.engines.engine import customers_of, session_of
        from mallard.flow import naming_of
        from mallard.inputs.features import trait_of
        from mallard.inputs.plan import Plan
        from mallard.kmeans.assignment import Assignment
        from mallard.kmeans.compress import compress
        from mallard.rules.rules import Scaled, find_rules
        from mallard.steps.fit import WEIGHT

        session, table = session_of(connection, scratch), "mallard__clustered"
        [(text,)] = session.query("select plan from mallard__plan")
        plan = Plan.from_json(text)
        columns = [f"{PREFIX}{name}" for name in plan.feature_names]
        found = session.query("select segment_id, centroid from mallard__segments order by 1 asc")
        segments = {segment_id: np.array(centroid, dtype=np.float64) for segment_id, centroid in found}
        relation = session.relation(table)
        weight = WEIGHT if WEIGHT in relation.columns else None
        with progress.reported(log):
            progress.begin("looking for rules")
            with customers_of(relation, columns, weight) as customers:
                points = compress(customers, "auto", plan.settings.max_points, plan.settings.random_state).points
                naming = naming_of(customers, [trait_of(of, plan.settings) for of in plan.features], plan.settings)
            scaled = Scaled(table, columns, [_filler(of) for of in scales])
            rules = find_rules(points, segments, plan, scaled, session.query)
        session.write("mallard__rules", rules.table)
        if plan.settings.is_by_rules:
            centroids = np.array(list(segments.values()))
            names = naming.names(points, centroids, Assignment.of_labels(points, rules.labels, centroids))
            ids = pa.array(list(segments), pa.int32())
            session.write("mallard__names_by_rules", pa.table({"segment_id": ids, "segment_name": names}))


def _filler(of: Mapping[str, str | None]) -> float | None:
    """What stands for a missing value, in scaled units: the same arithmetic as in SQL."""
    if of["filler"] is None:
        return None
    filler, center, spread, weight = (float(str(of[name])) for name in ("filler", "center", "spread", "weight"))
    return (filler - center) / spread * weight
