"""Fit a segmentation of a table in a DuckDB file, by the materialization that dbt projects use."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mallard.fitting.package import package_folder
from mallard.fitting.project import check_name, write_project
from mallard.fitting.run import run_dbt
from mallard.fitting.source import relation_sql


def fit_relation(
    file: Path,
    relation: str,
    name: str,
    schema: str,
    settings: Mapping[str, Any],
    full_refresh: bool,
    say: Callable[[str], None],
) -> None:
    """Write a segmentation and the tables beside it into the file that has its customers.

    Args:
        file: a DuckDB file.
        relation: a table or view in it, with or without schema and catalog.
        name: the table to write, in the schema.
        settings: as in the `meta` of a model.
        full_refresh: whether there has to be a new version.
        say: is called with each line for the person at the terminal.

    Raises:
        MallardError: the file, the table or a setting can't be used; the tables stay as they were.
        KeyboardInterrupt: somebody pressed Ctrl-C; the same.
    """
    check_name(name)
    source = relation_sql(file, relation)
    with tempfile.TemporaryDirectory(prefix="mallard-fit-") as folder:
        write_project(Path(folder), package_folder(), file, schema, name, source, settings)
        run_dbt(Path(folder), full_refresh, say)
