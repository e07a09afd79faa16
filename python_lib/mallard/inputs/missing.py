"""Which customers lack a value, and which features vary among the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mallard.errors import MallardError
from mallard.inputs.columns import Query
from mallard.inputs.features import ByColumn, Feature
from mallard.inputs.scales import AUTO, SCALES
from mallard.inputs.settings import Settings
from mallard.inputs.sizes import LARGEST_SQUARED
from mallard.inputs.values import enumerated
from mallard.labels import in_list


def conditions_of_missing(by_column: ByColumn) -> dict[str, str]:
    """For each column, SQL that says whether a customer lacks it."""
    return {column: _any(feature.is_missing for feature in features) for column, features in by_column.items()}


class Missing(NamedTuple):
    """How many customers lack a value.

    Attributes:
        n_rows: number of all customers.
        n_incomplete: of those who lack any.
        by_column: of those who lack that of a column, for each column that some lack.
    """

    n_rows: int
    n_incomplete: int
    by_column: dict[str, int]


def missing_among(conditions: Mapping[str, str], table: str, query: Query) -> Missing:
    """Count the customers who lack a value.

    Args:
        conditions: for each column, SQL that says whether a customer lacks it.
    """
    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions.values())
    without = f"count(*) filter ({_any(conditions.values())})"
    [(n_rows, n_incomplete, *n_missing)] = query(f"select count(*), {without}, {counts} from {table}")
    return Missing(n_rows, n_incomplete, {column: n for column, n in zip(conditions, n_missing, strict=True) if n})


def check_nulls(missing: Missing, settings: Settings) -> None:
    """Refuse what the setting `nulls` doesn't allow to be missing."""
    lacking = enumerated([f"{in_list(column)} in {n:,}" for column, n in missing.by_column.items()])
    counted = f"{lacking} of {missing.n_rows:,} rows"
    if missing.by_column and settings.nulls == "error":
        remedy = "fill them in the select, or set it to exclude, mean or median"
        raise settings.refusal("nulls", f"values are missing: {counted}; {remedy}")
    if missing.n_rows and missing.n_incomplete == missing.n_rows and settings.nulls == "exclude":
        remedy = "remove columns from features, or set it to mean or median"
        raise settings.refusal("nulls", f"every row lacks a value: {counted}; {remedy}")


def check_some_are_known(by_column: ByColumn, missing: Missing, table: str, query: Query) -> None:
    """Refuse a feature of which no customer has a value."""
    for column, n in missing.by_column.items():
        [feature, *others] = by_column[column]
        if feature.size is not None:
            _check_positions(feature, table, query)
        elif n == missing.n_rows and not others:
            raise MallardError(f"column {column} has no value in any row: leave it out of features.")


def _check_positions(vector: Feature, table: str, query: Query) -> None:
    """Refuse a vector with a position at which nobody has a value, so that there is nothing to fill in."""
    if vector.fill == "none":
        return
    positions = f"unnest({vector.expression}) as value, unnest(range(1, {vector.size} + 1)) as position"
    found = query(
        f"select position from (select {positions} from {table}) group by position having count(value) = 0 "
        "order by position asc limit 1"
    )
    if found:
        raise MallardError(
            f"feature {vector.name}[{found[0][0]}] has no value in any row: leave its column out of features."
        )


def out_of_range_among(conditions: Mapping[str, str], table: str, query: Query) -> dict[str, str]:
    """Those of the columns that are out of range for some customer.

    Args:
        conditions: for each column, SQL that says whether it is out of range.
    """
    if not conditions:
        return {}
    [found] = query(f"select {', '.join(f'coalesce(bool_or({of}), false)' for of in conditions.values())} from {table}")
    return {column: of for (column, of), is_there in zip(conditions.items(), found, strict=True) if is_there}


def is_used_sql(missing: Mapping[str, str], settings: Settings, out_of_range: Mapping[str, str] | None = None) -> str:
    """SQL that says whether a customer gets a segment.

    Args:
        missing: for each column that some customers lack, SQL that says whether a customer lacks it.
        out_of_range: for each column that is out of range for some customer, SQL that says whether it is.
    """
    conditions = [] if settings.fills_in else [*missing.values(), *(out_of_range or {}).values()]
    return f"not ({_any(conditions)})" if conditions else "true"


def varying_features(by_column: ByColumn, used: str, settings: Settings, query: Query) -> ByColumn:
    """The features that aren't the same for all customers, after a check of their bounds.

    Args:
        used: what follows `from` in a query for the customers who get a segment.

    Raises:
        MallardError: a column doesn't vary and may not be dropped, or its scale doesn't allow its values.
    """
    features = [feature for of_column in by_column.values() for feature in of_column]
    found = iter(
        query(
            "select "
            + ", ".join(
                f"{', '.join(feature.bounds)}, min({feature.expression}) < max({feature.expression})"
                for feature in features
            )
            + f" from {used}"
        )[0]
    )
    does_vary = {}
    for feature, lowest, highest, varies in zip(features, found, found, found, strict=True):
        _check_bounds(feature, lowest, highest)
        does_vary[feature.name] = varies
    varying = {
        column: kept
        for column, of_column in by_column.items()
        if (kept := [feature for feature in of_column if does_vary[feature.name]])
    }
    for column in by_column:
        if column not in varying and settings.constant_features == "error":
            raise MallardError(
                f"column {column} is the same for all {settings.rows.many}, so it tells none apart: leave it out of "
                "features, or set constant_features to drop."
            )
    if not varying:
        raise settings.refusal("constant_features", "no column varies, so no feature is left; add one to the select")
    return varying


def _check_bounds(feature: Feature, lowest: float | None, highest: float | None) -> None:
    if lowest is None or highest is None:
        raise MallardError(f"feature {feature.name} has no value in any row: leave its column out of features.")
    largest = max(lowest, highest, key=abs)
    if abs(largest) > LARGEST_SQUARED:
        raise MallardError(
            f"feature {feature.name} goes up to {largest:g}, too large to be squared: make it null in the select if it "
            "stands for a missing value, or use another unit."
        )
    if feature.scale == AUTO:
        return
    scale = SCALES[feature.scale]
    if scale.above is not None and lowest <= scale.above:
        raise MallardError(
            f"feature {feature.name} can't have scale {feature.scale}, because {scale.domain} and the smallest is "
            f"{lowest:g}: choose another scale, or change the values in the select."
        )


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)
