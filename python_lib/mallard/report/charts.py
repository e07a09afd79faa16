"""Charts of a segmentation, for the report, notebooks or image files."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from mallard.labels import capital
from mallard.report.algorithms_chart import algorithms_chart as algorithms_chart
from mallard.report.axes import axis, axis_titles
from mallard.report.border_charts import border_charts as border_charts
from mallard.report.data import ReportData, Row, silhouette_of
from mallard.report.divisions_chart import divisions_chart as divisions_chart
from mallard.report.encodings import (
    MEAN,
    PICKED,
    Chart,
    by_segment,
    color,
    safe_title,
    segment_axis,
    selectable,
    shape,
    titled,
    visible,
)
from mallard.report.transitions_chart import transitions_chart as transitions_chart

CHOSEN, OTHER, VALLEYS = "#D55E00", "#0072B2", "#009E73"
KINDS = {
    "tried": (OTHER, "circle", 60),
    "every border a valley": (VALLEYS, "triangle-down", 160),
    "chosen": (CHOSEN, "diamond", 240),
    "chosen, every border a valley": (CHOSEN, "triangle-down", 300),
}
"""Colour, shape and size of the marks of numbers of segments."""
DEVIATIONS = ("#5B9BD5", "#F7F7F7", "#ED8B3A")
"""Colours below, at and above the average, on all of which black numbers can be read."""
TOOLTIP_FEATURES = 8
"""Most features that a tooltip lists."""


def scatter_plot(data: ReportData, x: str | None = None, y: str | None = None) -> Chart:
    """Customers by two features, coloured and shaped by segment, with the place of each segment and a brush.

    Without rows of customers, a mark is the mean of all customers of a segment that have about the same values.

    Args:
        x: key of the feature on the horizontal axis, or p0; None chooses the first of `data.axes`.
        y: key of the feature on the vertical axis, or p1; None chooses the second of `data.axes`.
    """
    x, y = x or data.axes[0], y or data.axes[1]
    titles = axis_titles(data)
    brush = alt.selection_interval(name="brush")
    legend = alt.Legend(orient="bottom")
    counts = alt.Size("n:Q", title=safe_title(data.noun.many), scale=alt.Scale(range=[20, 500]), legend=legend)
    customers = (
        by_segment(data, data.customers)
        .mark_point(filled=True, aria=False, tooltip=alt.TooltipContent("data"))
        .encode(
            x=axis(data, "x", x),
            y=axis(data, "y", y),
            color=color(data),
            shape=shape(data),
            size=alt.value(55) if data.disclosure.rows else counts,
            opacity=alt.when(brush & PICKED).then(alt.value(1)).otherwise(alt.value(0.12)),
        )
        .add_params(brush)
    )
    places = alt.InlineData(values=[{"segment": s.segment_id, "name": s.name, **s.position} for s in visible(data)])
    middles = alt.Chart(places).encode(x=f"{x}:Q", y=f"{y}:Q", tooltip=[alt.Tooltip("name:N", title="middle of")])
    marks = middles.mark_point(
        shape="circle", size=420, filled=True, color="white", stroke="black", opacity=1, aria=False
    )
    numbers = middles.mark_text(fontWeight="bold", color="black", fontSize=13, aria=False).encode(text="segment:N")
    chart = titled(alt.layer(customers, marks, numbers), f"{capital(data.noun.many)} by {titles[x]} and {titles[y]}")
    return selectable(chart)


def tooltip_labels(data: ReportData) -> dict[str, str]:
    """What a tooltip of the scatter plot says of a customer, by the fields of the data.

    The page writes these tooltips itself: Vega would make an expression of the labels.
    """
    features = [feature for feature in data.features if data.disclosure.rows or feature.key in data.axes]
    first = {"id": data.noun.one} if data.disclosure.rows else {"n": data.noun.many}
    return first | {"label": "segment"} | {feature.key: feature.label for feature in features[:TOOLTIP_FEATURES]}


def heat_map(data: ReportData) -> Chart:
    """For every feature, how many standard deviations each segment's mean is from the mean of all customers."""
    cells = alt.InlineData(
        values=[
            {
                "segment": s.segment_id,
                "label": s.label,
                "feature": f.label,
                "z": s.z_scores[f.key],
                "rounded": _rounded(s.z_scores[f.key]),
            }
            for s in visible(data)
            for f in data.features
        ]
    )
    features = alt.Scale(domain=[f.label for f in data.features])
    base = alt.Chart(cells).encode(
        x=alt.X("feature:N", title=None, sort=None, scale=features, axis=alt.Axis(labelAngle=-30, labelLimit=180)),
        y=segment_axis(data),
        opacity=alt.when("!picked.segment || datum.segment == picked.segment")
        .then(alt.value(1))
        .otherwise(alt.value(0.25)),
    )
    deviations = alt.Color(
        "z:Q",
        title="standard deviations",
        scale=alt.Scale(range=DEVIATIONS, domain=[-2, 0, 2], clamp=True),
        legend=alt.Legend(orient="bottom"),
    )
    tooltip = [
        alt.Tooltip("label:N", title="segment"),
        "feature:N",
        alt.Tooltip("z:Q", title="deviations", format="+.2f"),
    ]
    numbers = base.mark_text(color="black", fontSize=13).encode(text=alt.Text("rounded:Q", format="+.1f"))
    chart = alt.layer(base.mark_rect(stroke="white").encode(color=deviations, tooltip=tooltip), numbers)
    return selectable(titled(chart, f"Segments compared with the average of all {data.noun.many}", alt.Step(38)))


