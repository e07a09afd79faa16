"""What dbt calls: customers in, a table of partitions out; or a plan of how to make features of a table."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.errors import MallardError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

    from mallard.features import Column

PREFIX = "scaled_"
"""What stands before a feature's name in the name of its column."""
OWN_PREFIX = "mallard__scaled_"
"""The same in a segmentation, whose select may have any columns."""
DISTRIBUTIONS = {"tensorflow": "tensorflow-cpu"}
"""What to install for a package whose distribution has another name."""


class BuildStoppedError(MallardError):
    """A refusal on its way to the terminal.

    dbt-duckdb prints the traceback and the full name of what a model raises; so it has none, and "mallard: " comes
    before the message, as before those of macros.
    """

    __traceback__ = None
    __module__ = "builtins"
    __qualname__ = "mallard"


def fit_segments(
    customers: DuckDBPyRelation, meta: Mapping[str, Any] | None = None, starts: DuckDBPyRelation | None = None
) -> pa.Table:
    """Cluster the `scaled_<feature>` columns of a relation.

    Args:
        customers: one row per customer.
        meta: settings, see `mallard.settings.ClusterSettings`; the default ones if left out.
        starts: one row per segment, with a segment_id from 1 and the centroid to start from in columns of the same
            names; a search finds them if left out.

    Returns:
        A table with the schema `mallard.partitions.PARTITIONS`.

    Raises:
        BuildStoppedError: a setting makes no sense, or not for these customers.
    """
    with _refusals():
        return _fit(customers, starts, PREFIX, meta or {})


def write_partitions(
    session: DuckDBPyConnection, customers: str, meta: Mapping[str, Any], table: str, starts: str | None = None
) -> None:
    """Do what `fit_segments` does, from table to table, with all the settings of a segmentation.

    Args:
        customers: where the `mallard__scaled_<feature>` columns are, as SQL names it.
        table: what to make, as SQL names it.
        starts: where they are of the centroids to start from, if these are given.
    """
    with _refusals():
        from mallard.settings import FeatureSettings

        given = None if starts is None else session.table(starts)
        partitions = _fit(session.table(customers), given, OWN_PREFIX, meta, FeatureSettings)
        session.register("mallard__found", partitions)
        session.execute(f"create or replace temp table {table} as from mallard__found")
        session.unregister("mallard__found")


def write_plan(
    session: DuckDBPyConnection, customers: str, meta: Mapping[str, Any], table: str, starts: str | None = None
) -> None:
    """Look at a table and write down how to segment it: one row with one text, JSON of a `mallard.plan.Plan`.

    Args:
        customers: one row per customer, as SQL names it.
        table: what to make, as SQL names it.
        starts: one row per segment, with the columns of which features are made, if centroids to start from are given.
    """
    with _refusals():
        from mallard.plan import plan
        from mallard.settings import ClusterSettings, FeatureSettings, read
        from mallard.starts import check_table

        def query(sql: str) -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = session.execute(sql).fetchall()
            return rows

        found = plan(_columns_of(session.table(customers)), customers, meta, query)
        if starts is not None:
            settings = read(ClusterSettings, meta, FeatureSettings)
            check_table(starts, session.table(starts).columns, found, settings, query)
        if found.dropped:
            _log(f"left out, because they are the same for all customers: {', '.join(found.dropped)}")
        session.execute(f"create or replace temp table {table} as select ? as plan", [json.dumps(found.to_dict())])


def publish_tables(
    session: DuckDBPyConnection, tables: Sequence[Sequence[str]], file: Any, run_id: str, copies: Any
) -> None:
    """Publish tables, and write down in the temporary table mallard__published what keeps them from it, or null.

    Args:
        tables: database, schema and name of each.
        file: where to, from the project's folder, as the setting mallard_publish has it.
        run_id: of the run that made them.
        copies: the setting mallard_copies.
    """
    import duckdb
    from dbt.adapters.factory import get_adapter_by_type

    from mallard.publish import Table, publish

    refusal = None
    try:
        if not isinstance(file, str):
            raise MallardError("give the file as text, in {<target>: <file>, ...}.")
        if not isinstance(copies, list):
            raise MallardError(f"setting mallard_copies is {json.dumps(copies)}: give a list of parquet and csv.")
        root = get_adapter_by_type("duckdb").config.project_root
        publish(session, [Table(*table) for table in tables], Path(root, file), run_id, copies)
        _log(f"{len(tables)} tables published in {file}")
    except (MallardError, duckdb.Error, OSError) as error:
        refusal = f"{file} can't be published: {error}"
    session.execute("create or replace temp table mallard__published as select ? as refusal", [refusal])


def _columns_of(relation: DuckDBPyRelation) -> list[Column]:
    from mallard.features import Column

    return [Column(name, *_kind_of(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]


def _kind_of(kind: DuckDBPyType) -> tuple[str, str | None]:
    element = dict(kind.children)["child"] if kind.id in ("list", "array") else None
    return kind.id, getattr(element, "id", None)


def _fit(
    customers: DuckDBPyRelation, starts: DuckDBPyRelation | None, prefix: str, meta: Mapping[str, Any], *others: type
) -> pa.Table:
    _quiet_tensorflow()
    from mallard import progress
    from mallard.engines.duckdb import DuckDBRows
    from mallard.features import weight_of
    from mallard.partitions import partitions_table
    from mallard.segmentation import segment
    from mallard.settings import ClusterSettings, read
    from mallard.starts import centroids_of

    settings = read(ClusterSettings, meta, *others)
    weight_column = weight_of(_columns_of(customers), settings)
    columns = [column for column in customers.columns if column.startswith(prefix) and column != weight_column]
    if not columns:
        raise MallardError(f"there is no feature: no column of {', '.join(customers.columns)} begins with {prefix}.")
    features = [column.removeprefix(prefix) for column in columns]
    given = centroids_of(starts, columns, features, settings)
    with progress.reported(_log), _nothing_older_collected():
        progress.begin("counting the customers")
        segmentation = segment(DuckDBRows(customers, columns, weight_column), features, settings, given)
    _log(str(segmentation.compression))
    return partitions_table(features, segmentation)


def _log(message: str) -> None:
    from dbt.adapters.events.logging import AdapterLogger

    AdapterLogger("Mallard").info(message)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in one line what people can do something about."""
    try:
        yield
    except MallardError as refusal:
        raise BuildStoppedError(str(refusal)) from None
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise BuildStoppedError(
            f"the Python package {package} isn't installed beside dbt: "
            f"pip install {DISTRIBUTIONS.get(package, package)}"
        ) from None


@contextmanager
def _nothing_older_collected() -> Iterator[None]:
    """Keep Python's garbage collector to what is made from now on: going through all that dbt holds takes it 0.2 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _quiet_tensorflow() -> None:
    """TensorFlow greets on stderr, about its processor and oneDNN, unless it is told before its import not to."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
