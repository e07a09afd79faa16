"""The file of a segment's customers has every row and value, no cell of it runs, and it is whole or the old one."""

from __future__ import annotations

import csv
import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from database import groups, make_database
from hostile import NAMES, VALUES

from mallard.cli import main

NAMES_OF_SEGMENTS = ["low spending", "High Spending", "one\nof a kind"]
COMPANIES = {"entity": "company"}
PERSONAL = "Personal data: this file contains ids and values of "


def _run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["members", *map(str, arguments)])
    return result.exit_code, result.output


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """90 customers in three segments of 30, whose ids are in an order of their own."""
    values, labels = groups(90, 2, 3)
    ids = [f"c{i:02}" for i in np.random.default_rng(1).permutation(90)]
    return make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], NAMES_OF_SEGMENTS, ids)


def _expected(people: Path, *segments: int) -> list[tuple[str, float, float]]:
    with duckdb.connect(people, read_only=True) as connection:
        rows = connection.execute("select customer, a, b, segment_id from people").fetchall()
    return sorted(row[:3] for row in rows if row[3] in segments)


def test_a_segment_becomes_a_csv_file_in_the_order_of_the_ids(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "champions.csv"
    assert _run(people, "--segment", "1", "--output", file) == (
        0,
        f"{file}, 30 customers: 1 low spending\n{PERSONAL}30 customers.\n",
    )
    rows = _read(file)
    assert [(row["customer"], float(row["a"]), float(row["b"])) for row in rows] == _expected(people, 1)
    assert {(row["segment_id"], row["segment_name"], row["status_reason"]) for row in rows} == {
        ("1", "low spending", "")
    }
    assert os.listdir(file.parent) == ["champions.csv"]


def test_a_segment_becomes_a_parquet_file_with_the_types_of_the_table(people: Path, tmp_path: Path) -> None:
    with duckdb.connect(people) as connection:
        connection.execute(
            "alter table people add column vector float[2]; update people set vector = [a, b];"
            "alter table people add column seen timestamptz; update people set seen = timestamptz '2026-01-02 03:04+05'"
        )
    file = tmp_path / "two.PARQUET"
    assert _run(people, "--segment", "3", "--segment", "1", "-o", file)[1].startswith(f"{file}, 60 customers: 1 low ")
    table = pq.read_table(file)
    assert list(zip(*(table[name].to_pylist() for name in ("customer", "a", "b")), strict=True)) == _expected(
        people, 1, 3
    )
    assert (str(table.schema.field("segment_id").type), str(table.schema.field("a").type)) == ("int32", "double")
    assert table["vector"].to_pylist()[0] == pytest.approx([table["a"][0].as_py(), table["b"][0].as_py()])
    assert table["seen"].to_pylist()[0].isoformat() == "2026-01-01T22:04:00+00:00"


@pytest.mark.parametrize("asked", ["2", "High Spending", "high spending", " HIGH SPENDING "])
def test_a_segment_is_asked_for_by_id_or_name(people: Path, tmp_path: Path, asked: str) -> None:
    code, output = _run(people, "--segment", asked, "-o", tmp_path / "high.csv")
    assert (code, output.splitlines()[0]) == (0, f"{tmp_path / 'high.csv'}, 30 customers: 2 High Spending")
    assert [row["customer"] for row in _read(tmp_path / "high.csv")] == [row[0] for row in _expected(people, 2)]


def test_a_name_is_asked_for_as_other_commands_show_it(people: Path, tmp_path: Path) -> None:
    code, output = _run(people, "--segment", "one of a kind", "--segment", "3", "-o", tmp_path / "one.csv")
    assert (code, output.splitlines()[0]) == (0, f"{tmp_path / 'one.csv'}, 30 customers: 3 one of a kind")


def test_columns_are_those_asked_for_in_that_order(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    assert _run(people, "--segment", "1", "-o", file, "--column", "B", "--column", "customer", "--column", "b")[0] == 0
    assert [list(row.items()) for row in _read(file)] == [
        [("b", repr(b)), ("customer", customer)] for customer, _, b in _expected(people, 1)
    ]
    code, output = _run(people, "--segment", "1", "-o", file, "--column", "b")
    personal = "this file contains values of 30 customers, without customer. Values can identify a person, too."
    assert (code, output.splitlines()[1]) == (0, f"Personal data: {personal}")
    assert [row["b"] for row in _read(file)] == [repr(b) for _, _, b in _expected(people, 1)]


def test_customers_with_the_same_first_value_are_in_one_order_only(people: Path, tmp_path: Path) -> None:
    with duckdb.connect(people) as connection:
        connection.execute("create or replace table people as select 1 as one, * from people order by random()")
    assert _run(people, "--segment", "1", "-o", tmp_path / "one.csv")[0] == 0
    assert [row["customer"] for row in _read(tmp_path / "one.csv")] == [row[0] for row in _expected(people, 1)]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_copies_give_the_same_file_as_their_database(people: Path, tmp_path: Path, kind: str) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    with duckdb.connect(people, read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"copy {name} to '{copies / name}.{kind}'")
    for database, name in ((people, "of_database.csv"), (copies, "of_copies.csv")):
        assert _run(database, "--segment", "2", "-o", tmp_path / name)[0] == 0
    assert (tmp_path / "of_copies.csv").read_bytes() == (tmp_path / "of_database.csv").read_bytes()
    file = copies / f"people.{kind}"
    code, output = _run(copies, "--segment", "2", "-o", file)
    assert code == 1
    assert output == f"Error: mallard: output {file} would be among the copies in {copies}: choose another folder.\n"


def test_no_cell_is_a_formula_and_no_number_is_taken_for_one(tmp_path: Path) -> None:
    formulas = [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "\u00a0=1",
        "\ufeff=1",
        "\x01-1",
        "\uff1d1",
        "\u200b+1",
    ]
    texts = ["plain", "a=b", "", " ", "x -1", 'say "hi", you\nthere', "Zoë", "'=1"]
    _people_with(tmp_path, "=text", [*formulas, *texts, "nul\0l", None])
    with duckdb.connect(tmp_path / "people.duckdb") as connection:
        connection.execute(
            "alter table people add column number decimal(9, 1); update people set number = -3.5;"
            "alter table people add column past interval; update people set past = interval '-1 day';"
            "create type letter as enum ('=a');"
            "alter table people add column enum letter; update people set enum = '=a'"
        )
    file = tmp_path / "cells.csv"
    assert _run(tmp_path / "people.duckdb", "--segment", "1", "-o", file)[0] == 0
    rows = _read(file)
    cells = [row["'=text"] for row in rows]
    assert cells == [*(f"'{text}" for text in formulas), *texts, "nul\ufffdl", ""]
    assert {(row["number"], row["past"], row["enum"]) for row in rows} == {("-3.5", "'-1 day", "'=a")}
    assert file.read_bytes().split(b"\r\n")[0].count(b"\0") == 0


def test_the_byte_order_mark_comes_first_even_before_a_quotation_mark(tmp_path: Path) -> None:
    for name in ('a "b", c', "plain"):
        _people_with(tmp_path, name, ["x", "y"])
        assert _run(tmp_path / "people.duckdb", "--segment", "1", "-o", tmp_path / "m.csv", "--column", name)[0] == 0
        assert (tmp_path / "m.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
        assert _read(tmp_path / "m.csv") == [{name: "x"}, {name: "y"}]


def test_lists_vectors_and_structs_are_json(tmp_path: Path) -> None:
    _people_with(tmp_path, "text", ["x", "y"])
    moments = "map {'k': [timestamptz '2026-01-02 03:04+05']} as map"
    nested = "[1.5, null] as list, {'a': 'say \"x\"', 'b': date '2026-01-02'} as struct, [1, 2]::float[2] as vector"
    with duckdb.connect(tmp_path / "people.duckdb") as connection:
        connection.execute(f"create or replace table people as select *, {nested}, {moments} from people")
    assert _run(tmp_path / "people.duckdb", "--segment", "1", "-o", tmp_path / "nested.csv")[0] == 0
    row = _read(tmp_path / "nested.csv")[0]
    assert {name: json.loads(row[name]) for name in ("list", "struct", "vector", "map")} == {
        "list": [1.5, None],
        "struct": {"a": 'say "x"', "b": "2026-01-02"},
        "vector": [1.0, 2.0],
        "map": {"k": ["2026-01-01 22:04:00+00"]},
    }


def test_names_and_values_of_all_kinds_come_back_as_they_are(tmp_path: Path) -> None:
    texts = list(VALUES.values())
    _people_with(tmp_path, "text", texts)
    with duckdb.connect(tmp_path / "people.duckdb") as connection:
        for name in NAMES.values():
            quoted = '"' + name.replace('"', '""') + '"'
            connection.execute(f"alter table people add column {quoted} integer default 7")
    file = tmp_path / "all.csv"
    assert _run(tmp_path / "people.duckdb", "--segment", "1", "-o", file)[0] == 0
    rows = _read(file)
    assert [row["text"].removeprefix("'") for row in rows] == [text.replace("\0", "\ufffd") for text in texts]
    assert {name.removeprefix("'") for name, value in rows[0].items() if value == "7"} == set(NAMES.values())
    parquet = tmp_path / "all.parquet"
    assert _run(tmp_path / "people.duckdb", "--segment", "1", "-o", parquet)[0] == 0
    assert pq.read_table(parquet)["text"].to_pylist() == texts


def test_what_is_not_there_is_refused_with_what_there_is(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    there = "choose the id or the name of one of 1 low spending, 2 High Spending, 3 one of a kind."
    for asked in ("4", "low", "null", ""):
        message = f"Error: mallard: there is no segment {asked} with customers: {there}\n"
        assert _run(people, "--segment", asked, "-o", file) == (1, message)
    code, output = _run(people, "--segment", "1", "-o", file, "--column", "email")
    assert (code, output[:73]) == (1, "Error: mallard: there is no column email: choose from customer, a, b, seg")
    message = "Error: mallard: there is no segmentation they: choose one of people.\n"
    assert _run(people, "--segment", "1", "-o", file, "-s", "they") == (1, message)
    for name in ("out", "out.xlsx", "out.csv.gz"):
        message = f"output {tmp_path / name} has the ending of no file that can be written: choose .csv or .parquet."
        assert _run(people, "--segment", "1", "-o", tmp_path / name) == (1, f"Error: mallard: {message}\n")
    assert os.listdir(tmp_path) == ["people.duckdb"]


@pytest.mark.parametrize("published", [["profiles"], []])
def test_the_table_of_customers_is_enough(people: Path, tmp_path: Path, published: list[str]) -> None:
    with duckdb.connect(people) as connection:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        for name in tables:
            if name != "people" and name.removeprefix("people__") not in published:
                connection.execute(f"drop table {name}")
        connection.execute("create table orders as select 1 as x")
    for chosen in ([], ["-s", "People"]):
        file = tmp_path / "one.csv"
        said = f"{file}, 30 rows: 1 low spending\n{PERSONAL}30 rows.\n"
        assert _run(people, "--segment", "1", "-o", file, *chosen) == (0, said)
        assert [(row["customer"], float(row["a"]), float(row["b"])) for row in _read(file)] == _expected(people, 1)
    message = "Error: mallard: there is no segmentation orders: choose one of people.\n"
    assert _run(people, "--segment", "1", "-o", file, "-s", "orders") == (1, message)
    with duckdb.connect(people) as connection:
        connection.execute("truncate people")
    message = "Error: mallard: people has no row with a segment: run dbt build without --empty.\n"
    assert _run(people, "--segment", "1", "-o", file) == (1, message)


def test_names_with_commas_can_be_told_from_each_other(tmp_path: Path) -> None:
    values, labels = groups(30, 2, 3)
    names = ["few orders, low revenue", "many orders, high revenue", "average customers"]
    database = make_database(tmp_path / "p.duckdb", values, labels, ["a", "b"], names)
    file = tmp_path / "out.csv"
    there = '1 "few orders, low revenue", 2 "many orders, high revenue", 3 average customers'
    message = f"Error: mallard: there is no segment gold with customers: choose the id or the name of one of {there}.\n"
    assert _run(database, "--segment", "gold", "-o", file) == (1, message)
    code, output = _run(database, "--segment", "1", "--segment", names[1], "--segment", "3", "-o", file)
    assert (code, output.splitlines()[0]) == (0, f"{file}, 30 customers: {there}")
    with duckdb.connect(database) as connection:
        connection.execute('alter table people add column "income, net" integer')
    code, output = _run(database, "--segment", "1", "-o", file, "--column", "email")
    assert (code, '"income, net"' in output) == (1, True)


def test_rows_are_called_what_they_are(tmp_path: Path) -> None:
    values, labels = groups(4, 2, 3)
    database = make_database(tmp_path / "p.duckdb", values, labels, ["a", "b"], NAMES_OF_SEGMENTS, found=COMPANIES)
    assert _run(database, "--segment", "2", "-o", tmp_path / "one.csv") == (
        0,
        f"{tmp_path / 'one.csv'}, 1 company: 2 High Spending\n{PERSONAL}1 company.\n",
    )
    assert _run(database, "--segment", "1", "-o", tmp_path / "two.csv")[1].startswith(
        f"{tmp_path / 'two.csv'}, 2 companies: 1 low spending\n"
    )


def test_names_that_differ_in_case_only_are_told_apart_by_id(tmp_path: Path) -> None:
    values, labels = groups(30, 2, 2)
    database = make_database(tmp_path / "p.duckdb", values, labels, ["a", "b"], ["gold", "Gold"])
    assert _run(database, "--segment", "GOLD", "-o", tmp_path / "gold.csv") == (
        1,
        "Error: mallard: 2 segments are called GOLD: give an id, one of 1, 2.\n",
    )


def test_a_failure_leaves_the_old_file_as_it_was(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("old")
    with duckdb.connect(people) as connection:
        connection.execute("insert into people select people.* from people, range(1000)")
    command = [sys.executable, "-m", "mallard", "members", str(people), "--segment", "1", "-o", str(file)]
    limit = 100_000
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Error: mallard: IO Error: ")
    assert ": make room on the disk, choose another path, or leave out the column" in run.stderr
    assert run.stderr.count("\n") == 1
    assert file.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["out.csv", "people.duckdb"]


def test_a_type_that_a_parquet_file_cannot_have_is_refused(people: Path, tmp_path: Path) -> None:
    with duckdb.connect(people) as connection:
        connection.execute("alter table people add column past interval; update people set past = interval '-1 day'")
    code, output = _run(people, "--segment", "1", "-o", tmp_path / "out.parquet")
    assert (code, output.count("\n")) == (1, 1)
    assert "do not support negative intervals: make room on the disk, choose another path, or leave out the" in output
    assert os.listdir(tmp_path) == ["people.duckdb"]


def test_a_replaced_file_keeps_its_rights_and_a_link_leads_where_it_did(people: Path, tmp_path: Path) -> None:
    file, link = tmp_path / "out.csv", tmp_path / "link.csv"
    file.touch(0o600)
    link.symlink_to(file)
    assert _run(people, "--segment", "1", "-o", link)[0] == 0
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(_read(file)) == 30


def _people_with(folder: Path, column: str, cells: list[str | None]) -> None:
    """Customers of one segment with one text each, in this order, and a column of their numbers."""
    values = np.arange(2.0 * len(cells)).reshape(-1, 2)
    ids = [f"{i:03}" for i in range(len(cells))]
    file = folder / "people.duckdb"
    file.unlink(missing_ok=True)
    make_database(file, values, np.zeros(len(cells), int), ["a", "b"], ["all"], ids)
    with duckdb.connect(file) as connection:
        quoted = '"' + column.replace('"', '""') + '"'
        connection.execute(
            "create or replace table people as select people.*, cells.* from people "
            f"positional join (select unnest(?::varchar[]) as {quoted}) as cells",
            [cells],
        )
