"""The chart of how time grows."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any


def draw(points: list[dict[str, Any]], path: Path) -> None:
    """Seconds against rows on logarithmic scales, one line a kind.

    Args:
        points: with kind, n_rows and the seconds of every run, of which the median is drawn.
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
