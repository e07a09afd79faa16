"""Axes of features on logarithmic scales: where values are, their ticks, what a brush selects, and ranges of counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database import make_database
from playwright.sync_api import Page

from mallard.report.axes import ticks
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.write import write_report

Opened = Callable[..., Page]
SCALES = {"revenue": ("asinh+standard", 5.0), "orders": ("log1p+standard", None)}
"""The third feature, age, is on the scale standard."""


def _shop(folder: Path, n: int = 300) -> tuple[Path, np.ndarray]:
    """Customers with a revenue from -50 to about 30,000, orders from 0 on and an age, in three segments."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    revenue = np.exp(rng.normal(np.array([1.0, 4.0, 8.0])[labels], 0.7)) - 50 * (np.arange(n) % 10 == 0)
    orders = rng.poisson(np.array([1.0, 6.0, 60.0])[labels]).astype(float)
    values = np.column_stack([revenue, orders, rng.normal(40, 10, n)])
    names = ["low", "middle", "high"]
    return make_database(
        folder / "people.duckdb", values, labels, ["revenue", "orders", "age"], names, scales=SCALES
    ), values


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([0.0, 12_345.0], 1.0, [0, 1, 10, 100, 1000, 10_000]),
        ([-2000.0, 30_000.0], 10.0, [-1000, -100, 0, 100, 1000, 10_000]),
        ([0.0, 60.0], 1.0, [0, 1, 2, 5, 10, 20, 50]),
        ([900.0, 1480.0], 10.0, [1000, 1200, 1400]),
        ([3.0, 3.0], 1.0, []),
        ([0.0, 0.0], 1.0, [0]),
        ([None, math.nan], 1.0, []),
        ([0.0, 0.004], 0.001, [0, 0.001, 0.002]),
    ],
)
def test_ticks_are_round_numbers_that_leave_room(
    values: list[float | None], unit: float, expected: list[float]
) -> None:
    assert ticks(values, unit) == pytest.approx(expected)


def test_axes_are_logarithmic_where_the_scale_takes_logarithms(tmp_path: Path, opened: Opened) -> None:
    database, _ = _shop(tmp_path)
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    axes = page.evaluate("facts.axes")
    scales = {field: axes[field]["x"]["scale"] for field in ("f0", "f1", "f2")}
    assert (scales["f0"]["type"], scales["f0"]["constant"]) == ("symlog", 5)
    assert (scales["f1"]["type"], scales["f1"]["constant"]) == ("symlog", 1)
    assert "type" not in scales["f2"]
    for axis, field in (("x", "f0"), ("y", "f1")):
        page.locator(f"select[data-axis='{axis}']").select_option(field)
    page.wait_for_selector("#scatter .role-axis-title text:has-text('orders')")
    labels = page.locator("#scatter .role-axis-label text").all_text_contents()
    assert {"\N{MINUS SIGN}10", "0", "10", "100", "1,000", "10,000"} <= set(labels)
    # Each customer is where sign(x) ln(1 + |x| / unit) says, up to the place and width of the frame.
    places = page.locator("#scatter .mark-symbol.role-mark path").evaluate_all(
        "all => all.map(path => path.getAttribute('transform').match(/[-.0-9]+/g).map(Number))"
    )
    rows = page.evaluate("customers")
    for channel, field, unit in ((0, "f0", 5.0), (1, "f1", 1.0)):
        expected = [math.copysign(math.log1p(abs(row[field]) / unit), row[field]) for row in rows]
        drawn = [place[channel] for place in places[: len(rows)]]
        assert abs(np.corrcoef(expected, drawn)[0, 1]) > 0.999999


def test_the_number_of_a_segment_is_at_its_median_on_a_logarithmic_axis_and_at_its_mean_elsewhere(
    tmp_path: Path,
) -> None:
    database, values = _shop(tmp_path)
    for segment in read_report_data(database).segments:
        inside = values[np.arange(300) % 3 == segment.segment_id - 1]
        expected = [np.median(inside[:, 0]), np.median(inside[:, 1]), inside[:, 2].mean()]
        assert [segment.position[f"f{i}"] for i in range(3)] == pytest.approx(expected)


def test_a_brush_selects_what_it_covers_on_a_logarithmic_axis(tmp_path: Path, opened: Opened) -> None:
    database, values = _shop(tmp_path)
    page = opened(write_report(database, tmp_path / "page.html", pictures=False).page)
    for axis, field in (("x", "f0"), ("y", "f1")):
        page.locator(f"select[data-axis='{axis}']").select_option(field)
    page.wait_for_selector("#scatter .role-axis-title text:has-text('orders')")
    page.locator("#scatter").scroll_into_view_if_needed()
    box: Any = page.locator("#scatter .mark-group.role-frame > g > path.background").first.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.02 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.98 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function("picked.x && picked.y")
    picked = page.evaluate("picked")
    inside = (
        (values[:, 0] >= picked["x0"])
        & (values[:, 0] <= picked["x1"])
        & (values[:, 1] >= picked["y0"])
        & (values[:, 1] <= picked["y1"])
    )
    assert 50 < inside.sum() < 250
    assert page.locator("#picked").inner_text() == f"{inside.sum()} of 300 customers in the charts are selected."
    # The left edge of the brush is in the middle of the axis as it is drawn, far below the middle of the values.
    assert picked["x0"] < 500 < values[:, 0].max() / 2


def test_ranges_of_counts_are_even_on_the_axis_as_it_is_shown(tmp_path: Path) -> None:
    """Customers at powers of ten have marks of their own; even ranges of values would put most together."""
    sizes = [30, 40, 50, 60, 70]
    powers = np.repeat(10.0 ** np.arange(5), sizes)
    values = np.column_stack([powers, np.arange(250) % 2]) + 0.001 * np.random.default_rng(0).random(size=(250, 2))
    database = make_database(
        tmp_path / "people.duckdb",
        values,
        np.arange(250) % 2,
        ["revenue", "age"],
        ["even", "odd"],
        scales={"revenue": ("asinh+standard", 1.0)},
    )
    data = read_report_data(database, disclosure=Disclosure(ids=False, rows=False, suppress_below=5))
    places = data.axes
    assert places == ("f0", "f1")
    found: dict[int, int] = {}
    for row in data.customers:
        power = round(math.log10(row["f0"]))
        assert row["f0"] == pytest.approx(10.0**power, rel=0.01)
        found[power] = found.get(power, 0) + row["n"]
    assert found == dict(enumerate(sizes))
