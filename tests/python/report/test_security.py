"""The page runs its own scripts and nothing else, whatever Vega would let a text do, and says whose programs it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
import vl_convert
from playwright.sync_api import Browser, Page

Opened = Callable[..., Page]


def _policy(file: Path) -> str:
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', file.read_text("utf-8"))
    return unescape(policy)


def test_the_policy_allows_what_is_in_the_page_and_nothing_else(sample_page: Path) -> None:
    rules = {name: values for name, *values in (rule.split() for rule in _policy(sample_page).split("; "))}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert len(rules["script-src"]) == 2
    assert len(rules["style-src"]) == 1
    assert all(value.startswith("'sha256-") for value in rules["script-src"] + rules["style-src"])
    assert rules.keys() == {"default-src", "script-src", "style-src", "base-uri", "form-action"}


@pytest.mark.parametrize(
    "injected",
    [
        "<script>window.hacked = 1</script>",
        "<img src=x onerror='window.hacked = 1'>",
        "<svg onload='window.hacked = 1'></svg>",
        "<iframe srcdoc='<script>parent.hacked = 1</script>'></iframe>",
        "<script src='data:text/javascript,window.hacked = 1'></script>",
        "<a id=link href='javascript:window.hacked = 1'>x</a>",
    ],
)
def test_what_somebody_adds_to_the_page_does_not_run_and_the_rest_does(
    sample_page: Path, tmp_path: Path, browser: Browser, injected: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(sample_page.read_text("utf-8").replace("<main>", f"<main>{injected}"), "utf-8")
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-drawn]")
    if page.locator("#link").count():
        page.locator("#link").click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#scatter .mark-symbol.role-mark path").count() == 205
    page.locator("#scatter").scroll_into_view_if_needed()
    box = page.locator("#scatter .mark-group.role-frame > g > path.background").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function("picked.x && picked.y")
    page.context.close()


def test_no_text_becomes_a_script(sample_page: Path, opened: Opened) -> None:
    """What the published holes of Vega end in: an expression reaches something that compiles a text."""
    page = opened(sample_page)
    for code in ("Function('return 1')()", "(0, eval)('1')", "[].constructor.constructor('return 1')()"):
        # Later, because Playwright may evaluate while its own call lasts.
        said = page.evaluate(
            "() => new Promise(resolve => setTimeout(() => {"
            f" try {{ resolve({code}) }} catch (error) {{ resolve(error.name) }} }}))"
        )
        assert said == "EvalError"


def test_the_charts_are_drawn_without_compiling_expressions(sample_page: Path) -> None:
    assert "'unsafe-eval'" not in _policy(sample_page)
    assert "'unsafe-inline'" not in _policy(sample_page)
    assert "ast: true" in sample_page.read_text("utf-8")


def test_the_bundled_vega_is_not_older_than_its_fixes() -> None:
    """6.2.0 is the first of Vega 6 that mends CVE-2025-59840, and all that were published before.

    It comes with vega-functions 6.1.0, vega-selections 6.1.0 and vega-interpreter 2.0.0, and newer ones were mended
    since (CVE-2025-66648, CVE-2025-65110): so the page forbids to compile texts, which the tests above assert.
    """
    assert _numbers(vl_convert.get_vega_version()) >= (6, 2, 0)
    assert _numbers(vl_convert.get_vega_embed_version()) >= (7, 0, 2)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_whose_programs_the_page_has_is_said_in_it(sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    licences = page.locator("#licences")
    licences.locator("summary").click()
    text = " ".join(licences.locator("pre").inner_text().split())
    for holder in (
        "University of Washington Interactive Data Lab",
        "Trifacta Inc.",
        "Mike Bostock",
        "Mapbox",
        "Isaac Z. Schlueter",
        "Joachim Wester",
        "Evgeny Poberezkin",
        "Simon Lydell",
        "Charles Karney",
        "Cynthia Brewer",
    ):
        assert holder in text
    for part in (
        "Redistributions in binary form must reproduce the above copyright notice, this list of conditions",
        "Neither the name of the copyright holder nor the names of its contributors may be used",
        "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee",
        "The above copyright notice and this permission notice shall be included in all copies",
        "http://www.apache.org/licenses/LICENSE-2.0",
    ):
        assert part in text
