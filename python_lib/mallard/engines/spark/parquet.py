"""Tables of Spark as Parquet files, by Spark's own writers."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from mallard.engines.spark.dialect import in_backticks


def write_parquet(spark: SparkSession, schema: str, name: str, folder: Path) -> None:
    """Write a table into a folder, which the executors have to see under the same path."""
    spark.table(f"{in_backticks(schema)}.{in_backticks(name)}").write.mode("overwrite").parquet(folder.as_uri())
