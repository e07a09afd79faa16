"""Find the tables of a segmentation in a database, built by dbt or published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.sql.text import folded, literal, quoted

if TYPE_CHECKING:
    from mallard.engines.duckdb.database import Database

SAMPLE = {
    "metrics": "cluster_metrics",
    "algorithms": "algorithm_comparison",
    "rejected": "stg_mall__rejected_customers",
}
"""The sample's own names for tables beside a segmentation, and for tables that only the sample has."""
NEEDED = ("metrics", "profiles", "centroids")
"""A table with these tables beside it is a segmentation."""
HISTORY = ("builds", "versions", "lineage", "transitions", "drift")
"""Tables whose readers need the rows of earlier versions, or to know of which version a row is."""
OF_CUSTOMERS = {"segment_id", "segment_name", "confidence"}
"""Columns by which a table of customers is known where these tables aren't there."""
MAX_SHOWN = 5
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
        beside: the tables beside it, by what they contain, such as "metrics". But for those of the history, they have
            the rows of the current version, and no column for it.
        rejected: rows that can't be used; None if there is no such table.
        has_groups: whether they have several segmentations, one for each value of their column `group`.
    """

    schema: str
    name: str
    customers: str
    beside: Mapping[str, str]
    rejected: str | None
    has_groups: bool = False

    @property
    def lacking(self) -> list[str]:
        """The tables beside it that a segmentation needs, and that aren't there."""
        return [what for what in NEEDED if what not in self.beside]


def find_segmentations(database: Database) -> list[SegmentationTables]:
    """All segmentations in a database, ordered by schema and name."""
    return [tables for tables in _with_those_beside(database) if not tables.lacking]


def one_segmentation(database: Database, name: str | None, group: str | None = None) -> SegmentationTables:
    """The segmentation with this name, with or without its schema; without a name, the only one.

    As in DuckDB, the case of letters doesn't matter.

    Args:
        group: which of its segmentations, if it has one per group.

    Raises:
        MallardError: there is no such segmentation or group, it lacks tables, or several match.
    """
    found = find_segmentations(database)
    chosen = _called(name, found)
    in_part = [] if name is None or chosen else _called(name, _in_part(database))
    if in_part:
        tables = in_part[0]
        raise MallardError(
            f"{tables.name} lacks the tables {listed(tables.lacking)} beside it: add them to its setting publish, or "
            "name the warehouse."
        )
    if not found:
        raise MallardError(f"there is no segmentation in this database: {HOW_TO_GET_ONE}.")
    return _of_group(database, _only(name, chosen, found), group)


def one_with_customers(database: Database, name: str | None, group: str | None = None) -> SegmentationTables:
    """The same, where the table of customers is enough; without a name, those that have all their tables come first.

    Raises:
        MallardError: there is no such segmentation or group, or several match.
    """
    found = find_segmentations(database)
    if not _called(name, found):
        found += _in_part(database)
    if not found:
        raise MallardError("there is no segmentation in this database: run dbt build first, or name another file.")
    return _of_group(database, _only(name, _called(name, found), found), group)


def _with_those_beside(database: Database) -> list[SegmentationTables]:
    """Every table, with those whose names say that they stand beside it."""
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
    with_groups = set(
        database.tuples(
            "select schema_name, table_name from duckdb_columns() where not internal and database_name = "
            "current_database() group by all having max(column_index) filter (lower(column_name) = 'group') > "
            "max(column_index) filter (lower(column_name) = 'segment_id')"
        )
    )
    # In three parts, because DuckDB can't tell a schema from a database of the same name.
    found = {(schema, name): ".".join(map(quoted, (catalog, schema, name))) for schema, name, catalog in names}
    every = []
    for schema, name in found:
        beside = {
            what: _current(sql, (schema, name) in with_groups)
            if (in_schema, of) in with_versions and what not in HISTORY
            else sql
            for (in_schema, of), sql in found.items()
            if in_schema == schema and of.startswith(f"{name}__")
            for what in [of.removeprefix(f"{name}__")]
        }
        of_sample = {what: sql for what, of in SAMPLE.items() if (sql := found.get((schema, of)))}
        is_sample = "metrics" not in beside and "metrics" in of_sample
        if is_sample:
            beside |= {what: of_sample[what] for what in ("metrics", "algorithms") if what in of_sample}
        rejected = of_sample.get("rejected") if is_sample else None
        has_groups = (schema, name) in with_groups
        every.append(SegmentationTables(schema, name, found[schema, name], beside, rejected, has_groups))
    return every


