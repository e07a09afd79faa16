"""The settings as a page of documentation."""

from __future__ import annotations

import dataclasses

from mallard.settings import ClusterSettings, FeatureSettings, described

HEADINGS = {
    FeatureSettings: "What customers are compared by",
    ClusterSettings: "How many segments there may be, and how they are found",
}
INTRODUCTION = """# Settings

They stand in the `meta` of a model with the materialization `segmentation`, or, if that has keys of your own, under
`mallard` in it. A Python model that calls `mallard.dbt_model.fit_segments` takes those of the second table. Printed by
`mallard settings`.
"""


def settings_page() -> str:
    """Every setting with its default, the values it may have and what it means, in Markdown."""
    parts = [INTRODUCTION]
    for kind, heading in HEADINGS.items():
        defaults = {
            field.name: "" if field.default is None else f"`{field.default}`" for field in dataclasses.fields(kind)
        }
        rows = [
            f"| `{name}` | {defaults[name]} | {values.description} | {meaning} |"
            for name, (values, meaning) in described(kind).items()
        ]
        parts += [f"## {heading}\n", "| setting | default | values | meaning |", "|---|---|---|---|", *rows, ""]
    return "\n".join(parts)
