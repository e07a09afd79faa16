"""What a segmentation of a table will do, after a look at the table: which features there are, and who can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mallard.compression import quoted
from mallard.errors import MallardError
from mallard.features import Column, Feature, Query, features_of
from mallard.settings import ClusterSettings, FeatureSettings, read

ADDED_COLUMNS = (
    "segment_id", "segment_name", "distance_to_centroid", "second_segment_id", "distance_to_second_centroid",
    "confidence", "assignment_status", "status_reason",
)  # fmt: skip
"""What a segmentation adds to the columns of a table."""
OWN_PREFIXES = ("squared_distance_", "mallard__")
MAX_SHOWN = 5


@dataclass(frozen=True)
class Plan:
    """What a segmentation will do.

    Attributes:
        features: in the order of their columns.
        missing: for each column that not all customers have, SQL that says whether a customer hasn't got it.
        nulls: what becomes of such customers, see `mallard.settings`.
        constant_features: what becomes of features that don't vary.
    """

    features: list[Feature]
    missing: dict[str, str]
    nulls: str
    constant_features: str

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
    read(ClusterSettings, meta, FeatureSettings)
    _check_names(columns)
    _check_id(columns, table, settings, query)
    by_column = features_of(columns, table, settings, query)
    missing = {
        column: " or ".join(f"{feature.expression} is null" for feature in features)
        for column, features in by_column.items()
    }
    incomplete = _incomplete(missing, table, settings, query)
    features = [feature for of_column in by_column.values() for feature in of_column]
    _check_logarithms(features, table, query)
    return Plan(
        features, {column: missing[column] for column in incomplete}, settings.nulls, settings.constant_features
    )


def _check_names(columns: Sequence[Column]) -> None:
    for column in columns:
        if column.name.casefold() in ADDED_COLUMNS or column.name.casefold().startswith(OWN_PREFIXES):
            raise MallardError(
                f"column {column.name} has a name that the segmentation needs for a column of its own: give it another "
                "name in the select."
            )


def _check_id(columns: Sequence[Column], table: str, settings: FeatureSettings, query: Query) -> None:
    names = [column.name for column in columns]
    if settings.id is None:
        raise settings.refusal("id", f"set it to the column that identifies a customer, one of {', '.join(names)}")
    if settings.id.casefold() not in map(str.casefold, names):
        raise settings.refusal("id", f"the select has no such column; choose from {', '.join(names)}")
    id_column = quoted(settings.id)
    [(n_rows, n_known)] = query(f"select count(*), count({id_column}) from {table}")
    if not n_rows:
        raise MallardError("there are no customers to segment: the select gives no row.")
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


def _incomplete(missing: Mapping[str, str], table: str, settings: FeatureSettings, query: Query) -> list[str]:
    """The columns that not all customers have, after a check that enough do."""
    counts = ", ".join(f"count(*) filter ({condition})" for condition in missing.values())
    anything = " or ".join(f"({condition})" for condition in missing.values())
    [(n_rows, n_without, *n_missing)] = query(f"select count(*), count(*) filter ({anything}), {counts} from {table}")
    incomplete = {column: n for column, n in zip(missing, n_missing, strict=True) if n}
    for column, n in incomplete.items():
        if n == n_rows:
            raise MallardError(f"column {column} has a value in no row: leave it out of features.")
    counted = f"{', '.join(f'{column} in {n:,}' for column, n in incomplete.items())} of {n_rows:,} rows"
    if incomplete and settings.nulls == "error":
        remedy = "fill them in the select, or set it to exclude, mean or median"
        raise settings.refusal("nulls", f"values are missing, of {counted}; {remedy}")
    if n_without == n_rows and settings.nulls == "exclude":
        remedy = "leave columns out of features, or set it to mean or median"
        raise settings.refusal("nulls", f"every row lacks a value, of {counted}; {remedy}")
    return list(incomplete)


def _check_logarithms(features: Sequence[Feature], table: str, query: Query) -> None:
    logarithmic = [feature for feature in features if feature.scale == "log1p+standard"]
    if not logarithmic:
        return
    [lowest] = query(f"select {', '.join(f'min({feature.expression})' for feature in logarithmic)} from {table}")
    for feature, value in zip(logarithmic, lowest, strict=True):
        if value <= -1:
            raise MallardError(
                f"feature {feature.name} can't have scale 'log1p+standard', since ln(1 + x) needs values above -1 and "
                f"there is {value:g}: choose another scale, or change the values in the select."
            )
