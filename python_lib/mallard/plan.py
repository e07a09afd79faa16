"""What a segmentation of a table will do, after a look at the table: which features there are, and who can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mallard.compression import folded, quoted, weights_sql
from mallard.errors import MallardError
from mallard.features import Column, Feature, Query, features_of, weight_of
from mallard.settings import ClusterSettings, FeatureSettings, read

ADDED_COLUMNS = (
    "segment_id", "segment_name", "distance_to_centroid", "second_segment_id", "distance_to_second_centroid",
    "confidence", "assignment_status", "status_reason",
)  # fmt: skip
"""What a segmentation adds to the columns of a table."""
OWN_PREFIXES = ("squared_distance_", "mallard__")
MAX_SHOWN = 5
LARGEST = 1e150
"""The square of anything larger is no number any more."""

ByColumn = dict[str, list[Feature]]


@dataclass(frozen=True)
class Plan:
    """What a segmentation will do.

    Attributes:
        features: in the order of their columns.
        missing: for each column that not all customers have, SQL that says whether a customer hasn't got it.
        is_used: SQL that says whether a customer gets a segment.
        dropped: columns that were left out, because they don't vary.
        metric: "euclidean" or "cosine".
        weight: SQL that says how often a customer counts, None if each counts once.
        columns: of which the features are made.
    """

    features: list[Feature]
    missing: dict[str, str]
    is_used: str
    dropped: list[str]
    metric: str
    weight: str | None
    columns: list[str]

    def to_dict(self) -> dict[str, Any]:
        """With nothing but lists, texts and numbers in it."""
        return asdict(self)


def plan(columns: Sequence[Column], table: str, meta: Mapping[str, Any], query: Query) -> Plan:
    """Look at a table.

    Args:
        columns: all of the table.
        table: as SQL names it.
        meta: the settings.
        query: runs a query on the table.

    Raises:
        MallardError: the table can't be segmented as the settings say; the message says what to do.
    """
    settings = read(FeatureSettings, meta, ClusterSettings)
    clustering = read(ClusterSettings, meta, FeatureSettings)
    _check_names(columns)
    weight_column = weight_of(columns, clustering)
    settings = _spelt_as_in(columns, settings, weight_column)
    _check_ids(settings, table, query)
    _check_weights(weight_column, clustering, table, query)
    by_column = features_of(columns, table, settings, query)
    missing = _missing(by_column, table, settings, query)
    used = f"{table} where {_is_used(missing, settings)}"
    varying = _varying(by_column, used, settings, query)
    missing = {column: condition for column, condition in missing.items() if column in varying}
    return Plan(
        features=[feature for features in varying.values() for feature in features],
        missing=missing,
        is_used=_is_used(missing, settings),
        dropped=[column for column in by_column if column not in varying],
        metric=clustering.metric,
        weight=None if weight_column is None else f"cast({quoted(weight_column)} as double)",
        columns=list(varying),
    )


def _check_names(columns: Sequence[Column]) -> None:
    for column in columns:
        if folded(column.name) in ADDED_COLUMNS or folded(column.name).startswith(OWN_PREFIXES):
            raise MallardError(
                f"column {column.name} has a name that the segmentation needs for a column of its own: give it another "
                "name in the select."
            )


def _spelt_as_in(columns: Sequence[Column], settings: FeatureSettings, weight_column: str | None) -> FeatureSettings:
    """The settings with the names of columns as the table has them: DuckDB doesn't mind capitals, nor do we."""
    names = {folded(column.name): column.name for column in columns}
    if settings.id is None:
        remedy = f"set it to the column that identifies a customer, one of {', '.join(names.values())}"
        raise settings.refusal("id", remedy)
    if folded(settings.id) not in names:
        raise settings.refusal("id", f"the select has no such column; choose from {', '.join(names.values())}")
    id_column = names[folded(settings.id)]
    others = [name for name in names.values() if name not in (id_column, weight_column)]
    if not others:
        and_weight = f", and the weight, {weight_column}" if weight_column else ""
        raise MallardError(
            f"the select has no column besides the id, {id_column}{and_weight}: add what to compare customers by."
        )
    if settings.features is None:
        return replace(settings, id=id_column, features=others)
    for feature in settings.features:
        if folded(feature) not in names:
            raise settings.refusal("features", f"the select has no column '{feature}'; choose from {', '.join(others)}")
    spelt = [names[folded(feature)] for feature in settings.features]
    for feature in spelt:
        if spelt.count(feature) > 1:
            raise settings.refusal("features", f"'{feature}' is there twice; name it once")
        if feature == id_column:
            raise settings.refusal("features", f"'{feature}' is the id, which says nothing of likeness; leave it out")
    if isinstance(settings.features, Mapping):
        return replace(settings, id=id_column, features=dict(zip(spelt, settings.features.values(), strict=True)))
    return replace(settings, id=id_column, features=spelt)


