"""What a dbt project calls a table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mallard.engines.duckdb.database import COPIES
from mallard.sql.text import folded, literal
from mallard.start.project import Project
from mallard.start.texts import in_jinja


@dataclass(frozen=True)
class Source:
    """A table that dbt doesn't make.

    Attributes:
        name, table: what dbt calls the source and the table in it.
        location: where the rows are, in SQL, if they are in a file; None if they are in the warehouse.
        is_declared: whether the project has the source already.
    """

    name: str
    table: str
    location: str | None = None
    is_declared: bool = False


def relation_of(
    project: Project, said: Iterable[Mapping[str, Any]], file: Path, schema: str, table: str
) -> str | Source:
    """The name of the model, seed or snapshot that makes a table, or a source.

    Args:
        said: what the YAML files of the project say.
        file: where it is: a DuckDB file, or a file with the rows.
        schema, table: its name in a DuckDB file.
    """
    if file.suffix.lower() in COPIES:
        return table if project.is_seed(file) else Source("files", table, _location(project, file))
    makers = project.files_of(table)
    return makers[0].stem if makers else _declared(said, schema, table) or Source(schema, table)


def relation_sql(relation: str | Source) -> str:
    """What dbt knows a table by, in Jinja."""
    if isinstance(relation, str):
        return f"ref({in_jinja(relation)})"
    return f"source({in_jinja(relation.name)}, {in_jinja(relation.table)})"


def _declared(said: Iterable[Mapping[str, Any]], schema: str, table: str) -> Source | None:
    """The source of the project that is this table."""
    for one_file in said:
        for source in one_file.get("sources") or ():
            for one in source.get("tables") or ():
                names = (source.get("schema", source["name"]), one.get("identifier", one["name"]))
                if tuple(map(folded, names)) == (folded(schema), folded(table)):
                    return Source(source["name"], one["name"], is_declared=True)
    return None


def _location(project: Project, file: Path) -> str:
    """The rows of a file in SQL, by its path from the project if it is in it."""
    path, folder = file.resolve(), project.folder.resolve()
    shown = path.relative_to(folder) if folder in path.parents else path
    text = literal(str(shown).replace(os.sep, "/"))
    return f"{COPIES[file.suffix.lower()]}({text})"
