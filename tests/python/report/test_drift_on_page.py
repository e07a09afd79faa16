"""What the report says of drift: which changes, in what order, and in words that need no statistics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database import groups, make_database
from history import add_history, build, drift
from playwright.sync_api import Page

from mallard.report import drift_words, page_tables
from mallard.report.data import ReportData
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
FEATURES = ["revenue", "number_of_orders"]
REASON = {"is_material": True, "decides": True}
INSIDE = {"segment_id": 2, "segment_name": "anything", "is_material": None}


def _database(folder: Path, rows: list[dict[str, Any]]) -> Path:
    labels = np.repeat([0, 1], [60, 40])
    values = groups(100, 2, 2)[0] + 20 * labels[:, None]
    file = make_database(folder / "people.duckdb", values, labels, FEATURES, ["low", "high"])
    return add_history(file, builds=[build()], drift=rows)


def _read(folder: Path, *rows: dict[str, Any]) -> ReportData:
    return read_report_data(_database(folder, list(rows)))


def _said(data: ReportData) -> list[str]:
    history = data.history
    assert history is not None
    return [drift_words.sentence(data, history, of) for of in drift_words.most_moved(history)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (drift("feature mean", 0.312, feature="revenue"), "Revenue is 0.31 standard deviations higher than at the fit"),
        (
            drift("feature mean", 1.0, feature="number_of_orders", value_before=0.1, value=-0.9),
            "Number of orders is 1.00 standard deviation lower than at the fit",
        ),
        (
            drift("means", 0.0123),
            "The middles of the segments moved: new ones would fit 1.2% better (of the inertia)",
        ),
        (
            drift("spread", 1.25),
            "Squared distances to the middles of the segments are 25% larger than at the fit",
        ),
        (
            drift("shares", 0.11),
            "The sizes of the segments differ: 11% of customers would have to be in another one",
        ),
        (
            drift("share", 0.04, **INSIDE, value_before=0.36, value=0.4),
            "Segment 2 (high) has 40% of customers, and had 36% at the fit",
        ),
        (
            drift("mean", 0.5, **INSIDE, feature="revenue", value_before=3.0, value=1.0),
            "Segment 2 (high): revenue is 0.50 standard deviations lower than at the fit",
        ),
        (
            drift("spread", 0.8, **INSIDE, feature="revenue"),
            "Segment 2 (high): the spread of revenue is 20% smaller than at the fit",
        ),
        (
            drift("mean distance", 1.3, **INSIDE),
            "Segment 2 (high): customers are 30% farther from the middle than at the fit",
        ),
        (
            drift("mean distance", 15.64, **INSIDE),
            "Segment 2 (high): customers are 15.6 times as far from the middle as at the fit",
        ),
        (
            drift("spread", 2.5),
            "Squared distances to the middles of the segments are 2.50 times as large as at the fit",
        ),
        (
            drift("far", 0.07, **INSIDE, value=0.07),
            "Segment 2 (high): 7.0% of customers are farther from the middle than any at the fit",
        ),
    ],
)
def test_a_change_is_said_in_plain_words(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    assert _said(_read(tmp_path, row)) == [said]


def test_reasons_come_first_and_then_what_is_largest_for_its_measure(tmp_path: Path) -> None:
    """0.3 of 0.25, a factor of 1.3 for 1.15, 0.06 of 0.15, and a reason that is just large enough."""
    data = _read(
        tmp_path,
        drift("feature mean", 0.06, feature="revenue", bound=0.15, decides=True),
        drift("mean", 0.3, **INSIDE, feature="revenue"),
        drift("mean distance", 1 / 1.3, **INSIDE),
        drift("shares", 0.061, bound=0.06, **REASON),
        drift("means", 0.5, is_significant=False),
        drift("psi", 2.0, is_material=None),
        drift("feature mean", 9.0, feature="revenue", against="build before"),
        drift("spread", None, **INSIDE, feature="revenue"),
    )
    assert [said.split(":")[0].split(" is ")[0] for said in _said(data)] == [
        "The sizes of the segments differ",
        "Segment 2 (high)",
        "Segment 2 (high)",
        "Revenue",
    ]
    assert "nearer to" in _said(data)[1]
    assert data.history is not None
    assert drift_words.since(data, data.history) == (
        "What changed most since version 1 was fitted, by more than chance explains: enough to fit again."
    )
    _, table = page_tables.drift(data, data.history)
    assert {(row[0].split(" ")[0], *row[1:]) for row in table[:4]} == {
        ("Revenue", "yes", "too little to matter"),
        ("The", "yes", "a reason to fit again"),
        ("The", "no", "too little to matter"),
        ("The", "yes", "for information"),
    }
    assert [row[1:] for row in table[4:]] == [["yes", "for information"]] * 2


def test_what_matters_and_decides_nothing_is_no_reason(tmp_path: Path) -> None:
    data = _read(tmp_path, drift("shares", 0.2, bound=0.06, is_material=True))
    assert data.history is not None
    assert drift_words.since(data, data.history).endswith(": not enough to fit again.")
    assert drift_words.how_much(data.history.drift[0]) == "large, but alone no reason to fit again"


def test_what_chance_explains_is_no_change(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, [drift("means", 0.001, is_significant=False, decides=True)])
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    section = page.locator("section[aria-labelledby='since']")
    assert "Nothing changed since version 1 was fitted by more than chance explains." in section.inner_text()
    assert section.locator(".drift").count() == 0
    section.locator("summary").click()
    assert section.locator("tbody tr").inner_text().split("\t") == [
        "The middles of the segments moved: new ones would fit 0.1% better (of the inertia)",
        "no",
        "too little to matter",
    ]
