"""A published file is whole or the old one, has types that BI tools read, and says where it comes from."""

from __future__ import annotations

import csv
import datetime
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from mallard import MallardError
from mallard.publish import publish as module
from mallard.publish.publish import Table, publish

SELECT = """
    select
        1::tinyint as tiny, 2::usmallint as small, 3::integer as whole, 4::uinteger as unsigned, 5::bigint as big,
        6::hugeint as huge, 170141183460469231731687303715884105727::hugeint as hugest,
        18446744073709551615::ubigint as most,
        1.25::decimal(9, 2) as price, 0.5::float as half, 0.1::double as tenth, true as yes, 'x'::varchar as word,
        'a'::enum('a', 'b') as letter, date '2026-01-02' as day, timestamp '2026-01-02 03:04:05' as moment,
        '00000000-0000-0000-0000-000000000001'::uuid as id, [1, 2] as list, {'a': 1} as struct,
        time '01:02:03' as clock, null as nothing, [1.5, 2.5]::float[2] as vector
"""


@pytest.fixture
def warehouse() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"create table kinds as {SELECT}")
        connection.execute("comment on table kinds is 'One row, it''s all'")
        connection.execute("comment on column kinds.day is 'A day'")
        connection.execute("create schema other")
        connection.execute('create table other."odd ""name"" ; --" as select range as "select" from range(1000)')
        yield connection


KINDS = Table("memory", "main", "kinds")
ODD = Table("memory", "other", 'odd "name" ; --')


