"""Chart of what the customers of each segment are worth, beside how many they are."""

from __future__ import annotations

import altair as alt

from mallard.labels import capital
from mallard.report.data import ReportData
from mallard.report.encodings import Chart, segment_axis, selectable, titled
from mallard.report.value_words import counted, valued

SHARES = ("#767676", "#0072B2")
"""Colours of the share of customers, and of that of the value."""
STEP = 17
"""Pixels of a bar."""
ROOM = 0.12
"""For a figure beside the longest bar, as a share of the axis."""


def value_chart(data: ReportData) -> Chart:
    """Two bars for each segment: its share of the customers, and of what they are worth."""
    segments = valued(data)
    kinds = [f"share of {counted(data)}", f"share of {data.value_label}"]
    bars = alt.InlineData(
        values=[
            {"segment": s.segment_id, "label": s.label, "kind": kind, "share": share, "end": max(share or 0.0, 0.0)}
            for s in segments
            for kind, share in zip(kinds, (s.share, s.share_of_value), strict=True)
        ]
    )
    base = alt.Chart(bars).encode(
        y=segment_axis(data),
        yOffset=alt.YOffset("kind:N", sort=None, scale=alt.Scale(domain=kinds)),
        opacity=alt.when("!picked.segment || datum.segment == picked.segment")
        .then(alt.value(1))
        .otherwise(alt.value(0.25)),
    )
    marks = base.mark_bar(aria=False).encode(
        x=alt.X(
            "share:Q",
            title=None,
            scale=alt.Scale(domain=_domain([s.share for s in segments] + [s.share_of_value or 0.0 for s in segments])),
            axis=alt.Axis(format=".0%", tickCount=4, labelFlush=False),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=kinds, range=SHARES),
            legend=alt.Legend(orient="top", columns=1, labelLimit=320),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="segment"),
            alt.Tooltip("kind:N", title="what"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    figures = base.mark_text(align="left", dx=4, fontSize=12, aria=False).encode(
        x="end:Q", text=alt.Text("share:Q", format=".0%")
    )
    title = f"{capital(kinds[0])} and {kinds[1]}, by segment"
    return selectable(titled(alt.layer(marks, figures), title, alt.Step(STEP)))


def _domain(shares: list[float]) -> list[float]:
    low, high = min(0.0, *shares), max(0.0, *shares)
    return [low, high + ROOM * (high - low)]
