"""A published file is whole or the old one, has types that BI tools read, and says where it comes from."""

from __future__ import annotations

import csv
import datetime
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from mallard import MallardError
from mallard.publish import publish as module
from mallard.publish.copies import LIST, remove_copies
from mallard.publish.macros import Macro
from mallard.publish.place import explained, find_place
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


def _publish(
    connection: DuckDBPyConnection, tables: Sequence[Table], file: Path, run: str, copies: Sequence[str] = ()
) -> None:
    publish(connection, tables, find_place(str(file), file.parent), run, copies)


def _read(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_types_are_those_that_every_bi_tool_reads_and_no_digit_is_lost(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "shop.duckdb"
    _publish(warehouse, [KINDS, ODD], file, "run-1")
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
    _publish(warehouse, [KINDS, Table("memory", "main", "seen")], file, "run-1")
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
    _publish(warehouse, [ODD], file, "run-1")
    before = file.read_bytes()
    warehouse.execute("create view broken as select error('no such thing') as x from range(3)")
    with pytest.raises(duckdb.Error, match="no such thing"):
        _publish(warehouse, [KINDS, Table("memory", "main", "broken")], file, "run-2")
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["shop.duckdb"]
    _publish(warehouse, [KINDS], file, "run-3")
    assert _read(file, "select run_id from publication") == [("run-3",)]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["published_columns_sql", "_comments", "write_copies", "_put_in_place"])
def test_a_crash_at_any_moment_leaves_the_last_file_and_the_next_run_cleans_up(
    warehouse: DuckDBPyConnection, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [ODD], file, "run-1")
    before = file.read_bytes()
    script = f"""
import os, signal, sys
import duckdb
sys.path.insert(0, {str(Path(module.__file__).parents[2])!r})
from pathlib import Path
from mallard.publish import publish as module
from mallard.publish.copies import LIST, remove_copies
from mallard.publish.place import explained, find_place
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
module.{moment} = die
with duckdb.connect() as connection:
    connection.execute("create table kinds as select range as x from range(100000)")
    place = find_place({str(file)!r}, Path("/"))
    module.publish(connection, [module.Table("memory", "main", "kinds")], place, "run-2", ["csv"])
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert file.read_bytes() == before
    assert len(os.listdir(tmp_path)) > 1
    _publish(warehouse, [KINDS], file, "run-3")
    assert os.listdir(tmp_path) == ["shop.duckdb"]


def test_who_reads_the_old_file_goes_on_and_who_comes_next_sees_the_new_one(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [ODD], file, "run-1")
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
        _publish(warehouse, [KINDS, ODD], file, "run-2")
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[('run-1', 2)]\n"
        assert _read(file, query) == [("run-2", 3)]
        reader.communicate("\n")


def test_copies_stand_beside_the_file(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS, ODD], file, "run-1", ["parquet", "csv"])
    folder = tmp_path / "shop"
    names = ["kinds", 'odd "name" ; --', "publication"]
    copies = [f"{name}.{kind}" for name in names for kind in ("csv", "parquet")]
    assert sorted(os.listdir(folder)) == sorted([LIST, *copies])
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
        _publish(warehouse, [KINDS], file, "run-1", ["excel"])
    with pytest.raises(MallardError, match="two tables to publish have the name kinds: give one of them another alias"):
        _publish(warehouse, [KINDS, Table("memory", "other", "Kinds")], file, "run-1")
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
    _publish(warehouse, [Table("memory", "main", "fine")], file, "run-1")
    found = _read(file, "select count(distinct id), any_value(small), any_value(precise), any_value(zoned) from fine")
    assert found == [(3, 42, "123456789012345.678", datetime.datetime(2024, 1, 1))]
    kinds = _read(file, "select data_type from duckdb_columns() where table_name = 'fine'")
    assert [kind for (kind,) in kinds] == ["VARCHAR", "BIGINT", "VARCHAR", "TIMESTAMP", "VARCHAR"]


def test_the_comment_of_a_view_is_kept(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("create view seen as select 1 as x")
    warehouse.execute("comment on view seen is 'What was seen'")
    _publish(warehouse, [Table("memory", "main", "seen")], tmp_path / "shop.duckdb", "run-1")
    comments = _read(tmp_path / "shop.duckdb", "select comment from duckdb_tables() where table_name = 'seen'")
    assert comments == [("What was seen",)]


def test_the_warehouse_itself_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create table t as select 1 as x; create table other as select 2 as x")
        with pytest.raises(MallardError, match="it is the warehouse itself: choose another file"):
            _publish(connection, [Table("shop", "main", "t")], tmp_path / "." / "shop.duckdb", "run-1")
        with pytest.raises(MallardError, match=r"the file needs an extension, such as \.duckdb"):
            _publish(connection, [Table("shop", "main", "t")], tmp_path / "published", "run-1")
    assert _read(file, "select x from other") == [(2,)]


def test_a_folder_is_no_file_to_publish(tmp_path: Path) -> None:
    (tmp_path / "shop.duckdb").mkdir()
    with pytest.raises(MallardError, match="it is a folder: name a file"):
        find_place("shop.duckdb", tmp_path)


@pytest.mark.parametrize("path", ["s3://bucket/shop.duckdb", "md:shop.duckdb", "https://x/shop.duckdb", "gcs://b/s.db"])
def test_a_path_that_is_not_on_this_machine_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(MallardError, match="it isn't on this machine: publish a local file, and copy it from there"):
        find_place(path, tmp_path)


def test_a_path_may_begin_at_home_but_not_at_that_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_place("~/shop.duckdb", Path("/elsewhere")).file == tmp_path / "shop.duckdb"
    with pytest.raises(MallardError, match="write the path in full"):
        find_place("~nobody_at_all/shop.duckdb", tmp_path)
    with pytest.raises(MallardError, match="NUL"):
        find_place("shop\x00.duckdb", tmp_path)


def test_the_target_of_a_link_is_replaced_and_the_link_stays(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    link = tmp_path / "shop.duckdb"
    link.symlink_to(tmp_path / "share" / "real.duckdb")
    for run in ("run-1", "run-2"):
        _publish(warehouse, [KINDS], link, run)
        assert link.is_symlink()
        assert _read(tmp_path / "share" / "real.duckdb", "select run_id from publication") == [(run,)]
    assert os.listdir(tmp_path / "share") == ["real.duckdb"]


def test_a_file_that_is_no_publication_is_not_replaced(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "raw.duckdb") as connection:
        connection.execute("create table orders as select 1 as precious")
    (tmp_path / "notes.txt").write_text("precious")
    (tmp_path / "empty.duckdb").touch()
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    for name in before:
        with pytest.raises(MallardError, match="there is a file that Mallard didn't publish"):
            _publish(warehouse, [KINDS], tmp_path / name, "run-1")
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_what_a_client_left_beside_the_file_is_not_applied_to_the_next(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    """A client opened the file to write, and died; DuckDB would replay its changes onto every new publication."""
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [ODD], file, "run-1")
    script = f"""
import os, signal, duckdb
connection = duckdb.connect({str(file)!r})
connection.execute("delete from \\"odd \\"\\"name\\"\\" ; --\\" where \\"select\\" < 900")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert (tmp_path / "shop.duckdb.wal").exists()
    for run in ("run-2", "run-3"):
        _publish(warehouse, [ODD], file, run)
        assert os.listdir(tmp_path) == ["shop.duckdb"]
        assert _read(file, 'select count(*) from "odd ""name"" ; --"') == [(1000,)]


def test_a_file_that_another_program_may_write_is_not_replaced(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS], file, "run-1")
    script = f"import duckdb; c = duckdb.connect({str(file)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(MallardError, match="another program has it open to write: close it there"):
            _publish(warehouse, [KINDS], file, "run-2")
        writer.communicate("\n")
    _publish(warehouse, [KINDS], file, "run-3")
    assert _read(file, "select run_id from publication") == [("run-3",)]


