"""Features are called what people call them, shares are percentages, and medians stand beside means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
from database import make_database
from playwright.sync_api import Page

from mallard.report import card_words, page_tables
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]


def _members(folder: Path) -> Path:
    """Two segments of 20: an amount with a few very large values, a boolean and two categories."""
    amount = np.concatenate([[1.0] * 15 + [2.0] * 4 + [500.0], np.arange(20) + 100.0])
    is_member = np.repeat([1.0, 0.0, 1.0, 0.0], [5, 15, 18, 2])
    is_red = np.repeat([1.0, 0.0, 1.0], [10, 20, 10])
    values = np.column_stack([amount, is_member, is_red, 1 - is_red])
    features = ["amount_eur", "is_member", "colour=red", "colour=dark_blue"]
    database = make_database(folder / "people.duckdb", values, np.repeat([0, 1], 20), features, ["low", "high"])
    with duckdb.connect(database) as connection:
        connection.execute("alter table people alter is_member type boolean using is_member = 1")
        connection.execute("alter table people add column colour varchar")
        connection.execute("""update people set colour = case when "colour=red" = 1 then 'red' else 'dark_blue' end""")
        for text in ("red", "dark_blue"):
            connection.execute(f'alter table people drop column "colour={text}"')
            connection.execute(
                f"update people__centroids set scaled_expression = 'cast(colour = ''{text}'' as integer)' "
                f"where feature = 'colour={text}'"
            )
        connection.execute("update people__profiles set label = 'Euros' where feature = 'amount_eur'")
        connection.execute("update people__profiles set label = 'shade=red' where feature = 'colour=red'")
        connection.execute(
            "update people__centroids set scaled_expression = 'cast(is_member as integer)' where feature = 'is_member'"
        )
    return database


def test_shares_are_percentages_and_have_no_median(tmp_path: Path) -> None:
    data = read_report_data(_members(tmp_path))
    assert [feature.is_share for feature in data.features] == [False, True, True, True]
    assert card_words.figures(data, data.segments[0]) == [
        ("Euros", "26.1", "1"),
        ("is member", "25%", ""),
        ("shade=red", "50%", ""),
        ("colour=dark blue", "50%", ""),
    ]
    [apart] = [of for of in card_words.what_sets_apart(data, data.segments[1]) if of.label == "is member"]
    assert apart == ("is member", "high, 90% against 57%", "+0.7")


def test_means_and_medians_of_all_stand_beside_those_of_segments(tmp_path: Path) -> None:
    data = read_report_data(_members(tmp_path))
    headings, rows = page_tables.profiles(data)
    assert headings == ["feature", "segment", "mean", "median", "mean of all customers", "median of all customers",
                        "deviations"]  # fmt: skip
    assert rows[0][:6] == ["Euros", "1 low", "26.1", "1", "67.8", "100.5"]
    assert rows[2] == ["is member", "1 low", "25%", "", "57%", "", "-0.66"]
    assert len(rows) == 8


def test_words_for_features_are_everywhere(tmp_path: Path, opened: Opened) -> None:
    page = opened(write_report(_members(tmp_path), tmp_path / "page.html", pictures=False).page)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    shown = page.inner_text("body")
    assert "amount" not in shown
    assert "Euros" in page.locator("select[data-axis='x'] option").all_inner_texts()
    assert "Euros" in page.locator("#heat-map .role-axis-label text").all_text_contents()
    assert "Euros" in page.locator("#border thead th").all_inner_texts()
    # The file is for machines: it keeps the names of columns.
    assert page.evaluate("facts.border[0].slice(6)") == ["amount_eur", "is_member", "colour=red", "colour=dark_blue"]


def test_where_a_scale_is_logarithmic_the_page_says_so_and_compares_medians(tmp_path: Path, opened: Opened) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    values = np.column_stack([np.exp(rng.normal(2 + 3 * labels, 1)), rng.normal(40 + 9 * labels, 5)])
    database = make_database(
        tmp_path / "people.duckdb",
        values,
        labels,
        ["revenue", "age"],
        ["low", "high"],
        scales={"revenue": ("asinh+standard", 2.0)},
    )
    data = read_report_data(database)
    logarithms = np.arcsinh(values[:, 0] / 2)
    z_score = (logarithms[labels == 1].mean() - logarithms.mean()) / logarithms.std()
    apart = {of.label: of for of in card_words.what_sets_apart(data, data.segments[1])}
    medians = np.median(values[labels == 1, 0]), np.median(values[:, 0])
    assert apart["revenue"].said == f"high, median {medians[0]:.1f} against {medians[1]:.1f}"
    assert apart["revenue"].deviations == f"{z_score:+.1f}"
    means = values[labels == 1, 1].mean(), values[:, 1].mean()
    assert apart["age"].said == f"high, mean {means[0]:.1f} against {means[1]:.1f}"
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    note = "on the scale in which segments were found. That scale is logarithmic for revenue: "
    assert note in page.locator("#about-profiles").inner_text()
    cells = page.locator("#heat-map .mark-text.role-mark text").all_text_contents()
    assert cells[2] == f"{z_score:+.1f}"


def test_of_many_features_a_card_has_those_that_differ_most_and_the_table_has_all(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    values = rng.normal(size=(300, 9)) + labels[:, None] * np.arange(9)
    features = [f"feature_{i}" for i in range(9)]
    data = read_report_data(make_database(tmp_path / "people.duckdb", values, labels, features, list("xyz")))
    z_scores = (values[labels == 2].mean(axis=0) - values.mean(axis=0)) / values.std(axis=0)
    expected = sorted(np.argsort(-np.abs(z_scores))[:6])
    assert [of.label for of in card_words.figures(data, data.segments[2])] == [f"feature {i}" for i in expected]
    assert "A card lists the 6 features that differ most" in card_words.how_to_read(data)
    assert len(page_tables.profiles(data)[1]) == 27
