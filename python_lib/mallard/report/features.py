"""Reads the features of a segmentation, and what to call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.labels import distinct, plain
from mallard.report.data import Feature
from mallard.sql.text import folded, quoted
from mallard.tables.find import SegmentationTables

MAX_LABEL = 100
"""Most characters of a feature's name in the page."""
UNITS = {"asinh+standard": "cast(unit as double)", "log1p+standard": "1.0"}
"""SQL of the size from which on an axis is logarithmic, by the scales that take logarithms."""


def read_features(database: Database, tables: SegmentationTables, kinds: Mapping[str, str]) -> list[Feature]:
    """All features that are numbers, in the order of the profiles.

    Args:
        kinds: type of each column of the customers.
    """
    units = " ".join(f"when '{scale}' then {unit}" for scale, unit in UNITS.items())
    of_centroids = {
        name: rest
        for name, *rest in database.tuples(
            "select feature, any_value(scaled_expression), max(scaled_centroid) - min(scaled_centroid), "
            f"any_value(case scale {units} end) "
            f"from {tables.beside['centroids']} where scaled_centroid_vector is null group by feature"
        )
    }
    profiles = tables.beside["profiles"]
    found = [
        row
        for row in database.rows(
            "select feature, label, overall_mean, overall_median "
            f"from {profiles} where segment_id = (select min(segment_id) from {profiles})"
        )
        if row["feature"] in of_centroids
    ]
    columns = {folded(column): column for column in kinds}
    features = []
    for i, (row, label) in enumerate(zip(found, _labels(found), strict=True)):
        name = row["feature"]
        scaled, spread, unit = of_centroids[name]
        column = columns.get(folded(name))
        features.append(
            Feature(
                key=f"f{i}",
                name=name,
                label=label,
                value=scaled if column is None else number_sql(column),
                scaled=scaled,
                spread=spread,
                unit=unit,
                is_share=kinds[column] == "BOOLEAN" if column else column_of(name, list(kinds)) != name,
                overall_mean=row["overall_mean"],
                overall_median=row["overall_median"],
            )
        )
    return features


def column_of(feature: str, columns: Sequence[str]) -> str:
    """The column that a category is of; the feature itself, if it is no category."""
    return max((column for column in columns if feature.startswith(f"{column}=")), key=len, default=feature)


def short(text: str) -> str:
    """A text from the data on one line, without its end if it is long."""
    text = plain(text)
    return text if len(text) <= MAX_LABEL else f"{text[:MAX_LABEL]}\N{HORIZONTAL ELLIPSIS}"


def _labels(found: Sequence[Mapping[str, str]]) -> list[str]:
    """What to call each feature: its label, if that leaves no two of them alike."""
    labels = [row["label"] for row in found]
    names = (row["label"] if labels.count(row["label"]) == 1 else row["feature"] for row in found)
    return distinct(short(name) or "(no name)" for name in names)


def number_sql(column: str) -> str:
    """A column as a number, null where it is none."""
    column = quoted(column)
    return f"case when isfinite(cast({column} as double)) then cast({column} as double) end"
