"""The settings as a page of documentation."""

from __future__ import annotations

import dataclasses

from mallard.inputs.settings import GROUPS, Settings, described

INTRODUCTION = """# Settings

Settings belong in the `meta` of a model with the materialization `segmentation`. If `meta` also has keys of your own,
put the settings under `mallard` in it. A Python model that calls `mallard.dbt_model.fit_segments` accepts those marked
with an asterisk. `mallard settings` prints this page.
"""


def settings_page() -> str:
    """Every setting with its default, the values it accepts and its meaning, in Markdown."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    parts = [INTRODUCTION]
    for group in GROUPS:
        rows = [
            f"| `{name}`{' *' if setting.composable else ''} | {_shown(defaults[name])} | {setting.values.description} "
            f"| {setting.meaning} |"
            for name, setting in described().items()
            if setting.group == group
        ]
        parts += [f"## {group}\n", "| setting | default | values | meaning |", "|---|---|---|---|", *rows, ""]
    return "\n".join(parts)


def _shown(default: object) -> str:
    """As YAML has it."""
    return "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
