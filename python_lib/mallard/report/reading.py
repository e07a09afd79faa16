"""Reads what the report shows from the tables of a segmentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mallard.engines.duckdb.database import ANOTHER_VERSION, Database, opened
from mallard.errors import MallardError
from mallard.inputs.values import ENTITY, listed
from mallard.labels import plain
from mallard.nouns import Noun, noun
from mallard.report.algorithms import ALGORITHMS, read_algorithms
from mallard.report.attributes import ATTRIBUTES, read_attributes
from mallard.report.borders import BORDERS, read_borders
from mallard.report.counts import counts_by_silhouette, counts_by_values
from mallard.report.customer_file import customer_file
from mallard.report.data import (
    Attribute,
    CustomerFile,
    Differences,
    ExplainedFeature,
    Explanation,
    Explanations,
    Feature,
    ReportData,
    Row,
    Segment,
    are_weighted,
)
from mallard.report.differences import FEWEST_DESCRIBED, columns_to_compare, read_differences
from mallard.report.disclosure import Disclosure
from mallard.report.divisions import DIVISIONS, read_divisions
from mallard.report.explanations import (
    Centroids,
    centroids_in_units,
    explain_rows,
    explained_features,
    variance_within,
)
from mallard.report.features import read_features, short
from mallard.report.history_reading import HISTORY, read_history
from mallard.report.lacking import lacking_columns
from mallard.report.rules import RULES, read_rules
from mallard.report.sample import (
    add_plane,
    add_silhouettes,
    axes_of,
    columns_sql,
    customers_near_a_border,
    sampled_customers,
    take_scaled,
)
from mallard.report.suppression import Hidden, what_to_hide, without_small_counts
from mallard.report.value import shows_value
from mallard.report.vectors import directions_of, vectors_of, with_directions
from mallard.report.version import FittedVersion, fitted_version
from mallard.sql.repeats import repeated_sql
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables, built_at, one_segmentation, selected_row
from mallard.tables.history import suppressed_below
from mallard.tables.stored import rules_give_segments

MAX_FEATURES = 20
"""Most features in charts and cards: those that separate the segments best."""
READ = {
    "metrics": (
        "n_clusters",
        "metric",
        "inertia",
        "silhouette",
        "silhouette_estimate",
        "n_groups",
        "verdict",
        "verdict_reason",
        "is_natural",
        "is_selected",
        "selection_reason",
        "entity",
    ),
    "profiles": (
        "segment_id",
        "segment_name",
        "n_customers",
        "share",
        "stability",
        "value_label",
        "total_value",
        "share_of_value",
        "feature",
        "label",
        "mean",
        "median",
        "overall_mean",
        "overall_median",
        "z_score",
        "representatives",
    ),
    "centroids": (
        "segment_id",
        "feature",
        "scale",
        "unit",
        "centroid",
        "scaled_centroid",
        "scaled_centroid_vector",
        "scaled_expression",
    ),
    "borders": BORDERS,
    "divisions": DIVISIONS,
    "attributes": ATTRIBUTES,
    "algorithms": ALGORITHMS,
    "rules": RULES,
    **HISTORY,
}
"""The columns that the report reads from the tables beside the customers. All but the first three may be left out."""
REASONS = ("selection_reason", "verdict_reason")
ROW = "mallard__row"
"""The number of a row, where no column identifies customers."""
ADDED = ("segment_id", "segment_name", "second_segment_id", "confidence", "assignment_status", "status_reason")
"""Columns of a segmentation that never identify a customer."""


def read_report_data(
    path: Path,
    segmentation: str | None = None,
    id_column: str | None = None,
    disclosure: Disclosure = Disclosure(),  # noqa: B008  it is frozen
    group: str | None = None,
) -> ReportData:
    """Read the data of the report.

    Args:
        path: a DuckDB file, or a folder with copies of its tables.
        segmentation: name of the customers table; may be None if there is only one segmentation.
        id_column: column that identifies a customer; None means the first column, if it can.
        disclosure: how much of single customers is shown. It is less where the setting suppress_below says so.
        group: see `mallard.tables.find.one_segmentation`.

    Raises:
        MallardError: there is no such file, segmentation, group or column.
    """
    with opened(path) as database:
        tables = one_segmentation(database, segmentation, group)
        disclosure = disclosure.at_least(suppressed_below(database, tables))
        _check_tables_beside(database, tables)
        selected = selected_row(database, tables)
        kinds = dict(database.tuples(f"select column_name, column_type from (describe {tables.customers})"))
        numbers = read_features(database, tables, kinds)
        tables = _with_vectors(tables, kinds, numbers)
        vectors = vectors_of(database, tables)
        directions = directions_of(vectors, len(numbers))
        features = [*numbers, *directions]
        _check_columns(database, tables, features, kinds)
        id_name = _id_column(database, tables, kinds, features, id_column)
        if id_name is None:
            tables = replace(tables, customers=f"(select *, row_number() over () as {ROW} from {tables.customers})")
        id_sql = f"cast({quoted(id_name or ROW)} as varchar)"
        hidden = what_to_hide(database, tables, features, list(kinds), disclosure)
        shown = _shown(features, hidden)
        scaled_sql = [feature.scaled for feature in numbers] + [vector.scaled for vector in vectors]
        n_scaled = len(numbers) + sum(vector.centroids.shape[1] for vector in vectors)
        columns = columns_sql(scaled_sql, shown)
        customers, n_segmented = sampled_customers(database, tables, columns, id_sql)
        is_sample = len(customers) < n_segmented
        has_border = {"second_segment_id", "confidence"} <= kinds.keys()
        border = customers_near_a_border(database, tables, columns, id_sql) if has_border else []
        scaled, scaled_border = (
            take_scaled(of, len(scaled_sql), n_scaled, selected["metric"]) for of in (customers, border)
        )
        add_silhouettes(customers, scaled, selected["metric"])
        segments, centroids = _segments(database, tables, numbers, shown)
        segments = with_directions(database, tables, segments, directions)
        if not (disclosure.ids and disclosure.rows):
            segments = [segment.without_ids() for segment in segments]
        centroids = np.column_stack([centroids, *(vector.centroids for vector in vectors)])
        explained = add_plane((customers, scaled), (border, scaled_border), ([s.position for s in segments], centroids))
        axes = axes_of(shown, np.array([[row[feature.key] for feature in shown] for row in customers], dtype=float))
        version = fitted_version(database, tables)
        reasons: list[ExplainedFeature] = []
        explanations: list[tuple[Row, Explanation]] = []
        of_file: CustomerFile | None = None
        is_by_rules = rules_give_segments(database, tables)
        if disclosure.rows and not hidden.has_anything and not is_by_rules:
            reasons = explained_features(numbers, vectors, shown, centroids_in_units(database, tables))
            space = Centroids(
                segments=[segment.segment_id for segment in segments],
                scaled=centroids,
                widths=[1] * len(numbers) + [vector.centroids.shape[1] for vector in vectors],
                metric=selected["metric"],
                variance=variance_within(
                    version,
                    None if are_weighted(segments, n_segmented) else selected["inertia"],
                    n_segmented,
                    n_scaled,
                    selected["metric"],
                ),
            )
            for rows, of_rows in ((customers, scaled), (border, scaled_border)):
                explanations += explain_rows(rows, of_rows, space, reasons)
            if id_name and disclosure.ids and is_sample:
                of_file = customer_file(id_name, group, version.number if version else None, numbers, space)
        segments = [hidden.applied(segment, shown) for segment in segments]
        is_weighted = are_weighted(segments, n_segmented)
        visible = [segment.segment_id for segment in segments if not segment.is_hidden]
        is_value_shown = shows_value(database, tables, numbers, kinds, visible, disclosure)
        if not is_value_shown:
            segments = [segment.without_value() for segment in segments]
        silhouettes: list[Row] = []
        if disclosure.rows:
            customers, border = ([row for row in rows if row["segment"] in visible] for rows in (customers, border))
        else:
            silhouettes = counts_by_silhouette(customers, visible, disclosure.suppress_below)
            of_axes = [next(feature for feature in shown if feature.key == key) for key in axes]
            customers = counts_by_values(database, tables, of_axes, visible, disclosure.suppress_below)
            border, explained = [], None
        n_shown = len({row["id"] for row in customers + border}) if disclosure.rows else 0
        if not (disclosure.ids and id_name):
            _number_rows(customers + border)
        [count] = database.rows(f"select count(*) as n from {tables.customers}")
        metrics = database.rows(f"select * from {tables.beside['metrics']} order by n_clusters asc")
        attributes = read_attributes(database, tables, kinds, visible, disclosure)
        return ReportData(
            name=plain(tables.name),
            noun=_noun(tables, selected["entity"]),
            n_customers=count["n"],
            n_assigned=n_segmented,
            statuses=without_small_counts(_statuses(database, tables, list(kinds)), disclosure),
            built_at=built_at(database, path),
            features=shown,
            axes=axes,
            segments=segments,
            metrics=[row | {name: plain(row[name] or "") for name in REASONS} for row in metrics],
            customers=customers,
            silhouettes=silhouettes,
            n_shown=n_shown,
            is_sample=is_sample,
            explained=explained,
            near_border=border,
            borders=read_borders(database, tables, visible, disclosure, is_weighted),
            divisions=read_divisions(
                database, tables, selected["n_clusters"], segments, n_segmented, disclosure, is_weighted
            ),
            algorithms=read_algorithms(database, tables, selected["n_clusters"], disclosure),
            disclosure=disclosure,
            has_ids=id_name is not None,
            hidden_features=[feature.label for feature in features if feature.name in hidden.features],
            attributes=attributes,
            value_label=_value_label(database, tables) if is_value_shown else None,
            history=read_history(database, tables, features, hidden.features, segments, disclosure, not is_value_shown),
            rules=read_rules(database, tables, segments, n_segmented, bool(hidden.features), disclosure),
            is_by_rules=is_by_rules,
            explanations=Explanations(reasons, {row["id"]: of for row, of in explanations}, of_file)
            if explanations
            else None,
            differences=_differences(
                database, tables, kinds, shown, segments, attributes, visible, hidden, disclosure, is_weighted, version
            ),
        )


def _differences(
    database: Database,
    tables: SegmentationTables,
    kinds: Mapping[str, str],
    shown: Sequence[Feature],
    segments: Sequence[Segment],
    attributes: Sequence[Attribute],
    visible: Sequence[int],
    hidden: Hidden,
    disclosure: Disclosure,
    is_weighted: bool,
    version: FittedVersion | None,
) -> Differences | None:
    """How any two segments differ; None if customers count more than once, and nobody knows how often."""
    columns = {folded(column): column for column in kinds}
    given = version.weight_column if version else None
    weight = None if given is None else columns.get(folded(given))
    if weight is None and (is_weighted or given is not None):
        return None
    means = {segment.segment_id: segment.means for segment in segments}
    numbers = [feature for feature in shown if not feature.is_direction]
    compared = columns_to_compare(database, tables, kinds, numbers, means, attributes, visible, hidden, disclosure)
    fewest = max(FEWEST_DESCRIBED, disclosure.suppress_below)
    return read_differences(database, tables, compared, visible, weight, fewest)


def _shown(features: Sequence[Feature], hidden: Hidden) -> list[Feature]:
    """The features that separate the segments best, in order.

    Raises:
        MallardError: all of them have to be hidden.
    """
    free = [feature for feature in features if feature.name not in hidden.features]
    if not free:
        raise MallardError(
            "every feature gives away a group of fewer customers than may be shown: lower --suppress-below."
        )
    return sorted(sorted(free, key=lambda feature: -feature.spread)[:MAX_FEATURES], key=features.index)


def _value_label(database: Database, tables: SegmentationTables) -> str | None:
    """What the worth of a customer is called."""
    [(label,)] = database.tuples(f"select any_value(value_label) from {tables.beside['profiles']}")
    return None if label is None else short(str(label)) or "value"


def _noun(tables: SegmentationTables, entity: str) -> Noun:
    """What a row is called.

    Raises:
        MallardError: it is called by something else than words, which could mean something to what draws the charts.
    """
    if not ENTITY.include(entity):
        raise MallardError(f"the metrics of {plain(tables.name)}, entity {plain(str(entity))!r}: {ENTITY.remedy}.")
    return noun(entity)


def _number_rows(customers: Sequence[Row]) -> None:
    """Put numbers in place of ids; a customer has the same number everywhere."""
    numbers: dict[str, str] = {}
    for row in customers:
        if "id" in row:
            row["id"] = numbers.setdefault(row["id"], str(len(numbers) + 1))


def _id_column(
    database: Database,
    tables: SegmentationTables,
    columns: Mapping[str, str],
    features: Sequence[Feature],
    given: str | None,
) -> str | None:
    """The column that identifies a customer; None if the first one can't, because the id wasn't published.

    Args:
        columns: the types of all columns, by name.
    """
    names = {folded(column): column for column in columns}
    if given is not None:
        if folded(given) not in names:
            raise MallardError(
                f"there is no column {given} to identify customers: choose from "
                f"{listed(list(map(plain, names.values())))}."
            )
        return names[folded(given)]
    first, name = next(iter(names.items()))
    if first in ADDED or any(folded(feature.name) == first for feature in features):
        return None
    column = quoted(name)
    [(has_all,)] = database.tuples(f"select count(*) = count({column}) from {tables.customers}")
    is_id = has_all and not database.tuples(repeated_sql(column, columns[name].lower(), tables.customers))
    return name if is_id else None


def _check_tables_beside(database: Database, tables: SegmentationTables) -> None:
    """Refuse tables of another version of Mallard.

    Raises:
        MallardError: a table lacks a column.
    """
    for what, columns in READ.items():
        if what not in tables.beside:
            continue
        found = {
            folded(name) for (name,) in database.tuples(f"select column_name from (describe {tables.beside[what]})")
        }
        for column in columns:
            if column not in found:
                raise MallardError(f"the {what} of {plain(tables.name)} lack the column {column}: {ANOTHER_VERSION}.")


def _check_columns(
    database: Database, tables: SegmentationTables, features: Sequence[Feature], columns: Iterable[str]
) -> None:
    """Refuse a table without columns that features are made of, or with others.

    Raises:
        MallardError: a column wasn't published, or is another than the feature is made of.
    """
    if database.problem(f"select segment_id from {tables.customers} limit 0") is not None:
        raise MallardError(
            f"{plain(tables.name)} lacks the column segment_id: publish it, or name the warehouse; {ANOTHER_VERSION}."
        )
    values = {feature.name: f"{feature.value}, {feature.scaled}" for feature in features}
    if database.problem(f"select {', '.join(values.values())} from {tables.customers} limit 0") is None:
        return
    for feature in features:
        if database.problem(f"select {values[feature.name]} from {tables.customers} limit 0") is None:
            continue
        lacking = lacking_columns(values[feature.name], columns)
        if lacking:
            raise MallardError(
                f"{plain(tables.name)} lacks what its feature {plain(feature.name)} is made of, the column "
                f"{listed(list(map(plain, lacking)))}: publish that column, or name the warehouse."
            )
        raise MallardError(
            f"{plain(tables.name)} has no values that its feature {plain(feature.name)} can be made of: name the "
            f"warehouse; {ANOTHER_VERSION}."
        )


def _with_vectors(
    tables: SegmentationTables, kinds: Mapping[str, str], features: Sequence[Feature]
) -> SegmentationTables:
    """The same tables, with vectors as numbers; published files contain them as text."""
    texts = [
        column
        for column, kind in kinds.items()
        if kind == "VARCHAR" and any(feature.name.startswith(f"{column}[") for feature in features)
    ]
    if not texts:
        return tables
    replaced = ", ".join(f"cast({quoted(column)} as double[]) as {quoted(column)}" for column in texts)
    return replace(tables, customers=f"(select * replace ({replaced}) from {tables.customers})")


def _segments(
    database: Database, tables: SegmentationTables, features: Sequence[Feature], shown: Sequence[Feature]
) -> tuple[list[Segment], np.ndarray]:
    """The segments, and their scaled centroids, shape (n_segments, n_features)."""
    of_segments: dict[int, dict[str, Row]] = {}
    for row in database.rows(
        f"select * from {tables.beside['profiles']} inner join {tables.beside['centroids']} using (segment_id, feature)"
    ):
        of_segments.setdefault(row["segment_id"], {})[row["feature"]] = row
    segments = []
    for segment_id, of_features in sorted(of_segments.items()):
        first = next(iter(of_features.values()))
        known = [feature for feature in shown if not feature.is_direction]
        means, medians = (
            {feature.key: of_features[feature.name][what] for feature in known} for what in ("mean", "median")
        )
        segments.append(
            Segment(
                segment_id=segment_id,
                name=plain(first["segment_name"]),
                n_customers=first["n_customers"],
                share=first["share"],
                means=means,
                medians=medians,
                z_scores={feature.key: of_features[feature.name]["z_score"] for feature in known},
                position={f.key: (means if f.unit is None else medians)[f.key] for f in known},
                representatives=next((r for of in of_features.values() if (r := of["representatives"])), None),
                stability=first["stability"],
                rule_name=plain(name) if (name := first.get("rule_name")) else None,
                total_value=first["total_value"],
                share_of_value=first["share_of_value"],
                is_by_vector=any(of["scaled_centroid_vector"] is not None for of in of_features.values()),
            )
        )
    centroids = [
        [of_features[feature.name]["scaled_centroid"] for feature in features]
        for _, of_features in sorted(of_segments.items())
    ]
    return segments, np.array(centroids, dtype=float).reshape(len(segments), len(features))


def _statuses(database: Database, tables: SegmentationTables, columns: Sequence[str]) -> list[Row]:
    if "assignment_status" not in columns:
        return []
    rows = database.rows(
        f"select assignment_status as status, status_reason as reason, count(*) as n from {tables.customers} "
        "where assignment_status <> 'assigned' group by all order by n desc, reason collate posix asc nulls last",
    )
    return [row | {"reason": plain(row["reason"] or "")} for row in rows]
