"""The report as one HTML file that needs no server and no network."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mallard.figures import figure
from mallard.labels import capital, plain
from mallard.report import (
    algorithm_words,
    axes,
    border_words,
    card_words,
    charts,
    divisions_chart,
    drift_words,
    explanation_words,
    fate_words,
    history_words,
    page_tables,
    rule_words,
    verdict_words,
    words,
)
from mallard.report import value_words as of_value
from mallard.report.border_charts import border_chart, first_borders
from mallard.report.data import Border, ReportData, silhouette_of
from mallard.report.encodings import COLORS
from mallard.report.history import Part
from mallard.report.policy import content_security_policy
from mallard.report.rule_tree import rule_tree
from mallard.report.script_facts import differences_facts, finder_facts
from mallard.report.specs import spec_of
from mallard.report.suggestions import suggestions
from mallard.report.transitions_chart import columns_of, flows_chart
from mallard.report.value_chart import value_chart

SCRIPTS = ("page.js", "page.csv.js", "page.file.js", "page.finder.js", "page.differences.js")
SHOWN_ON_BORDER = 20
BESIDE = 8
"""Most columns of matrices that stand beside each other."""


def render(data: ReportData, vega: str) -> str:
    """The report as HTML.

    Args:
        vega: the script that draws charts, see `mallard.report.vega`.
    """
    folder = files("mallard.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"capital": capital, "figure": figure, "plain": plain}
    template = environment.from_string((folder / "page.html.j2").read_text("utf-8"))
    names = {segment.segment_id: segment.name for segment in data.segments}
    style = (folder / "page.css").read_text("utf-8") + _colors_of_cards()
    vega = vega.replace("</script", r"<\/script")
    script = "\n".join((folder / name).read_text("utf-8") for name in SCRIPTS)
    return template.render(
        data=data,
        names=names,
        words=words,
        cards=card_words,
        of_value=of_value,
        tables=page_tables,
        suggestions=suggestions(data),
        verdict=verdict_words,
        of_borders=border_words,
        of_algorithms=algorithm_words,
        first_borders=first_borders(data),
        border_place=_border_place,
        history=data.history,
        of_history=history_words,
        of_drift=drift_words,
        of_fate=fate_words,
        of_rules=rule_words,
        of_explanations=explanation_words,
        tree=rule_tree(data.rules) if data.rules else [],
        color_of=_color_of(data),
        flows_place=_flows_place,
        are_beside=_most_columns(data) <= BESIDE,
        links=divisions_chart.thick(data.divisions),
        silhouette_of=silhouette_of,
        titles=axes.axis_titles(data),
        axes=dict(zip("xy", data.axes, strict=True)),
        shown_on_border=SHOWN_ON_BORDER,
        policy=content_security_policy([vega, script], [style]),
        style=Markup(style),
        script=Markup(script),
        vega=Markup(vega),
        licences=(folder / "page.licences.txt").read_text("utf-8"),
        facts=_for_script(_facts(data, names)),
    )


def _colors_of_cards() -> str:
    """Style rules, because the page allows no styles in attributes."""
    rules = (f".color-{i} {{ --segment: {color}; }}\n" for i, color in enumerate(COLORS))
    return "".join(rules)


def _color_of(data: ReportData) -> dict[int, str]:
    """The class of each segment's colour, by its id."""
    return {segment.segment_id: f"color-{i % len(COLORS)}" for i, segment in enumerate(data.segments)}


def _facts(data: ReportData, names: dict[int, str]) -> dict[str, Any]:
    """Data for the script; data that several charts share are included once, by name."""
    charts_of_page = {
        **({"value": value_chart(data)} if of_value.valued(data) else {}),
        "scatter": charts.scatter_plot(data),
        "heat-map": charts.heat_map(data),
        "elbow": charts.elbow_curve(data),
        "silhouette-curve": charts.silhouette_curve(data),
        "silhouettes": charts.silhouette_plot(data),
        **{_border_place(border): border_chart(data, border) for border in first_borders(data) if border.profile},
        **({"divisions": charts.divisions_chart(data)} if data.divisions else {}),
        **({"algorithms": charts.algorithms_chart(data)} if data.algorithms else {}),
        **{_flows_place(part): flows_chart(data, part) for part in (data.history.parts if data.history else [])},
    }
    specs = {name: spec_of(chart) for name, chart in charts_of_page.items()}
    named = {name: rows for spec in specs.values() for name, rows in spec.pop("datasets", {}).items()}
    return {
        "specs": specs,
        "named": {name: [_rounded(row) for row in rows] for name, rows in named.items()},
        "customers": specs["scatter"]["layer"][0]["data"]["name"],
        "noun": data.noun._asdict(),
        "features": len(data.features),
        "flows": _most_columns(data),
        "axes": {
            key: {channel: spec_of(axes.axis(data, channel, key)) for channel in "xy"} for key in axes.axis_titles(data)
        },
        "tooltip": list(charts.tooltip_labels(data).items()),
        "border": _border_table(data, names),
        "names": names,
        "isSample": data.is_sample,
        "finder": finder_facts(data),
        "differences": differences_facts(data),
    }


def _border_place(border: Border) -> str:
    """Id of the element in which the chart of a border is drawn."""
    return f"border-{border.first}-{border.second}"


def _flows_place(part: Part) -> str:
    """Id of the element in which the flows of a part are drawn."""
    return f"flows-{part}"


def _most_columns(data: ReportData) -> int:
    """The number of columns of the widest matrix of flows."""
    history = data.history
    return max((len(columns_of(history, part)) for part in history.parts), default=0) if history else 0


def _border_table(data: ReportData, names: dict[int, str]) -> list[list[Any]]:
    """Content of the CSV file: headings, then one row per customer; nothing if there are none."""
    headings = [
        data.noun.one,
        "segment",
        "next segment",
        "confidence",
        *(["probabilities", "main reason"] if data.explanations else []),
        *(feature.name for feature in data.features),
    ]
    rows = [
        [
            row["id"],
            names.get(row["segment"], ""),
            names.get(row["second"], ""),
            row["confidence"],
            *(
                [explanation_words.how_sure(data, row), explanation_words.main_reason(data, row)]
                if data.explanations
                else []
            ),
            *(row[f.key] for f in data.features),
        ]
        for row in data.near_border
    ]
    return [headings, *rows] if rows else []


def _for_script(facts: Any) -> Markup:
    """JSON that is safe in a script element: no text in it can end the element or begin a comment."""
    text = json.dumps(_finite(facts), separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))


def _finite(facts: Any) -> Any:
    """The same without numbers that JSON lacks."""
    if isinstance(facts, dict):
        return {key: _finite(value) for key, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [_finite(value) for value in facts]
    return None if isinstance(facts, float) and not math.isfinite(facts) else facts


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Round values to the digits that a chart can show."""
    return {
        key: float(f"{value:.6g}") if isinstance(value, float) and not value.is_integer() else value
        for key, value in row.items()
    }
