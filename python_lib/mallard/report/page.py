"""One HTML file that needs nothing else: no server, no network."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mallard.figures import figure
from mallard.report import charts, words
from mallard.report.data import ReportData, silhouette_of

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
SHOWN_ON_BORDER = 20


def render(data: ReportData) -> str:
    """The report as HTML."""
    folder = files("mallard.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "page.html.j2").read_text("utf-8"))
    names = {segment.segment_id: segment.name for segment in data.segments}
    specs = {
        "scatter": charts.scatter_plot(data),
        "heat-map": charts.heat_map(data),
        "elbow": charts.elbow_curve(data),
        "silhouette-curve": charts.silhouette_curve(data),
        "silhouettes": charts.silhouette_plot(data),
    }
    return template.render(
        data=data,
        names=names,
        words=words,
        figure=figure,
        silhouette_of=silhouette_of,
        titles=charts.axis_titles(data),
        axes=dict(zip("xy", charts.axes(data), strict=True)),
        colors={s.segment_id: charts.COLORS[i % len(charts.COLORS)] for i, s in enumerate(data.segments)},
        shown_on_border=SHOWN_ON_BORDER,
        style=Markup((folder / "page.css").read_text("utf-8")),
        script=Markup((folder / "page.js").read_text("utf-8")),
        vega=Markup(
            vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE).replace("</script", r"<\/script")
        ),
        facts=_for_script(
            {
                "specs": {name: chart.to_dict() for name, chart in specs.items()},
                "border": [_border_row(row, data, names) for row in data.border],
                "names": names,
            }
        ),
    )


def _border_row(row: dict[str, Any], data: ReportData, names: dict[int, str]) -> dict[str, Any]:
    """As the CSV file has it."""
    values = {feature.name: row[feature.key] for feature in data.features}
    return {
        "customer": row["id"],
        "segment": names[row["segment"]],
        "next_segment": names[row["second"]],
        "confidence": row["confidence"],
        **values,
    }


def _for_script(facts: Any) -> Markup:
    """JSON that can stand in a script element: no text in it can end the element or begin a comment."""
    text = json.dumps(_shared(facts), separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))


def _shared(facts: Any) -> Any:
    """The same with data that several charts have by name told once."""
    named: dict[str, Any] = {}

    def told_once(value: Any) -> Any:
        if isinstance(value, dict):
            if {"name", "values"} <= value.keys():
                named[value["name"]] = value["values"]
                return {"name": value["name"]}
            return {key: told_once(of) for key, of in value.items()}
        return [told_once(item) for item in value] if isinstance(value, list) else value

    return told_once(facts) | {"named": named}
