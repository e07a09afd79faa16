"""Chart of which customers went from which segment to which: a matrix of their numbers for each reason."""

from __future__ import annotations

import altair as alt

from mallard.errors import MallardError
from mallard.labels import capital
from mallard.report.data import ReportData
from mallard.report.encodings import Chart, safe_title, titled
from mallard.report.history import Flow, History, Part

STAYED = "#DCDCDC"
MOVED = ("#E6F0FA", "#5B9BD5")
CAME_OR_WENT = ("#FDF1E6", "#ED8B3A")
"""Colours of cells of few and of many; black numbers can be read on all of them."""
JOINED, LEFT, NONE = "joined", "left", "none"
"""Labels of the row and the columns that are no segments."""
STEP = 28
"""Pixels of a row."""
GAP = 0.06
"""Between cells, as a share of them."""
LONGEST = 9_999
"""Larger numbers are shortened."""
TITLES = {
    Part.BEHAVIOUR: "Moved because they behave differently",
    Part.REDEFINITION: "Moved because segments were redrawn",
    Part.TOGETHER: "Moved from build to build",
}


def transitions_chart(data: ReportData) -> alt.ConcatChart:
    """The flows of the last build, a matrix for each reason.

    Raises:
        MallardError: there are no flows.
    """
    if data.history is None or not data.history.parts:
        raise MallardError(f"{data.name} has no flows between segments: they need two builds, and may be hidden.")
    charts = [flows_chart(data, part).properties(title=TITLES[part]) for part in data.history.parts]
    chart: alt.ConcatChart = alt.concat(*charts, columns=1)
    return chart.properties(description=f"{capital(data.noun.many)} by the segment before and the segment now")


def flows_chart(data: ReportData, part: Part) -> Chart:
    """The flows of one reason: a row for each segment before, and a column for each one now."""
    history = data.history
    assert history is not None
    flows = [flow for flow in history.flows if flow.part is part and flow.n_customers]
    cells = alt.InlineData(values=_cells(history, flows))
    rows, columns = _rows(history, flows), columns_of(history, part)
    fields = alt.Chart(cells).encode(
        x=alt.X(
            "to:N",
            title="segment now",
            sort=None,
            scale=alt.Scale(domain=columns, paddingInner=GAP),
            axis=alt.Axis(orient="top", labelAngle=0, labelOverlap=False),
        ),
        y=alt.Y(
            "from:N",
            title=None,
            sort=None,
            scale=alt.Scale(domain=rows, paddingInner=GAP),
            axis=alt.Axis(labelLimit=260),
        ),
        tooltip=[
            alt.Tooltip("from:N", title="before"),
            alt.Tooltip("toLabel:N", title="now"),
            alt.Tooltip("n:Q", title=safe_title(data.noun.many), format=","),
            alt.Tooltip("share:Q", title="share of the segment", format=".1%"),
        ],
    )
    rectangles = fields.mark_rect(aria=False, cornerRadius=2).encode(color=alt.Color("fill:N", scale=None, legend=None))
    numbers = fields.mark_text(color="black", fontSize=12, aria=False).encode(text="number:N")
    description = f"{capital(data.noun.many)} by the segment before and the segment now: {TITLES[part].lower()}"
    return titled(alt.layer(rectangles, numbers), description, alt.Step(STEP))


def columns_of(history: History, part: Part) -> list[str]:
    """Labels of the columns of a matrix."""
    flows = [flow for flow in history.flows if flow.part is part and flow.n_customers]
    there = {flow.target for flow in flows if flow.kind != LEFT}
    if part is not Part.REDEFINITION:
        there |= {flow.source for flow in flows if flow.kind != JOINED}
    segments = [str(segment) for segment in sorted(segment for segment in there if segment is not None)]
    return segments + [NONE] * (None in there) + [LEFT] * any(flow.kind == LEFT for flow in flows)


def _rows(history: History, flows: list[Flow]) -> list[str]:
    there = {flow.source for flow in flows if flow.kind != JOINED}
    segments = sorted(segment for segment in there if segment is not None)
    last = [JOINED] * any(flow.kind == JOINED for flow in flows)
    return [*map(history.label, segments), *[history.label(None)] * (None in there), *last]


def _cells(history: History, flows: list[Flow]) -> list[dict[str, object]]:
    """A cell for each flow, coloured by its share of the segment where it begins, or of that where it ends."""
    sizes = {
        (end, segment): sum(flow.n_customers for flow in flows if getattr(flow, end) == segment)
        for flow in flows
        for end, segment in (("source", flow.source), ("target", flow.target))
    }
    shares = {
        flow: flow.n_customers / sizes["target", flow.target]
        if flow.kind == JOINED
        else flow.n_customers / sizes["source", flow.source]
        for flow in flows
    }
    largest = max((share for flow, share in shares.items() if flow.kind != "stayed"), default=1.0)
    return [
        {
            "from": JOINED if flow.kind == JOINED else history.label(flow.source),
            "to": LEFT if flow.kind == LEFT else NONE if flow.target is None else str(flow.target),
            "toLabel": LEFT if flow.kind == LEFT else history.label(flow.target),
            "n": flow.n_customers,
            "number": _short(flow.n_customers),
            "share": shares[flow],
            "fill": _fill(flow.kind, shares[flow] / largest),
        }
        for flow in flows
    ]


def _fill(kind: str, weight: float) -> str:
    """The colour of a cell, as much like the darker one of its kind as its weight says, 0 to 1."""
    if kind == "stayed":
        return STAYED
    light, dark = MOVED if kind == "moved" else CAME_OR_WENT
    channels = (round(int(light[i : i + 2], 16) * (1 - weight) + int(dark[i : i + 2], 16) * weight) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _short(n: int) -> str:
    """A number that fits into a cell."""
    if n <= LONGEST:
        return f"{n:,}"
    size, letter = (1e3, "k") if n < 999_500 else (1e6, "M")
    return f"{n / size:.3g}{letter}"
