"""The settings of a fit from the command line: those of a YAML file, and options that replace them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mallard.errors import MallardError


def merged_settings(file: Path | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a YAML file, and over these the options that somebody gave.

    Args:
        file: a mapping of settings to values.
        options: None or empty if not given.

    Raises:
        MallardError: the file isn't such a mapping.
    """
    given = {name: value for name, value in options.items() if value not in (None, [])}
    if file is None:
        return given
    import yaml

    try:
        said = yaml.safe_load(file.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError):
        said = None
    if not isinstance(said, Mapping):
        raise MallardError(f"{file} isn't YAML with settings: write a line `setting: value` for each.")
    return dict(said) | given
