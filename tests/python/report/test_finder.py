"""A customer can be found and explained, segments compared, and rules followed along their tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from database import groups, make_database
from playwright.sync_api import Page
from scipy.special import softmax
from scipy.stats import chi2_contingency, pointbiserialr, ttest_ind

from mallard.report.differences import cohens_d, cramers_v
from mallard.report.disclosure import Disclosure
from mallard.report.explanation_words import how_sure, main_reason
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
NAMES = ["small <b>ones</b>", "regulars", "big spenders"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray, np.ndarray]:
    """Overlapping segments of 90 customers, with a country and rules; the values and labels."""
    values, labels = groups(90, 2, 3)
    values = np.round(values + 8 * np.random.default_rng(1).normal(size=values.shape), 2)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    scaled = (values - mean) / deviation
    for _ in range(20):
        centroids = np.array([scaled[labels == one].mean(axis=0) for one in range(3)])
        labels = ((scaled[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    countries = np.where(np.arange(90) % 10 < 8, np.array(["PL", "FR", "<i>DE"])[labels], "PL")
    file = tmp_path_factory.mktemp("finder") / "people.duckdb"
    make_database(file, values, labels, ["income", "orders"], NAMES, columns={"country": countries.tolist()})
    paths = [["income is below 0"], ["income is at least 0", "a <b>"], ["income is at least 0", "not a <b>"]]
    with duckdb.connect(file) as connection:
        connection.execute(
            "create table people__rules (rule integer, segment_id integer, rule_text varchar, rule_path varchar, "
            "n_customers bigint, n_of_segment bigint, agreement double, price_of_explanation double)"
        )
        for i, path in enumerate(paths, 1):
            of_rule = [i, i, " and ".join(path), json.dumps(path), 30, 20, 0.9, 1.1]
            connection.execute(f"insert into people__rules values ({', '.join('?' * 8)})", of_rule)
    return file, values, labels


@pytest.fixture(scope="module")
def shop_page(shop: Any) -> Path:
    return write_report(shop[0], shop[0].parent / "page.html", pictures=False).page


def _in_space(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances to the centroids, and how much each feature speaks for the nearest against the second."""
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    centroids = np.array([scaled[labels == one].mean(axis=0) for one in range(3)])
    terms = (scaled[:, None] - centroids) ** 2
    squared = terms.sum(axis=2)
    order = np.argsort(squared, axis=1)
    rows = np.arange(len(values))
    return squared, terms[rows, order[:, 1]] - terms[rows, order[:, 0]]


def test_probabilities_and_reasons_are_those_of_the_formulas(shop: Any) -> None:
    """A softmax with the variance of each coordinate, by scipy; terms of the squared distances, by numpy."""
    file, values, labels = shop
    data = read_report_data(file)
    squared, terms = _in_space(values, labels)
    variance = squared.min(axis=1).sum() / values.size
    expected = softmax(-squared / (2 * variance), axis=1)
    assert data.explanations is not None
    for customer, of in data.explanations.of.items():
        i = int(customer[1:])
        for segment, share in of.probabilities:
            assert share == pytest.approx(expected[i, segment - 1])
        for reason in of.reasons:
            assert reason.contribution == pytest.approx(terms[i, reason.feature])
            assert reason.value == values[i, reason.feature]
    row = data.near_border[0]
    first, *_ = how_sure(data, row).split("; ")
    i = int(row["id"][1:])
    assert first == f"{expected[i, labels[i]]:.0%} {NAMES[labels[i]]}"
    best = int(terms[i].argmax())
    assert main_reason(data, row).startswith(f"{['income', 'orders'][best]} of ")


def test_a_reader_finds_a_customer(shop: Any, shop_page: Path, opened: Opened) -> None:
    _, values, labels = shop
    page = opened(shop_page)
    page.locator("#wanted").fill(" C7 ")
    page.keyboard.press("Enter")
    found = page.locator("#found").inner_text()
    assert f"c7 is in segment {labels[7] + 1}, {NAMES[labels[7]]}." in found
    assert "What speaks most for it: " in found
    best = int(_in_space(values, labels)[1][7].argmax())
    rows = page.locator("#found tbody tr").all_inner_texts()
    assert any(row.split("\t")[:2] == [["income", "orders"][best], f"{values[7, best]:g}"] for row in rows)
    assert page.locator("#known option").count() == 90
    page.locator("#wanted").fill("<img src=x>")
    page.locator("#find-one").click()
    assert page.locator("#found").inner_text() == "<img src=x> isn't among the customers with a segment."
    page.locator("#wanted").fill("")
    page.locator("#find-one").click()
    assert page.locator("#found").inner_text() == ""
    assert page.locator("img, i, b").count() == 0


def test_who_is_not_in_the_sample_is_said_so(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(3000, 2, 3)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["x", "y", "z"])
    file = write_report(database, tmp_path / "page.html", pictures=False).page
    page = opened(file)
    known = set(page.locator("#known option").evaluate_all("all => all.map(one => one.value)"))
    absent = next(f"c{i}" for i in range(3000) if f"c{i}" not in known)
    page.locator("#wanted").fill(absent)
    page.locator("#find-one").click()
    said = f"{absent} isn't in the sample of this page; mallard.explain tells of anybody."
    assert page.locator("#found").inner_text() == said
    # Who is near a border is known, even if the sample doesn't have them.
    assert {row["id"] for row in read_report_data(database).near_border} <= known
    assert file.stat().st_size < 1.5e6


