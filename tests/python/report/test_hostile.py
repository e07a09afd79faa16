"""Names that some layer could take for something else are shown as text, and nothing runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert
from click.testing import CliRunner
from database import groups, make_database
from history import FIRST, add_history, build, drift, fate, flow, flows
from hostile import NAMES, VALUES
from playwright.sync_api import Page

from mallard.cli import main
from mallard.labels import distinct, plain
from mallard.report import charts
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.vega import VEGA_LITE
from mallard.report.write import PICTURES, write_report

Opened = Callable[..., Page]
SVG_TEXT = "{http://www.w3.org/2000/svg}text"
PER_PAGE = 8
CHUNKS = [list(VALUES)[i : i + PER_PAGE] for i in range(0, len(VALUES), PER_PAGE)]


def _database(folder: Path, names: list[str]) -> Path:
    """Hostile names as columns, segments, ids, the value column and texts of another column."""
    n = len(names)
    values, labels = groups(40 * n, n, n)
    columns = [NAMES.get(name, name) for name in names]
    texts = [VALUES[name] for name in names]
    ids = [f"{texts[i % n]}{i}" for i in range(len(values))]
    database = make_database(
        folder / "people.duckdb",
        values,
        labels,
        columns,
        texts,
        ids,
        worth=(texts[0], 1.0 + labels),
        columns={"note": [texts[label] for label in labels]},
    )
    gone = [flow("redefinition", "moved", n + 1 + i, 1, 50, from_segment_name=text) for i, text in enumerate(texts)]
    return add_history(
        database,
        builds=[build(version=2, is_fit=True, reason=texts[0])],
        versions=[{"version": 2, "fitted_at": FIRST, "reason": texts[0]}],
        transitions=[*flows("redefinition", {(i, i): 40 for i in range(1, n + 1)}), *gone],
        lineage=[fate(2, n + 1 + i, text, "merged", 1) for i, text in enumerate(texts)],
        drift=[drift("feature mean", 0.2, feature=column) for column in columns],
    )


@pytest.mark.parametrize("names", CHUNKS, ids=lambda names: f"{names[0]} to {names[-1]}")
@pytest.mark.parametrize("rows", [True, False], ids=["with rows", "aggregated"])
def test_the_page_shows_them_and_runs_nothing(tmp_path: Path, opened: Opened, names: list[str], rows: bool) -> None:
    database = _database(tmp_path, names)
    file = write_report(database, tmp_path / "page.html", pictures=False, disclosure=Disclosure(rows=rows)).page
    page = opened(file)
    texts = [VALUES[name] for name in names]
    features = distinct(_shown_label(NAMES.get(name, name)) for name in names)
    segments = [f"{i} {plain(VALUES[name])}" for i, name in enumerate(names, 1)]
    assert page.locator(".failure").count() == 0
    value = _collapsed(plain(texts[0])) or "value"
    assert page.locator("h2").first.inner_text() == f"Where the {_short(value)} comes from"
    assert page.locator("#value .mark-rect.role-mark path").count() == 2 * len(names)
    assert page.locator(".card h3").all_inner_texts() == [
        f"{i}. {_collapsed(plain(VALUES[name]))}".strip() for i, name in enumerate(names, 1)
    ]
    marks = page.locator("#scatter .mark-symbol.role-mark path").count()
    assert marks == len(names) * 41 if rows else marks > 2 * len(names)
    assert page.locator("#heat-map .mark-rect.role-mark path").count() == len(names) ** 2
    axis = page.locator("#heat-map .role-axis-label text").all_text_contents()
    assert [_cut(label) for label in axis] == [_cut(label) for label in features + segments]
    legend = page.locator("#scatter .role-legend-label text").all_text_contents()
    assert [_cut(label) for label in legend[: len(names)]] == [_cut(label) for label in segments]
    titles = page.locator("#scatter .role-axis-title text").all_text_contents()
    assert {_cut(title) for title in titles} <= {_cut(label) for label in features}
    before = page.locator("#flows-redefinition .role-axis-label text").all_text_contents()
    assert len(before) == 3 * len(names)
    if rows:
        assert [_cut(label) for label in before[-len(names) :]] == [
            _cut(f"{i} {_short(plain(VALUES[name])) or '(no name)'}") for i, name in enumerate(names, len(names) + 1)
        ]
    assert page.locator("#silhouettes .mark-rect.role-mark path").count() > 0
    assert _hovered(page)
    if rows:
        page.locator("#wanted").fill(_collapsed(f"{texts[0]}0"))
        page.locator("#find-one").click()
        assert "is in segment" in page.locator("#found").inner_text()
        assert page.locator("#differences tbody tr").count() > 0
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, b").count() == 0
    if rows:
        with page.expect_download() as download:
            page.locator("#csv").click()
        lines = csv.reader(io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig"), newline=""))
        headings = next(lines)[6:]
        assert [heading.lstrip("'") for heading in headings] == [NAMES.get(name, name).lstrip("'") for name in names]


def _hovered(page: Page) -> str:
    """The tooltip of a customer."""
    page.locator("#scatter").scroll_into_view_if_needed()
    page.locator("#scatter .mark-symbol.role-mark path").first.hover(force=True)
    page.wait_for_selector("#vg-tooltip-element.visible")
    return page.locator("#vg-tooltip-element").inner_text()


def _shown_label(name: str) -> str:
    return _short(plain(name.replace("_", " ")))


def _short(label: str) -> str:
    return label if len(label) <= 100 else f"{label[:100]}…"


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _cut(label: str) -> str:
    """The beginning of a label, because charts cut long ones."""
    return _collapsed(label.rstrip("…"))[:12]


@pytest.mark.parametrize("names", CHUNKS, ids=lambda names: f"{names[0]} to {names[-1]}")
def test_pictures_and_summary_show_them(tmp_path: Path, names: list[str]) -> None:
    database = _database(tmp_path, names)
    result = CliRunner().invoke(main, ["report", str(database), "-o", str(tmp_path / "page.html")])
    assert result.exit_code == 0, result.output
    assert "can't be drawn" not in result.output
    for picture in sorted(set(PICTURES) - {"algorithms"}):  # there is no such table
        assert (tmp_path / "page" / f"{picture}.png").stat().st_size > 5000
        ElementTree.parse(tmp_path / "page" / f"{picture}.svg")
    texts = [
        _cut("".join(text.itertext())) for text in ElementTree.parse(tmp_path / "page" / "profiles.svg").iter(SVG_TEXT)
    ]
    for name in names:
        assert _cut(_shown_label(NAMES.get(name, name))) in texts
    data = read_report_data(database)
    for feature in data.features:
        drawn = vl_convert.vegalite_to_svg(charts.scatter_plot(data, x=feature.key).to_dict(), vl_version=VEGA_LITE)
        titles = {_cut("".join(text.itertext())) for text in ElementTree.fromstring(drawn).iter(SVG_TEXT)}
        assert _cut(feature.label) in titles
    result = CliRunner().invoke(main, ["summary", str(database)], env={"COLUMNS": "2000"})
    assert result.exit_code == 0, result.output
    for i, name in enumerate(names, 1):
        assert any(
            line.startswith(f"{i} ") and _collapsed(plain(VALUES[name]))[:12] in _collapsed(line)
            for line in result.output.splitlines()
        ), name
    assert "\x1b" not in result.output
    assert "\x07" not in result.output


def test_labels_are_on_one_line_and_have_no_character_that_is_no_text() -> None:
    assert plain("two\nlines\u2028or\x1b[31m\u202emore\x00\uffff\ud800") == "two lines or�[31m�more���"
    assert plain("👩\u200d🚀 עברית") == "👩\u200d🚀 עברית"
    assert distinct(["a", "a", "a (2)", "b", "a"]) == ["a", "a (2)", "a (2) (2)", "b", "a (3)"]


def test_a_chart_that_cannot_be_drawn_says_so(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(60, 2, 3)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["x", "y", "z"])
    file = write_report(database, tmp_path / "page.html", pictures=False).page
    before, rest = file.read_text("utf-8").split('id="facts">')
    text, after = rest.split("</script>", 1)
    facts = json.loads(text)
    facts["specs"]["scatter"]["layer"][0]["mark"] = "nothing"
    file.write_text(f'{before}id="facts">{json.dumps(facts)}</script>{after}', "utf-8")
    page = opened(file)
    assert page.locator("#scatter .failure").inner_text().startswith("This chart can't be drawn: ")
    assert page.locator("#heat-map .mark-rect.role-mark path").count() == 6


def test_values_that_are_no_numbers_leave_gaps(tmp_path: Path, opened: Opened) -> None:
    import duckdb

    values, labels = groups(60, 3, 3)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b", "c"], ["x", "y", "z"])
    with duckdb.connect(database) as connection:
        connection.execute("update people set a = 'nan' where customer = 'c1'")
        connection.execute("update people set a = 'inf', second_segment_id = 99 where customer = 'c2'")
        connection.execute("update people__metrics set inertia = 'inf' where n_clusters = 1")
        connection.execute("update people__profiles set mean = 'nan', z_score = 'nan' where feature = 'b'")
    page = opened(write_report(database, tmp_path / "page.html")[0])
    assert page.locator("#silhouettes .mark-rect.role-mark path").count() == 58
    assert np.isfinite(page.evaluate("customers.map(row => row.f0 ?? 0)")).all()
