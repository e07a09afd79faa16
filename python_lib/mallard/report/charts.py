"""Charts of a segmentation, for the report, notebooks or image files."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt

from mallard.report.data import ReportData, silhouette_of

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#56B4E9", "#8C564B", "#7F7F7F")
"""Okabe and Ito's palette for the colour-blind, with darker yellow and orange; when colours repeat, shapes differ."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
CHOSEN, OTHER, MEAN = "#D55E00", "#0072B2", "#767676"
PICKED = (
    "(!picked.segment || datum.segment == picked.segment)"
    " && (!picked.x || (isValid(datum[picked.x]) && datum[picked.x] >= picked.x0 && datum[picked.x] <= picked.x1))"
    " && (!picked.y || (isValid(datum[picked.y]) && datum[picked.y] >= picked.y0 && datum[picked.y] <= picked.y1))"
)
"""Vega expression: whether a customer is selected in another chart, by segment or by two ranges of values."""

Chart = alt.LayerChart | alt.FacetChart


def scatter_plot(data: ReportData, x: str | None = None, y: str | None = None) -> Chart:
    """Customers by two features, coloured and shaped by segment, with the mean of each segment and a brush.

    Args:
        x: key of the feature on the horizontal axis, or p0; None chooses it by `axes`.
        y: key of the feature on the vertical axis, or p1; None chooses it by `axes`.
    """
    given = axes(data)
    x, y = x or given[0], y or given[1]
    titles = axis_titles(data)
    brush = alt.selection_interval(name="brush")
    fields = [alt.Tooltip(f"{feature.key}:Q", title=feature.label) for feature in data.features[:8]]
    customers = (
        _customers(data)
        .mark_point(filled=True, size=55)
        .encode(
            x=alt.X(f"{x}:Q", title=titles[x], scale=alt.Scale(zero=False)),
            y=alt.Y(f"{y}:Q", title=titles[y], scale=alt.Scale(zero=False)),
            color=_color(data),
            shape=alt.Shape("segment:N", title="segment", scale=_scale(data, SHAPES), legend=_legend(data)),
            opacity=alt.when(brush & PICKED).then(alt.value(0.85)).otherwise(alt.value(0.12)),
            tooltip=[alt.Tooltip("id:N", title="customer"), alt.Tooltip("segment:N"), *fields],
        )
        .add_params(brush)
    )
    places = alt.InlineData(values=[{"segment": s.segment_id, "name": s.name, **s.position} for s in data.segments])
    at_mean = alt.Chart(places).encode(x=f"{x}:Q", y=f"{y}:Q", tooltip=[alt.Tooltip("name:N", title="mean of")])
    marks = at_mean.mark_point(shape="circle", size=420, filled=True, color="white", stroke="black", opacity=1)
    numbers = at_mean.mark_text(fontWeight="bold", color="black", fontSize=13).encode(text="segment:N")
    return _titled(alt.layer(customers, marks, numbers), f"Customers by {titles[x]} and {titles[y]}").add_params(
        _picked()
    )


def axes(data: ReportData) -> tuple[str, str]:
    """Keys of the two features that separate the segments best; if there is only one feature, its key twice."""
    spread = {
        feature.key: max(z or 0.0 for z in z_scores) - min(z or 0.0 for z in z_scores)
        for feature in data.features
        for z_scores in [[segment.z_scores[feature.key] for segment in data.segments]]
    }
    best = sorted(spread, key=lambda key: -spread[key])[:2]
    first, second = sorted(best, key=list(spread).index) if len(best) > 1 else best * 2
    return first, second


def axis_titles(data: ReportData) -> dict[str, str]:
    """Titles of everything that an axis of the scatter plot can show, by key."""
    titles = {feature.key: feature.label for feature in data.features}
    if data.explained is not None:
        titles |= {"p0": "first principal component", "p1": "second principal component"}
    return titles


def heat_map(data: ReportData) -> Chart:
    """For every feature, how many standard deviations each segment's mean is from the mean of all customers."""
    cells = alt.InlineData(
        values=[
            {
                "segment": s.segment_id,
                "name": _label(s.segment_id, s.name),
                "feature": f.label,
                "z": s.z_scores[f.key],
                "rounded": _rounded(s.z_scores[f.key]),
            }
            for s in data.segments
            for f in data.features
        ]
    )
    base = alt.Chart(cells).encode(
        x=alt.X("feature:N", title=None, sort=[f.label for f in data.features], axis=alt.Axis(labelAngle=-30)),
        y=alt.Y("name:N", title=None, sort=[_label(s.segment_id, s.name) for s in data.segments], axis=_long_labels()),
        opacity=alt.when("!picked.segment || datum.segment == picked.segment")
        .then(alt.value(1))
        .otherwise(alt.value(0.25)),
    )
    color = alt.Color(
        "z:Q",
        title="standard deviations",
        scale=alt.Scale(scheme="blueorange", domain=[-2, 2], clamp=True),
        legend=alt.Legend(orient="bottom"),
    )
    tooltip = [alt.Tooltip("name:N", title="segment"), "feature:N", alt.Tooltip("z:Q", format="+.2f")]
    numbers = base.mark_text(color="black", fontSize=13).encode(text=alt.Text("rounded:Q", format="+.1f"))
    chart = alt.layer(base.mark_rect(stroke="white").encode(color=color, tooltip=tooltip), numbers)
    return _titled(chart, "Segments compared with the average of all customers", alt.Step(38)).add_params(_picked())


