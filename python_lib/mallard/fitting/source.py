"""The table that is segmented, as people call it."""

from __future__ import annotations

import re
from pathlib import Path

from mallard.engines.duckdb.database import opened
from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.sql.text import folded, quoted

PART = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')


def relation_sql(file: Path, relation: str) -> str:
    """The name in SQL of a table or view of a DuckDB file.

    Args:
        relation: its name, with or without those of its schema and catalog, and quotation marks.

    Raises:
        MallardError: there is no such table, or there are several.
    """
    with opened(file) as database:
        there = database.tuples(
            "select database_name, schema_name, table_name from duckdb_tables() where not internal "
            "union all select database_name, schema_name, view_name from duckdb_views() where not internal order by all"
        )
    found = [names for names in there if names[-1] == relation] or [names for names in there if _is(relation, names)]
    if not found:
        names = listed([".".join(names[1:]) for names in there])
        raise MallardError(
            f"--relation is {relation}: there is no such table in {file}; choose from {names or 'none'}."
        )
    if len(found) > 1:
        names = listed([".".join(names[1:]) for names in found])
        raise MallardError(f"--relation is {relation}: there are several of this name; choose one of {names}.")
    return ".".join(map(quoted, found[0]))


def _is(relation: str, names: tuple[str, ...]) -> bool:
    """Whether a name means a relation; DuckDB ignores the case of letters."""
    parts = [folded(bare or in_marks.replace('""', '"')) for in_marks, bare in PART.findall(relation)]
    return bool(parts) and parts == [folded(name) for name in names[-len(parts) :]]
