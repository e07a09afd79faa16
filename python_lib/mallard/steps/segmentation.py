"""The two Python steps of the materialization `segmentation`: plan, and fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    from mallard.engines.engine import Connection, Relation, Session

PREFIX = "mallard__scaled_"
"""What precedes a feature's name in the name of its column: the select may have columns of any other name."""


def write_plan(
    connection: Connection,
    meta: Any,
    config: Sequence[str],
    beside: Sequence[str],
    added: Sequence[str],
    starts: str | None,
    fitted: Mapping[str, str] | None,
    lost: Sequence[str],
    full_refresh: bool,
    reason: str | None = None,
    scratch: str | None = None,
) -> None:
    """Look at mallard__customers, and write into the table mallard__plan how to segment it.

    Beside the plan stand the reason to fit, null if the version that is there will do, and what that depends on.

    Args:
        meta: the settings.
        config: the keys of the configuration of the model.
        beside: the keys of its meta, if the settings are under mallard in it.
        added: the columns that the segmentation adds.
        starts: one row per segment, with the columns that features are made of, if centroids to start from are given.
        fitted: the plan of the version that is there, and what it depended on, as `plan` and `matters`; None without
            one.
        lost: names of tables of that version that are gone, and that only a fit can make anew.
        full_refresh: whether the user asked for a new fit.
        reason: why there has to be one, if that is known.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        from mallard.engines.engine import columns_of, session_of
        from mallard.inputs.plan import Plan, checked, plan_scoring, plan_segmentation
        from mallard.inputs.reading import check_misplaced, read_settings
        from mallard.inputs.starts import check_starts, fingerprint
        from mallard.inputs.values import listed
        from mallard.inputs.vectors import sizes_of_vectors
        from mallard.lifecycle.decision import can_compare, can_score, reason_to_fit, what_matters

        session, table = session_of(connection, scratch), "mallard__customers"
        check_misplaced(config, beside)
        columns = columns_of(session.relation(table))
        settings = checked(columns, added, table, read_settings(meta), session.query)
        given = None
        if starts is not None:
            found = session.relation(starts).columns
            given = fingerprint(starts, found, settings, session.query)
        matters = what_matters(settings, columns, sizes_of_vectors(columns, settings, table, session.query), given)
        known = json.loads(fitted["matters"]) if fitted else None
        if reason is None:
            reason = reason_to_fit(known, matters, settings.refit, full_refresh, lost)
        is_scorable = known is not None and can_score(known, matters)
        is_comparable = known is not None and can_compare(known, matters)
        if reason is None and fitted is not None:
            plan = plan_scoring(Plan.from_json(fitted["plan"]), columns, table, settings, session.query)
        else:
            plan = plan_segmentation(columns, table, settings, session.query)
        if starts is not None:
            check_starts(starts, session.relation(starts).columns, plan, session.query)
        if plan.dropped:
            log(f"left out, because they are the same for all {plan.settings.rows.many}: {listed(plan.dropped)}")
        for columns_left_out, why in (
            (plan.left_out.too_varied, "nearly all texts are different"),
            (plan.left_out.too_large, "they have numbers too large to be squared"),
        ):
            if columns_left_out:
                log(f"not among the attributes, because {why}: {listed(columns_left_out)}")
        names = {column.name for column in columns}.union(plan.feature_names)
        if unused := sorted(name for name in plan.settings.feature_words or {} if name not in names):
            log(f"feature_words has words for what is neither a column nor a feature: {listed(unused)}")
        session.query(
            "create or replace temp table mallard__plan as "
            "select ? as plan, cast(? as varchar) as reason, ? as matters, ? as can_score, ? as can_compare",
            [plan.to_json(), reason, json.dumps(matters, sort_keys=True), is_scorable, is_comparable],
        )


def write_partitions(
    connection: Connection, has_starts: bool, has_earlier: bool, candidate: int | None, scratch: str | None = None
) -> None:
    """Segment mallard__clustered as mallard__plan says, and write the outcome into the table mallard__partitions.

    Args:
        has_starts: whether mallard__starts has centroids to start from.
        has_earlier: whether mallard__earlier has the centroids of the version before.
        candidate: the number of segments that the fit before asked for in vain.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        from mallard.choice.version_before import Earlier
        from mallard.engines.engine import session_of
        from mallard.inputs.features import trait_of
        from mallard.inputs.plan import Plan
        from mallard.inputs.starts import given_centroids, stored_centroids
        from mallard.steps.fit import fit

        session = session_of(connection, scratch)
        [(text,)] = session.query("select plan from mallard__plan")
        plan = Plan.from_json(text)
        features = {f"{PREFIX}{name}": name for name in plan.feature_names}
        table = "mallard__starts" if has_starts else None
        starts = given_centroids(table, list(features), plan.feature_names, plan.settings, session.query)
        earlier = None
        if has_earlier:
            centroids = stored_centroids("mallard__earlier", list(features), session.query)
            earlier = Earlier(centroids, candidate, plan.settings.stability)
        worth = [] if plan.settings.min_value_share is None else _worth(session)
        traits = [trait_of(feature, plan.settings) for feature in plan.features]
        fitted = fit(session.relation("mallard__clustered"), features, plan.settings, starts, traits, earlier, worth)
        session.write("mallard__partitions", fitted.partitions)
        session.query("create or replace temp table mallard__candidate as select ? as candidate", [fitted.candidate])


def _worth(session: Session) -> list[Relation]:
    """The customers by what they are worth, as `mallard.steps.fit.fit` takes them."""
    [(n_losses,)] = session.query("select count(*) from mallard__losses where mallard__weight > 0")
    return [session.relation(table) for table in ("mallard__gains", "mallard__losses")[: 2 if n_losses else 1]]
