"""What the charts have in common: colours, shapes and names of segments, and how a selection looks."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from mallard.report.data import ReportData, Row, Segment

COLORS = ("#0072B2", "#D55E00", "#009870", "#C2669A", "#A97900", "#1F88C2", "#9C6355", "#7F7F7F")
"""Okabe and Ito's palette for the colour-blind, darker where it needs
to be three times as light or dark as the page, in both of its schemes; when colours repeat, shapes differ."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
MEAN = "#767676"
PICKED = (
    "(!picked.segment || datum.segment == picked.segment)"
    " && (!picked.x || (isValid(datum[picked.x]) && datum[picked.x] >= picked.x0 && datum[picked.x] <= picked.x1))"
    " && (!picked.y || (isValid(datum[picked.y]) && datum[picked.y] >= picked.y0 && datum[picked.y] <= picked.y1))"
)
"""Vega expression: whether a customer is selected in another chart, by segment or by two ranges of values.

Vega pastes titles of tooltips, and the titles that it reads to the blind, into such expressions, and puts values there
that it sorts by. So no text from the data is a title other than of an axis, or in a sort, a condition or an expression.
"""
LONGEST = 320
"""Pixels of a label; longer ones end in an ellipsis."""

Chart = alt.LayerChart | alt.FacetChart | alt.ConcatChart


def safe_title(text: str) -> str:
    """A title that ends in a space. Vega fails over one that is a property of all objects, such as "constructor"."""
    return f"{text} "


def titled(chart: Chart, description: str, height: int | alt.Step = 340) -> Chart:
    """The chart with its size, and with words for those who can't see it."""
    return chart.properties(width=560, height=height, description=description)


def selectable(chart: Chart) -> Chart:
    """The chart with the parameter of `PICKED`, which the page sets to what is selected."""
    return chart.add_params(alt.param(name="picked", value={}))


def by_segment(data: ReportData, rows: Sequence[Row]) -> alt.Chart:
    """A chart of rows that have a `segment`, and get its `label`.

    The rows are a tuple in it: a list of thousands would be copied, value by value, whenever Altair changes the chart.
    """
    labels = alt.InlineData(values=[{"segment": s.segment_id, "label": s.label} for s in visible(data)])
    return alt.Chart(alt.InlineData(values=tuple(rows))).transform_lookup(
        lookup="segment", from_=alt.LookupData(data=labels, key="segment", fields=["label"])
    )


def visible(data: ReportData) -> list[Segment]:
    """The segments that have figures."""
    return [segment for segment in data.segments if not segment.is_hidden]


def colors(data: ReportData) -> dict[int, str]:
    """The colour of each segment that has figures, by its id."""
    shown = {segment.segment_id for segment in visible(data)}
    in_order = enumerate(segment.segment_id for segment in data.segments)
    return {segment: COLORS[i % len(COLORS)] for i, segment in in_order if segment in shown}


def color(data: ReportData) -> alt.Color:
    """The colour of each segment, by its label."""
    return alt.Color("label:N", title="segment", scale=_scale(data, COLORS), legend=_legend())


def shape(data: ReportData) -> alt.Shape:
    """The shape of each segment, by its label."""
    return alt.Shape("label:N", title="segment", scale=_scale(data, SHAPES), legend=_legend())


def segment_axis(data: ReportData) -> alt.Y:
    """A row for each segment, in order."""
    domain = [segment.label for segment in visible(data)]
    return alt.Y("label:N", title=None, sort=None, scale=alt.Scale(domain=domain), axis=alt.Axis(labelLimit=260))


def _scale(data: ReportData, values: Sequence[str]) -> alt.Scale:
    of_segments = {segment.label: values[i % len(values)] for i, segment in enumerate(data.segments)}
    labels = [segment.label for segment in visible(data)]
    return alt.Scale(domain=labels, range=[of_segments[label] for label in labels])


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", columns=1, labelLimit=LONGEST)