def elbow_curve(data: ReportData) -> Chart:
    """Inertia by number of clusters, with the chosen number marked."""
    return _by_number(
        data, [row["inertia"] for row in data.metrics], "inertia", "Elbow curve: inertia by number of segments"
    )


def silhouette_curve(data: ReportData) -> Chart:
    """Silhouette by number of clusters, with the chosen number marked."""
    values = [silhouette_of(row) for row in data.metrics]
    return _by_number(data, values, "silhouette", "Silhouette by number of segments")


def silhouette_plot(data: ReportData) -> Chart:
    """Silhouette of each customer as a bar, sorted within the segments, with the overall mean as a line."""
    bars = (
        _customers(data)
        .mark_bar()
        .encode(
            x=alt.X("silhouette:Q", title="silhouette"),
            y=alt.Y("place:O", title="customers, by segment", axis=None, scale=alt.Scale(padding=0)),
            color=_color(data),
            opacity=alt.when(PICKED).then(alt.value(1)).otherwise(alt.value(0.15)),
            tooltip=[
                alt.Tooltip("id:N", title="customer"),
                alt.Tooltip("segment:N"),
                alt.Tooltip("silhouette:Q", format=".3f"),
            ],
        )
    )
    mean = alt.InlineData(values=[{"mean": silhouette_of(data.selected)}])
    line = (
        alt.Chart(mean)
        .mark_rule(strokeDash=[6, 4], size=2, color=MEAN)
        .encode(x="mean:Q", tooltip=[alt.Tooltip("mean:Q", title="mean of all customers", format=".3f")])
    )
    return _titled(alt.layer(bars, line), "Silhouettes of customers, by segment", 420).add_params(_picked())


def _by_number(data: ReportData, values: Sequence[float | None], what: str, title: str) -> Chart:
    points = alt.InlineData(
        values=[
            {"k": row["n_clusters"], what: value, "chosen": "chosen" if row["is_selected"] else "tried"}
            for row, value in zip(data.metrics, values, strict=True)
            if value is not None
        ]
    )
    base = alt.Chart(points).encode(
        x=alt.X("k:O", title="number of segments", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(f"{what}:Q", title=what),
        tooltip=[alt.Tooltip("k:O", title="segments"), alt.Tooltip(f"{what}:Q", format=",.4g"), "chosen:N"],
    )
    kinds, below = ["tried", "chosen"], alt.Legend(orient="bottom")
    marks = base.mark_point(filled=True, opacity=1).encode(
        color=alt.Color("chosen:N", title=None, scale=alt.Scale(domain=kinds, range=[OTHER, CHOSEN]), legend=below),
        shape=alt.Shape(
            "chosen:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"]), legend=below
        ),
        size=alt.Size("chosen:N", title=None, scale=alt.Scale(domain=kinds, range=[60, 240]), legend=below),
    )
    return _titled(alt.layer(base.mark_line(color=OTHER), marks), title)


def _titled(chart: Chart, description: str, height: int | alt.Step = 340) -> Chart:
    return chart.properties(width=560, height=height, description=description)


def _customers(data: ReportData) -> alt.Chart:
    """A chart of the customers. Altair names equal data equally, so a page can include data of several charts once."""
    return alt.Chart(alt.InlineData(values=data.customers))


def _picked() -> alt.Parameter:
    return alt.param(name="picked", value={})


def _color(data: ReportData) -> alt.Color:
    return alt.Color("segment:N", title="segment", scale=_scale(data, COLORS), legend=_legend(data))


def _scale(data: ReportData, values: Sequence[str]) -> alt.Scale:
    ids = [segment.segment_id for segment in data.segments]
    return alt.Scale(domain=ids, range=[values[place % len(values)] for place in range(len(ids))])


def _legend(data: ReportData) -> alt.Legend:
    names = {str(segment.segment_id): _label(segment.segment_id, segment.name) for segment in data.segments}
    return alt.Legend(orient="bottom", columns=1, labelLimit=320, labelExpr=f"{json.dumps(names)}[datum.value]")


def _rounded(z_score: float | None) -> float | None:
    """Round to one decimal, without minus zero."""
    return None if z_score is None else round(z_score, 1) + 0.0


def _label(segment_id: int, name: str) -> str:
    return f"{segment_id} {name}"


def _long_labels() -> alt.Axis:
    return alt.Axis(labelLimit=260)
