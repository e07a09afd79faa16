"""The tables are those that were stored when they were last found right."""

from __future__ import annotations

import tables as golden
from consumer import Consumer
from sample import Project


def test_the_tables_of_the_sample_are_as_stored(built_once: Project) -> None:
    found = golden.read_tables(built_once.path / "mallard.duckdb", "sample")
    assert golden.differences(found, golden.expected_tables("sample")) == []


def test_the_tables_of_the_integration_project_are_as_stored(integrated: Consumer) -> None:
    found = golden.read_tables(integrated.database, "integration")
    assert golden.differences(found, golden.expected_tables("integration")) == []


def test_a_difference_is_told() -> None:
    table = {"columns": [["x", "DOUBLE"]], "rows": [[1.0], [None]]}
    other = {"columns": [["x", "DOUBLE"]], "rows": [[1.0 + 1e-9], [None]]}
    assert golden.differences({"t": table}, {"t": table}) == []
    assert golden.differences({"t": other}, {"t": table}) == ["t: [1.000000001] instead of [1.0]"]
    assert golden.differences({}, {"t": table}) == ["table t is gone"]
