"""The two Python steps of the materialization `segmentation`: plan, and fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX = "mallard__scaled_"
"""What precedes a feature's name in the name of its column: the select may have columns of any other name."""


def write_plan(
    connection: DuckDBPyConnection,
    meta: Any,
    config: Sequence[str],
    beside: Sequence[str],
    added: Sequence[str],
    starts: str | None,
) -> None:
    """Look at mallard__customers, and write into the table mallard__plan how to segment it.

    Args:
        meta: the settings.
        config: the keys of the configuration of the model.
        beside: the keys of its meta, if the settings are under mallard in it.
        added: the columns that the segmentation adds.
        starts: one row per segment, with the columns that features are made of, if centroids to start from are given.
    """
    with refusals():
        from mallard.engines.duckdb.session import Session, columns_of
        from mallard.inputs.plan import plan_segmentation
        from mallard.inputs.reading import check_misplaced, read_settings
        from mallard.inputs.starts import check_starts
        from mallard.inputs.values import listed

        session = Session(connection)
        check_misplaced(config, beside)
        columns = columns_of(session.relation("mallard__customers"))
        plan = plan_segmentation(columns, added, "mallard__customers", read_settings(meta), session.query)
        if starts is not None:
            check_starts(starts, session.relation(starts).columns, plan, session.query)
        if plan.dropped:
            log(f"left out, because they are the same for all {plan.settings.rows.many}: {listed(plan.dropped)}")
        for columns_left_out, reason in (
            (plan.left_out.too_varied, "nearly all texts are different"),
            (plan.left_out.too_large, "they have numbers too large to be squared"),
        ):
            if columns_left_out:
                log(f"not among the attributes, because {reason}: {listed(columns_left_out)}")
        known = {column.name for column in columns}.union(plan.feature_names)
        if unused := [name for name in plan.settings.feature_words or {} if name not in known]:
            log(f"feature_words has words for what is neither a column nor a feature: {listed(unused)}")
        session.query("create or replace temp table mallard__plan as select ? as plan", [plan.to_json()])


def write_partitions(connection: DuckDBPyConnection, has_starts: bool) -> None:
    """Segment mallard__clustered as mallard__plan says, and write the outcome into the table mallard__partitions.

    Args:
        has_starts: whether mallard__starts has centroids to start from.
    """
    with refusals():
        from mallard.engines.duckdb.session import Session
        from mallard.inputs.features import trait_of
        from mallard.inputs.plan import Plan
        from mallard.inputs.starts import given_centroids
        from mallard.steps.fit import fit

        session = Session(connection)
        [(text,)] = session.query("select plan from mallard__plan")
        plan = Plan.from_json(text)
        features = {f"{PREFIX}{name}": name for name in plan.feature_names}
        table = "mallard__starts" if has_starts else None
        starts = given_centroids(table, list(features), plan.feature_names, plan.settings, session.query)
        traits = [trait_of(feature, plan.settings) for feature in plan.features]
        session.write(
            "mallard__partitions", fit(session.relation("mallard__clustered"), features, plan.settings, starts, traits)
        )
