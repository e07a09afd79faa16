"""A dbt project with nothing but one segmentation."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mallard.errors import MallardError
from mallard.start.texts import in_jinja

PROFILE, TARGET = "mallard_fit", "fit"
NAME = re.compile(r"\w+")
PROJECT = f"""\
name: {PROFILE}
version: "1.0.0"
config-version: 2
profile: {PROFILE}
flags:
  send_anonymous_usage_stats: false
"""
PROFILES = """\
{profile}:
  target: {target}
  outputs:
    {target}:
      type: duckdb
      path: {path}
      schema: {schema}
      threads: 1
"""


def check_name(name: str) -> None:
    """Refuse a name that the file of a model can't have.

    Raises:
        MallardError: it isn't made of letters, digits and underscores.
    """
    if not NAME.fullmatch(name):
        raise MallardError(f"--name is {name}: use letters, digits and underscores.")


def write_project(
    folder: Path, package: Path, file: Path, schema: str, name: str, source: str, settings: Mapping[str, Any]
) -> None:
    """Write a project whose one model segments a table of a DuckDB file.

    Args:
        folder: an empty folder.
        package: that of the dbt package, of which the project gets the macros.
        source: the table, by its name in SQL.
        settings: as in the `meta` of a model.
    """
    (folder / "dbt_project.yml").write_text(PROJECT, "utf-8")
    path = _in_yaml(str(file.resolve()))
    profiles = PROFILES.format(profile=PROFILE, target=TARGET, path=path, schema=_in_yaml(schema))
    (folder / "profiles.yml").write_text(profiles, "utf-8")
    _write_package(folder / "dbt_packages" / "mallard", package)
    models = folder / "models"
    models.mkdir()
    # Other segmentations in the file have no model in this project, and aren't what this one was called before.
    settings = {"first_version_from": name, **settings}
    meta = f"fromjson({in_jinja(json.dumps(settings))})"
    (models / f"{name}.sql").write_text(
        f"{{{{ config(materialized='segmentation', meta={meta}) }}}}\n\nselect * from {{{{ {in_jinja(source)} }}}}\n",
        "utf-8",
    )


def _write_package(folder: Path, package: Path) -> None:
    """Write the macros of the dbt package, and what its project says that isn't about the sample."""
    import yaml

    folder.mkdir(parents=True)
    said = yaml.safe_load((package / "dbt_project.yml").read_text("utf-8"))
    kept = {key: said[key] for key in ("name", "version", "config-version", "require-dbt-version", "on-run-start")}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(kept), "utf-8")
    shutil.copytree(package / "macros", folder / "macros", ignore=shutil.ignore_patterns("*.yml", ".*"))


def _in_yaml(text: str) -> str:
    """A text in a profile, of which dbt runs what looks like Jinja."""
    return json.dumps(f"{{{{ {in_jinja(text)} }}}}", ensure_ascii=False)
