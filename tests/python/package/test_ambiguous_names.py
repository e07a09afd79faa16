"""A database, a schema, a table and columns with the names of each other, of keywords and of parts of our queries."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from consumer import Consumer, make_consumer
from once import made_once
from rich.console import Console

from mallard.report.reading import read_report_data
from mallard.summary import print_summary

NAMES = [
    "feature", "weight", "segment", "place", "value", "unit", "units", "t", "row", "mallard", "order", "group", "rowid",
    "count", "hash", "id", "even", "chance", "bounds", "means", "centered", "customers", "point", "scaled", "share",
    "analytics", "main", "distance", "position", "n", "name", "mean", "centroid", "scaled_centroid", "z_score", "s0",
    "f0", "p0", "confidence_", "reason", "status", "second", "k", "x", "select", "from", "all", "columns",
]  # fmt: skip
"""The first is the id, the second the weight, and the others are features."""
PLAIN = [f"c_{i}" for i in range(len(NAMES))]
PROFILE = {
    "shop": {
        "target": "dev",
        "outputs": {"dev": {"type": "duckdb", "path": "analytics.duckdb", "schema": "analytics", "threads": 2}},
    }
}
TESTED = """
models:
  - name: analytics
    data_tests:
      - mallard.is_nearest_centroid: {arguments: {id_column: feature}}
      - mallard.no_rows_lost: {arguments: {from: [ref('analytics')], id_column: feature}}
      - mallard.min_segment_share: {arguments: {minimum: 0.01}}
"""


class Analytics(Consumer):
    """The project, with its database beside it."""

    @property
    def database(self) -> Path:
        return self.path / "analytics.duckdb"


@pytest.fixture(scope="session")
def ambiguous(tmp_path_factory: pytest.TempPathFactory) -> Analytics:
    """A built project."""
    return Analytics(made_once(tmp_path_factory, "ambiguous_names", _build))


def _build(folder: Path) -> None:
    consumer = Analytics(make_consumer(folder).path)
    consumer.write("profiles.yml", yaml.safe_dump(PROFILE))
    for model, names in (("plain", PLAIN), ("analytics", NAMES)):
        values = ["cast(i as integer)", "1 + i % 3", *(f"sin(i * {n} + i % 4)" for n in range(len(names) - 2))]
        columns = ", ".join(f'{value} as "{name}"' for value, name in zip(values, names, strict=True))
        consumer.write_segmentation(
            model,
            f"select {columns} from range(60) as t(i)",
            id=names[0],
            weight_column=names[1],
            n_clusters=3,
            features={name: {"scale": ("robust", "standard", "minmax")[i % 3]} for i, name in enumerate(names[2:])},
        )
    consumer.write("models/tests.yml", TESTED)
    published = ["--vars", '{"mallard_publish": {"dev": "analytics_published.duckdb"}, "mallard_copies": ["csv"]}']
    result = consumer.dbt("build", *published)
    assert result.returncode == 0, result.stdout


def test_names_change_nothing_but_names(ambiguous: Analytics) -> None:
    figures = "segment_id, distance_to_centroid, second_segment_id, confidence"
    found, plain = (
        ambiguous.query(f'select {figures} from analytics.analytics.{table} order by "{name}"')
        for table, name in (("analytics", NAMES[0]), ("plain", PLAIN[0]))
    )
    assert len(found) == 60
    assert found == plain
    for side, figures in (("profiles", "segment_id, mean, z_score"), ("centroids", "segment_id, scaled_centroid")):
        found, plain = (
            ambiguous.query(f"select {figures} from analytics.analytics.{table}__{side} order by all")
            for table in ("analytics", "plain")
        )
        assert found == plain


@pytest.mark.parametrize("file", ["analytics.duckdb", "analytics_published.duckdb"])
def test_the_summary_and_the_report_read_them(ambiguous: Analytics, file: str) -> None:
    console = Console(record=True, width=200)
    print_summary(ambiguous.path / file, console, "analytics")
    assert "analytics: 60 customers, 60 with a segment" in console.export_text()
    found, plain = (
        read_report_data(ambiguous.path / file, name, id_column)
        for name, id_column in (("analytics", NAMES[0]), ("plain", PLAIN[0]))
    )
    assert [list(segment.means.values()) for segment in found.segments] == [
        list(segment.means.values()) for segment in plain.segments
    ]
    assert found.customers == plain.customers