def test_permissions_and_owner_stay(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS], file, "run-1", ["csv"])
    file.chmod(0o640)
    (tmp_path / "shop").chmod(0o750)
    if os.getuid() == 0:
        os.chown(file, 1234, 4321)
    _publish(warehouse, [KINDS], file, "run-2", ["csv"])
    assert oct(file.stat().st_mode)[-3:] == "640"
    assert oct((tmp_path / "shop").stat().st_mode)[-3:] == "750"
    if os.getuid() == 0:
        assert (file.stat().st_uid, file.stat().st_gid) == (1234, 4321)


def test_only_what_dead_processes_of_ours_left_is_removed(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    ours = [f".shop.duckdb.{int(dead.stdout)}.tmp", f".shop.duckdb.{int(dead.stdout)}.tmp.wal"]
    others = [f".shop.duckdb.{os.getppid()}.tmp", ".shop.duckdb.backup.tmp_keep", ".dir.tmp", "other.duckdb"]
    for name in ours + others:
        (tmp_path / name).touch() if name != ".dir.tmp" else (tmp_path / name).mkdir()
    (tmp_path / f".shop.{int(dead.stdout)}.old").mkdir()
    _publish(warehouse, [KINDS], file, "run-1", ["csv"])
    assert sorted(os.listdir(tmp_path)) == sorted([*others, "shop", "shop.duckdb"])


def test_copies_are_all_of_one_run_and_say_which(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS, ODD], file, "run-1", ["csv"])
    _publish(warehouse, [KINDS], file, "run-2", ["csv", "parquet"])
    names = [f"{name}.{kind}" for name in ("kinds", "publication") for kind in ("csv", "parquet")]
    assert sorted(os.listdir(tmp_path / "shop")) == sorted([LIST, *names])
    copy = tmp_path / "shop" / "publication.parquet"
    assert warehouse.execute(f"select run_id from '{copy}'").fetchall() == [("run-2",)]
    assert sorted(os.listdir(tmp_path)) == ["shop", "shop.duckdb"]


