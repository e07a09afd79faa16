"""What the report says and draws about groups, borders, stability and divisions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from database import BORDERS, VALLEY, border, groups, make_database
from playwright.sync_api import Page
from sample import Project

from mallard.phrases import what_segments_are
from mallard.report import border_words, verdict_words
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
CLOUD = {
    "n_groups": 1,
    "verdict": "reproducible",
    "verdict_reason": "The customers form one cloud: a test.",
    "is_natural": False,
}
CREST = {"depth": 1.0, "significance": -0.1, "n_border": 50.0, "is_separate": False, "profile": [10.0] * 40}


def _database(folder: Path, sizes: list[int], **options: Any) -> Path:
    """Customers with three features in segments of these sizes."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = groups(len(labels), 3, 1)[0] + 20 * labels[:, None] * np.array([1.0, -1.0, 0.5])
    names = [f"name{i}" for i in range(len(sizes))]
    return make_database(folder / "people.duckdb", values, labels, list("abc"), names, **options)


def _read(folder: Path, sizes: list[int], suppress_below: int = 1, **options: Any) -> ReportData:
    disclosure = Disclosure(suppress_below=suppress_below)
    return read_report_data(_database(folder, sizes, **options), disclosure=disclosure)


@pytest.mark.parametrize(
    ("n_segments", "n_groups", "is_natural", "verdict", "said"),
    [
        (5, 5, True, "natural", "5 groups"),
        (5, 5, True, "reproducible", "5 groups, some with faint borders"),
        (4, 1, False, "reproducible", "4 slices of one cloud, not groups"),
        (4, 1, False, "constructive", "4 slices of one cloud, not groups"),
        (6, 2, False, "reproducible", "2 groups, cut into 6 segments"),
        (2, 2, False, "constructive", "2 groups, though not all borders are clear"),
        (3, 5, True, "natural", "5 groups, in 3 segments"),
        (5, 4, True, "natural", "4 groups, and 1 of 5 segments too small to be one"),
        (1, 1, False, "none", "One segment"),
        (1, 2, False, "none", "One segment, though the customers form 2 groups"),
    ],
)
def test_groups_are_called_groups_and_slices_are_not(
    n_segments: int, n_groups: int, is_natural: bool, verdict: str, said: str
) -> None:
    row = {
        "n_clusters": n_segments,
        "n_groups": n_groups,
        "is_natural": is_natural,
        "verdict": verdict,
        "entity": "customer",
    }
    assert what_segments_are(row) == said


def test_of_groups_there_is_nothing_to_mend(tmp_path: Path) -> None:
    data = _read(tmp_path, [60, 50, 40])
    assert verdict_words.finding(data) == "3 groups."
    assert verdict_words.reason(data) == "Every border is a valley: a test."
    assert verdict_words.what_to_do(data) == verdict_words.warnings(data) == []
    assert not verdict_words.are_slices(data)


@pytest.mark.parametrize("verdict", ["reproducible", "constructive"])
def test_of_slices_the_page_says_what_they_are_good_for_and_where_groups_may_be(tmp_path: Path, verdict: str) -> None:
    data = _read(tmp_path, [60, 50, 40], found=CLOUD | {"verdict": verdict}, borders=[border(1, 2, **CREST)])
    assert verdict_words.finding(data) == "3 slices of one cloud, not groups."
    assert verdict_words.are_slices(data)
    use, *others = verdict_words.what_to_do(data)
    assert use.startswith("Use the slices")
    assert ("the same ones come back" in use) == (verdict == "reproducible")
    assert others == [verdict_words.OWN_NUMBER, others[1], verdict_words.OTHER_SCALE]
    assert others[1].startswith("Look for groups with other features. A few that say what customers do")


def test_of_groups_that_are_cut_the_page_says_how_to_have_them_whole(tmp_path: Path) -> None:
    found = {"n_groups": 2, "verdict": "reproducible", "is_natural": False}
    database = _database(tmp_path, [30] * 6, found=found)
    said = "Use the segments as they are, and see below which borders separate groups and which cut through one."
    assert verdict_words.what_to_do(read_report_data(database)) == [said]
    with duckdb.connect(database) as connection:
        connection.execute("update people__metrics set is_natural = n_clusters = 2")
    data = read_report_data(database)
    assert verdict_words.finding(data) == "2 groups, cut into 6 segments."
    assert verdict_words.what_to_do(data) == [said, "Set n_clusters to 2, to have each group as one segment."]
    with duckdb.connect(database) as connection:
        connection.execute("delete from people__metrics where not is_selected")
        connection.execute("update people__metrics set is_natural = false")
    data = read_report_data(database)
    assert verdict_words.what_to_do(data) == [said, "Set n_clusters to auto, to have each group as one segment."]


