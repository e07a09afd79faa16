"""Where rows are products, nothing on the page, in its script or in its pictures speaks of customers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from database import border, groups, make_database
from history import add_history, build, drift, fate, flow, flows
from playwright.sync_api import Page

from mallard.cli import main

Opened = Callable[..., Page]
PEOPLE = re.compile(r"\b(customers?|people|person|who|whom|whose)\b", re.IGNORECASE)
"""Words for somebody."""
SLICES = {"n_groups": 1, "verdict": "constructive", "is_natural": False, "verdict_reason": "A test."}


def _database(folder: Path, entity: str, sizes: list[int] | None = None) -> Path:
    sizes = sizes or [120, 90, 60, 30]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = groups(len(labels), 3, 1)[0] + 4 * labels[:, None]
    database = make_database(
        folder / "people.duckdb",
        values,
        labels,
        ["price", "units", "returns"],
        [f"name{i}" for i in range(len(sizes))],
        ids=[f"p{i}" for i in range(len(labels))],
        found=SLICES,
        borders=[border(1, 2, depth=1.2, significance=-1.0, is_separate=False), border(2, 3), border(3, 4, depth=0.01)],
        worth=("turnover", values[:, 0] + 20),
        columns={"turnover": values[:, 0] + 20, "shelf": np.where(labels > 1, "top", "low")},
    )
    with duckdb.connect(database) as connection:
        connection.execute(f"update people__metrics set entity = '{entity}'")
        connection.execute("alter table people rename customer to product_id")
        connection.execute(
            "update people set segment_id = null, assignment_status = 'excluded', status_reason = 'no price' "
            "where product_id in ('p0', 'p1')"
        )
    moved = {(1, 1): 100, (1, 2): 20, (2, 2): 90, (3, 3): 60, (4, 4): 30}
    coming = [flow("behaviour", "joined", None, 1, 9), flow("behaviour", "left", 2, None, 8)]
    inside = {"segment_id": 1, "segment_name": "name0"}
    return add_history(
        database,
        builds=[build(version=2, is_fit=True, reason="a test", n_joined=9, n_left=8, n_moved=20)],
        transitions=[*flows("behaviour", moved), *coming, *flows("redefinition", moved)],
        lineage=[fate(2, 1, "name0", "survived", 1), fate(2, 9, "old", "vanished", None)],
        drift=[
            *(drift(measure, 1.2) for measure in ("means", "spread", "shares", "psi")),
            *(drift(measure, 1.2, **inside) for measure in ("share", "mean distance", "far")),
            *(drift(measure, 1.2, **inside, feature="price") for measure in ("mean", "spread")),
        ],
    )


def _everything(page: Page) -> str:
    """All that the page shows or reads out: texts, labels, tooltips."""
    page.evaluate("document.querySelectorAll('details:not(#licences)').forEach(details => details.open = true)")
    names = page.locator("[aria-label]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    texts = page.locator("svg text").all_text_contents()
    shown: list[str] = []
    for chart in ("value", "scatter", "heat-map", "silhouettes", "border-1-2", "divisions", "flows-behaviour"):
        marks = page.locator(f"#{chart} .role-mark path")
        if marks.count():
            marks.nth(marks.count() // 2).hover(force=True)
            page.wait_for_timeout(100)
            shown += page.locator("#vg-tooltip-element").all_inner_texts()
    assert len(shown) >= 3
    return "\n".join([page.inner_text("body"), *names, *texts, *shown])


@pytest.mark.parametrize("options", [[], ["--no-ids"], ["--aggregate"], ["--suppress-below", "70"]])
def test_nothing_says_customers(tmp_path: Path, opened: Opened, options: list[str]) -> None:
    database = _database(tmp_path, "product")
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html"), *options])
    assert result.exit_code == 0, result.output
    said = result.output.splitlines()[-1]
    page = opened(tmp_path / "page.html")
    page.locator("#only").select_option(index=1)
    page.wait_for_function("picked.segment")
    shown = _everything(page)
    for text in (said, shown, *(file.read_text("utf-8") for file in (tmp_path / "page").glob("*.svg"))):
        # The table is called so here, and values may be of somebody.
        others = text.replace("People", "").replace("Values can identify a person, too.", "")
        assert PEOPLE.findall(others) == []
    assert "products" in shown
    assert "products in the charts are selected" in shown
    assert "298 products in 4 segments" in shown


def test_the_file_for_spreadsheets_is_called_after_the_rows(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, "spare part")
    CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html"), "--no-pictures"])
    page = opened(tmp_path / "page.html")
    with page.expect_download() as download:
        page.locator("#csv").click()
    assert download.value.suggested_filename == "spare_parts_near_a_border.csv"
    assert page.evaluate("facts.border[0][0]") == "spare part"


def test_one_row_is_called_by_the_singular(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, "company", [120, 1])
    CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html"), "--no-pictures"])
    cards = opened(tmp_path / "page.html").locator(".card").all_inner_texts()
    assert "120 companies. " in cards[0]
    assert "1 company. " in cards[1]


def test_a_name_that_means_something_to_the_charts_does_no_harm(tmp_path: Path, opened: Opened) -> None:
    for options in ([], ["--aggregate"]):
        folder = tmp_path / f"{len(options)}"
        folder.mkdir()
        database = _database(folder, "constructor")
        result = CliRunner().invoke(main, ["report", str(database), "-o", str(folder / "page.html"), *options])
        assert result.exit_code == 0, result.output
        assert "can't be drawn" not in result.output
        assert opened(folder / "page.html").locator(".failure").count() == 0


@pytest.mark.parametrize("entity", ["</script>", "a' + hack() + '", "", "datum.f0"])
def test_a_name_that_is_no_word_is_refused_in_one_line(tmp_path: Path, entity: str) -> None:
    database = _database(tmp_path, entity.replace("'", "''"))
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html")])
    assert result.exit_code == 1
    assert result.output.startswith(
        f"Error: mallard: the metrics of people, entity {entity!r}: give a word in the singular"
    )
    assert len(result.output.splitlines()) == 1
