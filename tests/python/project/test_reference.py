"""The reference pages, and the columns of the sample, say what the register and the code say."""

from __future__ import annotations

import json
from typing import Any

import pytest
import reference
from sample import Project

from mallard.tables.partitions import COLUMNS

SAMPLE = {
    "metrics": "cluster_metrics",
    "profiles": "customer_segments__profiles",
    "centroids": "customer_segments__centroids",
    "attributes": "customer_segments__attributes",
    "borders": "customer_segments__borders",
    "divisions": "customer_segments__divisions",
}
"""What the sample calls the tables beside a segmentation."""
OF_HISTORY = {"version", "rule_name", "previous_segment_id", "segment_changed_at", "is_new"}
"""Columns that the sample doesn't have, because it keeps nothing of earlier builds."""


@pytest.fixture(scope="module")
def register() -> reference.Register:
    return reference.read_register()


def test_every_page_is_current(register: reference.Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make format` writes them."""
    monkeypatch.setattr(reference, "read_register", lambda: register)
    assert [path.name for path, text in reference.pages().items() if path.read_text("utf-8") != text] == []


def test_no_public_macro_is_undocumented() -> None:
    files = {
        file.stem
        for file in (reference.ROOT / "macros").glob("*/*.sql")
        if not file.stem.startswith("_") and file.parent.name not in ("dbt_spark", "materialization", "sample")
    }
    assert files == {name for _, names in reference._headings(_macros_yaml()) for name in names}


def _macros_yaml() -> str:
    return (reference.ROOT / "macros" / "_macros.yml").read_text("utf-8")


def test_the_tables_of_the_sample_have_the_columns_of_the_register(
    register: reference.Register, built_once: Project
) -> None:
    nodes: dict[str, Any] = json.loads((built_once.path / "target" / "manifest.json").read_text())["nodes"]
    for name, model in SAMPLE.items():
        columns = nodes[f"model.mallard.{model}"]["columns"]
        found = {column["name"]: [_in_the_register(column), column["description"]] for column in columns.values()}
        columns = {column: said for column, said in register[name]["columns"].items() if column not in OF_HISTORY}
        assert list(found.items()) == list(columns.items())


def _in_the_register(column: dict[str, Any]) -> str:
    """Its type. A text is a string in the sample, which is what DuckDB and Spark both know."""
    return "varchar" if column["data_type"] == "string" else str(column["data_type"])


def test_what_a_segmentation_adds_is_described_alike_in_the_sample(
    register: reference.Register, built_once: Project
) -> None:
    nodes: dict[str, Any] = json.loads((built_once.path / "target" / "manifest.json").read_text())["nodes"]
    of_sample = nodes["model.mallard.customer_segments"]["columns"]
    shared = register["customers"]["columns"].keys() & of_sample.keys() - {"segment_name"}
    assert len(shared) == 5
    for name in shared:
        assert [of_sample[name]["data_type"], of_sample[name]["description"]] == register["customers"]["columns"][name]


def test_the_metrics_are_the_columns_that_describe_a_whole_partition(register: reference.Register) -> None:
    """And the smallest segment, which only they have."""
    of_partition = [name for name, column in COLUMNS.items() if column.of_partition]
    metrics = [name for name in register["metrics"]["columns"] if name not in ("smallest_segment", "version")]
    assert metrics == of_partition
