"""Whether the settings, the columns or the method changed since a version was fitted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mallard import __version__
from mallard.errors import MallardError
from mallard.inputs.settings import CLUSTERS_OF, FEATURES_OF, Settings, described
from mallard.inputs.values import shown
from mallard.sql.columns import Column

METHOD = 1
"""Counts up when the library finds other segments for the same data and settings."""
EXACT = re.compile(r"u?(tiny|small|big|huge)?int(eger)?|decimal.*|bignum")
"""Types of numbers that are never NaN or infinite."""
OF_OLD_ONES = ("n_init", "random_state")
"""Settings by which nobody asks for other segments: with another seed, those that are known stay good."""
OF_RULES = ("assignment", "rules")
"""Settings that matter only where rules give the segments."""


def what_matters(
    settings: Settings, columns: Sequence[Column], sizes: Mapping[str, int], starts: str | None = None
) -> dict[str, Any]:
    """What a fit depends on besides the data, fit for JSON.

    Args:
        settings: spelled as in the table, with every feature listed.
        columns: all of the table.
        sizes: of the vectors, by their columns.
        starts: what changes if the given centroids do.
    """
    kinds = {column.name: column.kind for column in columns}
    matter = [
        name
        for name, setting in described().items()
        if setting.group in (FEATURES_OF, CLUSTERS_OF) and name not in (*OF_OLD_ONES, *OF_RULES)
    ]
    if settings.min_value_share is not None:
        matter.append("value_column")
    of_rules = {"assignment": settings.assignment, "rules": settings.rules or True} if settings.is_by_rules else {}
    return {
        "settings": {name: getattr(settings, name) for name in matter} | of_rules,
        "columns": {feature: kinds[feature] for feature in settings.features or ()},
        "sizes": dict(sizes),
        "starts": starts,
        "method": METHOD,
        "library": __version__,
    }


def can_score(fitted: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the customers of today have what a version needs to score them.

    Args:
        fitted: what `what_matters` said when the version was fitted.
        now: what it says today.
    """
    are_known = all(are_alike(kind, now["columns"].get(column)) for column, kind in fitted["columns"].items())
    return are_known and _resized(fitted, now) == []


def _resized(fitted: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The vectors whose size is another than at the fit, with both."""
    return [
        f"column {column} had {size} numbers and has {now['sizes'][column]}"
        for column, size in fitted["sizes"].items()
        if now["sizes"].get(column, size) != size
    ]


def can_compare(fitted: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether drift can be measured: the version scores the customers of today, and they count by the same column."""
    return can_score(fitted, now) and _weight(fitted) == _weight(now)


def _weight(matters: Mapping[str, Any]) -> Any:
    return _value("weight_column", matters)


def _value(setting: str, matters: Mapping[str, Any]) -> Any:
    """What a setting was; if it didn't matter, its default."""
    return matters["settings"].get(setting, getattr(Settings, setting))


def are_alike(fitted: str, now: str | None) -> bool:
    """Whether a column of another type than at the fit is as good: exact numbers are, also in place of inexact ones."""
    if now is None or fitted == now:
        return now is not None
    return _is_exact(now) and (_is_exact(fitted) or fitted in ("float", "double"))


def _is_exact(kind: str) -> bool:
    return EXACT.fullmatch(kind) is not None


def reason_to_fit(
    fitted: Mapping[str, Any] | None,
    now: Mapping[str, Any],
    refit: str,
    full_refresh: bool,
    lost: Sequence[str] = (),
) -> str | None:
    """Why a new version has to be fitted, whatever the data; None if the one that is there will do.

    Args:
        fitted: what `what_matters` said when the version was fitted; None if there is none.
        now: what it says today.
        refit: see the setting.
        full_refresh: whether the user asked for a new version.
        lost: names of tables that are gone, and that only a fit can make anew.

    Raises:
        MallardError: the version can't be used, and a new one isn't allowed.
    """
    if fitted is None:
        return "there was no version before"
    if full_refresh:
        return "--full-refresh asks for it"
    if refit == "always":
        return "setting refit is always"
    changed = f"the table {lost[0]} is gone" if lost else _what_changed(fitted, now)
    if refit == "never":
        _check_can_stay(fitted, now, lost)
        return None
    return changed


def _check_can_stay(fitted: Mapping[str, Any], now: Mapping[str, Any], lost: Sequence[str]) -> None:
    remedy = "set it to when_needed, or run dbt build --full-refresh"
    for column, kind in fitted["columns"].items():
        if not are_alike(kind, now["columns"].get(column)):
            raise MallardError(
                f"setting refit is never, but column {column} of the version that is there, {kind.upper()}, is "
                f"{now['columns'].get(column, 'not there').upper()}: {remedy}."
            )
    if resized := _resized(fitted, now):
        raise MallardError(f"setting refit is never, but {resized[0]}: {remedy}.")
    for name in ("weight_column", *OF_RULES):
        before, after = _value(name, fitted), _value(name, now)
        if before != after:
            raise MallardError(
                f"setting refit is never, but {name} was {shown(before)} at the fit and is {shown(after)}: {remedy}."
            )
    if lost:
        raise MallardError(f"setting refit is never, but the table {lost[0]} is gone: {remedy}.")


def _what_changed(fitted: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    before, after = fitted["columns"], now["columns"]
    if added := [column for column in after if column not in before]:
        return f"feature {added[0]} is new"
    if gone := [column for column in before if column not in after]:
        return f"feature {gone[0]} is gone"
    for column, kind in after.items():
        if not are_alike(before[column], kind):
            return f"column {column} was {before[column].upper()} and is {kind.upper()}"
    if resized := _resized(fitted, now):
        return resized[0]
    for name in OF_RULES:
        earlier, value = _value(name, fitted), _value(name, now)
        if earlier != value:
            return f"setting {name} was {shown(earlier)} and is {shown(value)}"
    for name, value in now["settings"].items():
        earlier = fitted["settings"].get(name)
        if earlier != value and name != "features":
            return f"setting {name} was {shown(earlier)} and is {shown(value)}"
    if fitted["settings"].get("features") != now["settings"]["features"]:
        return "scales or weights in features changed"
    if fitted["starts"] != now["starts"]:
        return "the given centroids changed"
    return "the library finds segments in another way" if fitted["method"] != now["method"] else None
