"""The dbt package that belongs to this library."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from mallard import __file__ as library
from mallard.errors import MallardError

INSTALLED = "share/dbt-mallard/dbt_project.yml"
"""Where pip puts it."""


def package_folder() -> Path:
    """The folder with dbt_project.yml and macros: that of the repository or dbt package, or what pip installed.

    Raises:
        MallardError: there is none.
    """
    beside = Path(library).parents[2]
    if _is_package(beside):
        return beside
    try:
        files = distribution("dbt-mallard").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        folder = Path(str(file.locate())).resolve().parent
        if file.as_posix().endswith(INSTALLED) and _is_package(folder):
            return folder
    raise MallardError(
        f"the macros of the dbt package aren't beside the library, {Path(library).parent}: pip install dbt-mallard "
        "anew, into an environment of its own."
    )


def _is_package(folder: Path) -> bool:
    return (folder / "dbt_project.yml").is_file() and (folder / "macros" / "materialization").is_dir()
