"""Chart of which segment came out of which: a column for each number of segments, and ribbons between them."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import altair as alt
import numpy as np

from mallard.report.data import Link, ReportData
from mallard.report.encodings import MEAN, Chart, colors, safe_title, titled

GAP = 0.04
"""Between segments of a column, as a share of all customers."""
HALF_NODE = 0.09
"""Half the width of a segment, in columns."""
CURVE = np.linspace(0.0, 1.0, 13)
LEAST = 0.05
"""A link is left out if it has a smaller share of the segment and of the one it came out of."""
NUMBERED = 0.045
"""Least share of the chart's height that leaves room for a number."""

Node = tuple[int, int]


class Box(NamedTuple):
    """Where a segment is drawn, as shares of all customers from the top."""

    top: float
    share: float


def divisions_chart(data: ReportData) -> Chart:
    """Segments by number of segments, sized by their share of the customers, with the chosen number marked."""
    boxes = _boxes(data.divisions)
    chosen = data.selected["n_clusters"]
    numbers = sorted({k for k, _ in boxes})
    marked = f"datum.value == {chosen} ? datum.label + ', chosen' : datum.label"
    across = alt.X(
        "x:Q",
        title="number of segments",
        scale=alt.Scale(domain=[numbers[0] - 0.4, numbers[-1] + 0.4], nice=False),
        axis=alt.Axis(values=numbers, grid=False, format="d", labelExpr=marked),
    )
    down = alt.Y("top:Q", axis=None, scale=alt.Scale(reverse=True, zero=False, nice=False))
    ribbons = (
        alt.Chart(alt.InlineData(values=_ribbons(data.divisions, boxes)))
        .mark_area(color=MEAN, opacity=0.8, aria=False)
        .encode(x=across, y=down, y2="bottom:Q", detail="link:N")
    )
    of_segment = colors(data)
    height = max(box.top + box.share for box in boxes.values()) - min(box.top for box in boxes.values())
    nodes = alt.Chart(
        alt.InlineData(
            values=[
                {
                    "k": k,
                    "segment": segment,
                    "x": k - HALF_NODE,
                    "x2": k + HALF_NODE,
                    "middle": k,
                    "top": box.top,
                    "bottom": box.top + box.share,
                    "center": box.top + box.share / 2,
                    "share": box.share,
                    "kind": str(segment) if k == chosen else "tried",
                    "number": str(segment) if box.share >= NUMBERED * height else "",
                }
                for (k, segment), box in boxes.items()
            ]
        )
    )
    kinds = {"tried": MEAN} | {str(segment): color for segment, color in of_segment.items()}
    rectangles = nodes.mark_rect(fill="white", strokeWidth=3, cornerRadius=2, aria=False).encode(
        x=across,
        x2="x2:Q",
        y=down,
        y2="bottom:Q",
        stroke=alt.Stroke("kind:N", legend=None, scale=alt.Scale(domain=list(kinds), range=list(kinds.values()))),
        tooltip=[
            alt.Tooltip("k:O", title="number of segments"),
            alt.Tooltip("segment:O", title="segment"),
            alt.Tooltip("share:Q", title=safe_title(f"share of the {data.noun.many}"), format=".1%"),
        ],
    )
    labels = nodes.mark_text(color="black", fontSize=12, aria=False).encode(x="middle:Q", y="center:Q", text="number:N")
    return titled(alt.layer(ribbons, rectangles, labels), "Which segment came out of which, by number of segments")


def thick(divisions: list[Link]) -> list[Link]:
    """The links that aren't too thin to matter."""
    return [link for link in divisions if max(link.share_of_segment, link.share_of_parent) >= LEAST]


def _boxes(divisions: list[Link]) -> dict[Node, Box]:
    """The place of every segment. Each column is in the order of what its segments came out of."""
    first = min(link.n_clusters for link in divisions)
    columns: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for link in divisions:
        columns[link.n_clusters][link.segment] += link.share
        if link.n_clusters == first:
            columns[first - 1][link.parent] += link.share
    boxes: dict[Node, Box] = {}
    for k in sorted(columns):
        heights = {segment: _height(segment, k, divisions, boxes) for segment in columns[k]}
        top = -GAP * (len(heights) - 1) / 2
        for segment in sorted(heights, key=lambda segment: (heights[segment], segment)):
            boxes[k, segment] = Box(top, columns[k][segment])
            top += columns[k][segment] + GAP
    return boxes


def _height(segment: int, k: int, divisions: list[Link], boxes: dict[Node, Box]) -> float:
    """The mean place of what a segment came out of."""
    links = [link for link in divisions if (link.n_clusters, link.segment) == (k, segment)]
    places = [boxes[k - 1, link.parent] for link in links if (k - 1, link.parent) in boxes]
    if not places:
        return 0.0
    middles = [box.top + box.share / 2 for box in places]
    return float(np.average(middles, weights=[link.share_of_segment for link in links]))


def _ribbons(divisions: list[Link], boxes: dict[Node, Box]) -> list[dict[str, float]]:
    """Points of the edges of every link that is drawn; a link leaves and enters in the order of the other ends."""
    starts, ends = {}, {}
    used: dict[Node, float] = defaultdict(float)
    for link in sorted(divisions, key=lambda link: boxes[link.n_clusters, link.segment].top):
        parent = link.n_clusters - 1, link.parent
        starts[link] = boxes[parent].top + used[parent]
        used[parent] += link.share
    used.clear()
    for link in sorted(divisions, key=lambda link: boxes[link.n_clusters - 1, link.parent].top):
        segment = link.n_clusters, link.segment
        ends[link] = boxes[segment].top + used[segment]
        used[segment] += link.share
    smooth = CURVE**2 * (3 - 2 * CURVE)
    return [
        {
            "link": i,
            "x": link.n_clusters - 1 + HALF_NODE + x * (1 - 2 * HALF_NODE),
            "top": (top := starts[link] + y * (ends[link] - starts[link])),
            "bottom": top + link.share,
        }
        for i, link in enumerate(thick(divisions))
        for x, y in zip(CURVE.tolist(), smooth.tolist(), strict=True)
    ]
