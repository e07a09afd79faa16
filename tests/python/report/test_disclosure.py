"""What a page that is sent by mail contains of single customers, and what can be deduced from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from database import groups, make_database
from playwright.sync_api import Page

from mallard.cli import main
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.report.lacking import lacking_columns
from mallard.report.reading import read_report_data
from mallard.report.sample import axes_of
from mallard.report.write import write_report

Opened = Callable[..., Page]
IDS = [f"person{i:04}@example.com" for i in range(300)]


def _people(folder: Path, sizes: list[int] | None = None) -> tuple[Path, np.ndarray, np.ndarray]:
    """Customers with three features and ids that occur nowhere else, in segments of given sizes."""
    values, labels = groups(300, 3, 3)
    if sizes:
        labels = np.repeat(np.arange(len(sizes)), sizes)
        values = values[: len(labels)] + 20 * labels[:, None]
    names = [f"name{i}" for i in range(labels.max() + 1)]
    database = make_database(folder / "people.duckdb", values, labels, list("abc"), names, IDS[: len(labels)])
    return database, values, labels


def _report(folder: Path, database: Path, *options: str) -> tuple[str, str]:
    """What the command says, and the text of the page and of the pictures that are text."""
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(folder / "page.html"), *options])
    assert result.exit_code == 0, result.output
    files = [folder / "page.html", *(folder / "page").glob("*.svg")]
    assert len(files) >= 6
    return result.output, "\n".join(file.read_text("utf-8") for file in files)


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"-?\d+\.\d{3,}", text))


def _occurring(values: np.ndarray, text: str) -> int:
    """How many of the values occur in a text, with all digits or rounded as in charts."""
    found = _numbers(text)
    return sum(bool({repr(value), f"{value:.6g}"} & found) for value in values.ravel().tolist())


def test_the_default_page_says_that_it_has_ids_and_values(tmp_path: Path) -> None:
    database, values, _ = _people(tmp_path)
    said, text = _report(tmp_path, database)
    assert said.splitlines()[-1] == "Personal data: this page contains ids and values of 300 customers."
    assert "this page contains ids and values of 300 customers." in text
    assert all(customer in text for customer in IDS)
    assert _occurring(values, text) > 800


def test_without_ids_there_are_none_and_rows_are_numbered(tmp_path: Path, opened: Opened) -> None:
    database, values, _ = _people(tmp_path)
    said, text = _report(tmp_path, database, "--no-ids")
    assert "this page contains values of 300 customers, without ids." in said
    assert not any(customer in text or customer.split("@")[0] in text for customer in IDS)
    assert _occurring(values, text) > 800
    page = opened(tmp_path / "page.html")
    assert sorted(int(number) for number in page.evaluate("customers.map(row => row.id)")) == list(range(1, 301))
    by_number = {row["id"]: row for row in page.evaluate("customers")}
    for number, *_, a, b, c in page.evaluate("facts.border.slice(1)"):
        assert [by_number[number][f"f{i}"] for i in range(3)] == pytest.approx([a, b, c], rel=1e-5)
    assert "without ids" in page.locator("#personal-data").inner_text()


def test_without_rows_no_id_and_no_value_of_a_customer_is_anywhere(tmp_path: Path, opened: Opened) -> None:
    database, values, labels = _people(tmp_path)
    said, text = _report(tmp_path, database, "--aggregate")
    assert said.splitlines()[-1] == "Personal data: this page contains no row of a single customer."
    assert not any(customer in text or customer.split("@")[0] in text for customer in IDS)
    assert _occurring(values, text) == 0
    page = opened(tmp_path / "page.html")
    rows = page.evaluate("customers")
    assert {key for row in rows for key in row} <= {"segment", "f0", "f1", "f2", "n"}
    assert min(row["n"] for row in rows) >= 5
    for segment in (1, 2, 3):
        assert sum(row["n"] for row in rows if row["segment"] == segment) <= (labels == segment - 1).sum()
    assert page.evaluate("Object.values(facts.named).flat().filter(row => 'silhouette' in row && 'id' in row)") == []
    assert page.locator("#scatter .mark-symbol.role-mark path").count() == len(rows) + 3
    assert page.locator("#silhouettes .mark-rect.role-mark path").count() >= 3
    assert page.locator("#border").count() == page.locator("#csv").count() == 0
    assert "This list is left out, because this page has no row of a single customer." in page.inner_text("main")
    assert "no row of a single customer" in page.locator("#personal-data").inner_text()
    for card, segment in zip(page.locator(".card").all_inner_texts(), range(3), strict=True):
        assert f"{(labels == segment).sum()} customers" in card


def test_a_mark_counts_the_customers_about_there_and_is_at_their_means(tmp_path: Path) -> None:
    """Eight places, each with some customers within a hundredth: eight marks. Four customers elsewhere have none."""
    sizes = [30, 20, 10, 7, 6, 40, 50, 12, 4]
    at = np.repeat([[0, 0], [10, 0], [20, 0], [30, 0], [0, 10], [10, 10], [20, 10], [30, 10], [15, 5]], sizes, axis=0)
    values = at + 0.01 * np.random.default_rng(0).random(size=at.shape) + 0.001
    labels = (at[:, 1] > 7).astype(int)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["low", "high"])
    data = read_report_data(database, disclosure=Disclosure(ids=False, rows=False, suppress_below=5))
    found = sorted((row["segment"], row["n"], row["f0"], row["f1"]) for row in data.customers)
    places = np.repeat(np.arange(9), sizes)
    # Four hidden customers would be known by what the other marks leave of the segment, so the smallest mark is hidden.
    shown = [place for place in range(8) if place != 3]
    expected = sorted(
        (1 + labels[places == place][0], sizes[place], *values[places == place].mean(axis=0)) for place in shown
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_selecting_counts_selects_customers(tmp_path: Path, opened: Opened) -> None:
    database, _, _ = _people(tmp_path)
    _report(tmp_path, database, "--aggregate")
    page = opened(tmp_path / "page.html")
    page.locator("#only").select_option("2")
    page.wait_for_function("picked.segment === 2")
    n = page.evaluate("customers.filter(row => row.segment === 2).reduce((sum, row) => sum + row.n, 0)")
    total = page.evaluate("customers.reduce((sum, row) => sum + row.n, 0)")
    assert page.locator("#picked").inner_text() == f"{n} of {total} customers in the charts are selected."


@pytest.mark.parametrize("options", [["--aggregate"], ["--suppress-below", "5"]])
def test_a_small_segment_has_no_figures_and_none_that_give_it_away(
    tmp_path: Path, opened: Opened, options: list[str]
) -> None:
    """Three customers are fewer than five. Means of all and of the other segments would give theirs away, so a second
    segment is hidden, too."""
    sizes = [120, 90, 3, 40]
    database, values, labels = _people(tmp_path, sizes)
    _, text = _report(tmp_path, database, *options)
    page = opened(tmp_path / "page.html")
    cards = page.locator(".card").all_inner_texts()
    assert ["aren't shown" in card for card in cards] == [False, False, True, True]
    assert [f"{size} customers" in card for card, size in zip(cards, sizes, strict=True)] == [True, True, False, False]
    assert "name2" not in text
    assert "name3" not in text
    for segment in (2, 3):
        of_segment = values[labels == segment]
        assert _occurring(of_segment, text) == 0
        assert _occurring(of_segment.mean(axis=0), text) == 0
        z_scores = (of_segment.mean(axis=0) - values.mean(axis=0)) / values.std(axis=0)
        assert _occurring(z_scores, text) == 0
        assert not any(IDS[i] in text for i in np.flatnonzero(labels == segment))
    assert page.locator("#only option").count() == 3
    assert page.locator("#heat-map .mark-rect.role-mark path").count() == 6
    assert "Figures of fewer than 5 customers aren't shown" in page.locator("header").inner_text()


def test_a_category_of_few_customers_has_no_figures(tmp_path: Path) -> None:
    values, labels = groups(200, 1, 2)
    colours = np.array(["red", "green", "blue"])[np.arange(200) % 3]
    colours[np.flatnonzero(colours == "blue")[2:]] = "green"  # two blue customers are left
    flags = np.stack([colours == colour for colour in ("blue", "green", "red")], axis=1).astype(float)
    names = ["amount", "colour=blue", "colour=green", "colour=red"]
    database = make_database(
        tmp_path / "people.duckdb", np.column_stack([values, flags]), labels, names, ["low", "high"]
    )
    with duckdb.connect(database) as connection:
        connection.execute("alter table people add column colour varchar")
    shown = [feature.name for feature in read_report_data(database, disclosure=Disclosure(suppress_below=5)).features]
    assert "colour=blue" not in shown
    # Without a second hidden category, the share of blue would be what the others leave.
    assert shown in (["amount", "colour=green"], ["amount", "colour=red"])
    data = read_report_data(database)
    assert [feature.name for feature in data.features] == names
    assert data.hidden_features == []


@pytest.mark.parametrize("n_few", [3, 5])
def test_a_feature_of_two_numbers_whose_mean_counts_few_customers_has_no_figures(tmp_path: Path, n_few: int) -> None:
    values, labels = groups(200, 1, 2)
    cards = np.full(200, 1.0)
    cards[np.flatnonzero(labels == 0)[:n_few]] = 2.0
    database = make_database(
        tmp_path / "people.duckdb", np.column_stack([values, cards]), labels, ["amount", "cards"], ["low", "high"]
    )
    data = read_report_data(database, disclosure=Disclosure(suppress_below=5))
    assert [feature.name for feature in data.features] == (["amount"] if n_few < 5 else ["amount", "cards"])


def test_what_is_hidden_cannot_be_deduced_from_the_rest() -> None:
    assert parts_to_hide({"a": [100], "b": [50]}, 5) == set()
    assert parts_to_hide({"a": [100], "b": [50], "c": [3]}, 5) == {"b", "c"}
    assert parts_to_hide({"a": [100], "b": [2], "c": [1]}, 5) == {"a", "b", "c"}
    assert parts_to_hide({"a": [100], "b": [4], "c": [4]}, 5) == {"b", "c"}
    assert parts_to_hide({"a": [100, 100], "b": [0, 0], "c": [3, 20], "d": [50, 9]}, 5) == {"b", "c", "d"}
    assert parts_to_hide({"a": [3]}, 5) == {"a"}
    assert parts_to_hide({"a": [3], "b": [1]}, 1) == set()


def test_few_special_cases_are_not_counted(tmp_path: Path, opened: Opened) -> None:
    database, _, _ = _people(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute(
            "update people set segment_id = null, assignment_status = 'excluded', status_reason = 'no a' "
            f"where customer in ('{IDS[0]}', '{IDS[1]}')"
        )
    file = write_report(database, tmp_path / "page.html", pictures=False).page
    assert "(2 more have no segment)" in opened(file).locator("header").inner_text()
    file = write_report(database, tmp_path / "few.html", pictures=False, disclosure=Disclosure(suppress_below=5)).page
    header = opened(file).locator("header").inner_text()
    assert "(a few more have no segment)" in header
    assert "a few excluded (no a)" in header


def test_numbers_below_two_hide_nothing_and_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", "x.duckdb", "--suppress-below", "1"])
    assert result.exit_code == 2
    assert "x>=2" in result.output


def test_a_table_without_an_id_is_numbered(tmp_path: Path, opened: Opened) -> None:
    database, _, _ = _people(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("alter table people drop column customer")
    said, _ = _report(tmp_path, database)
    assert "values of 300 customers, without ids" in said
    page = opened(tmp_path / "page.html")
    assert "no column that identifies customers, so they are numbered" in page.locator("header").inner_text()
    assert len({row["id"] for row in page.evaluate("customers")}) == 300


def test_a_table_without_a_feature_says_what_it_lacks(tmp_path: Path) -> None:
    database, _, _ = _people(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("alter table people drop column b")
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html")])
    assert result.exit_code == 1
    assert result.output == (
        "Error: mallard: people lacks what its feature b is made of, the column b: publish that column, or name the "
        "warehouse.\n"
    )


def test_a_feature_whose_column_became_another_says_so_in_our_words(tmp_path: Path) -> None:
    database, _, _ = _people(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("alter table people drop column b; alter table people add column b date[]")
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html")])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith(
        "Error: mallard: people has no values that its feature b can be made of: name the warehouse; if another version"
    )


def test_columns_of_an_expression_are_told_from_its_texts() -> None:
    expression = '''cast(("A ""b""" = 'it''s "no" column') as double) - "c" / "A ""b""" + "here" '''
    assert lacking_columns(expression, ["HERE"]) == ['A "b"', "c"]


def _axes(scaled: np.ndarray, spreads: list[float]) -> tuple[str, str]:
    from mallard.report.data import Feature

    features = [Feature(f"f{i}", f"f{i}", f"f{i}", "", "", spread) for i, spread in enumerate(spreads)]
    return axes_of(features, scaled)


def test_the_second_axis_says_something_that_the_first_does_not() -> None:
    rng = np.random.default_rng(0)
    revenue, age = rng.normal(size=(2, 500))
    orders = revenue + 0.05 * rng.normal(size=500)
    values: Any = np.column_stack([orders, age, revenue])
    assert _axes(values, [2.9, 1.5, 3.0]) == ("f1", "f2")
    assert _axes(values, [2.9, 0.05, 3.0]) == ("f0", "f2")
    assert _axes(rng.normal(size=(500, 3)), [2.9, 1.5, 3.0]) == ("f0", "f2")
    assert _axes(values[:, :1], [1.0]) == ("f0", "f0")
    assert _axes(np.ones((5, 2)), [1.0, 0.0]) == ("f0", "f1")
    assert _axes(values[:1], [1.0, 2.0, 3.0]) == ("f1", "f2")
