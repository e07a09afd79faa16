"""Charts of the time against the number of customers."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any


def draw(points: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds against rows on logarithmic scales, with one line per kind.

    Args:
        points: kind, n_rows and the seconds of every run; the chart shows the median.
    """
    import altair as alt

    medians = [{**point, "seconds": median(point["seconds"])} for point in points]
    chart = (
        alt.Chart(alt.Data(values=medians), title="Mallard, whole job", width=560, height=320)
        .mark_line(point=True)
        .encode(
            x=alt.X("n_rows:Q", title="customers").scale(type="log").axis(format="~s"),
            y=alt.Y("seconds:Q").scale(type="log").axis(format="~g"),
            color=alt.Color("kind:N", title="features"),
        )
    )
    chart.save(path)


def draw_cost(points: list[dict[str, Any]], path: Path) -> None:
    """Draw CPU seconds against rows on logarithmic scales: points where they were measured, lines on paper.

    Args:
        points: kind, n_rows, cpu_seconds, and source, "measured" or "on paper".
    """
    import altair as alt

    title = alt.Title("Mallard on Spark, whole job", subtitle="points: measured; lines: on paper")
    base = alt.Chart(alt.Data(values=points), title=title, width=560, height=320).encode(
        x=alt.X("n_rows:Q", title="customers")
        .scale(type="log")
        .axis(format="~s", labelExpr="replace(datum.label, 'G', 'B')"),
        y=alt.Y("cpu_seconds:Q", title="CPU seconds").scale(type="log").axis(format="~s"),
        color=alt.Color("kind:N", title="features"),
    )
    lines = base.mark_line(strokeDash=[4, 4]).transform_filter("datum.source == 'on paper'")
    dots = base.mark_point(filled=True, size=60).transform_filter("datum.source == 'measured'")
    (lines + dots).save(path)
