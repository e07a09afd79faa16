"""What else is different about segments: sentences on the cards, the table, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from database import groups, make_database
from playwright.sync_api import Page

from mallard.report import card_words, page_tables
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
SIZES = [60, 30, 10]
FEW = Disclosure(suppress_below=5)


def _database(folder: Path, columns: dict[str, Any], sizes: list[int] = SIZES) -> Path:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = groups(len(labels), 2, 1)[0] + 20 * labels[:, None]
    names = [f"name{i}" for i in range(len(sizes))]
    return make_database(folder / "people.duckdb", values, labels, ["a", "b"], names, columns=columns)


def _read(folder: Path, columns: dict[str, Any], disclosure: Disclosure = Disclosure(), **options: Any) -> ReportData:  # noqa: B008
    return read_report_data(_database(folder, columns, **options), disclosure=disclosure)


def _said(data: ReportData) -> list[list[tuple[str, str]]]:
    return [card_words.what_else_is_different(data, segment) for segment in data.segments]


def _texts(*counts: dict[str, int]) -> list[str]:
    """A text for each customer, by counts for each segment."""
    return [text for of_segment in counts for text, n in of_segment.items() for _ in range(n)]


def test_numbers_differ_from_half_a_standard_deviation_on(tmp_path: Path) -> None:
    # Mean 30 of all, and 20, 40 and 60 of the segments; deviation sqrt(60 + 30 + 90) = 13.4.
    data = _read(tmp_path, {"age": np.repeat([20.0, 40.0, 60.0], SIZES), "height": np.tile([1.0, 2.0], 50)})
    assert _said(data) == [
        [("age", "low, mean 20 against 30")],
        [("age", "high, mean 40 against 30")],
        [("age", "high, mean 60 against 30")],
    ]


def test_texts_differ_by_ten_points_or_by_half_as_much_again(tmp_path: Path) -> None:
    countries = _texts({"DE": 50, "FR": 10}, {"DE": 15, "FR": 15}, {"PL": 10})
    plans = _texts({"free": 54, "paid": 6}, {"free": 24, "paid": 6}, {"free": 10})
    # Of all, 65 % DE, 25 % FR and 10 % PL; 88 % free.
    data = _read(tmp_path, {"country": countries, "plan": plans})
    assert _said(data) == [
        [("country", "de 83% against 65%")],
        [("country", "fr 50% against 25%")],  # 20 % against 12 % paid may be chance among 30
        [("country", "pl 100% against 10%")],
    ]


def test_of_a_boolean_the_share_with_yes_is_said(tmp_path: Path) -> None:
    is_member = np.array(_texts({"y": 6, "n": 54}, {"y": 24, "n": 6}, {"n": 10})) == "y"
    assert _said(_read(tmp_path, {"is_member": is_member})) == [
        [("is member", "yes 10% against 30%")],
        [("is member", "yes 80% against 30%")],
        [("is member", "no 100% against 70%")],
    ]


def test_dates_differ_by_their_medians(tmp_path: Path) -> None:
    start = datetime(2026, 3, 1, 12)
    days = np.repeat([0, 10, 90], SIZES)
    at = np.array([start + timedelta(days=int(day)) for day in days], dtype=object)
    data = _read(tmp_path, {"last_order_at": at})
    assert _said(data) == [[], [], [("last order at", "median 30 May 2026 against 1 March 2026")]]


def test_a_difference_that_chance_explains_is_not_said(tmp_path: Path) -> None:
    # 2 of 10 against 9 of 100: two standard errors are 18 points.
    few = _texts({"x": 5, "y": 55}, {"x": 2, "y": 28}, {"x": 2, "y": 8})
    many = _texts({"x": 50, "y": 550}, {"x": 20, "y": 280}, {"x": 20, "y": 80})
    assert _said(_read(tmp_path, {"text": few}))[2] == []
    (tmp_path / "many").mkdir()
    assert _said(_read(tmp_path / "many", {"text": many}, sizes=[600, 300, 100]))[2] == [("text", "x 20% against 9.0%")]


def test_a_card_has_the_columns_that_differ_most_and_the_table_has_all(tmp_path: Path, opened: Opened) -> None:
    step = np.repeat([0.0, 0.0, 1.0], SIZES)
    noise = np.random.default_rng(0).normal(size=(6, 100))
    columns: dict[str, Any] = {f"number_{i}": step * 2**i / 2 + noise[i] for i in range(6)}
    database = _database(tmp_path, columns | {"country": _texts({"DE": 60}, {"DE": 30}, {"FR": 10})})
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    card = page.locator(".card").nth(2).inner_text().split("What else is different:")[1].split("Comes back")[0]
    assert [line.split(":")[0] for line in card.split("\n") if ":" in line] == [
        "country", "number 5", "number 4", "number 3",
    ]  # fmt: skip
    page.locator("summary", has_text="What else is known").click()
    rows = page.locator("details[open] tbody tr").all_inner_texts()
    assert len(rows) == 6 * 3 + 3
    assert rows[-1].split("\t")[:5] == ["country", "3 name2", "fr", "100%", "10%"]


def test_without_the_table_nothing_is_said(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, {"age": np.repeat([20.0, 40.0, 60.0], SIZES)})
    with duckdb.connect(database) as connection:
        connection.execute("drop table people__attributes")
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    assert "What else" not in page.inner_text("body")


def test_hostile_texts_are_shown_as_texts(tmp_path: Path, opened: Opened) -> None:
    hostile = "<img src=x onerror='window.hacked = 1'>"
    database = _database(tmp_path, {f"is {hostile}": _texts({hostile: 60}, {"y": 30}, {"{{ 1 + 1 }}": 10})})
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    page.locator("summary", has_text="What else is known").click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0
    assert hostile in page.locator("details[open] tbody").inner_text()


# --- with figures of few customers hidden -----------------------------------------------------------------------------


def _shown(data: ReportData) -> set[tuple[int, str | None]]:
    return {(of.segment, of.value) for of in data.attributes}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Enough everywhere.
        ([{"x": 30, "y": 30}, {"x": 10, "y": 20}, {"x": 5, "y": 5}], {(1, "x"), (2, "x"), (3, "x"), (1, "y"), (2, "y"),
                                                                       (3, "y")}),
        # Three of z in one segment: z is left out everywhere, and the smaller of the others with it, because z is what
        # the others leave.
        ([{"x": 30, "y": 27, "z": 3}, {"x": 10, "y": 20}, {"x": 5, "y": 5}], {(1, "y"), (2, "y"), (3, "y")}),
        # Six of y and z together are enough.
        ([{"x": 54, "y": 3, "z": 3}, {"x": 20, "y": 10}, {"x": 10}], {(1, "x"), (2, "x"), (3, "x")}),
        # All but two have x: the two would be known.
        ([{"x": 58, "y": 2}, {"x": 30}, {"x": 10}], set()),
        # Nobody else: that all have x is no group of few.
        ([{"x": 60}, {"x": 30}, {"x": 10}], {(1, "x"), (2, "x"), (3, "x")}),
    ],
)  # fmt: skip
def test_texts_of_few_customers_are_left_out_with_what_would_give_them_away(
    tmp_path: Path, counts: list[dict[str, int]], expected: set[tuple[int, str]]
) -> None:
    columns = {"text": _texts(*counts)}
    shown = _shown(_read(tmp_path, columns, FEW))
    if len(expected) == 3 and "y" in {text for _, text in expected}:
        # Whichever of x and y is smaller goes with z.
        assert {text for _, text in shown} in ({"x"}, {"y"})
        return
    assert shown == expected


def test_texts_beyond_the_five_commonest_count_as_what_the_others_leave(tmp_path: Path) -> None:
    """Five texts of ten in the first segment, and a sixth of two, which no row has: the sum of the five tells it."""
    counts = [{f"t{i}": 10 for i in range(5)} | {"u": 2, "v": 8}, {"t0": 30}, {"t0": 10}]
    shown = _shown(_read(tmp_path, {"text": _texts(*counts)}, FEW))
    assert (1, "v") not in shown
    assert (1, "u") not in shown
    rest = 60 - 10 * len([text for segment, text in shown if segment == 1])
    assert rest >= 5


def test_numbers_that_few_customers_have_are_left_out_with_a_second_segment(tmp_path: Path) -> None:
    data = _read(tmp_path, {"age": np.repeat([20.0, 40.0, 60.0], SIZES)}, FEW)
    assert _shown(data) == {(1, None), (2, None), (3, None)}
    (tmp_path / "few").mkdir()
    database = _database(tmp_path / "few", {"age": np.repeat([20.0, 40.0, 60.0], SIZES)})
    with duckdb.connect(database) as connection:
        connection.execute("update people__attributes set n_customers = 4 where segment_id = 3")
    assert _shown(read_report_data(database, disclosure=FEW)) == {(1, None)}


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 2.0), (-7.5, 1e6)])
def test_two_numbers_count_like_texts(tmp_path: Path, low: float, high: float) -> None:
    """Their mean says how many have which: of 60 with 1 or 2, a mean of 1.05 says that three have 2."""
    is_high = np.array(_texts({"1": 3, "0": 57}, {"1": 15, "0": 15}, {"1": 5, "0": 5})) == "1"
    number = np.where(is_high, high, low)
    assert _shown(_read(tmp_path, {"number": number}, FEW)) == set()
    (tmp_path / "all").mkdir()
    assert len(_shown(_read(tmp_path / "all", {"number": number}))) == 3
    (tmp_path / "three").mkdir()
    number[-1] = low + (high - low) / 4
    assert len(_shown(_read(tmp_path / "three", {"number": number}, FEW))) == 3


def test_nothing_of_a_hidden_segment_is_shown(tmp_path: Path, opened: Opened) -> None:
    sizes = [60, 30, 3, 10]
    columns = {
        "country": _texts({"DE": 60}, {"DE": 30}, {"Andorra": 3}, {"DE": 10}),
        "age": np.repeat([20.0, 40.0, 98.7, 50.0], sizes),
    }
    database = _database(tmp_path, columns, sizes)
    data = read_report_data(database, disclosure=FEW)
    assert {of.segment for of in data.attributes} <= {1, 2}
    page = write_report(database, tmp_path / "page.html", pictures=False, disclosure=FEW).page.read_text("utf-8")
    assert "andorra" not in page.lower()
    assert "98.7" not in page


def test_columns_that_cannot_be_counted_are_left_out(tmp_path: Path) -> None:
    database = _database(tmp_path, {"country": _texts({"DE": 60}, {"FR": 30}, {"PL": 10})})
    with duckdb.connect(database) as connection:
        connection.execute("alter table people drop column country")
    assert read_report_data(database, disclosure=FEW).attributes == []
    assert len(read_report_data(database).attributes) == 3


def test_the_table_has_what_the_database_has(tmp_path: Path) -> None:
    data = _read(tmp_path, {"age": np.repeat([20.0, 40.0, 60.0], SIZES)})
    headings, rows = page_tables.attributes(data)
    assert headings[:2] == ["column", "segment"]
    assert rows[2] == ["age", "3 name2", "", "", "", "60", "30", "60", "20"]
