"""What customers are worth: on cards, near the head, in the chart and in its table, and when it is hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from database import groups, make_database
from playwright.sync_api import Page

from mallard.report import card_words, page_tables, value_words
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.value_chart import value_chart
from mallard.report.write import write_report

Opened = Callable[..., Page]
SIZES = [60, 30, 10]
WORTH = np.repeat([1.0, 2.0, 30.0], SIZES)
"""Totals 60, 60 and 300 of 420."""


def _database(folder: Path, worth: np.ndarray = WORTH, sizes: list[int] = SIZES, **options: Any) -> Path:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = groups(len(labels), 2, 1)[0] + 20 * labels[:, None]
    names = [f"name{i}" for i in range(len(sizes))]
    given = ("revenue", worth)
    return make_database(folder / "people.duckdb", values, labels, ["a", "b"], names, worth=given, **options)


def _read(folder: Path, *arguments: Any, suppress_below: int = 1, **options: Any) -> ReportData:
    return read_report_data(
        _database(folder, *arguments, **options), disclosure=Disclosure(suppress_below=suppress_below)
    )


def test_a_card_leads_with_the_shares_and_has_the_total(tmp_path: Path, opened: Opened) -> None:
    page = opened(write_report(_database(tmp_path), tmp_path / "page.html", pictures=False).page)
    cards = [card.split("\n") for card in page.locator(".card").all_inner_texts()]
    assert [card[0] for card in cards] == ["1. name0", "2. name1", "3. name2"]
    assert [next(line for line in card[1:] if line) for card in cards] == [
        "60.0% of customers, 14.3% of revenue",
        "30.0% of customers, 14.3% of revenue",
        "10.0% of customers, 71.4% of revenue",
    ]
    assert any("10 customers. Revenue in total: 300." in line for line in cards[2])


def test_what_matters_most_is_said_drawn_and_in_a_table_before_the_cards(tmp_path: Path, opened: Opened) -> None:
    page = opened(write_report(_database(tmp_path), tmp_path / "page.html", pictures=False).page)
    assert page.locator("h2").first.inner_text() == "Where the revenue comes from"
    assert page.locator("#about-value").inner_text() == "Segment 3 has most: 71% of revenue, with 10% of customers."
    bars = page.evaluate("facts.named[facts.specs.value.data.name]")
    assert [(bar["segment"], bar["kind"], bar["share"]) for bar in bars] == [
        (1, "share of customers", 0.6),
        (1, "share of revenue", pytest.approx(60 / 420, rel=1e-5)),
        (2, "share of customers", 0.3),
        (2, "share of revenue", pytest.approx(60 / 420, rel=1e-5)),
        (3, "share of customers", 0.1),
        (3, "share of revenue", pytest.approx(300 / 420, rel=1e-5)),
    ]
    widths = page.locator("#value .mark-rect.role-mark path").evaluate_all(
        "all => all.map(path => path.getBBox().width)"
    )
    assert widths[5] / widths[4] == pytest.approx(300 / 420 / 0.1, rel=1e-3)
    page.locator("summary", has_text="Shares and totals as a table").click()
    rows = page.locator("section[aria-labelledby='worth'] tr").all_inner_texts()
    assert rows[0].split("\t") == ["segment", "customers", "share", "revenue", "share of revenue"]
    assert rows[3].split("\t") == ["3 name2", "10", "10%", "300", "71%"]


def test_the_largest_part_and_the_largest_for_its_size_may_be_different_segments(tmp_path: Path) -> None:
    data = _read(tmp_path, np.repeat([5.0, 2.0, 6.0], SIZES))  # 300, 60 and 60 of 420
    assert value_words.who_matters_most(data) == (
        "Segment 1 has most: 71% of revenue, with 60% of customers. "
        "Segment 3 has most for its size: 14% of revenue, with 10% of customers."
    )


def test_without_a_value_column_nothing_is_said_of_value(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(60, 2, 2)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["low", "high"])
    written = write_report(database, tmp_path / "page.html")
    page = opened(written.page)
    assert page.locator("#value").count() == page.locator("#worth").count() == 0
    assert page.locator(".shares").count() == 0
    assert "value" not in {picture.stem for picture in written.pictures}
    assert "None" not in page.inner_text("body")


def test_a_total_that_is_not_above_nothing_has_no_shares(tmp_path: Path) -> None:
    data = _read(tmp_path, np.repeat([1.0, -2.0, -30.0], SIZES))
    assert value_words.valued(data) == []
    assert [card_words.shares(data, segment) for segment in data.segments] == [None] * 3
    assert card_words.total(data, data.segments[2]) == "Revenue in total: -300"


def test_where_nobody_is_worth_anything_cards_say_nothing_of_it(tmp_path: Path) -> None:
    data = _read(tmp_path, np.zeros(sum(SIZES)))
    assert [segment.total_value for segment in data.segments] == [0, 0, 0]
    assert [card_words.total(data, segment) for segment in data.segments] == [None] * 3


def test_a_loss_goes_to_the_left(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, np.repeat([-1.0, 2.0, 30.0], SIZES))
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    [low, high] = page.evaluate("facts.specs.value.layer[0].encoding.x.scale.domain")
    assert low == pytest.approx(-60 / 300)
    assert high == pytest.approx(1 + 0.12 * (1 + 60 / 300))


def test_the_chart_of_value_is_a_picture_too(tmp_path: Path) -> None:
    written = write_report(_database(tmp_path), tmp_path / "page.html")
    assert written.not_drawn == {}
    assert "share of revenue" in (tmp_path / "page" / "value.svg").read_text("utf-8")
    assert value_chart(read_report_data(tmp_path / "people.duckdb")).to_dict()["$schema"]  # Altair checks it by that


def test_with_weights_shares_are_of_the_weight(tmp_path: Path) -> None:
    database = _database(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("update people__profiles set share = 0.25 where segment_id = 3")
        connection.execute("update people__profiles set share = 0.45 where segment_id = 1")
    data = read_report_data(database)
    assert card_words.shares(data, data.segments[2]) == "25.0% of the weight, 71.4% of revenue"
    assert value_words.who_matters_most(data).endswith("71% of revenue, with 25% of the weight.")


@pytest.mark.parametrize(("n_known", "is_shown"), [(10, True), (5, True), (4, False), (1, False)])
def test_with_figures_of_few_hidden_a_sum_must_be_of_enough_customers_with_a_value(
    tmp_path: Path, n_known: int, is_shown: bool
) -> None:
    worth = WORTH.copy()
    worth[90 + n_known :] = np.nan
    data = _read(tmp_path, worth, columns={"revenue": worth}, suppress_below=5)
    assert (data.value_label == "revenue") == is_shown
    assert (data.segments[2].total_value is not None) == is_shown
    assert (card_words.shares(data, data.segments[2]) is not None) == is_shown


@pytest.mark.parametrize(("few", "is_shown"), [([3.0] * 3, False), ([3.0] * 6, True), ([3.0, 4.0, 5.0], True)])
def test_with_figures_of_few_hidden_a_sum_must_not_count_few_who_have_one_of_two_values(
    tmp_path: Path, few: list[float], is_shown: bool
) -> None:
    """Of 60 customers with 2 or 3 each, a sum of 123 says that three have 3."""
    worth = np.full(sum(SIZES), 2.0)
    worth[: len(few)] = few
    data = _read(tmp_path, worth, columns={"revenue": worth}, suppress_below=5)
    assert (data.value_label == "revenue") == is_shown


def test_with_figures_of_few_hidden_values_that_nobody_can_count_are_hidden(tmp_path: Path) -> None:
    assert _read(tmp_path).value_label == "revenue"
    (tmp_path / "few").mkdir()
    assert _read(tmp_path / "few", suppress_below=5).value_label is None


def test_a_hidden_segment_has_no_value(tmp_path: Path, opened: Opened) -> None:
    sizes = [60, 30, 3, 10]
    worth = np.repeat([1.0, 2.0, 1234.5, 30.0], sizes)
    database = _database(tmp_path, worth, sizes, columns={"revenue": worth})
    shown = Disclosure(suppress_below=5)
    data = read_report_data(database, disclosure=shown)
    assert [segment.is_hidden for segment in data.segments] == [False, False, True, True]
    assert [segment.total_value for segment in data.segments] == [60, 60, None, None]
    assert [row[0] for row in page_tables.values(data)[1]] == ["1 name0", "2 name1"]
    page = write_report(database, tmp_path / "page.html", pictures=False, disclosure=shown).page.read_text("utf-8")
    assert "3703.5" not in page
    assert "1234.5" not in page
