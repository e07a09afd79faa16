"""The dbt project that a segmentation is written into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mallard.errors import MallardError
from mallard.sql.text import folded

DEFAULTS = {"model-paths": ["models"], "seed-paths": ["seeds"], "snapshot-paths": ["snapshots"]}
NODES = {"model-paths": (".sql", ".py"), "seed-paths": (".csv",), "snapshot-paths": (".sql",)}
"""The endings of files that dbt makes tables of."""


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

    def properties(self, replaced: Path) -> list[dict[str, Any]]:
        """What the YAML files beside models and seeds say, but for one; what isn't YAML says nothing."""
        folders = [*self.paths["model-paths"], *self.paths["seed-paths"]]
        files = [file for path in folders for file in sorted((self.folder / path).rglob("*.y*ml"))]
        return [said for file in files if file != replaced and (said := _read(file)) is not None]

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
    said = _read(file)
    if said is None:
        raise MallardError(f"{file} isn't YAML: dbt parse says where the mistake is.")
    return Project(folder, {kind: said.get(kind) or paths for kind, paths in DEFAULTS.items()})


def _read(file: Path) -> dict[str, Any] | None:
    """What a YAML file says; None if it isn't one."""
    import yaml

    try:
        said = yaml.safe_load(file.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return said if isinstance(said, dict) else None