def _check_ids(settings: FeatureSettings, table: str, query: Query) -> None:
    id_column = quoted(str(settings.id))
    [(n_rows, n_known)] = query(f"select count(*), count({id_column}) from {table}")
    if not n_rows:
        raise MallardError(
            "there are no customers to segment: the select gives no row; look at what it reads, and at its conditions."
        )
    if n_known < n_rows:
        raise MallardError(
            f"column {settings.id} identifies customers and is null in {n_rows - n_known:,} of {n_rows:,} rows: leave "
            "these out in the select, or give them an id."
        )
    repeated = query(
        f"select cast({id_column} as varchar), count(*) over () from {table} group by {id_column} having count(*) > 1 "
        f"order by {id_column} limit {MAX_SHOWN}"
    )
    if repeated:
        shown = ", ".join(customer for customer, _ in repeated)
        n_repeated = repeated[0][1]
        raise MallardError(
            f"column {settings.id} identifies customers, but {n_repeated:,} of its values occur more than once "
            f"({shown}{', ...' if n_repeated > len(repeated) else ''}): keep one row of each in the select."
        )


def _check_weights(column: str | None, settings: ClusterSettings, table: str, query: Query) -> None:
    if column is not None:
        [(n_without, n_rows, _, total)] = query(weights_sql(table, column))
        if n_without:
            raise settings.no_weights(n_without, n_rows)
        if total <= 1:
            remedy = f"its values are numbers of customers, and add up to {total:g}; multiply them in the select"
            raise settings.refusal("weight_column", remedy)


def _missing(by_column: ByColumn, table: str, settings: FeatureSettings, query: Query) -> dict[str, str]:
    """For each column that not all customers have, the SQL that says who hasn't, after a check that enough have all."""
    conditions = {
        column: _any(f"{feature.expression} is null" for feature in features) for column, features in by_column.items()
    }
    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions.values())
    without = f"count(*) filter ({_any(conditions.values())})"
    [(n_rows, n_without, *n_missing)] = query(f"select count(*), {without}, {counts} from {table}")
    incomplete = {column: n for column, n in zip(conditions, n_missing, strict=True) if n}
    for column, n in incomplete.items():
        if n == n_rows and len(by_column[column]) == 1:
            raise MallardError(f"column {column} has a value in no row: leave it out of features.")
    counted = f"{', '.join(f'{column} in {n:,}' for column, n in incomplete.items())} of {n_rows:,} rows"
    if incomplete and settings.nulls == "error":
        remedy = "fill them in the select, or set it to exclude, mean or median"
        raise settings.refusal("nulls", f"values are missing, of {counted}; {remedy}")
    if n_without == n_rows and settings.nulls == "exclude":
        remedy = "leave columns out of features, or set it to mean or median"
        raise settings.refusal("nulls", f"every row lacks a value, of {counted}; {remedy}")
    return {column: conditions[column] for column in incomplete}


def _is_used(missing: Mapping[str, str], settings: FeatureSettings) -> str:
    return f"not ({_any(missing.values())})" if missing and settings.nulls == "exclude" else "true"


def _varying(by_column: ByColumn, used: str, settings: FeatureSettings, query: Query) -> ByColumn:
    """The features without those that are the same for all customers that are used, after a check of their bounds."""
    features = [feature for of_column in by_column.values() for feature in of_column]
    bounds = ", ".join(f"min({feature.expression}), max({feature.expression})" for feature in features)
    [found] = query(f"select {bounds} from {used}")
    does_vary = {}
    for feature, lowest, highest in zip(features, found[::2], found[1::2], strict=True):
        _check_bounds(feature, lowest, highest)
        does_vary[feature.name] = lowest < highest
    varying = {
        column: kept
        for column, of_column in by_column.items()
        if (kept := [feature for feature in of_column if does_vary[feature.name]])
    }
    for column in by_column:
        if column not in varying and settings.constant_features == "error":
            raise MallardError(
                f"column {column} is the same for all customers, so it tells none apart: leave it out of "
                "features, or set constant_features to drop."
            )
    if not varying:
        raise settings.refusal("constant_features", "no column varies, so no feature is left; add one to the select")
    return varying


def _check_bounds(feature: Feature, lowest: float | None, highest: float | None) -> None:
    if lowest is None or highest is None:
        raise MallardError(f"feature {feature.name} has a value in no row: leave its column out of features.")
    largest = max(lowest, highest, key=abs)
    if abs(largest) > LARGEST:
        raise MallardError(
            f"feature {feature.name} goes up to {largest:g}, too large to be squared: make it null in the select if it "
            "stands for a missing value, or use another unit."
        )
    if feature.scale == "log1p+standard" and lowest <= -1:
        raise MallardError(
            f"feature {feature.name} can't have scale log1p+standard, since ln(1 + x) needs values above -1 and there "
            f"is {lowest:g}: choose another scale, or change the values in the select."
        )


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)
