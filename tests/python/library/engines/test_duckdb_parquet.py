"""Folders of Parquet files as tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from mallard.engines.duckdb.parquet import opened_parquet


def test_all_files_of_a_folder_are_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "it's a shop"
    folder.mkdir()
    for number in range(3):
        parquet.write_table(pa.table({"id": [number]}), folder / f"part-{number}.parquet")
    with opened_parquet({("the shop", 'a "b"'): folder, ("other", "t"): folder}) as connection:
        assert connection.execute('select id from "the shop"."a ""b""" order by id').fetchall() == [(0,), (1,), (2,)]
        assert connection.execute("select count(*) from other.t").fetchall() == [(3,)]
