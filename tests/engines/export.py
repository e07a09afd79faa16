"""Writes what people read in a project on Spark, tables and views, into Parquet files.

`python tests/engines/export.py FOLDER [TARGET]`, in the folder of the dbt project, reads by the session that dbt has:
on this machine, on a cluster or by Spark Connect.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow.parquet as parquet
from dbt.cli.main import dbtRunner

OF_MALLARD = "mallard__"
"""Tables that begin with this are the runs of segmentations, which views show."""


def export(schema: str, folder: Path) -> None:
    """Write each table and view of a schema to a file of its name."""
    from pyspark.sql import SparkSession

    session = SparkSession.active()
    folder.mkdir(parents=True, exist_ok=True)
    for row in session.sql(f"show tables in `{schema}`").collect():
        if not row.isTemporary and not row.tableName.startswith(OF_MALLARD):
            rows = session.table(f"`{schema}`.`{row.tableName}`").toArrow()
            parquet.write_table(rows, folder / f"{row.tableName}.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the files")
    parser.add_argument("target", nargs="?", default="spark", help="of the project's profile")
    arguments = parser.parse_args()
    # A query makes dbt open the session, with the settings of the profile.
    shown = dbtRunner().invoke(
        ["--quiet", "show", "--inline", "select '{{ target.schema }}' as schema", "--target", arguments.target]
    )
    if shown.exception is not None:
        raise shown.exception
    [result] = shown.result.results
    [[schema]] = result.agate_table.rows
    export(schema, arguments.folder)


if __name__ == "__main__":
    main()
