"""Find the tables of a segmentation in a database, built by dbt or published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.errors import MallardError
from mallard.sql.text import folded, quoted

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database

SAMPLE = {"metrics": "cluster_metrics", "rejected": "stg_mall__rejected_customers"}
"""The sample's own names for tables beside a segmentation, and for tables that only the sample has."""
NEEDED = ("metrics", "profiles", "centroids")
"""A table with these tables beside it is a segmentation."""
HOW_TO_GET_ONE = (
    "run dbt build first, publish the tables metrics, profiles and centroids with the table of customers, or name "
    "another file"
)


@dataclass(frozen=True)
class SegmentationTables:
    """The tables of a segmentation, by their names in SQL.

    Attributes:
        schema: schema of the tables, unquoted.
        name: name of the customers table, unquoted.
        customers: one row per customer.
        beside: the tables beside it, by what they contain, such as "metrics".
        rejected: rows that can't be used; None if there is no such table.
    """

    schema: str
    name: str
    customers: str
    beside: Mapping[str, str]
    rejected: str | None


def find_segmentations(database: Database) -> list[SegmentationTables]:
    """All segmentations in a database, ordered by schema and name."""
    names = database.tuples(
        "select schema_name, table_name, database_name from duckdb_tables() where not internal "
        "and database_name = current_database() union all select schema_name, view_name, database_name "
        "from duckdb_views() where not internal and database_name = current_database() order by all asc"
    )
    with_versions = set(
        database.tuples(
            "select schema_name, table_name from duckdb_columns() where not internal "
            "and database_name = current_database() and column_name = 'version'"
        )
    )
    # In three parts, because DuckDB can't tell a schema from a database of the same name.
    found = {(schema, name): ".".join(map(quoted, (catalog, schema, name))) for schema, name, catalog in names}
    segmentations = []
    for schema, name in found:
        beside = {
            of.removeprefix(f"{name}__"): _current(sql) if (in_schema, of) in with_versions else sql
            for (in_schema, of), sql in found.items()
            if in_schema == schema and of.startswith(f"{name}__")
        }
        of_sample = {what: sql for what, of in SAMPLE.items() if (sql := found.get((schema, of)))}
        is_sample = "metrics" not in beside and "metrics" in of_sample
        if is_sample:
            beside["metrics"] = of_sample["metrics"]
        if all(what in beside for what in NEEDED):
            rejected = of_sample.get("rejected") if is_sample else None
            segmentations.append(SegmentationTables(schema, name, found[schema, name], beside, rejected))
    return segmentations


def _current(table: str) -> str:
    """The rows of the current version."""
    return f"(select * exclude (version) from {table} where version = (select max(version) from {table}))"


def one_segmentation(database: Database, name: str | None) -> SegmentationTables:
    """The segmentation with this name, with or without its schema; without a name, the only one.

    As in DuckDB, the case of letters doesn't matter.

    Raises:
        MallardError: there is no such segmentation, or several match.
    """
    found = find_segmentations(database)
    if not found:
        raise MallardError(f"there is no segmentation in this database: {HOW_TO_GET_ONE}.")
    chosen = [
        tables
        for tables in found
        if name is None or folded(name) in (folded(tables.name), folded(f"{tables.schema}.{tables.name}"))
    ]
    if len(chosen) != 1:
        what = f"there is no segmentation {name}" if not chosen else f"there are {len(chosen)} segmentations"
        several = len({tables.schema for tables in found}) > 1
        names = ", ".join(f"{tables.schema}.{tables.name}" if several else tables.name for tables in found)
        raise MallardError(f"{what}: choose one of {names}.")
    return chosen[0]


def selected_row(database: Database, tables: SegmentationTables) -> dict[str, Any]:
    """The row of the metrics for the chosen number of segments.

    Raises:
        MallardError: the segmentation was built without rows.
    """
    found = database.rows(f"select * from {tables.beside['metrics']} where is_selected")
    if not found:
        raise MallardError(f"{tables.name} has no rows: run dbt build without --empty.")
    return found[0]


def built_at(database: Database, path: Path) -> datetime:
    """Time of publication, in UTC; without one, the time of the last change of the file."""
    columns = database.tuples(
        "select column_name, database_name from duckdb_columns() where database_name = current_database() "
        "and schema_name = 'main' and table_name = 'publication'"
    )
    if {"published_at", "run_id"} <= {column.lower() for column, _ in columns}:
        [(moment,)] = database.tuples(f"select published_at from {quoted(columns[0][1])}.main.publication")
        return moment.replace(tzinfo=UTC)  # type: ignore[no-any-return]
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
