"""Reads what the report shows from the tables of a segmentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mallard.engines.duckdb.database import Database, opened
from mallard.errors import MallardError
from mallard.report.data import Feature, ReportData, Row, Segment
from mallard.report.sample import (
    add_plane,
    add_silhouettes,
    columns_sql,
    customers_near_a_border,
    sampled_customers,
    take_scaled,
)
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables, built_at, one_segmentation, selected_row

MAX_FEATURES = 20
"""Most features in charts and cards: those that separate the segments best."""


def read_report_data(path: Path, segmentation: str | None = None, id_column: str | None = None) -> ReportData:
    """Read the data of the report.

    Args:
        path: a DuckDB file, or a folder with copies of its tables.
        segmentation: name of the customers table; may be None if there is only one segmentation.
        id_column: column that identifies a customer; None means the first column.

    Raises:
        MallardError: there is no such file, segmentation or column.
    """
    with opened(path) as database:
        tables = one_segmentation(database, segmentation)
        kinds = dict(database.tuples(f"select column_name, column_type from (describe {tables.customers})"))
        id_sql = f"cast({quoted(_id_column(kinds, id_column))} as varchar)"
        features = _features(database, tables, list(kinds))
        tables = _with_vectors(tables, kinds, features)
        shown = sorted(sorted(features, key=lambda feature: -feature.spread)[:MAX_FEATURES], key=features.index)
        metrics = database.rows(f"select * from {tables.beside['metrics']} order by n_clusters")
        metric = selected_row(database, tables)["metric"]
        columns = columns_sql(features, shown)
        customers, n_segmented = sampled_customers(database, tables, columns, id_sql)
        border = customers_near_a_border(database, tables, columns, id_sql)
        scaled, scaled_border = (take_scaled(of, len(features), metric) for of in (customers, border))
        add_silhouettes(customers, scaled, metric)
        segments, centroids = _segments(database, tables, features, shown)
        explained = add_plane((customers, scaled), (border, scaled_border), ([s.position for s in segments], centroids))
        [count] = database.rows(f"select count(*) as n from {tables.customers}")
        return ReportData(
            name=tables.name,
            n_customers=count["n"],
            n_assigned=n_segmented,
            statuses=_statuses(database, tables, list(kinds)),
            built_at=built_at(database, path),
            features=shown,
            segments=segments,
            metrics=metrics,
            customers=customers,
            is_sample=len(customers) < n_segmented,
            explained=explained,
            border=border,
        )


def _id_column(columns: Iterable[str], given: str | None) -> str:
    names = {folded(column): column for column in columns}
    if given is None:
        return next(iter(names.values()))
    if folded(given) not in names:
        raise MallardError(
            f"there is no column {given} to identify customers: choose from {', '.join(names.values())}."
        )
    return names[folded(given)]


def _features(database: Database, tables: SegmentationTables, columns: Sequence[str]) -> list[Feature]:
    """All features, in the order of the profiles."""
    of_table = {folded(column): quoted(column) for column in columns}
    found = {
        name: of_feature
        for name, *of_feature in database.tuples(
            "select feature, any_value(scaled_expression), max(scaled_centroid) - min(scaled_centroid) "
            f"from {tables.beside['centroids']} group by feature"
        )
    }
    profiles = tables.beside["profiles"]
    in_order = database.tuples(
        f"select feature from {profiles} where segment_id = (select min(segment_id) from {profiles})"
    )
    labels = [name.replace("_", " ") for (name,) in in_order]
    return [
        Feature(
            key=f"f{i}",
            name=name,
            label=label if labels.count(label) == 1 else name,
            value=_number(of_table[folded(name)]) if folded(name) in of_table else found[name][0],
            scaled=found[name][0],
            spread=found[name][1],
        )
        for i, ((name,), label) in enumerate(zip(in_order, labels, strict=True))
    ]


def _number(column: str) -> str:
    return f"case when isfinite(cast({column} as double)) then cast({column} as double) end"


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
        means = {feature.key: of_features[feature.name]["mean"] for feature in shown}
        segments.append(
            Segment(
                segment_id=segment_id,
                name=first["segment_name"],
                n_customers=first["n_customers"],
                share=first["share"],
                means=means,
                z_scores={feature.key: of_features[feature.name]["z_score"] for feature in shown},
                position=dict(means),
            )
        )
    centroids = [
        [of_features[feature.name]["scaled_centroid"] for feature in features]
        for _, of_features in sorted(of_segments.items())
    ]
    return segments, np.array(centroids, dtype=float)


def _statuses(database: Database, tables: SegmentationTables, columns: Sequence[str]) -> list[Row]:
    if "assignment_status" not in columns:
        return []
    return database.rows(
        f"select assignment_status as status, status_reason as reason, count(*) as n from {tables.customers} "
        "where assignment_status <> 'assigned' group by all order by n desc, reason",
    )
