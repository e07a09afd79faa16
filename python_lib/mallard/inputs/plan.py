"""What a segmentation of a table will do, after a look at the table: its features, and who gets a segment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mallard.inputs.attributes import Attribute, LeftOut, attributes_of
from mallard.inputs.columns import Query, check_excluded, check_ids, check_names, check_weights, spelled_as_in
from mallard.inputs.features import Feature, features_of
from mallard.inputs.missing import (
    check_nulls,
    check_some_are_known,
    conditions_of_missing,
    is_used_sql,
    missing_among,
    out_of_range_among,
    varying_features,
)
from mallard.inputs.settings import Settings
from mallard.inputs.sizes import check_value
from mallard.kmeans.metric import METRICS
from mallard.sql.columns import Column
from mallard.sql.text import folded, quoted

MAX_ID = 100
"""Most characters of an id in the name of a segment."""


@dataclass(frozen=True)
class Plan:
    """What a segmentation will do. The macros of the materialization read it as JSON.

    Attributes:
        settings: spelled as in the table.
        features: in the order of their columns.
        can_be_missing: for each column of the features, SQL that says whether a customer lacks it.
        can_be_out_of_range: for each column with numbers, SQL that says whether a number is one that a fit refuses.
        guarded: expressions for customers who weren't there at the fit, by feature, where they differ.
        missing: those of the columns that some customers lack.
        out_of_range: those of the columns that are out of range for some customer; at a fit none.
        is_used: SQL that says whether a customer gets a segment.
        dropped: columns that are left out because they don't vary.
        metric: the name of the distance measure.
        weight: SQL for how often a customer counts; None if each counts once.
        columns: the columns that the features are made of.
        id: the column of the id, and SQL of it as text; None if ids aren't published.
        attributes: the other columns by which segments are described.
        left_out: columns that should be attributes, but can't be.
        words: what people call features, attributes and the column of the value.
    """

    settings: Settings
    features: list[Feature]
    can_be_missing: dict[str, str]
    can_be_out_of_range: dict[str, str]
    guarded: dict[str, str]
    missing: dict[str, str]
    out_of_range: dict[str, str]
    is_used: str
    dropped: list[str]
    metric: str
    weight: str | None
    columns: list[str]
    id: dict[str, str] | None
    attributes: list[Attribute]
    left_out: LeftOut
    words: dict[str, str]

    @property
    def feature_names(self) -> list[str]:
        return [feature.name for feature in self.features]

    def to_json(self) -> str:
        """The plan as text, for macros and for `from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        features = [Feature(**feature) for feature in fields.pop("features")]
        attributes = [Attribute(**attribute) for attribute in fields.pop("attributes")]
        settings = Settings(**fields.pop("settings"))
        left_out = LeftOut(**fields.pop("left_out"))
        return cls(settings=settings, features=features, attributes=attributes, left_out=left_out, **fields)


def checked(columns: Sequence[Column], added: Sequence[str], table: str, settings: Settings, query: Query) -> Settings:
    """The settings, spelled as in a table that every build can segment.

    Args:
        columns: all of the table.
        added: the columns that the segmentation adds.
        table: by the name that SQL uses.
        query: runs a query on the table.

    Raises:
        MallardError: the table can't be segmented with these settings; the message says what to do.
    """
    check_names(columns, added)
    check_excluded(columns, added, settings)
    settings = spelled_as_in(columns, settings)
    check_ids(columns, settings, table, query)
    check_weights(settings, table, query)
    return settings


def plan_segmentation(columns: Sequence[Column], table: str, settings: Settings, query: Query) -> Plan:
    """Look at a table, and plan its segmentation.

    Args:
        columns: all of the table.
        table: by the name that SQL uses.
        settings: those that `checked` gave.
        query: runs a query on the table.

    Raises:
        MallardError: the table can't be segmented with these settings; the message says what to do.
    """
    by_column = features_of(columns, table, settings, query)
    conditions = conditions_of_missing(by_column)
    found = missing_among(conditions, table, query)
    check_some_are_known(by_column, found, table, query)
    check_nulls(found, settings)
    missing = {column: conditions[column] for column in found.by_column}
    varying = varying_features(by_column, f"{table} where {is_used_sql(missing, settings)}", settings, query)
    missing = {column: condition for column, condition in missing.items() if column in varying}
    is_used = is_used_sql(missing, settings)
    features = [feature for of_column in varying.values() for feature in of_column]
    return Plan(
        settings=settings,
        features=features,
        can_be_missing=conditions_of_missing(
            {column: [_of_any_row(feature) for feature in of_column] for column, of_column in varying.items()}
        ),
        can_be_out_of_range={feature.column: of for feature in features if (of := feature.is_out_of_range)},
        guarded={feature.name: feature.guarded for feature in features if feature.guarded != feature.expression},
        missing=missing,
        out_of_range={},
        is_used=is_used,
        dropped=[column for column in by_column if column not in varying],
        metric=settings.metric,
        weight=None if settings.weight_column is None else f"cast({quoted(settings.weight_column)} as double)",
        columns=list(varying),
        **_about_segments(features, columns, f"{table} where {is_used}", settings, query),
    )


def plan_scoring(fitted: Plan, columns: Sequence[Column], table: str, settings: Settings, query: Query) -> Plan:
    """The plan of a version that was fitted before, for the customers and the words of today.

    Who gets a segment is for the version to say: it has no filler if it was fitted without.

    Raises:
        MallardError: values are missing that the settings don't allow to be.
    """
    settings = replace(settings, nulls=fitted.settings.nulls, max_distance=fitted.settings.max_distance)
    found = missing_among(fitted.can_be_missing, table, query)
    check_nulls(found, settings)
    missing = {column: fitted.can_be_missing[column] for column in found.by_column}
    out_of_range = out_of_range_among(fitted.can_be_out_of_range, table, query)
    is_used = is_used_sql(missing, settings, out_of_range)
    return replace(
        fitted,
        settings=settings,
        missing=missing,
        out_of_range=out_of_range,
        is_used=is_used,
        dropped=[],
        **_about_segments(fitted.features, columns, f"{table} where {is_used}", settings, query),
    )


def _of_any_row(feature: Feature) -> Feature:
    """The feature with what can be missing in vectors that had no gap."""
    return feature if feature.size is None else replace(feature, expression=feature.guarded)


def _about_segments(
    features: Sequence[Feature], columns: Sequence[Column], used: str, settings: Settings, query: Query
) -> dict[str, Any]:
    """The parts of a plan by which segments are described, not found.

    Args:
        used: what follows `from` in a query for the customers who get a segment.
    """
    check_value(settings, used, query)
    _check_rules(features, settings)
    attributes, left_out = attributes_of(columns, used, settings, query)
    return {
        "id": _shown_id(columns, settings),
        "attributes": attributes,
        "left_out": left_out,
        "words": _words(features, attributes, settings),
    }


def _check_rules(features: Sequence[Feature], settings: Settings) -> None:
    """Refuse rules where a threshold of a feature means nothing."""
    if not settings.has_rules:
        return
    asks = "assignment" if settings.is_by_rules else "rules"
    for feature in features:
        if feature.size is not None:
            raise settings.refusal(
                asks, f"feature {feature.name} is a vector, whose positions mean nothing by themselves; remove it"
            )
    if METRICS[settings.metric].spherical:
        raise settings.refusal(
            asks, f"with metric {settings.metric}, segments are directions, which no threshold parts; remove it"
        )


def _words(features: Sequence[Feature], attributes: Sequence[Attribute], settings: Settings) -> dict[str, str]:
    others = [attribute.column for attribute in attributes]
    if settings.value_column is not None:
        others.append(settings.value_column)
    return {name: settings.word(name) for name in others} | {feature.name: feature.label for feature in features}


def _shown_id(columns: Sequence[Column], settings: Settings) -> dict[str, str] | None:
    """How ids stand in names and profiles: as they are published, and no longer than people read."""
    name = str(settings.id)
    if folded(name) in map(folded, settings.publish_exclude or ()):
        return None
    [kind] = [column.kind for column in columns if column.name == name]
    value = f"timezone('UTC', {quoted(name)})" if kind.startswith("timestamp") and "z" in kind else quoted(name)
    text = f"cast({value} as varchar)"
    return {"column": name, "text": f"if(length({text}) > {MAX_ID}, left({text}, {MAX_ID}) || '...', {text})"}
