"""Settings as people wrote them, in the `meta` of a dbt model."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mallard.errors import MallardError
from mallard.inputs.settings import Settings, described
from mallard.inputs.values import shown

OWN_KEYS = "; if it is a key of your own in meta, put the settings under mallard beside it"


def read_settings(meta: Any, composed: bool = False) -> Settings:
    """The settings in the `meta` of a dbt model.

    Args:
        meta: a mapping of settings to values.
        composed: whether the model is a Python model of a project that composes the steps itself.

    Raises:
        MallardError: there is no such setting, or a setting makes no sense.
    """
    known = [name for name, setting in described().items() if setting.composable or not composed]
    check_known(meta, known, _unknown)
    return Settings(**{name: _with_names(name, value) for name, value in meta.items()})


def unknown(name: str, known: Sequence[str], hint: str = "") -> str:
    """What to do about a setting that there isn't. The hint ends the remedy where no name is near."""
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    remedy = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(known)}{hint}."
    return f"there is no such setting; {remedy}"


def check_known(meta: Any, known: Sequence[str], remedy: Callable[[str, Sequence[str]], str] = unknown) -> None:
    """Refuse what isn't a mapping, or names a setting that there isn't.

    Args:
        known: the names of the settings.
        remedy: what to do about another name.

    Raises:
        MallardError: it is refused.
    """
    if not isinstance(meta, Mapping):
        raise MallardError(f"the settings are {shown(meta)}: give them as {{setting: value, ...}}.")
    for name, value in meta.items():
        if name not in known:
            raise MallardError(f"setting {name} is {shown(value)}: {remedy(str(name), known)}")


def _with_names(setting: str, value: Any) -> Any:
    """The value of a setting, with the names of columns as text: YAML reads a column called 2020 as a number."""
    if setting in ("id", "group_by", "weight_column", "value_column"):
        return _name(value)
    if setting in ("features", "profile_columns") and isinstance(value, list | tuple):
        return [_name(column) for column in value]
    if setting in ("features", "feature_words") and isinstance(value, Mapping):
        return {_name(column): of_column for column, of_column in value.items()}
    return value


def _name(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def check_misplaced(config: Container[str], beside: Container[str] = ()) -> None:
    """Refuse settings that stand beside `meta` instead of in it, or in two places of it.

    Args:
        config: the keys of the configuration of a dbt model.
        beside: the keys of `meta`, if the settings are under `mallard` in it.

    Raises:
        MallardError: one of them is the name of a setting.
    """
    doubled = [name for name in described() if name in beside]
    if doubled:
        raise MallardError(
            f"setting {doubled[0]} is in meta, but others are under mallard in meta, perhaps from dbt_project.yml, and "
            "only those count: put all of them under mallard, or none."
        )
    if "mallard" in config:
        raise MallardError(
            "mallard is in the wrong place: settings belong in meta, such as meta={'mallard': {'id': ...}} in config() "
            "or +meta: {mallard: {id: ...}} in dbt_project.yml."
        )
    misplaced = [name for name in described() if name in config]
    if misplaced:
        raise MallardError(
            f"setting {misplaced[0]} is in the wrong place: settings belong in meta, such as "
            f"meta={{'{misplaced[0]}': ...}} in config()."
        )


def _unknown(name: str, known: Sequence[str]) -> str:
    if name == "weight_column":
        return "name it once, in the macro mallard.features, which hands it on."
    if name in described():
        return "a Python model that calls fit_segments has no such setting; leave it out."
    return unknown(name, known, OWN_KEYS)