def test_a_folder_with_files_of_others_is_left_alone(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "plan.xlsx").touch()
    with pytest.raises(MallardError, match="is something that Mallard didn't write for this publication: move it away"):
        _publish(warehouse, [KINDS], tmp_path / "shop.duckdb", "run-1", ["csv"])
    assert sorted(os.listdir(tmp_path)) == ["shop"]
    _publish(warehouse, [KINDS], tmp_path / "shop.duckdb", "run-1")
    assert os.listdir(tmp_path / "shop") == ["plan.xlsx"]


def test_copies_that_would_share_a_file_are_refused(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute('create table "a/b" as select 1 as x; create table a_b as select 2 as x')
    tables = [Table("memory", "main", "a/b"), Table("memory", "main", "a_b")]
    with pytest.raises(MallardError, match="would have the file name of another table's"):
        _publish(warehouse, tables, tmp_path / "shop.duckdb", "run-1", ["csv"])
    _publish(warehouse, tables, tmp_path / "shop.duckdb", "run-1")


def test_no_cell_of_a_csv_copy_is_a_formula(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "plain", "a=b", ""]
    warehouse.execute("create table cells as select unnest(?) as cell, -1.5 as number", [cells])
    warehouse.execute('alter table cells rename column number to "=number"')
    _publish(warehouse, [Table("memory", "main", "cells")], tmp_path / "shop.duckdb", "run-1", ["csv"])
    with (tmp_path / "shop" / "cells.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["cell"] for row in rows] == [*(f"'{cell}" for cell in cells[:7]), *cells[7:]]
    assert rows[0]["'=number"] == "-1.5"
    assert _read(tmp_path / "shop.duckdb", "select cell from cells limit 1") == [("=1+1",)]


def test_every_type_of_the_engine_is_published(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("create table every as from test_all_types()")
    _publish(warehouse, [Table("memory", "main", "every")], tmp_path / "shop.duckdb", "run-1", ["csv", "parquet"])
    columns = "select column_name, data_type from duckdb_columns() where table_name = 'every' order by column_index"
    kinds = dict(_read(tmp_path / "shop.duckdb", columns))
    assert list(kinds) == [name for name, *_ in warehouse.execute("describe every").fetchall()]
    assert set(kinds.values()) == {"BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP"}
    lost = [
        name
        for name in kinds
        if _read(tmp_path / "shop.duckdb", f'select count("{name}") from every')
        != warehouse.execute(f'select count("{name}") from every').fetchall()
    ]
    assert lost == []


@pytest.mark.parametrize("name", ["seeds/raw.csv", "shop/mine.parquet", "x/y.csv/z.csv"])
def test_a_folder_of_files_that_only_look_like_copies_is_left_alone(
    warehouse: DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("a,b\n1,2\n")
    database = tmp_path / f"{name.split('/')[0]}.duckdb"
    with pytest.raises(MallardError, match="is something that Mallard didn't write for this publication: move it away"):
        _publish(warehouse, [KINDS], database, "run-1", ["csv"])
    assert file.read_text() == "a,b\n1,2\n"
    assert not database.exists()


def test_a_table_called_publication_alone_makes_no_publication(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "old.duckdb") as connection:
        connection.execute(
            "create table publication as select now() as t, 'x' as who; create table mine as select 1 as x"
        )
    with pytest.raises(MallardError, match="there is a file that Mallard didn't publish"):
        _publish(warehouse, [KINDS], tmp_path / "old.duckdb", "run-1")
    assert _read(tmp_path / "old.duckdb", "from mine") == [(1,)]


def test_the_folder_of_the_copies_may_be_a_link(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "shop").symlink_to(tmp_path / "elsewhere")
    for run in ("run-1", "run-2"):
        _publish(warehouse, [KINDS], tmp_path / "shop.duckdb", run, ["csv"])
        assert (tmp_path / "shop").is_symlink()
        assert run in (tmp_path / "elsewhere" / "publication.csv").read_text()


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.duckdb").symlink_to(tmp_path / "shop.duckdb")
    with pytest.raises(MallardError, match="it is a link that leads nowhere"):
        find_place("shop.duckdb", tmp_path)


def test_places_that_the_user_may_not_use_are_refused_with_a_remedy(
    warehouse: DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS], file, "run-1")
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == file and mode == os.R_OK))
    with pytest.raises(MallardError, match=r"may not read .*shop.duckdb, so nobody can tell .*: give the right to"):
        _publish(warehouse, [KINDS], file, "run-2")
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(MallardError, match=f"may not write into the folder {tmp_path}: give the right to"):
        _publish(warehouse, [KINDS], tmp_path / "new" / "deep" / "shop.duckdb", "run-2")
    monkeypatch.undo()
    with pytest.raises(MallardError, match=r"shop.duckdb is a file, not a folder: choose another path"):
        _publish(warehouse, [KINDS], file / "deep" / "shop.duckdb", "run-2")
    assert _read(file, "select run_id from publication") == [("run-1",)]
    warehouse.execute("set enable_external_access = false")
    with pytest.raises(MallardError, match="setting enable_external_access is off, and publishing writes a file"):
        _publish(warehouse, [KINDS], file, "run-2")


def test_what_the_system_says_gets_a_remedy() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/shop.duckdb")
    assert explained(full) == "no space left on device, /data/shop.duckdb: make room on the disk."
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/data")
    assert explained(denied) == "permission denied, /data: give the user who runs dbt the right to."
    assert explained(OSError("strange")) == "strange: choose another path."


def test_copies_go_when_none_are_asked_for_and_nothing_else_does(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    place = find_place("shop.duckdb", tmp_path)
    assert not remove_copies(place)
    _publish(warehouse, [KINDS], file, "run-1", ["csv"])
    (tmp_path / "shop" / "notes.txt").touch()
    assert not remove_copies(place)
    (tmp_path / "shop" / "notes.txt").unlink()
    assert remove_copies(place)
    assert os.listdir(tmp_path) == ["shop.duckdb"]
    (tmp_path / "shop").mkdir()
    assert not remove_copies(place)


def test_moments_are_published_alike_in_every_time_zone_and_names_whatever_their_case(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    moment = "timestamptz '2026-01-02 03:04:05+00'"
    warehouse.execute(f"create table moments as select {moment} as at, [{moment}] as many, {{'at': {moment}}} as one")
    found = set()
    for zone, case in (("UTC", "preserve_case"), ("Pacific/Kiritimati", "uppercase")):
        warehouse.execute(f"set global TimeZone = '{zone}'")
        warehouse.execute("set global Calendar = 'buddhist'")
        warehouse.execute(f"set preserve_identifier_case = '{case}'")
        _publish(warehouse, [Table("memory", "main", "moments")], tmp_path / "shop.duckdb", f"in {zone}", ["csv"])
        found |= set(_read(tmp_path / "shop.duckdb", "from moments"))
        assert "published_at,run_id" in (tmp_path / "shop" / "publication.csv").read_text()
    [(at, many, one)] = found
    assert at == datetime.datetime(2026, 1, 2, 3, 4, 5)
    assert many == "['2026-01-02 03:04:05+00']"
    assert one == "{'at': '2026-01-02 03:04:05+00'}"


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "._kinds.csv"])
def test_what_file_managers_leave_among_copies_is_nobodys(
    warehouse: DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS], file, "run-1", ["csv"])
    (tmp_path / "shop" / name).write_bytes(b"\x00")
    _publish(warehouse, [KINDS], file, "run-2", ["csv"])
    assert sorted(os.listdir(tmp_path / "shop")) == [LIST, "kinds.csv", "publication.csv"]


