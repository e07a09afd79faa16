"""The report as people see it, in a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from database import groups, make_database
from playwright.sync_api import Page
from sample import Project

from mallard.report.write import write_report

MAX_BYTES = 1_500_000
Opened = Callable[..., Page]


def _customers(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("customers")
    return found


def test_the_page_is_one_small_file_that_asks_for_nothing(sample_page: Path, opened: Opened) -> None:
    assert sample_page.stat().st_size < MAX_BYTES
    page = opened(sample_page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.reload()
    page.wait_for_selector("body[data-drawn]")
    assert requests == [sample_page.as_uri()]
    assert "//" not in page.locator("script[src], link[href], img[src]").evaluate_all("all => all.length").__str__()


def test_it_says_how_many_customers_and_segments_there_are_why_and_since_when(
    sample: Project, sample_page: Path, opened: Opened
) -> None:
    page = opened(sample_page)
    [(reason,)] = sample.query("select selection_reason from cluster_metrics where is_selected")
    lead = page.locator(".lead").inner_text()
    assert lead.startswith("200 customers in 5 segments, built on ")
    assert page.locator("#about-number").inner_text().startswith(reason)
    assert page.title() == "Segments: customer_segments"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").all_inner_texts() == ["Customer segments"]
    assert len(page.locator("h2").all()) == 10


def test_every_segment_has_a_card_with_its_figures(sample: Project, sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    profiles = sample.query(
        "select segment_id, segment_name, n_customers, share, avg_annual_income, avg_spending_score "
        "from segment_profiles order by segment_id"
    )
    cards = page.locator(".card").all_inner_texts()
    assert len(cards) == 5
    for card, (segment, name, n_customers, share, income, score) in zip(cards, profiles, strict=True):
        assert f"{segment}. {name}" in card
        assert f"{n_customers} customers, {share:.1%}" in card
        assert f"income\t{income:.1f}\t" in card
        assert f"spending\t{score:.1f}\t" in card
        assert "Suggestion: " in card
    assert "spending: low, mean 17.1 against 50.2 (-1.3)" in cards[4]
    assert "income: high, mean 88.2 against 60.6 (+1.1)" in cards[4]
    assert "Ask why they don't buy more; they could afford it." in cards[4]
    assert "No feature is far from the average." in cards[2]


def test_the_charts_show_what_the_tables_say(sample: Project, sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    shown = {(int(row["id"]), row["segment"], row["f0"], row["f1"]) for row in _customers(page)}
    assert shown == set(
        sample.query("select customer_id, segment_id, annual_income, spending_score from customer_segments")
    )
    marks = page.locator("#scatter .mark-symbol.role-mark path")
    assert marks.count() == 200 + 5
    curve = page.evaluate("facts.named[facts.specs.elbow.data.name]")
    assert [(row["k"], row["inertia"], row["kind"]) for row in curve] == [
        (k, pytest.approx(inertia, rel=1e-5), "chosen, every border a valley" if k == 5 else "tried")
        for k, inertia in sample.query("select n_clusters, inertia from cluster_metrics order by 1")
    ]
    assert page.locator("#heat-map .mark-rect.role-mark path").count() == 10
    cells = page.locator("#heat-map .mark-text.role-mark text").all_text_contents()
    expected = sample.query("select z_score from customer_segments__profiles order by segment_id, feature")
    assert sorted(float(cell.replace("\N{MINUS SIGN}", "-")) for cell in cells) == pytest.approx(
        sorted(z for (z,) in expected), abs=0.051
    )
    assert page.locator("#silhouettes .mark-rect.role-mark path").count() == 200


def test_silhouettes_are_those_of_scikit_learn(sample: Project, sample_page: Path, opened: Opened) -> None:
    from sklearn.metrics import silhouette_samples

    customers = _customers(opened(sample_page))
    values = np.array([[row["f0"], row["f1"]] for row in customers])
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    expected = silhouette_samples(scaled, [row["segment"] for row in customers])
    np.testing.assert_allclose([row["silhouette"] for row in customers], expected, rtol=1e-5)
    [(silhouette,)] = sample.query("select silhouette from cluster_metrics where is_selected")
    assert np.mean(expected) == pytest.approx(silhouette)


def _brush(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Drag over a part of the plot, in shares of its width and height."""
    box = page.locator("#scatter .mark-group.role-frame > g > path.background").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function("picked.x && picked.y")


