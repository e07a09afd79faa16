"""What the report says and draws about other algorithms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from database import groups, make_database
from playwright.sync_api import Page

from mallard.algorithms.table import COMPARISON
from mallard.report import algorithm_words, page_tables
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]


def _row(algorithm: str, silhouette: float | None, n_clusters: int = 2, **others: Any) -> dict[str, Any]:
    measures = {"inertia": 12.5, "stability": 0.9, "adjusted_rand_index": 0.8} if silhouette is not None else {}
    return {
        "algorithm": algorithm,
        "n_clusters": n_clusters,
        "parameter": "n_clusters=2",
        "clusters_found": 2 if silhouette is not None else None,
        "noise_share": 0.0 if silhouette is not None else None,
        "silhouette": silhouette,
        "can_score_in_sql": algorithm == "kmeans",
        "rows_used": 60,
        **measures,
        **others,
    }


ROWS = [
    _row("kmeans", 0.5, adjusted_rand_index=1.0),
    _row("gaussian_mixture", 0.6),
    _row("hdbscan", 0.7, noise_share=0.05, adjusted_rand_index=0.25),
    _row("spectral", None, message="<b>no</b> memory"),
    _row("kmeans", 0.9, n_clusters=3),
]


def _database(folder: Path, rows: list[dict[str, Any]]) -> Path:
    values, labels = groups(30, 2, 2)
    database = make_database(folder / "people.duckdb", values, labels, ["a", "b"], ["low", "high"])
    with duckdb.connect(database) as connection:
        connection.register("given", pa.Table.from_pylist(rows, COMPARISON))
        connection.execute("create table people__algorithms as from given")
    return database


def test_the_page_shows_the_algorithms_at_the_chosen_number(tmp_path: Path, opened: Opened) -> None:
    written = write_report(_database(tmp_path, ROWS), tmp_path / "page.html")
    page = opened(written.page)
    section = page.locator("section[aria-labelledby=others]")
    section.locator("summary").click()
    cells = [row.inner_text().split("\t") for row in section.locator("tbody tr").all()]
    assert cells == [
        ["hdbscan", "2", "5%", "12.5", "0.700", "0.900", "0.250", "no", ""],
        ["gaussian mixture", "2", "0%", "12.5", "0.600", "0.900", "0.800", "no", ""],
        ["kmeans", "2", "0%", "12.5", "0.500", "0.900", "1.000", "yes", ""],
        ["spectral", "", "", "", "", "", "", "no", "<b>no</b> memory"],
    ]
    assert section.locator("#about-algorithms").inner_text() == (
        "3 algorithms divided the same customers into 2 clusters, or nearly as many. "
        "1 algorithm failed; the table says why. "
        "Of those that put all customers into clusters, gaussian mixture has the highest silhouette (0.60). "
        "Hdbscan left some out as noise, which flatters the silhouette of the rest. "
        "Their agreement with the segments is from 0.25 to 1.00: at 1, an algorithm finds the same segments, and about "
        "0, others that have nothing in common with them."
    )
    labels = section.locator("#algorithms .role-axis-label text").all_text_contents()
    assert [label for label in labels if label.isascii() and label[0].isalpha()] == [
        "hdbscan",
        "gaussian mixture",
        "kmeans",
    ]
    assert section.locator("#algorithms .role-mark path").count() == 9
    assert "algorithms" in {picture.stem for picture in written.pictures}


def test_numbers_that_were_not_tried_give_the_nearest(tmp_path: Path) -> None:
    data = read_report_data(_database(tmp_path, [_row("kmeans", 0.1, 5), _row("birch", 0.2, 4)]))
    assert [(of.name, of.n_clusters) for of in data.algorithms] == [("birch", 4)]


@pytest.mark.parametrize(("rows", "sentences"), [([], None), ([ROWS[3]], 2)])
def test_without_a_result_there_is_no_chart_to_fail(
    tmp_path: Path, opened: Opened, rows: list[dict[str, Any]], sentences: int | None
) -> None:
    database = _database(tmp_path, rows)
    data = read_report_data(database)
    assert (len(algorithm_words.what_others_find(data)) if data.algorithms else None) == sentences
    written = write_report(database, tmp_path / "page.html")
    assert written.not_drawn == {}
    page = opened(written.page)
    assert page.locator("section[aria-labelledby=others]").count() == (sentences is not None)


def test_noise_of_few_customers_is_hidden(tmp_path: Path) -> None:
    data = read_report_data(_database(tmp_path, ROWS), disclosure=Disclosure(suppress_below=5))
    assert [row[2] for row in page_tables.algorithms(data)[1]] == ["hidden", "0%", "0%", ""]