def test_columns_can_be_left_out_of_the_file_and_of_all_copies(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("create table people as select 1 as id, 'ann@example.com' as email, 'Ann' as name, 2.5 as spent")
    warehouse.execute("comment on column people.email is 'Where to write'; comment on column people.spent is 'In euro'")
    described = {"id": "Number of the customer", "name": "As on letters"}
    table = Table("memory", "main", "people", columns=described, exclude=["EMAIL", "name"])
    _publish(warehouse, [table, KINDS], tmp_path / "shop.duckdb", "run-1", ["parquet", "csv"])
    assert _read(tmp_path / "shop.duckdb", "from people") == [(1, 2.5)]
    comments = "select column_name, comment from duckdb_columns() where table_name = 'people' order by column_index"
    assert _read(tmp_path / "shop.duckdb", comments) == [("id", "Number of the customer"), ("spent", "In euro")]
    for kind in ("parquet", "csv"):
        copy = tmp_path / "shop" / f"people.{kind}"
        assert [name for name, *_ in warehouse.execute(f"describe from '{copy}'").fetchall()] == ["id", "spent"]
    assert not [file for file in tmp_path.rglob("*.*") if b"ann@example" in file.read_bytes()]


def test_a_column_to_leave_out_that_is_not_there_is_refused(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    warehouse.execute("create table people as select 1 as id, 'ann@example.com' as email")
    for exclude, message in [
        (["emial"], "setting publish_exclude names emial, but .*people.* has no such column: choose from id, email"),
        (["id", "email"], "setting publish_exclude leaves no column of .*people"),
    ]:
        with pytest.raises(MallardError, match=message):
            _publish(warehouse, [Table("memory", "main", "people", exclude=exclude)], tmp_path / "s.duckdb", "run-1")
        assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet", "notes.txt"])
def test_a_file_that_somebody_puts_among_the_copies_is_kept(
    warehouse: DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "shop.duckdb"
    _publish(warehouse, [KINDS], file, "run-1", ["csv"])
    (tmp_path / "shop" / name).write_text("precious")
    with pytest.raises(MallardError, match="is something that Mallard didn't write"):
        _publish(warehouse, [KINDS], file, "run-2", ["csv"])
    assert not remove_copies(find_place("shop.duckdb", tmp_path))
    assert (tmp_path / "shop" / name).read_text() == "precious"
    assert _read(file, "select run_id from publication") == [("run-1",)]


def test_two_publications_do_not_share_a_folder_of_copies(warehouse: DuckDBPyConnection, tmp_path: Path) -> None:
    _publish(warehouse, [KINDS], tmp_path / "shop.duckdb", "run-1", ["csv"])
    with pytest.raises(MallardError, match="is something that Mallard didn't write"):
        _publish(warehouse, [KINDS], tmp_path / "shop.db", "run-2", ["csv"])
    assert not remove_copies(find_place("shop.db", tmp_path))
    assert sorted(os.listdir(tmp_path / "shop")) == [LIST, "kinds.csv", "publication.csv"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("${HOME}/shop.duckdb", "variables of the shell aren't filled in: write"),
        ("shop.parquet", "it would be a DuckDB file: name it .duckdb"),
        ("pipe.duckdb", "it is no ordinary file: name another one"),
    ],
)
def test_paths_that_name_no_file_to_publish_are_refused(tmp_path: Path, path: str, message: str) -> None:
    os.mkfifo(tmp_path / "pipe.duckdb")
    with pytest.raises(MallardError, match=message):
        find_place(path, tmp_path)


def test_a_macro_is_asked_under_any_name_and_a_broken_one_leaves_the_old_file(
    warehouse: DuckDBPyConnection, tmp_path: Path
) -> None:
    place = find_place(str(tmp_path / "shop.duckdb"), tmp_path)
    twice = Macro('twice "over"', ['the "x"', "Y"], '(select 2 * ("the ""x""" + "Y"))')
    publish(warehouse, [KINDS], place, "run-1", macros=[twice])
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.file}' as elsewhere (read_only)")
        assert connection.execute('select elsewhere.main."twice ""over"""(1, 2.5)').fetchall() == [(7,)]
    with pytest.raises(duckdb.Error):
        publish(warehouse, [KINDS], place, "run-2", macros=[Macro("broken", ["x"], "(select")])
    assert _read(place.file, "select run_id from publication") == [("run-1",)]
    assert [path.name for path in tmp_path.iterdir()] == ["shop.duckdb"]
