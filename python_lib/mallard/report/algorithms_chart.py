"""Chart of other algorithms: three measures of each, all of which are 1 at best."""

from __future__ import annotations

import altair as alt

from mallard.report.data import ReportData
from mallard.report.encodings import COLORS, MEAN, Chart, titled

MEASURES = {"silhouette": "circle", "stability": "square", "agreement with the segments": "diamond"}
"""The shape of each."""


def algorithms_chart(data: ReportData) -> Chart:
    """A row for each algorithm that ran, the highest silhouette first, with a mark for each measure."""
    ran = [of for of in data.algorithms if of.clusters_found is not None]
    marks = alt.InlineData(
        values=[
            {"algorithm": of.name, "measure": measure, "value": value}
            for of in ran
            for measure, value in zip(MEASURES, (of.silhouette, of.stability, of.agreement), strict=True)
            if value is not None
        ]
    )
    measures = list(MEASURES)
    legend = alt.Legend(orient="bottom", labelLimit=260)
    colors = alt.Scale(domain=measures, range=list(COLORS[: len(measures)]))
    rows = alt.Y("algorithm:N", title=None, sort=None, scale=alt.Scale(domain=[of.name for of in ran]))
    points = (
        alt.Chart(marks)
        .mark_point(filled=True, size=110, opacity=0.9, aria=False)
        .encode(
            x=alt.X("value:Q", title="1 at best", scale=alt.Scale(domainMax=1)),
            y=rows,
            color=alt.Color("measure:N", title=None, sort=None, scale=colors, legend=legend),
            shape=alt.Shape(
                "measure:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=measures, range=list(MEASURES.values())),
                legend=legend,
            ),
            tooltip=["algorithm:N", "measure:N", alt.Tooltip("value:Q", format=".3f")],
        )
    )
    lines = (
        alt.Chart(marks)
        .mark_rule(color=MEAN, opacity=0.5, aria=False)
        .encode(x="min(value):Q", x2="max(value):Q", y=rows)
    )
    return titled(
        alt.layer(lines, points),
        "Silhouette, stability and agreement with the segments of other algorithms",
        alt.Step(30),
    )
