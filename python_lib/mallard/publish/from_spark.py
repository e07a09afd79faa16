"""Tables of Spark where DuckDB can read them: Spark writes Parquet files beside the file to publish."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mallard.errors import MallardError
from mallard.publish.place import Place
from mallard.publish.publish import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession


@contextmanager
def copied_from_spark(
    spark: SparkSession, tables: Sequence[Table], place: Place
) -> Iterator[tuple[DuckDBPyConnection, list[Table]]]:
    """A connection of DuckDB, and the tables as they are called there.

    Args:
        place: where they are going to be published.

    Raises:
        MallardError: what the executors write isn't to be seen here.
    """
    from mallard.engines.duckdb.parquet import DATABASE, opened_parquet
    from mallard.engines.spark.parquet import write_parquet

    copies = place.file.with_suffix(".parquet")
    copies.parent.mkdir(parents=True, exist_ok=True)
    for left in place.leftovers(copies):
        shutil.rmtree(left)
    unfinished = place.unfinished(copies)
    try:
        folders = {(table.schema, table.name): unfinished / table.schema / table.name for table in tables}
        for (schema, name), folder in folders.items():
            write_parquet(spark, schema, name, folder)
            if not any(folder.glob("*.parquet")):
                raise MallardError(
                    f"Spark's executors write into another folder {folder.parent} than this machine sees: publish into "
                    "a folder that they share, or set mallard_publish to {}."
                )
        with opened_parquet(folders) as connection:
            yield connection, [replace(table, database=DATABASE) for table in tables]
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
