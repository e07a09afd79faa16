"""Whether the settings, the columns or the method changed since a version was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mallard.inputs.settings import CLUSTERS_OF, FEATURES_OF, Settings, described
from mallard.inputs.values import shown
from mallard.sql.columns import Column

METHOD = 1
"""Counts up when the library finds other segments for the same data and settings."""
OF_OLD_ONES = ("n_init", "random_state")
"""Settings by which nobody asks for other segments: with another seed, those that are known stay good."""


def what_matters(settings: Settings, columns: Sequence[Column]) -> dict[str, Any]:
    """What a fit depends on besides the data, fit for JSON.

    Args:
        settings: spelled as in the table, with every feature listed.
        columns: all of the table.
    """
    kinds = {column.name: column.kind for column in columns}
    matter = [
        name
        for name, setting in described().items()
        if setting.group in (FEATURES_OF, CLUSTERS_OF) and name not in OF_OLD_ONES
    ]
    return {
        "settings": {name: getattr(settings, name) for name in matter},
        "columns": {feature: kinds[feature] for feature in settings.features or ()},
        "method": METHOD,
    }


def reason_to_fit(
    fitted: Mapping[str, Any] | None, now: Mapping[str, Any], refit: str, full_refresh: bool
) -> str | None:
    """Why a new version has to be fitted, whatever the data; None if the one that is there will do.

    Args:
        fitted: what `what_matters` said when the version was fitted; None if there is none.
        now: what it says today.
        refit: see the setting.
        full_refresh: whether the user asked for a new version.
    """
    if fitted is None:
        return "there was no version before"
    if full_refresh:
        return "--full-refresh asks for it"
    if refit == "always":
        return "setting refit is always"
    return None if refit == "never" else _what_changed(fitted, now)


def _what_changed(fitted: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    before, after = fitted["columns"], now["columns"]
    if added := [column for column in after if column not in before]:
        return f"feature {added[0]} is new"
    if gone := [column for column in before if column not in after]:
        return f"feature {gone[0]} is gone"
    for column, kind in after.items():
        if before[column] != kind:
            return f"column {column} was {before[column].upper()} and is {kind.upper()}"
    for name, value in now["settings"].items():
        earlier = fitted["settings"].get(name)
        if earlier != value and name != "features":
            return f"setting {name} was {shown(earlier)} and is {shown(value)}"
    if fitted["settings"].get("features") != now["settings"]["features"]:
        return "scales or weights in features changed"
    return "the library finds segments in another way" if fitted["method"] != now["method"] else None
