"""Chart of the time against the number of customers."""

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
