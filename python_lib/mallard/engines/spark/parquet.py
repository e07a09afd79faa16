"""Tables of Spark as Parquet files, by Spark's own writers."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession


def write_parquet(spark: SparkSession, schema: str, name: str, folder: Path) -> None:
    """Write a table into a folder, which the executors have to see under the same path."""
    spark.table(f"`{schema}`.`{name}`").write.mode("overwrite").parquet(folder.as_uri())
