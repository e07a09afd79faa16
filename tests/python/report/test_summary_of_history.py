"""The summary says which version gave the segments, what the last build found, and whether anything drifted."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from database import groups, make_database
from history import FIRST, SECOND, add_history, build, drift
from rich.console import Console

from mallard.summary import print_summary

VERSIONS = [
    {"version": 1, "fitted_at": FIRST, "reason": "there was no version before"},
    {"version": 2, "fitted_at": SECOND, "reason": "[bold]feature\na is new"},
]
SMALL = drift("means", 0.001, bound=0.0075, decides=True)
LARGE = drift("feature mean", 0.3149, feature="a", bound=0.15, decides=True, is_material=True)
INFORMS = drift("shares", 0.2, bound=0.06, is_material=True)
BEFORE = LARGE | {"against": "build before", "size": 9.0}


def _lines(folder: Path, **tables: list[dict[str, Any]]) -> list[str]:
    """What stands between the number of customers and what the segments are."""
    values, labels = groups(60, 2, 2)
    database = add_history(make_database(folder / "people.duckdb", values, labels, ["a", "b"], ["x", "y"]), **tables)
    said = io.StringIO()
    print_summary(database, Console(file=said, width=100))
    lines = said.getvalue().splitlines()
    start = lines.index("people: 60 customers, 60 with a segment")
    return lines[start + 1 : lines.index("2 groups (natural). Every border is a valley: a test.")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([SMALL, INFORMS, BEFORE], "no reason to fit again"),
        ([SMALL, LARGE], "feature mean of a 0.31 (bound 0.15)"),
        ([LARGE, drift("means", 0.02, bound=0.0075, decides=True, is_material=True)], None),
    ],
)
def test_version_build_and_drift_have_a_line_each(tmp_path: Path, rows: list[dict[str, Any]], said: str | None) -> None:
    found = build(version=2, is_fit=True, n_joined=1234, n_left=5, n_moved=67)
    lines = _lines(tmp_path, builds=[found], versions=VERSIONS, drift=rows)
    both = "feature mean of a 0.31 (bound 0.15), means 0.02 (bound 0.0075)"
    assert lines == [
        "version 2, fitted 2026-11-02 03:30 UTC, because [bold]feature a is new",
        "build 2, 2026-11-02 03:30 UTC: 1,234 joined, 5 left, 67 moved to another segment",
        f"drift since the fit of version 1: {said or both}",
    ]


def test_a_first_build_has_a_version_alone(tmp_path: Path) -> None:
    assert _lines(tmp_path, builds=[], versions=VERSIONS[:1]) == [
        "version 1, fitted 2026-10-12 03:00 UTC, because there was no version before"
    ]


@pytest.mark.parametrize("tables", [{}, {"versions": VERSIONS, "drift": [LARGE]}])
def test_without_builds_nothing_is_said(tmp_path: Path, tables: Any) -> None:
    assert _lines(tmp_path, **tables) == []


def test_a_table_that_is_not_there_has_no_line(tmp_path: Path) -> None:
    assert _lines(tmp_path, builds=[build()]) == [
        "build 2, 2026-11-02 03:30 UTC: 0 joined, 0 left, 0 moved to another segment"
    ]
