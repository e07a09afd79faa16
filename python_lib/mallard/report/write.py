"""Write the report and its charts to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import vl_convert

from mallard.errors import MallardError
from mallard.files import replacing
from mallard.report import charts
from mallard.report.border_charts import first_borders
from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.encodings import Chart
from mallard.report.page import render
from mallard.report.reading import read_report_data
from mallard.report.specs import spec_of, unchecked_charts
from mallard.report.value_chart import value_chart
from mallard.report.value_words import valued
from mallard.report.vega import VEGA_LITE, bundling
from mallard.report.words import personal_data

PICTURES: dict[str, Callable[[ReportData], Chart]] = {
    "value": value_chart,
    "scatter_plot": charts.scatter_plot,
    "profiles": charts.heat_map,
    "elbow_curve": charts.elbow_curve,
    "silhouette_curve": charts.silhouette_curve,
    "silhouette_plot": charts.silhouette_plot,
    "borders": charts.border_charts,
    "divisions": charts.divisions_chart,
    "algorithms": charts.algorithms_chart,
    "transitions": charts.transitions_chart,
}
"""The chart of each picture, by file name."""
PIXELS_PER_POINT = 2


class Written(NamedTuple):
    """What a report consists of.

    Attributes:
        pictures: the files of the charts.
        not_drawn: why a picture is missing, by the name of its chart.
        personal_data: what page and pictures contain of single customers.
    """

    page: Path
    pictures: list[Path]
    not_drawn: dict[str, str]
    personal_data: str


def write_report(
    database: Path,
    page: Path,
    segmentation: str | None = None,
    id_column: str | None = None,
    pictures: bool = True,
    disclosure: Disclosure = Disclosure(),  # noqa: B008  it is frozen
    group: str | None = None,
) -> Written:
    """Write the page, and beside it a folder with each chart as PNG and SVG.

    Args:
        database: a warehouse or a published file.
        page: file for the page; the folder has the same name, without the extension.
        segmentation: see `mallard.report.reading.read_report_data`.
        id_column: see `mallard.report.reading.read_report_data`.
        pictures: whether to write the folder with the charts.
        disclosure: how much of single customers is shown.
        group: see `mallard.report.reading.read_report_data`.

    Raises:
        MallardError: there is no such file or segmentation, or the page has no extension.
    """
    if not page.suffix:
        raise MallardError(f"the page {page} needs an extension, such as .html.")
    with bundling() as vega, unchecked_charts():
        data = read_report_data(database, segmentation, id_column, disclosure, group)
        with replacing(page) as unfinished:
            unfinished.write_text(render(data, vega()), "utf-8", newline="\n")
        drawn, not_drawn = _write_pictures(data, page.with_suffix("")) if pictures else ([], {})
    return Written(page, drawn, not_drawn, personal_data(data))


def _write_pictures(data: ReportData, folder: Path) -> tuple[list[Path], dict[str, str]]:
    folder.mkdir(exist_ok=True)
    drawn, not_drawn = [], {}
    is_there = {
        "value": bool(valued(data)),
        "borders": any(border.profile for border in first_borders(data)),
        "divisions": bool(data.divisions),
        "algorithms": bool(data.algorithms),
        "transitions": data.history is not None and bool(data.history.parts),
    }
    for name, chart in PICTURES.items():
        png, svg = folder / f"{name}.png", folder / f"{name}.svg"
        if not is_there.get(name, True):
            _remove(png, svg)
            continue
        spec = spec_of(chart(data).properties(background="white"))
        try:
            drawing = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
            png.write_bytes(vl_convert.svg_to_png(drawing, scale=PIXELS_PER_POINT))
            svg.write_text(drawing, "utf-8")
        except ValueError as error:  # how vl_convert says whatever went wrong
            _remove(png, svg)
            not_drawn[name] = str(error).splitlines()[0]
        else:
            drawn += [png, svg]
    return drawn, not_drawn


def _remove(*files: Path) -> None:
    """Remove the pictures of an earlier report."""
    for file in files:
        file.unlink(missing_ok=True)