def test_a_reader_compares_two_segments(shop: Any, shop_page: Path, opened: Opened) -> None:
    _, values, labels = shop
    page = opened(shop_page)
    page.locator("#first").select_option("3")
    page.locator("#second").select_option("1")
    rows = {row.split("\t")[0]: row.split("\t")[1:] for row in page.locator("#differences tbody tr").all_inner_texts()}
    pair = [values[labels == one, 0] for one in (2, 0)]
    pooled = np.sqrt(sum(len(one) * one.var() for one in pair) / (sum(map(len, pair)) - 2))
    d = (pair[0].mean() - pair[1].mean()) / pooled
    assert rows["income"][-1].split("(")[1] == f"d = {d:.2f})".replace("-", "\N{MINUS SIGN}")
    assert rows.keys() == {"income", "orders", "country"}
    assert "<i>DE" in rows["country"][0] or "PL" in rows["country"][0]
    page.locator("#second").select_option("3")
    assert page.locator("#differences").inner_text() == "Choose two segments."


def test_effect_sizes() -> None:
    """Cohen's d by the t-test, the correlation and chi-squared by scipy, the correction of V by hand."""
    rng = np.random.default_rng(0)
    one, other = rng.normal(1, 2, 40), rng.normal(0, 1, 25)
    found = cohens_d(*np.array([[len(of), of.mean(), of.std()] for of in (one, other)]).T)
    assert found is not None
    assert found[0] == pytest.approx(ttest_ind(one, other).statistic * np.sqrt(1 / 40 + 1 / 25))
    is_one = np.repeat([1, 0], [40, 25])
    assert found[1] == pytest.approx(abs(pointbiserialr(is_one, np.concatenate([one, other])).statistic))
    counts = np.array([[20.0, 5.0], [10.0, 12.0], [8.0, 9.0], [0.0, 0.0]])
    n = counts.sum()
    phi = chi2_contingency(counts[:3], correction=False).statistic / n
    corrected = max(0, phi - 2 / (n - 1)) / min(2 - 4 / (n - 1), 1 - 1 / (n - 1))
    assert cramers_v(counts) == pytest.approx(np.sqrt(corrected))
    assert cohens_d(*np.array([[5.0, 1.0, 0.0], [5.0, 1.0, 0.0]]).T) is None
    assert cramers_v(np.array([[5.0, 5.0]])) is None


def test_rules_are_a_tree(shop_page: Path, opened: Opened) -> None:
    page = opened(shop_page)
    assert page.locator(".tree > ul > li").count() == 2
    assert page.locator(".tree > ul > li > ul > li").all_inner_texts()[0].startswith("a <b>")
    leaves = page.locator(".tree .leaf").all_inner_texts()
    assert leaves == [f"segment {i}, {name}" for i, name in enumerate(NAMES, 1)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(shop_page: Path, opened: Opened, scheme: str) -> None:
    page = opened(shop_page, scheme=scheme, width=390)
    page.locator("#wanted").fill("c7")
    page.locator("#find-one").click()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    found = Axe().run(page)["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_what_is_hidden_is_not_told(shop: Any, opened: Opened, tmp_path: Path) -> None:
    file, *_ = shop

    def page_with(**options: Any) -> Page:
        page = tmp_path / "page.html"
        return opened(write_report(file, page, pictures=False, disclosure=Disclosure(**options)).page)

    without_ids = page_with(ids=False)
    assert without_ids.locator("#wanted").count() == 0
    assert without_ids.evaluate("facts.finder") is None
    assert "this page has no ids of customers" in without_ids.inner_text("main")
    assert "how sure" in without_ids.locator("#border thead").inner_text()
    aggregated = page_with(ids=False, rows=False, suppress_below=5)
    assert aggregated.evaluate("facts.finder") is None
    assert "There is no finder, because this page has no row" in aggregated.inner_text("main")
    assert aggregated.locator("#differences tbody tr").count() > 0


def test_few_customers_are_not_told_of(tmp_path: Path) -> None:
    """A small segment, so another one is hidden too, and a text that few have."""
    labels = np.repeat([0, 1, 2, 3], [120, 90, 3, 40])
    values = groups(253, 2, 3)[0] + 20 * labels[:, None]
    columns = {"rare": ["few" if i < 3 else "many" for i in range(253)], "age": (labels + np.arange(253) % 7) * 1.0}
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], list("wxyz"), columns=columns)
    shown = read_report_data(database)
    assert shown.differences is not None
    assert {column.label for column in shown.differences.columns} == {"a", "b", "rare", "age"}
    data = read_report_data(database, disclosure=Disclosure(suppress_below=5))
    assert data.explanations is None
    assert data.differences is not None
    assert data.differences.pairs.keys() == {(1, 2)}
    assert "rare" not in {column.label for column in data.differences.columns}