def test_dragging_picks_customers_everywhere_in_the_page(sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    page.locator("#scatter").scroll_into_view_if_needed()
    _brush(page, 0.02, 0.02, 0.4, 0.5)
    picked = page.evaluate("picked")
    inside = [
        row
        for row in _customers(page)
        if picked["x0"] <= row["f0"] <= picked["x1"] and picked["y0"] <= row["f1"] <= picked["y1"]
    ]
    assert 10 < len(inside) < 100
    assert page.locator("#picked").inner_text() == f"{len(inside)} of 200 customers in the charts are selected."
    for segment in range(1, 6):
        n_picked = sum(row["segment"] == segment for row in inside)
        assert page.locator(f"[data-picked-of='{segment}']").inner_text() == f"{n_picked} selected in the charts"
    rows = {row.locator("th").inner_text() for row in page.locator("#border tbody tr:visible").all()}
    assert rows == {row[0] for row in page.evaluate("facts.border.slice(1, 21)")} & {row["id"] for row in inside}
    page.wait_for_timeout(300)
    opacities = page.locator("#silhouettes .mark-rect.role-mark path").evaluate_all(
        "all => all.map(path => Number(path.getAttribute('opacity') ?? path.style.opacity))"
    )
    assert sum(opacity > 0.5 for opacity in opacities) == len(inside)
    page.locator("#clear").click()
    page.wait_for_function("!picked.x")
    assert page.locator("#picked").inner_text() == "No selection: all customers are shown."
    assert page.locator("#border tbody tr:visible").count() == 20


def test_a_segment_can_be_picked_by_keyboard(sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    page.locator("#only").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("picked.segment === 2")
    assert page.locator("#picked").inner_text() == "23 of 200 customers in the charts are selected."
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "clear"
    page.keyboard.press("Enter")
    page.wait_for_function("!picked.segment")


def test_the_customers_near_a_border_can_be_saved(sample: Project, sample_page: Path, opened: Opened) -> None:
    page = opened(sample_page)
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    found = [
        (int(row["customer"]), row["segment"], float(row["confidence"])) for row in csv.DictReader(io.StringIO(text))
    ]
    assert found == sample.query(
        "select customer_id, segment_name, confidence from customer_segments "
        "order by confidence, cast(customer_id as varchar) limit 100"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(sample_page: Path, opened: Opened, scheme: str) -> None:
    page = opened(sample_page, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    found = Axe().run(page)["violations"]
    serious = [
        (finding["id"], finding["nodes"][0]["html"])
        for finding in found
        if finding["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(sample_page: Path, opened: Opened, width: int) -> None:
    page = opened(sample_page, width=width)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.locator("#scatter svg").evaluate("svg => svg.getBoundingClientRect().right") <= width


def test_a_dark_page_has_light_letters_in_its_charts(sample_page: Path, opened: Opened) -> None:
    fills = {
        scheme: opened(sample_page, scheme=scheme).locator("#elbow .role-axis-title text").first.get_attribute("fill")
        for scheme in ("light", "dark")
    }
    assert fills == {"light": "#1b1b1b", "dark": "#ececec"}


HOSTILE = "<script>window.hacked = 1</script>"


def test_no_text_from_the_data_becomes_part_of_the_page(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(60, 2, 3)
    names = [HOSTILE, "</script><img src=x onerror='window.hacked = 1'>", "\"'&{{ 1 + 1 }}"]
    ids = [f'"><b onmouseover="window.hacked = 1">{i}' for i in range(59)] + ["=cmd|' /C calc'!A0"]
    database = make_database(tmp_path / "people.duckdb", values, labels, [f"a {HOSTILE}", 'b"]; [x.y'], names, ids)
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert [
        heading.removeprefix(f"{i}. ") for i, heading in enumerate(page.locator(".card h3").all_inner_texts(), 1)
    ] == names
    assert page.locator("img, b").count() == 0
    assert page.locator("#scatter .mark-symbol.role-mark path").count() == 60 + 3
    legend = page.locator("#scatter .role-legend-label text").all_text_contents()
    assert any(HOSTILE[:20] in label for label in legend)
    with page.expect_download() as download:
        page.locator("#csv").click()
    saved = [row["customer"] for row in csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))]
    assert sorted(saved) == sorted([*ids[:-1], "'" + ids[-1]])


def test_of_many_features_any_two_and_the_principal_components_can_be_looked_at(tmp_path: Path, opened: Opened) -> None:
    from sklearn.decomposition import PCA

    values, labels = groups(300, 5, 4)
    database = make_database(tmp_path / "people.duckdb", values, labels, list("abcde"), list("wxyz"))
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    horizontal, vertical = page.locator("select[data-axis='x']"), page.locator("select[data-axis='y']")
    offered = horizontal.locator("option").all_inner_texts()
    assert offered == [*"abcde", "first principal component", "second principal component"]
    horizontal.select_option("p0")
    vertical.select_option("p1")
    page.wait_for_function("facts.specs.scatter.layer[2].encoding.y.field === 'p1'")
    page.wait_for_selector("#scatter .role-axis-title text:has-text('second principal component')")
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    plane = PCA(2, svd_solver="full").fit(scaled)
    by_id = {row["id"]: row for row in _customers(page)}
    places = np.array([[by_id[f"c{i}"]["p0"], by_id[f"c{i}"]["p1"]] for i in range(300)])
    np.testing.assert_allclose(np.abs(places), np.abs(plane.transform(scaled)), atol=1e-4)
    caption = page.locator("#scatter + figcaption").inner_text()
    assert f"explains {plane.explained_variance_ratio_.sum():.0%} of" in caption


@pytest.mark.parametrize(("n_features", "n_groups"), [(1, 3), (2, 1), (3, 12), (30, 2)])
def test_pages_of_all_shapes_are_drawn(tmp_path: Path, opened: Opened, n_features: int, n_groups: int) -> None:
    values, labels = groups(240, n_features, n_groups)
    features = [f"feature_{i}" for i in range(n_features)]
    database = make_database(tmp_path / "people.duckdb", values, labels, features, [f"s{i}" for i in range(n_groups)])
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    assert page.locator(".card").count() == n_groups
    assert page.locator("#scatter .mark-symbol.role-mark path").count() == 240 + n_groups
    assert page.locator("#border").count() == (1 if n_groups > 1 else 0)


def test_of_many_customers_the_page_has_a_sample_of_each_segment_and_exact_figures(
    tmp_path: Path, opened: Opened
) -> None:
    values, _ = groups(200_000, 2, 1)
    labels = np.where(np.arange(200_000) < 30, 2, np.where(values[:, 0] > np.median(values[:, 0]), 1, 0))
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["low", "high", "few"])
    file = write_report(database, tmp_path / "page.html", pictures=False)[0]
    assert file.stat().st_size < MAX_BYTES
    page = opened(file)
    drawn = _customers(page)
    sizes = [sum(row["segment"] == segment for row in drawn) for segment in (1, 2, 3)]
    assert sizes == [1000, 1000, 30]
    assert f"a random sample of {len(drawn):,} of 200,000 customers" in page.locator("header").inner_text()
    cards = page.locator(".card").all_inner_texts()
    assert [f"{(labels == label).sum():,} customers" in card for label, card in enumerate(cards)] == [True] * 3
    for segment in (1, 2):
        of_segment = values[labels == segment - 1, 0]
        sample_mean = np.mean([row["f0"] for row in drawn if row["segment"] == segment])
        assert sample_mean == pytest.approx(of_segment.mean(), abs=4 * of_segment.std() / np.sqrt(1000))


def test_of_more_features_than_are_shown_all_count(tmp_path: Path, opened: Opened) -> None:
    from sklearn.metrics import silhouette_samples

    values, labels = groups(200, 60, 3)
    features = [f"feature_{i}" for i in range(60)]
    database = make_database(tmp_path / "people.duckdb", values, labels, features, ["x", "y", "z"])
    drawn = _customers(opened(write_report(database, tmp_path / "page.html", pictures=False)[0]))
    assert sum(key.startswith("f") for key in drawn[0]) == 20
    expected = dict(
        zip(
            [f"c{i}" for i in range(200)],
            silhouette_samples((values - values.mean(axis=0)) / values.std(axis=0), labels),
            strict=True,
        )
    )
    assert {row["id"]: row["silhouette"] for row in drawn} == pytest.approx(expected, rel=1e-5)


def test_columns_may_be_called_as_the_page_calls_its_own_and_may_look_alike(tmp_path: Path, opened: Opened) -> None:
    values, labels = groups(60, 4, 3)
    features = ["segment", "next segment", "x_y", "x y"]
    database = make_database(tmp_path / "people.duckdb", values, labels, features, ["low", "middle", "high"])
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    assert page.locator("#heat-map .mark-rect.role-mark path").count() == 12
    assert page.locator("#heat-map .role-axis-label text").all_text_contents()[:4] == features
    headings, first = page.evaluate("facts.border.slice(0, 2)")
    assert headings == ["customer", "segment", "next segment", "confidence", "probabilities", "main reason", *features]
    assert first[6:] == pytest.approx(values[int(first[0][1:])])


def test_picking_in_the_plane_of_the_principal_components_shows_who_is_near_a_border(
    tmp_path: Path, opened: Opened
) -> None:
    values, labels = groups(200, 3, 3)
    database = make_database(tmp_path / "people.duckdb", values, labels, list("abc"), ["x", "y", "z"])
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    page.evaluate("pick({x: 'p0', x0: -1e9, x1: 1e9, y: 'p1', y0: -1e9, y1: 1e9})")
    assert page.locator("#border tbody tr:visible").count() == 20


def test_customers_without_a_value_are_drawn_without_it(tmp_path: Path, opened: Opened) -> None:
    import duckdb

    values, labels = groups(60, 2, 3)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["low", "middle", "high"])
    with duckdb.connect(database) as connection:
        connection.execute("update people set a = 'nan' where customer = 'c1'")
        connection.execute("update people set a = null where customer = 'c2'")
        connection.execute(
            "update people__centroids set scaled_expression = "
            "'coalesce(case when isfinite(a) then a end, 0)' where feature = 'a'"
        )
        connection.execute("create table publication as select 'of the user' as title")
    page = opened(write_report(database, tmp_path / "page.html", pictures=False)[0])
    assert {row["id"] for row in _customers(page) if row["f0"] is None} == {"c1", "c2"}
    page.evaluate("pick({x: 'f0', x0: -1e9, x1: 1e9})")
    assert page.locator("#picked").inner_text() == "58 of 60 customers in the charts are selected."