def _current(table: str, has_groups: bool) -> str:
    """The rows of the current version, or of that of each group."""
    if has_groups:
        return f'(select * exclude (version) from {table} qualify version = max(version) over (partition by "group"))'
    return f"(select * exclude (version) from {table} where version = (select max(version) from {table}))"


def without_group(database: Database, tables: SegmentationTables) -> str:
    """What to say where one of the groups has to be chosen."""
    names = [name for (name,) in database.tuples(f'select distinct "group" from {tables.customers} order by all asc')]
    known = [name for name in names if name is not None]
    more = f" and {len(known) - MAX_SHOWN:,} more" if len(known) > MAX_SHOWN else ""
    return (
        f"{tables.name} has {len(known):,} groups with a segmentation each: choose one with --group, such as "
        f"{listed(known[:MAX_SHOWN])}{more}."
    )


def _of_group(database: Database, tables: SegmentationTables, group: str | None) -> SegmentationTables:
    """The tables of one of the groups, which look like those of a segmentation without groups."""
    if not tables.has_groups:
        if group is not None:
            raise MallardError(f"{tables.name} has no groups, so there is no group {group}: leave it out.")
        return tables
    if group is None:
        raise MallardError(without_group(database, tables))
    if not database.tuples(f'select 1 from {tables.customers} where "group" = {literal(group)} limit 1'):
        raise MallardError(f"there is no group {group}: {without_group(database, tables)}")

    def of_group(table: str) -> str:
        return f'(select * exclude ("group") from {table} where "group" = {literal(group)})'

    return replace(
        tables,
        name=f"{tables.name} ({group})",
        customers=of_group(tables.customers),
        beside={what: of_group(table) for what, table in tables.beside.items()},
        has_groups=False,
    )


def _in_part(database: Database) -> list[SegmentationTables]:
    """Tables of customers that lack some of the tables beside them."""
    columns: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in database.tuples(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = current_database()"
    ):
        columns.setdefault((schema, table), set()).add(folded(column))
    return [
        tables
        for tables in _with_those_beside(database)
        if tables.lacking and columns[tables.schema, tables.name] >= OF_CUSTOMERS
    ]


def _called(name: str | None, found: Sequence[SegmentationTables]) -> list[SegmentationTables]:
    return [
        tables
        for tables in found
        if name is None or folded(name) in (folded(tables.name), folded(f"{tables.schema}.{tables.name}"))
    ]


def _only(
    name: str | None, chosen: Sequence[SegmentationTables], found: Sequence[SegmentationTables]
) -> SegmentationTables:
    if len(chosen) == 1:
        return chosen[0]
    what = f"there are {len(chosen)} segmentations" if chosen else f"there is no segmentation {name}"
    several = len({tables.schema for tables in found}) > 1
    names = listed([f"{tables.schema}.{tables.name}" if several else tables.name for tables in found])
    raise MallardError(f"{what}: choose one of {names}.")


def selected_row(database: Database, tables: SegmentationTables) -> dict[str, Any]:
    """The row of the metrics for the chosen number of segments.

    Raises:
        MallardError: the segmentation was built without rows.
    """
    found = database.rows(f"select * from {tables.beside['metrics']} where is_selected")
    if not found or not database.tuples(f"select 1 from {tables.customers} limit 1"):
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
