"""With figures of few customers hidden, no count of few in the history can be read or calculated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database import groups, make_database
from history import add_history, build, drift, fate, flow, flows
from playwright.sync_api import Page

from mallard.report import drift_words, fate_words, history_words
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.history import History, Part
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
FEW = Disclosure(suppress_below=5)
MANY = {(1, 1): 50, (1, 2): 7, (2, 2): 40, (2, 1): 5}
REFIT = {"version": 2, "is_fit": True, "reason": "a test"}


def _database(folder: Path, sizes: list[int] | None = None, **tables: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    sizes = sizes or [60, 50]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = groups(len(labels), 2, 2)[0] + 20 * labels[:, None]
    values = np.column_stack([values, np.arange(len(labels)) % 2])
    names = [f"name{i}" for i in range(len(sizes))]
    worth = values[:, 0]
    file = make_database(
        folder / "people.duckdb", values, labels, ["a", "b", "flag"], names,
        worth=("revenue", worth), columns={"revenue": worth},
    )  # fmt: skip
    return add_history(file, **tables)


def _read(folder: Path, sizes: list[int] | None = None, **tables: Any) -> tuple[ReportData, History]:
    data = read_report_data(_database(folder, sizes, **tables), disclosure=FEW)
    assert data.history is not None
    return data, data.history


def test_flows_without_few_are_shown_without_value(tmp_path: Path) -> None:
    rows = [row | {"value": 10.0, "value_before": 9.0} for row in flows("behaviour", MANY)]
    data, history = _read(tmp_path, builds=[build(n_joined=5, n_left=0, n_moved=12)], transitions=rows)
    assert data.value_label == "revenue"
    assert {(flow.source, flow.target): flow.n_customers for flow in history.flows} == MANY
    assert {flow.value for flow in history.flows} == {None}
    assert history_words.moves(data, history) == ("5 customers joined, none left and 12 moved to another segment.")
    assert history_words.what_is_hidden(data, history) == ""


@pytest.mark.parametrize(
    "few",
    [
        flow("behaviour", "moved", 2, 1, 4),
        flow("behaviour", "joined", None, 1, 1),
        flow("behaviour", "left", 1, None, 4),
        flow("behaviour", "stayed", None, None, 2),
    ],
)
def test_one_flow_of_few_hides_all_of_its_part_and_their_sum(tmp_path: Path, few: dict[str, Any]) -> None:
    rows = [*flows("behaviour", {(1, 1): 50, (1, 2): 7, (2, 2): 40}), few]
    data, history = _read(tmp_path, builds=[build(n_joined=20, n_left=30, n_moved=11)], transitions=rows)
    assert history.flows == []
    assert history.n_moved is None
    assert history_words.moves(data, history) == "20 customers joined and 30 left."
    assert history_words.why(data, history) == []
    assert history_words.what_is_hidden(data, history) == (
        "Not shown: how many moved because they behave differently, and where. The reason is that some of these "
        "figures are of fewer than 5 customers, or would give them away."
    )


def test_parts_are_hidden_by_themselves_and_who_moved_twice_stays_unknown(tmp_path: Path) -> None:
    redrawn = flows("redefinition", {(1, 1): 50, (1, 2): 2, (2, 2): 50})
    rows = flows("behaviour", MANY) + redrawn
    data, history = _read(tmp_path / "one", builds=[build(**REFIT, n_moved=13)], transitions=rows)
    assert history.parts == [Part.BEHAVIOUR]
    assert history.n_moved is None
    assert history_words.why(data, history) == ["12 moved because they behave differently."]
    rows = flows("behaviour", MANY) + flows("redefinition", {(1, 1): 50, (1, 2): 6, (2, 2): 50})
    data, history = _read(tmp_path / "both", builds=[build(**REFIT, n_moved=17)], transitions=rows)
    assert history.parts == [Part.BEHAVIOUR, Part.REDEFINITION]
    # 12 + 6 - 17: one customer moved twice, or came back.
    assert history.n_moved is None
    assert history_words.why(data, history) == [
        "12 moved because they behave differently.",
        "6 of today's customers moved because version 2 redrew the segments.",
    ]


@pytest.mark.parametrize(("joined", "left"), [(4, 30), (30, 1), (2, 2)])
def test_those_who_joined_and_left_are_hidden_together(tmp_path: Path, joined: int, left: int) -> None:
    """The difference of both is that of the sizes of the table, which two reports tell."""
    data, history = _read(tmp_path, builds=[build(n_joined=joined, n_left=left)])
    assert (history.n_joined, history.n_left, history.n_moved) == (None, None, None)
    assert history_words.moves(data, history) == ""
    assert "how many joined and left" in history_words.what_is_hidden(data, history)


def test_without_the_table_of_transitions_nobody_can_tell_whether_the_sum_gives_away_few(tmp_path: Path) -> None:
    data, history = _read(tmp_path, builds=[build(n_moved=20)])
    assert history.n_moved is None
    assert history_words.moves(data, history) == "No customer joined or left."


def test_fates_have_no_shares_and_old_segments_no_names(tmp_path: Path) -> None:
    lineage = [
        fate(2, 1, "name0", "split", 1),
        fate(2, 1, "name0", "split", 2),
        fate(2, 9, "secret", "vanished", None),
    ]
    data, history = _read(tmp_path, builds=[build(**REFIT)], lineage=lineage)
    assert [fate_words.fate(data, segment) for segment in data.segments] == [
        "Split by version 2: segment 2 came out of it.",
        "New in version 2: it has a part of segment 1 (name0), which split.",
    ]
    assert fate_words.gone(history) == ["Segment 9 vanished."]


def test_a_hidden_segment_hides_all_that_is_told_by_segment(tmp_path: Path, opened: Opened) -> None:
    sizes = [60, 50, 3, 20]
    cells = {(1, 1): 60, (2, 2): 50, (3, 3): 13, (4, 4): 20}
    database = _database(
        tmp_path,
        sizes,
        builds=[build(**REFIT, n_joined=11, n_left=12, n_moved=0)],
        transitions=flows("behaviour", cells),
        lineage=[fate(2, segment, "x", "survived", segment) for segment in (1, 2, 3, 4)],
    )
    data = read_report_data(database, disclosure=FEW)
    assert any(segment.is_hidden for segment in data.segments)
    assert data.history is not None
    assert data.history.flows == data.history.fates == []
    page = opened(write_report(database, tmp_path / "page.html", pictures=False, disclosure=FEW).page)
    section = page.locator("section[aria-labelledby='since']")
    assert "11 customers joined and 12 left." in section.inner_text()
    assert section.locator(".chart").count() == 0
    assert "name2" not in page.content()


def test_drift_is_that_of_all_customers_without_means_that_count(tmp_path: Path) -> None:
    """Of a feature with two values, two means say how many customers have which."""
    rows = [
        drift("feature mean", 0.2, feature="a", value_before=1.234, value=0.5),
        drift("feature mean", 0.2, feature="flag", is_material=True, decides=True),
        drift("feature mean", 0.2, feature="of an earlier version"),
        drift("means", 0.02),
        drift("share", 0.1, segment_id=1, segment_name="x"),
    ]
    reason = {"version": 2, "is_fit": True, "reason": "the mean of flag moved by 0.2"}
    data, history = _read(tmp_path, builds=[build(**reason)], drift=rows)
    assert sorted((of.measure, of.label) for of in history.drift) == [("feature mean", "a"), ("means", None)]
    assert {(of.value_before, of.value) for of in history.drift} == {(None, None)}
    said = [drift_words.sentence(data, history, of) for of in history.drift]
    assert "A is 0.20 standard deviations lower than at the fit" in said
    assert drift_words.since(data, history).endswith("Changes inside segments aren't shown.")
    assert history.reason == "the data drifted"
