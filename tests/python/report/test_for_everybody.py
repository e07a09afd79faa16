"""The page for those who see little or nothing, use a keyboard, or have a phone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from database import groups, make_database
from playwright.sync_api import Page

from mallard.report.charts import DEVIATIONS, KINDS
from mallard.report.encodings import COLORS, MEAN
from mallard.report.value_chart import SHARES
from mallard.report.write import write_report

Opened = Callable[..., Page]
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def wide_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with all that there is, of 16 features and 12 segments with long names."""
    values, labels = groups(600, 16, 12)
    features = [f"usage_of_the_feature_number_{i}" for i in range(16)]
    names = [f"high usage of the feature number {i}, low usage of {i + 1}" for i in range(12)]
    folder = tmp_path_factory.mktemp("wide")
    database = make_database(
        folder / "people.duckdb",
        values,
        labels,
        features,
        names,
        scales={features[0]: ("asinh+standard", 1.0)},
        worth=("revenue", np.arange(600) ** 2),
        columns={"country": np.array(["a country with a long name", "PL", "FR"])[labels % 3], "age": labels * 2.5},
    )
    return write_report(database, folder / "page.html", pictures=False).page


def _light(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def _contrast(first: str, second: str) -> float:
    low, high = sorted((_light(first), _light(second)))
    return (high + 0.05) / (low + 0.05)


def _variables(page: Page) -> dict[str, str]:
    names = ["text", "quiet", "page", "raised", "accent"]
    style = "getComputedStyle(document.documentElement).getPropertyValue"
    return {
        name: page.evaluate(f"{style.replace('getPropertyValue', '')}getPropertyValue('--{name}')") for name in names
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_and_marks_stand_out_from_the_page(wide_page: Path, opened: Opened, scheme: str) -> None:
    page = opened(wide_page, scheme=scheme)
    of = _variables(page)
    for text, behind in product(("text", "quiet", "accent"), ("page", "raised")):
        assert _contrast(of[text], of[behind]) >= 4.5, (text, behind)
    marks = [*COLORS, *SHARES, MEAN, *(color for color, _, _ in KINDS.values())]
    for mark, behind in product(marks, ("page", "raised")):
        assert _contrast(mark, of[behind]) >= 3, (mark, behind)
    assert all(_contrast("#000000", color) >= 4.5 for color in DEVIATIONS)
    drawn = page.locator("svg .role-axis-label text, svg .role-axis-title text, svg .role-legend-label text")
    for fill in set(drawn.evaluate_all("all => all.map(text => text.getAttribute('fill'))")):
        assert _contrast(fill, of["page"]) >= 4.5
    beside_bars = page.locator("#value .mark-text.role-mark text").evaluate_all(
        "all => all.map(t => t.getAttribute('fill'))"
    )
    assert len(beside_bars) == 24
    assert all(_contrast(fill, of["page"]) >= 4.5 for fill in beside_bars)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_on_a_page_with_all_that_there_is(
    wide_page: Path, opened: Opened, scheme: str
) -> None:
    page = opened(wide_page, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    serious = [
        (finding["id"], finding["nodes"][0]["html"])
        for finding in Axe().run(page)["violations"]
        if finding["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_every_chart_has_a_name_a_description_and_a_table(wide_page: Path, opened: Opened) -> None:
    page = opened(wide_page)
    charts = page.locator(".chart").all()
    assert len(charts) == 7 + 6
    for chart in charts:
        assert chart.get_attribute("aria-label")
        described_by = chart.get_attribute("aria-describedby")
        assert len(page.locator(f"#{described_by}").inner_text()) > 30
    for section in page.locator("section", has=page.locator(".chart")).all():
        assert section.locator("details table").count() >= 1
    names = [chart.get_attribute("aria-label") for chart in charts]
    assert len(set(names)) == len(names)


def test_headings_go_down_one_level_at_a_time(wide_page: Path, opened: Opened) -> None:
    levels = opened(wide_page).locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_focus_goes_down_the_page(wide_page: Path, opened: Opened) -> None:
    page = opened(wide_page)
    places = []
    for _ in range(12):
        page.keyboard.press("Tab")
        places.append(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert places == sorted(places)
    assert len(set(places)) > 5


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_the_page_is_as_wide_as_the_screen_and_charts_can_be_read(
    wide_page: Path, opened: Opened, width: int
) -> None:
    page = opened(wide_page, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    cell = page.locator("#heat-map .mark-rect.role-mark path").first.bounding_box()
    assert cell is not None
    assert cell["width"] >= 30
    heat_map = page.locator("#heat-map")
    assert heat_map.evaluate("chart => chart.scrollWidth > chart.clientWidth && chart.tabIndex === 0")
    frame = page.locator("#scatter .mark-group.role-frame > g > path.background").first.bounding_box()
    assert frame is not None
    assert frame["width"] >= width / 2
    bars = page.locator("#value .mark-group.role-frame > g > path.background").first.bounding_box()
    assert bars is not None
    assert bars["width"] >= width / 2.5
