"""Charts of how many customers there are on the way from one segment to its neighbour."""

from __future__ import annotations

import altair as alt

from mallard.labels import capital
from mallard.report.border_words import SHOWN_BORDERS, border_sentence
from mallard.report.data import Border, ReportData
from mallard.report.encodings import MEAN, Chart, colors, safe_title

HEIGHT, WIDTH = 130, 380


def border_charts(data: ReportData) -> alt.ConcatChart:
    """The profiles across the faintest borders, with a sentence each."""
    charts = [
        border_chart(data, border).properties(width=WIDTH, title=_title(border_sentence(data, border)))
        for border in first_borders(data)
        if border.profile
    ]
    chart: alt.ConcatChart = alt.concat(*charts, columns=2).resolve_scale(color="independent")
    return chart.properties(description=f"{capital(data.noun.many)} between neighbouring segments")


def first_borders(data: ReportData) -> list[Border]:
    """The borders that have a sentence, and a chart unless their figures are hidden: those least of a valley."""
    return (data.borders or [])[:SHOWN_BORDERS]


def border_chart(data: ReportData, border: Border) -> Chart:
    """Customers in stretches of the line through the centroids of two segments, with the border in the middle."""
    width = 2 / len(border.profile)
    stretches = alt.InlineData(
        values=[
            {"start": i * width - 1, "end": (i + 1) * width - 1, "n": n, "segment": segment}
            for i, n in enumerate(border.profile)
            if n is not None
            for segment in [border.first if i < len(border.profile) / 2 else border.second]
        ]
    )
    pair = [border.first, border.second]
    of_segment = colors(data)
    names = f"datum.value < 0 ? 'segment {border.first}' : datum.value > 0 ? 'segment {border.second}' : 'border'"
    along = alt.X(
        "start:Q",
        title=None,
        scale=alt.Scale(domain=[-1, 1], nice=False),
        axis=alt.Axis(values=[-0.5, 0, 0.5], labelExpr=names, grid=False),
    )
    bars = (
        alt.Chart(stretches)
        .mark_rect(aria=False)
        .encode(
            x=along,
            x2="end:Q",
            y=alt.Y("n:Q", title=safe_title(data.noun.many), axis=alt.Axis(tickCount=3)),
            y2=alt.datum(0),
            color=alt.Color(
                "segment:N", legend=None, scale=alt.Scale(domain=pair, range=[of_segment[segment] for segment in pair])
            ),
            tooltip=[
                alt.Tooltip("n:Q", title=safe_title(f"{data.noun.many} in this stretch"), format=",.1f"),
                alt.Tooltip("segment:N", title="segment"),
            ],
        )
    )
    middle = alt.Chart(alt.InlineData(values=[{"at": 0}]))
    line = middle.mark_rule(strokeDash=[6, 4], size=2, color=MEAN, aria=False).encode(x="at:Q")
    return alt.layer(bars, line).properties(
        height=HEIGHT,
        description=f"{capital(data.noun.many)} on the way from segment {border.first} to segment {border.second}",
    )


def _title(sentence: str) -> alt.Title:
    """A sentence in two lines, broken at the colon."""
    first, colon, second = sentence.partition(": ")
    return alt.Title([f"{first}:", second] if colon else first, anchor="start", fontSize=12, fontWeight="normal")
