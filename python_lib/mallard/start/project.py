"""The dbt project that a segmentation is written into, and what it calls a table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mallard.engines.duckdb.database import COPIES
from mallard.errors import MallardError
from mallard.sql.text import folded, literal
from mallard.start.texts import in_jinja

DEFAULTS = {"model-paths": ["models"], "seed-paths": ["seeds"], "snapshot-paths": ["snapshots"]}
NODES = {"model-paths": (".sql", ".py"), "seed-paths": (".csv",), "snapshot-paths": (".sql",)}
"""The endings of files that dbt makes tables of."""


@dataclass(frozen=True)
class Source:
    """A table that dbt doesn't make.

    Attributes:
        location: where the rows are, if it is a file; None if it is in the warehouse.
    """

    schema: str
    table: str
    location: str | None


@dataclass(frozen=True)
class Project:
    """The folder of a dbt project.

    Attributes:
        paths: the folders of models, seeds and snapshots, as dbt_project.yml calls them.
    """

    folder: Path
    paths: dict[str, list[str]]

    @property
    def models(self) -> Path:
        return self.folder / self.paths["model-paths"][0]

    def files_of(self, name: str) -> list[Path]:
        """The files of models, seeds and snapshots with this name."""
        return [
            file
            for kind, endings in NODES.items()
            for path in self.paths[kind]
            for file in sorted((self.folder / path).rglob("*"))
            if file.suffix in endings and folded(file.stem) == folded(name)
        ]

    def is_seed(self, file: Path) -> bool:
        folders = [(self.folder / path).resolve() for path in self.paths["seed-paths"]]
        return file.suffix.lower() == ".csv" and any(folder in file.resolve().parents for folder in folders)

    @property
    def has_package(self) -> bool:
        """Whether dbt deps has installed Mallard."""
        return (self.folder / "dbt_packages" / "mallard").is_dir()


def open_project(folder: Path) -> Project:
    """The project in a folder.

    Raises:
        MallardError: there is none.
    """
    file = folder / "dbt_project.yml"
    if not file.is_file():
        raise MallardError(f"{folder} has no dbt_project.yml: run dbt init first, or name the folder with --project.")
    import yaml

    try:
        said: Any = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise MallardError(f"{file} isn't YAML: dbt parse says where the mistake is.") from None
    said = said if isinstance(said, dict) else {}
    return Project(folder, {kind: said.get(kind) or paths for kind, paths in DEFAULTS.items()})


def reference(project: Project, file: Path, schema: str, table: str) -> str | Source:
    """What dbt calls a table: the name of a model, seed or snapshot, or a source.

    Args:
        file: where it is: a DuckDB file, or a file with the rows.
        schema, table: its name in a DuckDB file.
    """
    is_file_of_rows = file.suffix.lower() in COPIES
    if project.is_seed(file) if is_file_of_rows else project.files_of(table):
        return table
    return Source("files" if is_file_of_rows else schema, table, _location(project, file) if is_file_of_rows else None)


def reference_sql(relation: str | Source) -> str:
    """What dbt knows a table by, in Jinja."""
    if isinstance(relation, str):
        return f"ref({in_jinja(relation)})"
    return f"source({in_jinja(relation.schema)}, {in_jinja(relation.table)})"


def _location(project: Project, file: Path) -> str:
    """The rows of a file in SQL, by its path from the project if it is in it."""
    path, folder = file.resolve(), project.folder.resolve()
    shown = path.relative_to(folder) if folder in path.parents else path
    text = literal(str(shown).replace(os.sep, "/"))
    return f"{COPIES[file.suffix.lower()]}({text})"