def test_of_groups_that_are_put_together_no_border_is_said_to_cut_through_one(tmp_path: Path) -> None:
    database = _database(tmp_path, [60, 50, 40], found={"n_groups": 4, "is_natural": True})
    with duckdb.connect(database) as connection:
        connection.execute("update people__metrics set is_natural = true where n_clusters = 4")
    assert verdict_words.what_to_do(read_report_data(database)) == [
        "Use the segments as they are. Some are of several groups, but no border cuts through one.",
        "Set n_clusters to 4, to have each group as one segment.",
    ]


def test_of_one_segment_the_page_says_why_and_what_next(tmp_path: Path) -> None:
    database = _database(tmp_path, [90])
    data = read_report_data(database)
    assert verdict_words.finding(data) == "One segment."
    assert verdict_words.reason(data) == "No border clearly separates groups, so the customers count as one cloud."
    assert verdict_words.what_to_do(data)[0] == verdict_words.OWN_NUMBER
    assert verdict_words.stability(data.segments[0]) is None
    assert data.borders == []
    with duckdb.connect(database) as connection:
        connection.execute("update people__metrics set n_groups = 2, is_natural = n_clusters = 2")
    data = read_report_data(database)
    assert verdict_words.finding(data) == "One segment, though the customers form 2 groups."
    assert verdict_words.reason(data) == ""
    assert verdict_words.what_to_do(data) == ["Set n_clusters to 2, to have each group as one segment."]
    with duckdb.connect(database) as connection:
        connection.execute("update people__metrics set n_groups = 1")
        connection.execute("delete from people__metrics where not is_selected")
    data = read_report_data(database)
    assert verdict_words.reason(data) == "No other number of segments was tried."
    assert "n_clusters: auto" in verdict_words.what_to_do(data)[0]


@pytest.mark.parametrize(
    ("similarity", "said"),
    [
        (0.93, "Comes back in resamples: 0.93, highly stable."),
        (0.85, "Comes back in resamples: 0.85, highly stable."),
        (0.8, "Comes back in resamples: 0.80, stable."),
        (0.6, "Comes back in resamples: 0.60, a pattern."),
        (0.31, "Comes back in resamples: 0.31, not to be trusted."),
    ],
)
def test_stability_is_said_by_its_band(tmp_path: Path, similarity: float, said: str) -> None:
    database = _database(tmp_path, [60, 50])
    with duckdb.connect(database) as connection:
        connection.execute("update people__profiles set stability = ? where segment_id = 2", [similarity])
    assert [verdict_words.stability(segment) for segment in read_report_data(database).segments] == [
        "Comes back in resamples: 0.90, highly stable.",
        said,
    ]


