"""What the report says and draws of the last build: versions, flows, fates and names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from database import groups, make_database
from history import SECOND, add_history, build, drift, fate, flow, flows
from playwright.sync_api import Page

from mallard.errors import MallardError
from mallard.report import charts, fate_words, history_words, page_tables
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.history import Part
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
SIZES = [60, 50, 40]
CLOUD = {"n_groups": 1, "verdict": "constructive", "is_natural": False}
BEHAVIOUR = [
    *flows("behaviour", {(1, 1): 50, (1, 2): 7, (2, 2): 40, (3, 3): 33, (3, 1): 2}),
    flow("behaviour", "joined", None, 3, 7),
    flow("behaviour", "left", 2, None, 4),
]
"""Nine moved, seven joined, four left."""
REDEFINITION = flows("redefinition", {(1, 1): 50, (1, 2): 2, (2, 2): 47, (3, 3): 38, (9, 3): 2, (3, 1): 9})
"""Thirteen of today's were put elsewhere, two of them out of a segment that isn't there any more."""
REFIT = {"version": 2, "is_fit": True, "reason": "setting scale was 'auto' and is 'standard'"}


def _database(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    """Customers with three features in three segments, and tables of their history."""
    folder.mkdir(exist_ok=True)
    labels = np.repeat(np.arange(3), SIZES)
    values = groups(len(labels), 3, 1)[0] + 20 * labels[:, None]
    names = [f"name{i}" for i in range(3)]
    found = tables.pop("found", None)
    worth = ("revenue", np.ones(len(labels)))
    file = make_database(folder / "people.duckdb", values, labels, list("abc"), names, worth=worth, found=found)  # type: ignore[arg-type]
    return add_history(file, **tables)


def _read(folder: Path, **tables: list[dict[str, Any]]) -> ReportData:
    return read_report_data(_database(folder, **tables))


def _said(data: ReportData) -> list[str]:
    history = data.history
    assert history is not None
    return [
        history_words.last_build(data, history),
        history_words.moves(data, history),
        *history_words.why(data, history),
    ]


# --- words ------------------------------------------------------------------------------------------------------------


def test_of_a_build_that_fitted_nothing_those_who_moved_behave_differently(tmp_path: Path) -> None:
    data = _read(
        tmp_path,
        builds=[build(n_joined=7, n_left=4, n_moved=9)],
        versions=[{"version": 1, "fitted_at": SECOND.replace(day=1)}],
        transitions=BEHAVIOUR,
    )
    assert _said(data) == [
        "The last build, number 2, was on 2 November 2026 at 03:30 UTC. "
        "It fitted nothing: the segments are those of version 1, of 1 November 2026.",
        "7 customers joined, 4 left and 9 moved to another segment.",
        "All that moved behave differently: no segment was redrawn.",
    ]


def test_of_a_refit_behaviour_and_redefinition_are_told_apart(tmp_path: Path) -> None:
    data = _read(
        tmp_path, builds=[build(**REFIT, n_joined=7, n_left=4, n_moved=20)], transitions=BEHAVIOUR + REDEFINITION
    )
    assert _said(data) == [
        "The last build, number 2, was on 2 November 2026 at 03:30 UTC. "
        "It fitted version 2, because setting scale was 'auto' and is 'standard'.",
        "7 customers joined, 4 left and 20 moved to another segment.",
        "9 moved because they behave differently.",
        "13 of today's customers moved because version 2 redrew the segments.",
        "One customer can count in both.",
    ]


def test_where_the_sum_is_right_nobody_counts_twice(tmp_path: Path) -> None:
    data = _read(tmp_path, builds=[build(**REFIT, n_moved=22)], transitions=BEHAVIOUR + REDEFINITION)
    assert _said(data)[2:] == [
        "9 moved because they behave differently.",
        "13 of today's customers moved because version 2 redrew the segments.",
    ]


def test_a_new_version_may_redraw_nothing(tmp_path: Path) -> None:
    same = flows("redefinition", {(1, 1): 60, (2, 2): 50, (3, 3): 40})
    data = _read(tmp_path, builds=[build(**REFIT, n_joined=1)], transitions=same)
    assert _said(data)[1:] == [
        "1 customer joined, none left and none moved to another segment.",
        "None of today's customers moved because version 2 redrew the segments.",
    ]


def test_where_nothing_happened_one_sentence_is_enough(tmp_path: Path) -> None:
    data = _read(tmp_path, builds=[build()], transitions=flows("behaviour", {(1, 1): 60, (2, 2): 50, (3, 3): 40}))
    assert _said(data)[1:] == ["No customer joined, left or moved to another segment."]


def test_where_the_version_before_cannot_score_the_reasons_cannot_be_told_apart(tmp_path: Path) -> None:
    together = flows("together", {(1, 1): 60, (2, 2): 40, (2, 3): 10, (3, 3): 40})
    data = _read(tmp_path, builds=[build(**REFIT, n_moved=10)], transitions=together)
    assert _said(data)[2:] == [
        "The version before can't score the customers of today, so nobody can tell how many of them behave "
        "differently, and how many moved because the segments were redrawn."
    ]


def test_value_moves_with_the_customers(tmp_path: Path) -> None:
    """1,000 and 250 moved by behaviour, 900 and 300 before; 70.5 were redrawn."""
    rows = [
        flow("behaviour", "stayed", 1, 1, 50, value_before=1.0, value=5000.0),
        flow("behaviour", "moved", 1, 2, 5, value_before=900.0, value=1000.0),
        flow("behaviour", "moved", 2, 1, 5, value_before=300.0, value=250.0),
        flow("redefinition", "moved", 1, 2, 5, value_before=70.5, value=70.5),
    ]
    data = _read(tmp_path, builds=[build(**REFIT, n_moved=15)], transitions=rows)
    assert _said(data)[2:] == [
        "10 moved because they behave differently (together worth 1,250 of revenue, 1,200 at the build before).",
        "5 of today's customers moved because version 2 redrew the segments (together worth 70.5 of revenue).",
    ]
    history = data.history
    assert history is not None
    headings, table = page_tables.flows(data, history, Part.BEHAVIOUR)
    assert headings == ["segment before", "segment now", "what they did", "customers", "revenue before", "revenue now"]
    assert table == [
        ["1 name0", "2 name1", "moved", "5", "900", "1,000"],
        ["2 name1", "1 name0", "moved", "5", "300", "250"],
        ["1 name0", "1 name0", "stayed", "50", "1", "5,000"],
    ]


@pytest.mark.parametrize(("found", "is_said"), [(None, False), (CLOUD, True)])
def test_of_slices_the_page_says_that_they_are_restless(tmp_path: Path, found: Any, is_said: bool) -> None:
    said = history_words.restlessness(_read(tmp_path, builds=[build()], found=found))
    assert ("customers near an edge change sides" in said) == bool(said) == is_said


# --- what became of the segments --------------------------------------------------------------------------------------


def _fates(folder: Path, lineage: list[dict[str, Any]]) -> list[str | None]:
    data = _read(folder, builds=[build(**REFIT)], lineage=lineage)
    return [fate_words.fate(data, segment) for segment in data.segments]


def test_a_card_says_what_became_of_its_segment(tmp_path: Path) -> None:
    survived = [
        fate(2, 1, "name0", "survived", 1, share_of_old=0.914),
        fate(2, None, None, "emerged", 2),
        fate(2, 3, "name2", "survived", 3, share_of_old=1.0),
        fate(2, 8, "old", "dissolved", 2, share_of_old=0.3),
    ]
    assert _fates(tmp_path / "survived", survived) == [
        "Survived the fit of version 2 with 91% of its customers.",
        "New in version 2. It has 30% of the customers of segment 8 (old), which dissolved.",
        "Survived the fit of version 2 with 100% of its customers.",
    ]
    split = [
        fate(2, 1, "name0", "split", 1, share_of_old=0.6),
        fate(2, 1, "name0", "split", 2, share_of_old=0.4),
        fate(2, 3, "name2", "merged", 3),
        fate(2, 8, "old", "merged", 3),
    ]
    assert _fates(tmp_path / "split", split) == [
        "Split by version 2: it kept 60% of its customers, and segment 2 came out of it.",
        "New in version 2: it has 40% of the customers of segment 1 (name0), which split.",
        "Merged by version 2: it took in segment 8 (old).",
    ]
    merged = [fate(2, 8, "old", "merged", 3), fate(2, 9, "older", "merged", 3)]
    assert _fates(tmp_path / "merged", merged) == [
        None,
        None,
        "New in version 2: segment 8 (old) and segment 9 (older) merged.",
    ]


def test_of_segments_that_are_gone_the_section_says_where_they_went(tmp_path: Path) -> None:
    lineage = [
        fate(2, 1, "name0", "survived", 1),
        fate(2, 5, "e", "merged", 1),
        fate(2, 6, "f", "vanished", None),
        fate(2, 7, "g", "dissolved", 2),
        fate(2, 7, "g", "dissolved", 3),
        fate(2, 8, "h", "split", 2),
        fate(2, 8, "h", "split", 3),
        fate(1, 9, "of an earlier version", "vanished", None),
    ]
    history = _read(tmp_path, builds=[build(**REFIT)], lineage=lineage).history
    assert history is not None
    assert fate_words.gone(history) == [
        "Segment 5 (e) merged into segment 1.",
        "Segment 6 (f) vanished.",
        "Segment 7 (g) dissolved, mostly into segments 2 and 3.",
        "Segment 8 (h) split into segments 2 and 3.",
    ]


def test_a_card_says_what_the_rule_would_call_its_segment_now(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, builds=[build()])
    with duckdb.connect(database) as connection:
        connection.execute("alter table people__centroids add column rule_name varchar")
        connection.execute(
            "update people__centroids set rule_name = "
            "case when segment_id = 2 then 'high <i>b</i>' else segment_name end"
        )
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    said = "By its figures, its name would now be"
    assert [said in card for card in page.locator(".card").all_inner_texts()] == [False, True, False]
    assert f"{said} high <i>b</i>." in page.locator(".card").nth(1).inner_text()


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_section_has_matrices_with_tables_and_the_pictures_too(tmp_path: Path, opened: Opened) -> None:
    database = _database(
        tmp_path, builds=[build(**REFIT, n_joined=7, n_left=4, n_moved=20)], transitions=BEHAVIOUR + REDEFINITION
    )
    written = write_report(database, tmp_path / "page.html")
    page = opened(written.page)
    assert written.not_drawn == {}
    assert "was 9" in (tmp_path / "page" / "transitions.svg").read_text("utf-8")
    assert page.locator("section[aria-labelledby='since'] h2").inner_text() == "Since last time"
    cells = page.evaluate("facts.named[facts.specs['flows-behaviour'].layer[0].data?.name ?? "
                          "facts.specs['flows-behaviour'].data.name]")  # fmt: skip
    assert {(cell["from"], cell["to"], cell["number"]) for cell in cells} == {
        ("1 name0", "1", "50"),
        ("1 name0", "2", "7"),
        ("2 name1", "2", "40"),
        ("2 name1", "left", "4"),
        ("3 name2", "1", "2"),
        ("3 name2", "3", "33"),
        ("joined", "3", "7"),
    }
    of_cell = {(cell["from"], cell["to"]): cell for cell in cells}
    assert of_cell["1 name0", "2"]["share"] == pytest.approx(7 / 57, rel=1e-5)
    assert of_cell["joined", "3"]["share"] == pytest.approx(7 / 40, rel=1e-5)
    assert of_cell["joined", "3"]["fill"] == "#ED8B3A"  # the largest share but for those that stayed
    assert {of_cell[str(i) + f" name{i - 1}", str(i)]["fill"] for i in (1, 2, 3)} == {"#DCDCDC"}
    texts = page.locator("#flows-redefinition svg text").all_text_contents()
    assert {"1", "2", "3", "segment now", "1 name0", "9 was 9", "47", "9"} <= set(texts)
    page.locator("#flows-behaviour ~ details summary").click()
    rows = page.locator("#flows-behaviour ~ details tr").all_inner_texts()
    assert [row.split("\t") for row in rows[:5]] == [
        ["segment before", "segment now", "what they did", "customers"],
        ["1 name0", "2 name1", "moved", "7"],
        ["3 name2", "1 name0", "moved", "2"],
        ["not there", "3 name2", "joined", "7"],
        ["2 name1", "not there", "left", "4"],
    ]


def test_customers_without_a_segment_have_a_row_and_a_column(tmp_path: Path) -> None:
    rows = flows("behaviour", {(1, 1): 50, (None, 1): 3, (2, None): 4, (None, None): 12_345})
    data = _read(tmp_path, builds=[build()], transitions=rows)
    spec = charts.transitions_chart(data).to_dict()
    [layer] = [one for one in spec["concat"][0]["layer"] if one["mark"]["type"] == "rect"]
    assert layer["encoding"]["x"]["scale"]["domain"] == ["1", "2", "none"]
    assert layer["encoding"]["y"]["scale"]["domain"] == ["1 name0", "2 name1", "no segment"]
    numbers = {(cell["from"], cell["to"]): cell["number"] for cells in spec["datasets"].values() for cell in cells}
    assert numbers == {
        ("1 name0", "1"): "50",
        ("no segment", "1"): "3",
        ("2 name1", "none"): "4",
        ("no segment", "none"): "12.3k",
    }


def test_names_from_the_tables_are_texts(tmp_path: Path, opened: Opened) -> None:
    hostile = "<img src=x onerror='window.hacked = 1'>\u202e{{ 1 + 1 }}"
    rows = [*flows("redefinition", {(1, 1): 60}), flow("redefinition", "moved", 9, 2, 50, from_segment_name=hostile)]
    database = _database(
        tmp_path,
        builds=[build(**REFIT | {"reason": f"feature {hostile} is new"})],
        transitions=rows,
        lineage=[fate(2, 9, hostile, "merged", 1), fate(2, 1, "name0", "merged", 1)],
        drift=[drift("feature mean", 0.2, feature=hostile)],
    )
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    page.locator("#flows-redefinition ~ details summary").click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0
    shown = hostile.replace("\u202e", "\ufffd")
    assert page.locator("section[aria-labelledby='since']").inner_text().count(shown) == 4
    assert shown in page.locator(".card").first.inner_text()
    assert "\u202e" not in page.content()


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"builds": []},
        {"transitions": BEHAVIOUR, "drift": [drift("means", 0.1)]},
        {"builds": [build(n_joined=None, n_left=None, n_moved=None)], "transitions": []},
    ],
    ids=["no history", "first build", "no builds", "first build again"],
)
def test_without_a_build_before_there_is_no_section(tmp_path: Path, opened: Opened, tables: Any) -> None:
    written = write_report(_database(tmp_path, **tables), tmp_path / "page.html")
    page = opened(written.page)
    assert page.locator("#since").count() == 0
    assert "transitions" not in {picture.stem for picture in written.pictures}
    with pytest.raises(MallardError, match="has no flows between segments"):
        charts.transitions_chart(read_report_data(tmp_path / "people.duckdb"))


def test_a_file_with_builds_alone_has_the_sentence_alone(tmp_path: Path, opened: Opened) -> None:
    written = write_report(_database(tmp_path, builds=[build(n_joined=3, n_moved=1)]), tmp_path / "page.html")
    page = opened(written.page)
    assert "3 customers joined, none left and 1 moved to another segment." in page.locator("#about-flows").inner_text()
    assert page.locator("section[aria-labelledby='since'] .chart").count() == 0
    assert page.locator("section[aria-labelledby='since'] h3").count() == 0


def test_a_history_of_another_version_says_what_it_lacks(tmp_path: Path) -> None:
    database = _database(tmp_path, builds=[build()])
    with duckdb.connect(database) as connection:
        connection.execute("alter table people__builds drop column n_moved")
    with pytest.raises(MallardError, match="the builds of people lack the column n_moved: "):
        read_report_data(database)


def test_only_the_last_build_counts(tmp_path: Path) -> None:
    earlier = [row | {"build": 1, "n_customers": 1} for row in BEHAVIOUR]
    history = _read(tmp_path, builds=[build(n_moved=9)], transitions=earlier + BEHAVIOUR).history
    assert history is not None
    assert history.n_of(Part.BEHAVIOUR, "moved") == 9


def test_without_ids_a_name_that_a_customer_gave_is_shown_nowhere(tmp_path: Path) -> None:
    """A segment by vectors keeps its name when others are nearest to its centroid."""
    once = flow("redefinition", "moved", 9, 2, 50, from_segment_name="like c7")
    database = _database(
        tmp_path,
        builds=[build(**REFIT)],
        transitions=[*flows("redefinition", {(1, 1): 60}), once],
        lineage=[fate(2, 9, "like c7", "merged", 1)],
    )
    with duckdb.connect(database) as connection:
        connection.execute("alter table people__centroids add column rule_name varchar")
        connection.execute("update people__centroids set rule_name = 'like c9', segment_name = 'like c8'")
        connection.execute("update people__profiles set segment_name = 'like c8', representatives = 'c9, c3'")
        connection.execute(
            "insert into people__centroids (segment_id, segment_name, feature, scale, scaled_centroid_vector, "
            "scaled_expression) select segment_id, segment_name, 'v', 'none', [a, b], 'cast(v as double[2])' "
            "from (select segment_id, any_value(segment_name) as segment_name, avg(a) as a, avg(b) as b from people "
            "group by segment_id)"
        )
        connection.execute("alter table people add column v double[]")
        connection.execute("update people set v = [a, b]")
        connection.execute(
            "insert into people__profiles select * replace ('v' as feature, 'v' as label, null as mean, "
            "null as median, null as z_score) from people__profiles where feature = 'a'"
        )
    data = read_report_data(database, disclosure=Disclosure(ids=False))
    assert data.history is not None
    said = [*data.history.names.values(), *(segment.name for segment in data.segments)]
    assert set(said) == {"(named after one of its rows)"}
    assert [segment.rule_name for segment in data.segments] == [None] * 3
    assert read_report_data(database).history.names[9] == "like c7"  # type: ignore[union-attr]