def elbow_curve(data: ReportData) -> Chart:
    """Inertia by number of clusters, with the chosen number and those marked at which every border is a valley."""
    return _by_number(
        data, [row["inertia"] for row in data.metrics], "inertia", "Elbow curve: inertia by number of segments"
    )


def silhouette_curve(data: ReportData) -> Chart:
    """Silhouette by number of clusters, with the chosen number and those marked at which every border is a valley."""
    values = [silhouette_of(row) for row in data.metrics]
    return _by_number(data, values, "silhouette", "Silhouette by number of segments")


def silhouette_plot(data: ReportData) -> Chart:
    """Silhouette of each customer as a bar, sorted within the segments, with the overall mean as a line.

    Without rows of customers, the number of customers by segment and silhouette.
    """
    silhouette = _silhouettes_of_customers(data) if data.disclosure.rows else _silhouettes_by_range(data)
    whose = "the segments of the nearest centroids" if data.is_by_rules else f"all {data.noun.many}"
    of_all = safe_title(f"mean of {whose}")
    mean = alt.InlineData(values=[{"mean": silhouette_of(data.selected)}])
    line = (
        alt.Chart(mean)
        .mark_rule(strokeDash=[6, 4], size=2, color=MEAN)
        .encode(x="mean:Q", tooltip=[alt.Tooltip("mean:Q", title=of_all, format=".3f")])
    )
    height = 420 if data.disclosure.rows else alt.Step(38)
    return selectable(titled(alt.layer(silhouette, line), f"Silhouettes of {data.noun.many}, by segment", height))


def _silhouettes_of_customers(data: ReportData) -> alt.Chart:
    chart: alt.Chart = (
        by_segment(data, data.customers)
        .mark_bar(aria=False)
        .encode(
            x=alt.X("silhouette:Q", title="silhouette"),
            y=alt.Y(
                "place:O", title=safe_title(f"{data.noun.many}, by segment"), axis=None, scale=alt.Scale(padding=0)
            ),
            color=color(data),
            opacity=alt.when(PICKED).then(alt.value(1)).otherwise(alt.value(0.15)),
            tooltip=[
                alt.Tooltip("id:N", title=safe_title(data.noun.one)),
                alt.Tooltip("label:N", title="segment"),
                alt.Tooltip("silhouette:Q", format=".3f"),
            ],
        )
    )
    return chart


def _silhouettes_by_range(data: ReportData) -> alt.Chart:
    chart: alt.Chart = (
        by_segment(data, data.silhouettes)
        .mark_rect()
        .encode(
            x=alt.X("low:Q", title="silhouette"),
            x2="high:Q",
            y=segment_axis(data),
            color=color(data),
            stroke=color(data),
            fillOpacity=alt.FillOpacity(
                "share:Q",
                title="share of the segment",
                scale=alt.Scale(domain=[0, 1], range=[0.08, 1]),
                legend=alt.Legend(orient="bottom", format=".0%"),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="segment"),
                alt.Tooltip("low:Q", title="silhouette from", format=".1f"),
                alt.Tooltip("high:Q", title="to", format=".1f"),
                alt.Tooltip("share:Q", title="share of the segment", format=".0%"),
            ],
        )
    )
    return chart


def _by_number(data: ReportData, values: Sequence[float | None], what: str, title: str) -> Chart:
    points = alt.InlineData(
        values=[
            {"k": row["n_clusters"], what: value, "kind": _kind(row)}
            for row, value in zip(data.metrics, values, strict=True)
            if value is not None
        ]
    )
    base = alt.Chart(points).encode(
        x=alt.X("k:O", title="number of segments", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(f"{what}:Q", title=what),
        tooltip=[
            alt.Tooltip("k:O", title="segments"),
            alt.Tooltip(f"{what}:Q", format=",.4g"),
            alt.Tooltip("kind:N", title="this number"),
        ],
    )
    kinds = [kind for kind in KINDS if kind in {_kind(row) for row in data.metrics}]
    colors, shapes, sizes = (
        alt.Scale(domain=kinds, range=of_kinds, type="ordinal")
        for of_kinds in zip(*(KINDS[kind] for kind in kinds), strict=True)
    )
    below = alt.Legend(orient="bottom", columns=2)
    marks = base.mark_point(filled=True, opacity=1).encode(
        color=alt.Color("kind:N", title=None, scale=colors, legend=below),
        shape=alt.Shape("kind:N", title=None, scale=shapes, legend=below),
        size=alt.Size("kind:N", title=None, scale=sizes, legend=below),
    )
    return titled(alt.layer(base.mark_line(color=OTHER), marks), title)


def _kind(row: Row) -> str:
    """What there is to say of a number of segments."""
    said = ["chosen"] * bool(row["is_selected"]) + ["every border a valley"] * bool(row["is_natural"])
    return ", ".join(said) or "tried"


def _rounded(z_score: float | None) -> float | None:
    """Round to one decimal, without minus zero."""
    return None if z_score is None else round(z_score, 1) + 0.0