def _read(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_types_are_those_that_every_bi_tool_reads_and_no_digit_is_lost(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "shop.duckdb"
    publish(warehouse, [KINDS, ODD], file, "run-1")
    kinds = dict(_read(file, "select column_name, data_type from duckdb_columns() where table_name = 'kinds'"))
    assert kinds == {
        **dict.fromkeys(["tiny", "small", "whole"], "INTEGER"),
        **dict.fromkeys(["unsigned", "big", "huge"], "BIGINT"),
        **dict.fromkeys(["hugest", "most", "word", "letter", "id", "list", "struct", "clock", "vector"], "VARCHAR"),
        **dict.fromkeys(["price", "half", "tenth"], "DOUBLE"),
        "yes": "BOOLEAN",
        "day": "DATE",
        "moment": "TIMESTAMP",
        "nothing": "VARCHAR",
    }
    [row] = _read(file, "select hugest, most, huge, price, tenth, letter, id, day, vector from kinds")
    assert row[:5] == ("170141183460469231731687303715884105727", "18446744073709551615", 6, 1.25, 0.1)
    assert row[5:] == ("a", "00000000-0000-0000-0000-000000000001", datetime.date(2026, 1, 2), "[1.5, 2.5]")
    assert _read(file, 'select sum("select") from "odd ""name"" ; --"') == [(499500,)]


def test_everything_is_a_plain_table_in_main_with_its_comments(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    warehouse.execute("create view seen as select 1 as x")
    publish(warehouse, [KINDS, Table("memory", "main", "seen")], file, "run-1")
    tables = _read(file, "select schema_name, table_name, comment from duckdb_tables() order by 2")
    assert tables == [("main", "kinds", "One row, it's all"), ("main", "publication", None), ("main", "seen", None)]
    assert _read(file, "select count(*) from duckdb_views() where not internal") == [(0,)]
    comments = _read(file, "select column_name, comment from duckdb_columns() where comment is not null")
    assert comments == [("day", "A day")]
    [(published_at, run_id)] = _read(file, "from publication")
    assert run_id == "run-1"
    assert abs(published_at - datetime.datetime.now(datetime.UTC).replace(tzinfo=None)) < datetime.timedelta(minutes=1)  # type: ignore[operator]


def test_a_failure_leaves_the_last_file_and_nothing_else(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    publish(warehouse, [ODD], file, "run-1")
    before = file.read_bytes()
    warehouse.execute("create view broken as select error('no such thing') as x from range(3)")
    with pytest.raises(duckdb.Error, match="no such thing"):
        publish(warehouse, [KINDS, Table("memory", "main", "broken")], file, "run-2")
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["shop.duckdb"]
    publish(warehouse, [KINDS], file, "run-3")
    assert _read(file, "select run_id from publication") == [("run-3",)]


@pytest.mark.parametrize("moment", ["published_columns_sql", "_comments", "write_copies", "_put_in_place"])
def test_a_crash_at_any_moment_leaves_the_last_file_and_the_next_run_cleans_up(
    warehouse: DuckDBPyConnection, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "shop.duckdb"
    publish(warehouse, [ODD], file, "run-1")
    before = file.read_bytes()
    script = f"""
import os, signal, sys
import duckdb
sys.path.insert(0, {str(Path(module.__file__).parents[2])!r})
from pathlib import Path
from mallard.publish import publish as module
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
module.{moment} = die
with duckdb.connect() as connection:
    connection.execute("create table kinds as select range as x from range(100000)")
    module.publish(connection, [module.Table("memory", "main", "kinds")], Path({str(file)!r}), "run-2")
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert file.read_bytes() == before
    assert len(os.listdir(tmp_path)) > 1
    publish(warehouse, [KINDS], file, "run-3")
    assert os.listdir(tmp_path) == ["shop.duckdb"]


def test_who_reads_the_old_file_goes_on_and_who_comes_next_sees_the_new_one(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "shop.duckdb"
    publish(warehouse, [ODD], file, "run-1")
    query = "select run_id, (select count(*) from duckdb_tables()) from publication"
    script = f"""
import duckdb
with duckdb.connect({str(file)!r}, read_only=True) as connection:
    for _ in range(2):
        print(connection.execute({query!r}).fetchall(), flush=True)
        input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "[('run-1', 2)]\n"
        publish(warehouse, [KINDS, ODD], file, "run-2")
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[('run-1', 2)]\n"
        assert _read(file, query) == [("run-2", 3)]
        reader.communicate("\n")


def test_copies_stand_beside_the_file(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    publish(warehouse, [KINDS, ODD], file, "run-1", ["parquet", "csv"])
    folder = tmp_path / "shop"
    assert sorted(os.listdir(folder)) == [
        "kinds.csv",
        "kinds.parquet",
        'odd "name" ; --.csv',
        'odd "name" ; --.parquet',
    ]
    parquet = str(folder / "kinds.parquet")
    assert warehouse.execute(f"select whole, word, price from '{parquet}'").fetchall() == [(3, "x", 1.25)]
    with (folder / "kinds.csv").open(newline="") as lines:
        [row] = csv.DictReader(lines)
    assert (row["whole"], row["word"], row["list"]) == ("3", "x", "[1, 2]")


def test_what_makes_no_sense_is_refused_before_anything_is_written(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "shop.duckdb"
    with pytest.raises(MallardError, match="excel isn't a format for copies: choose from parquet, csv"):
        publish(warehouse, [KINDS], file, "run-1", ["excel"])
    with pytest.raises(MallardError, match="two tables to publish have the name kinds: give one of them another alias"):
        publish(warehouse, [KINDS, Table("memory", "other", "Kinds")], file, "run-1")
    assert not file.parent.exists()


def test_numbers_with_too_many_digits_and_odd_times_are_published_without_loss(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("set timezone = 'America/New_York'")
    warehouse.execute(
        "create table fine as select 12345678901234567890123::decimal(38, 0) + range as id, "
        "42::decimal(9, 0) as small, "
        "123456789012345.678::decimal(18, 3) as precise, timestamptz '2024-01-01 00:00+00' as zoned, "
        "[timestamp '2024-01-01'] as moments from range(3)"
    )
    file = tmp_path / "shop.duckdb"
    publish(warehouse, [Table("memory", "main", "fine")], file, "run-1")
    found = _read(file, "select count(distinct id), any_value(small), any_value(precise), any_value(zoned) from fine")
    assert found == [(3, 42, "123456789012345.678", datetime.datetime(2024, 1, 1))]
    kinds = _read(file, "select data_type from duckdb_columns() where table_name = 'fine'")
    assert [kind for (kind,) in kinds] == ["VARCHAR", "BIGINT", "VARCHAR", "TIMESTAMP", "VARCHAR"]


def test_the_comment_of_a_view_is_kept(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("create view seen as select 1 as x")
    warehouse.execute("comment on view seen is 'What was seen'")
    publish(warehouse, [Table("memory", "main", "seen")], tmp_path / "shop.duckdb", "run-1")
    comments = _read(tmp_path / "shop.duckdb", "select comment from duckdb_tables() where table_name = 'seen'")
    assert comments == [("What was seen",)]


def test_the_warehouse_itself_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create table t as select 1 as x; create table other as select 2 as x")
        with pytest.raises(MallardError, match="it is the warehouse itself: choose another file"):
            publish(connection, [Table("shop", "main", "t")], tmp_path / "." / "shop.duckdb", "run-1")
        with pytest.raises(MallardError, match=r"the file needs an extension, such as \.duckdb"):
            publish(connection, [Table("shop", "main", "t")], tmp_path / "published", "run-1")
    assert _read(file, "select x from other") == [(2,)]


def test_what_cannot_be_put_in_place_is_removed(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    (file / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        publish(warehouse, [KINDS], file, "run-1")
    assert os.listdir(tmp_path) == ["shop.duckdb"]
