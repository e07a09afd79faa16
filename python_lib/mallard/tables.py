"""Where the tables of a segmentation are in a database, built by dbt or published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.compression import quoted
from mallard.errors import MallardError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SIDES = ("__profiles", "__centroids")
METRICS = ("{}__metrics", "cluster_metrics")
"""What the table of metrics is called: beside a segmentation, and in the sample."""
REJECTED = "stg_mall__rejected_customers"
"""The table of the sample that holds rows which could not be used."""


@dataclass(frozen=True)
class SegmentationTables:
    """The tables of a segmentation, as SQL names them.

    Attributes:
        schema: where they are.
        name: of the table of customers.
        customers: one row per customer.
        metrics: one row per number of clusters tried.
        profiles: one row per segment and feature.
        centroids: likewise.
        rejected: rows that couldn't be used, if there is such a table.
    """

    schema: str
    name: str
    customers: str
    metrics: str
    profiles: str
    centroids: str
    rejected: str | None


@contextmanager
def opened(database: Path) -> Iterator[DuckDBPyConnection]:
    """A connection that only reads.

    Raises:
        MallardError: there is no such file, or it can't be read as a database of segments.
    """
    import duckdb

    if not database.is_file():
        raise MallardError(f"there is no file {database}: run dbt build first, or name another file.")
    try:
        with duckdb.connect(database, read_only=True) as connection:
            yield connection
    except duckdb.Error as error:
        raise MallardError(f"{database} can't be read as a database with segments: {error}") from None


def find_segmentations(connection: DuckDBPyConnection) -> list[SegmentationTables]:
    """Every segmentation in a database, by schema and name."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not internal and database_name = current_database() "
        "union all select schema_name, view_name from duckdb_views() where not internal "
        "and database_name = current_database() order by all"
    ).fetchall()
    found = {(schema, name): f"{quoted(schema)}.{quoted(name)}" for schema, name in names}
    segmentations = []
    for schema, name in found:
        profiles, centroids = (found.get((schema, name + side)) for side in SIDES)
        metrics = next((sql for form in METRICS if (sql := found.get((schema, form.format(name))))), None)
        if metrics and profiles and centroids:
            rejected = found.get((schema, REJECTED)) if found.get((schema, METRICS[1])) == metrics else None
            segmentations.append(
                SegmentationTables(schema, name, found[schema, name], metrics, profiles, centroids, rejected)
            )
    return segmentations


def one_segmentation(connection: DuckDBPyConnection, name: str | None) -> SegmentationTables:
    """The segmentation of that name, with its schema or without, or the only one there is.

    Raises:
        MallardError: there is none, or the name doesn't say which.
    """
    found = find_segmentations(connection)
    if not found:
        raise MallardError("there is no segmentation in this database: run dbt build first, or name another file.")
    chosen = [tables for tables in found if name in (None, tables.name, f"{tables.schema}.{tables.name}")]
    if len(chosen) != 1:
        what = f"there is no segmentation {name}" if not chosen else f"there are {len(chosen)} segmentations"
        several = len({tables.schema for tables in found}) > 1
        names = ", ".join(f"{tables.schema}.{tables.name}" if several else tables.name for tables in found)
        raise MallardError(f"{what}: choose one of {names}.")
    return chosen[0]


def rows(connection: DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """What a query gives, each row by the names of its columns."""
    result = connection.execute(sql)
    names = [name for name, *_ in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def built_at(connection: DuckDBPyConnection, database: Path) -> datetime:
    """When the tables were published, or else when the file was written last; in UTC."""
    columns = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'main' and table_name = 'publication'"
    ).fetchall()
    if {("published_at",), ("run_id",)} <= set(columns):
        [(moment,)] = connection.execute("select published_at from main.publication").fetchall()
        return moment.replace(tzinfo=UTC)  # type: ignore[no-any-return]
    return datetime.fromtimestamp(database.stat().st_mtime, UTC)