def test_a_segment_of_nearly_all_customers_is_a_warning(tmp_path: Path) -> None:
    assert verdict_words.warnings(_read(tmp_path, [270, 30])) == []
    (tmp_path / "crowded").mkdir()
    [warning] = verdict_words.warnings(_read(tmp_path / "crowded", [271, 29]))
    assert warning.startswith("Segment 1 has 90% of the customers, because a few are far from all others.")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"depth": 0.21}, "are about a fifth as many customers as inside either: a valley, which separates two groups"),
        ({"depth": 0.5, "significance": 1.0}, "are about half as many customers as inside either: a faint valley, "),
        ({"depth": 0.01}, "are hardly any customers: a valley, which separates two groups"),
        (CREST, "are about as many customers as inside either: no valley, but a cut through a group"),
        (CREST | {"depth": 0.88}, "are nearly as many customers as inside either: no valley, but a cut"),
        (CREST | {"depth": 0.66}, "are about two thirds as many customers as inside either: that may be chance, so it"),
        (CREST | {"depth": 1.3, "n_border": 70.0}, "are more customers than inside either: no valley"),
        (CREST | {"depth": 1.3, "n_border": 55.0}, "are more customers than inside one of them: no valley"),
    ],
)
def test_a_border_is_said_in_words(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    data = _read(tmp_path, [60, 50], borders=[border(1, 2, **values)])
    [found] = data.borders or []
    assert border_words.border_sentence(data, found).startswith(f"Between segment 1 and segment 2 there {said}")


def test_the_edge_of_a_slice_is_no_cut_through_a_group(tmp_path: Path) -> None:
    data = _read(tmp_path, [60, 50], found=CLOUD, borders=[border(1, 2, **CREST)])
    [found] = data.borders or []
    assert border_words.border_sentence(data, found).endswith("no valley, but the edge of a slice.")


def test_the_faintest_borders_come_first_and_the_others_are_in_the_table(tmp_path: Path, opened: Opened) -> None:
    depths = [0.1, 0.6, 0.3, 0.05, 0.2, 0.7, 0.4, 0.15]
    rows = [border(i, i + 1, depth=depth) for i, depth in enumerate(depths, 1)]
    database = _database(tmp_path, [20] * 9, borders=rows)
    order = [6, 2, 7, 3, 5, 8, 1, 4]
    assert [found.first for found in read_report_data(database).borders or []] == order
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    captions = page.locator(".borders figcaption").all_inner_texts()
    assert [caption.split(" there ")[0] for caption in captions] == [
        f"Between segment {i} and segment {i + 1}" for i in order[:6]
    ]
    assert "the 6 faintest of 8 borders" in page.inner_text("section[aria-labelledby='between']")
    page.locator("details", has_text="All borders as a table").locator("summary").click()
    rows_of_page = page.locator("section[aria-labelledby='between'] tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows_of_page] == [str(i) for i in order]
    assert "70%" in rows_of_page[0]
    assert "separates groups" in rows_of_page[0]


def test_a_profile_is_drawn_from_one_segment_to_the_other_in_their_colours(tmp_path: Path, opened: Opened) -> None:
    page = opened(write_report(_database(tmp_path, [60, 50, 40]), tmp_path / "page.html", pictures=False).page)
    rows = page.evaluate("facts.named[facts.specs['border-2-3'].layer[0].data.name]")
    assert [row["n"] for row in rows] == VALLEY
    assert [row["segment"] for row in rows] == [2] * 20 + [3] * 20
    assert (rows[0]["start"], rows[20]["start"], rows[39]["end"]) == (-1, 0, 1)
    chart = page.locator("#border-2-3")
    fills = chart.locator(".mark-rect.role-mark path").evaluate_all("all => all.map(path => path.getAttribute('fill'))")
    legend = page.evaluate("facts.specs.scatter.layer[0].encoding.color.scale.range")
    assert fills == [legend[1]] * 20 + [legend[2]] * 20
    assert chart.locator(".role-axis-label text").all_text_contents()[:3] == ["segment 2", "border", "segment 3"]
    assert chart.get_attribute("aria-label") == "Customers on the way from segment 2 to segment 3"


def test_divisions_has_the_shares_of_all_customers_on_both_sides_of_the_chosen_number(tmp_path: Path) -> None:
    data = _read(tmp_path, [60, 50, 40])
    found = {(link.n_clusters, link.segment, link.parent): link.share for link in data.divisions}
    expected = {
        (2, 1, 1): 60, (2, 2, 1): 90,
        (3, 1, 1): 60, (3, 2, 2): 50, (3, 3, 2): 40,
        (4, 1, 1): 60, (4, 2, 2): 50, (4, 3, 3): 20, (4, 4, 3): 20,
    }  # fmt: skip
    assert found == pytest.approx({link: n / 150 for link, n in expected.items()})
    assert border_words.what_divides(data) == [
        "From 2 segments to 3, segment 2 divides into 2 and 3.",
        "From 3 segments to 4, segment 3 divides into 3 and 4.",
    ]


def test_of_many_numbers_those_about_the_chosen_one_are_drawn_and_it_is_marked(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, [10] * 8)
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    axis = page.locator("#divisions .role-axis-label text").all_text_contents()
    assert axis == ["3", "4", "5", "6", "7", "8, chosen", "9"]
    boxes = page.evaluate("facts.named[facts.specs.divisions.layer[1].data.name]")
    assert sorted(box["segment"] for box in boxes if box["k"] == 8) == list(range(1, 9))
    for k in range(3, 10):
        assert sum(box["share"] for box in boxes if box["k"] == k) == pytest.approx(1)
        places = sorted((box["top"], box["bottom"]) for box in boxes if box["k"] == k)
        assert all(above[1] < below[0] for above, below in pairwise(places))


def test_the_numbers_at_which_every_border_is_a_valley_are_marked(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, [60, 50, 40])
    with duckdb.connect(database) as connection:
        connection.execute("update people__metrics set is_natural = n_clusters in (2, 3)")
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    for chart in ("elbow", "silhouette-curve"):
        rows = page.evaluate(f"facts.named[facts.specs['{chart}'].data.name]")
        kinds = {row["k"]: row["kind"] for row in rows}
        assert (kinds[2], kinds[3], kinds[4]) == ("every border a valley", "chosen, every border a valley", "tried")


def test_the_verdict_is_the_first_thing_on_the_page(sample_page: Path, opened: Opened) -> None:
    header = opened(sample_page).locator("header").inner_text()
    first, second, third = [line for line in header.splitlines() if line][:3]
    assert (first, second) == ("Customer segments", "5 groups, some with faint borders.")
    assert third.startswith("Every border between segments is a valley, though some are faint")


def test_the_cards_of_the_sample_say_how_well_its_segments_come_back(
    sample: Project, sample_page: Path, opened: Opened
) -> None:
    cards = opened(sample_page).locator(".card").all_inner_texts()
    known = sample.query("select distinct segment_id, stability from customer_segments__profiles order by 1")
    for card, (_, stability) in zip(cards, known, strict=True):
        assert f"Comes back in resamples: {stability:.2f}, highly stable." in card


@pytest.mark.parametrize("gone", [["borders"], ["divisions"], ["borders", "divisions"]])
def test_a_file_without_these_tables_gives_a_page_without_these_charts(
    tmp_path: Path, opened: Opened, gone: list[str]
) -> None:
    database = _database(tmp_path, [60, 50, 40])
    with duckdb.connect(database) as connection:
        for table in gone:
            connection.execute(f"drop table people__{table}")
    written = write_report(database, tmp_path / "page.html")
    page = opened(written.page)
    assert page.locator("#between").count() == ("borders" not in gone)
    assert page.locator("#divisions").count() == ("divisions" not in gone)
    assert "3 groups." in page.locator("header").inner_text()
    pictures = {picture.stem for picture in written.pictures}
    assert pictures & {"borders", "divisions"} == {"borders", "divisions"} - set(gone)
    assert written.not_drawn == {}


@pytest.mark.parametrize(
    ("table", "column"),
    [("borders", "profile"), ("divisions", "parent_id"), ("profiles", "stability"), ("metrics", "verdict")],
)
def test_tables_of_another_version_say_what_they_lack(tmp_path: Path, table: str, column: str) -> None:
    database = _database(tmp_path, [60, 50])
    with duckdb.connect(database) as connection:
        connection.execute(f"alter table people__{table} drop column {column}")
    with pytest.raises(Exception, match=f"the {table} of people lack the column {column}: "):
        read_report_data(database)


def test_profiles_are_read_as_lists_or_as_texts(tmp_path: Path) -> None:
    database = _database(tmp_path, [60, 50])
    with duckdb.connect(database) as connection:
        connection.execute("alter table people__borders alter profile type varchar")
    [found] = read_report_data(database).borders or []
    assert found.profile == VALLEY
    assert len(VALLEY) == 40
    assert "profile" in BORDERS.names


# --- with figures of few customers hidden -----------------------------------------------------------------------------


def test_stretches_of_few_customers_are_left_out_as_those_of_none(tmp_path: Path, opened: Opened) -> None:
    """Of 40 stretches most have enough customers; those with 4, and those without any, can't be told apart."""
    profile = [0.0] * 4 + [8.0] * 14 + [4.0] * 2 + [0.0] * 2 + [9.0] * 14 + [0.0] * 4
    database = _database(tmp_path, [60, 50, 40], borders=[border(1, 2, profile=profile)])
    shown = Disclosure(suppress_below=5)
    [found] = read_report_data(database, disclosure=shown).borders or []
    assert found.profile == [None] * 4 + [8.0] * 14 + [None] * 4 + [9.0] * 14 + [None] * 4
    page = opened(write_report(database, tmp_path / "page.html", pictures=False, disclosure=shown).page)
    rows = page.evaluate("facts.named[facts.specs['border-1-2'].layer[0].data.name]")
    assert {row["n"] for row in rows} == {8, 9}
    assert "Stretches of fewer than 5 customers are left blank." in page.inner_text("main")


def test_where_most_stretches_have_few_customers_they_are_longer(tmp_path: Path) -> None:
    [found] = _read(tmp_path, [60, 50, 40], 16, borders=[border(1, 2)]).borders or []
    # In stretches four times as long, 98 of 114 customers are where there are at least 16; in shorter ones, too few.
    assert found.profile == [None, 30.0, 19.0, None, None, None, None, 19.0, 30.0, None]


def test_a_border_with_too_few_customers_on_the_way_has_a_sentence_and_no_chart(tmp_path: Path, opened: Opened) -> None:
    database = _database(tmp_path, [60, 50, 40], borders=[border(1, 2)])
    written = write_report(database, tmp_path / "page.html", disclosure=Disclosure(suppress_below=20))
    [figure] = opened(written.page).locator(".borders figure").all()
    said = [line for line in figure.inner_text().splitlines() if line]
    assert said == [
        "Between segment 1 and segment 2 there is a valley, which separates two groups.",
        "There are too few customers on the way for a chart.",
    ]
    assert "borders" not in {picture.stem for picture in written.pictures}
    assert written.not_drawn == {}


@pytest.mark.parametrize("few", [{"n_border": 4.4}, {"n_inside": 4.4}, {"n_inside_other": 4.4}])
def test_a_border_of_few_customers_has_no_figure_and_the_verdict_has_none_either(
    tmp_path: Path, few: dict[str, float]
) -> None:
    data = _read(tmp_path, [60, 50, 40], 5, borders=[border(1, 2, **few), border(2, 3, **(CREST | few))])
    said = [border_words.border_sentence(data, found) for found in data.borders or []]
    assert sorted(said) == [
        "Between segment 1 and segment 2 there is a valley, which separates two groups.",
        "Between segment 2 and segment 3 there is no valley.",
    ]
    assert verdict_words.reason(data) == "Every border between segments is a valley."


def test_with_enough_customers_everywhere_the_figures_stand(tmp_path: Path) -> None:
    data = _read(tmp_path, [60, 50, 40], 5)
    assert verdict_words.reason(data) == "Every border is a valley: a test."
    assert [found.depth for found in data.borders or []] == [0.1, 0.1]
    assert {link.n_clusters for link in data.divisions} == {2, 3, 4}


def test_nothing_of_a_hidden_segment_is_said_or_drawn(tmp_path: Path, opened: Opened) -> None:
    """Three customers are few, so a second segment is hidden, too; borders and divisions would tell their sizes."""
    database = _database(tmp_path, [120, 90, 3, 40])
    with duckdb.connect(database) as connection:
        connection.execute("update people__profiles set stability = 0.4321 where segment_id = 3")
    shown = Disclosure(suppress_below=5)
    data = read_report_data(database, disclosure=shown)
    assert [segment.is_hidden for segment in data.segments] == [False, False, True, True]
    assert [(found.first, found.second) for found in data.borders or []] == [(1, 2)]
    assert data.divisions == []
    assert verdict_words.reason(data) == "Every border between segments is a valley."
    written = write_report(database, tmp_path / "page.html", disclosure=shown)
    page = opened(written.page)
    assert page.locator(".borders figure").count() == 1
    assert page.locator("#divisions").count() == 0
    assert ["Comes back" in card for card in page.locator(".card").all_inner_texts()] == [True, True, False, False]
    assert "0.43" not in written.page.read_text("utf-8").split('id="facts"')[0]


def test_steps_of_the_divisions_that_give_away_few_customers_are_left_out_with_those_beyond(tmp_path: Path) -> None:
    """From three segments to four, the last divides into two of 4: that step is left out, and those before stay."""
    data = _read(tmp_path, [60, 50, 8], 5)
    assert {link.n_clusters for link in data.divisions} == {2, 3}
    (tmp_path / "all").mkdir()
    assert {link.n_clusters for link in _read(tmp_path / "all", [60, 50, 8]).divisions} == {2, 3, 4}


def test_with_weights_nobody_knows_how_many_customers_a_figure_is_of(tmp_path: Path) -> None:
    database = _database(tmp_path, [60, 50, 40])
    with duckdb.connect(database) as connection:
        connection.execute("update people__profiles set share = 1 / 3.0")
    data = read_report_data(database, disclosure=Disclosure(suppress_below=5))
    assert [(found.depth, found.profile) for found in data.borders or []] == [(None, []), (None, [])]
    assert data.divisions == []
    assert len(read_report_data(database).divisions) == 9


@pytest.mark.parametrize(
    ("found", "borders", "back"),
    [
        (CLOUD, "No border clearly separates groups", " The same segments come back when customers are drawn anew."),
        (
            CLOUD | {"verdict": "constructive"},
            "No border clearly separates groups",
            " Some segments don't come back when ",
        ),
        (
            CLOUD | {"n_groups": 2},
            "Some borders between segments are no valleys.",
            " The same segments come back when ",
        ),
    ],
)
def test_without_figures_the_verdict_has_a_reason_all_the_same(
    tmp_path: Path, found: dict[str, Any], borders: str, back: str
) -> None:
    said = verdict_words.reason(_read(tmp_path, [60, 50, 3, 40], 5, found=found))
    assert said.startswith(borders)
    assert back in said
