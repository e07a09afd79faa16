"""From a table that nobody has described to the files of a first segmentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mallard.engines.duckdb.database import COPIES
from mallard.engines.duckdb.sources import opened_source
from mallard.errors import MallardError
from mallard.files import replacing
from mallard.inputs.values import listed
from mallard.nouns import noun
from mallard.sql.text import folded
from mallard.start.choose import choose
from mallard.start.customers import customers_model
from mallard.start.look import look_at
from mallard.start.options import Options
from mallard.start.orders import Orders
from mallard.start.project import Project, open_project
from mallard.start.properties import properties
from mallard.start.relations import relation_of
from mallard.start.seeds import Delimited, delimited_seed
from mallard.start.segmentation import segments_model, segments_of_orders_model
from mallard.start.texts import in_yaml


class Started(NamedTuple):
    """What was written, and what to run next."""

    files: list[Path]
    next_steps: str


def start(file: Path, table: str | None, folder: Path, options: Options, force: bool) -> Started:
    """Write the models of a segmentation of a table, and their properties.

    Args:
        file: a DuckDB file, or a CSV or Parquet file.
        table: the table in a DuckDB file; None if it has only one.
        folder: that of a dbt project.
        force: whether files that are there are replaced.

    Raises:
        MallardError: there is no such project or table, it can't be told what its columns are, or a file is there.
    """
    project = open_project(folder)
    is_seed = project.is_seed(file)
    with opened_source(file, as_text=is_seed) as database:
        seen = look_at(database, table, is_seed)
        others = [name for (name,) in database.tuples("select table_name from information_schema.tables")]
    entity, parts = choose(seen, options)
    segments = _free_name(project, others, [f"{_name_of_model(entity)}_segments", f"{_name_of_model(entity)}_groups"])
    said = project.properties(replaced=project.models / f"{segments}.yml")
    relation = relation_of(project, said, file, seen.schema, seen.name)
    delimited = delimited_seed(said, file) if is_seed else None
    if isinstance(parts, Orders):
        names = [_name_of_model(noun(entity).many), f"{_name_of_model(entity)}_orders"]
        customers = _free_name(project, others, names)
        texts = {
            f"{customers}.sql": customers_model(entity, seen, parts, relation),
            f"{segments}.sql": segments_of_orders_model(entity, parts, customers),
            f"{segments}.yml": properties(entity, segments, parts.customer_id.name, relation, customers, delimited),
        }
    else:
        texts = {
            f"{segments}.sql": segments_model(entity, parts, relation),
            f"{segments}.yml": properties(entity, segments, parts.id.name, relation, None, delimited),
        }
    return Started(_write(project, texts, force), _next_steps(project, file, delimited))


def _write(project: Project, texts: dict[str, str], force: bool) -> list[Path]:
    """Write the files, given by their names among the models, or none of them."""
    written = {project.models / name: text for name, text in texts.items()}
    there = [str(path) for path in written if path.exists()]
    if there and not force:
        raise MallardError(f"there is {listed(there)}: replace it with --force, or move it away.")
    for path, text in written.items():
        with replacing(path) as unfinished:
            unfinished.write_text(text, "utf-8", newline="\n")
    return list(written)


def _next_steps(project: Project, file: Path, delimited: Delimited | None) -> str:
    steps = [] if project.has_package else ["dbt deps (with Mallard in packages.yml)"]
    if delimited and delimited.is_declared:
        steps.append(f"delimiter: {in_yaml(delimited.delimiter)} in the config of the seed {delimited.seed}")
    database = "<your warehouse>.duckdb" if file.suffix.lower() in COPIES else str(file)
    return ", ".join([*steps, "dbt build", f"mallard summary {database}"])


def _name_of_model(words: str) -> str:
    return re.sub(r"\W+", "_", words).lower()


def _free_name(project: Project, others: Sequence[str], names: Sequence[str]) -> str:
    """The first name that no table has which dbt would replace with the new model.

    Args:
        others: the tables of the database, some of which may be models.
    """
    for name in names:
        files = project.files_of(name)
        is_ours = files == [project.models / f"{name}.sql"]
        if is_ours or not (files or folded(name) in map(folded, others)):
            return name
    raise MallardError(f"there are tables {listed(names)}: call a row otherwise, with --entity.")
