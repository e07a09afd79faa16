"""A browser to look at pages with, and pages of the sample."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from once import made_once
from playwright.sync_api import Browser, Page, sync_playwright
from sample import Project

from mallard.report.write import write_report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium here to look at the page with")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page and wait until it is drawn; what the browser complains of is an error."""
    with ExitStack() as contexts:

        def open_page(page_file: Path, width: int = 1280, scheme: str = "light") -> Page:
            context = contexts.enter_context(
                browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
                )  # type: ignore[arg-type]
            )
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(page_file.as_uri())
            page.wait_for_selector("body[data-drawn]", timeout=30_000)
            assert complaints == []
            return page

        yield open_page


@pytest.fixture(scope="session")
def sample(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample, built and published, with the report of what is published beside it."""
    return Project(made_once(tmp_path_factory, "reported_sample", lambda folder: _write_report(built_once, folder)))


@pytest.fixture(scope="session")
def sample_page(sample: Project) -> Path:
    """The report of the sample, with its pictures beside it."""
    return sample.path / "published" / "segments.html"


def _write_report(built: Project, folder: Path) -> None:
    shutil.copytree(built.path, folder, dirs_exist_ok=True)
    write_report(folder / "published" / "mallard.duckdb", folder / "published" / "segments.html")
