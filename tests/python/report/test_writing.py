"""What the commands say and write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from database import groups, make_database
from sample import Project

import mallard
from mallard import __version__
from mallard.cli import main
from mallard.report.reading import read_report_data
from mallard.report.write import PICTURES


def _run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def _two_segmentations(folder: Path) -> Path:
    values, labels = groups(30, 2, 2)
    database = make_database(folder / "people.duckdb", values, labels, ["a", "b"], ["low", "high"])
    with duckdb.connect(database) as connection:
        for side in ("", "__metrics", "__profiles", "__centroids"):
            connection.execute(f"create table others{side} as from people{side}")
    return database


def test_each_chart_is_saved_as_a_picture_for_slides(sample_page: Path) -> None:
    names = ["algorithms", "borders", "elbow_curve", "divisions", "profiles"]
    names += ["scatter_plot", "silhouette_curve", "silhouette_plot"]
    folder = sample_page.with_suffix("")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}.{kind}" for name in names for kind in ("png", "svg")
    )
    for name in names:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (folder / f"{name}.svg").read_text().startswith("<svg")
    assert "low income, high spending" in (folder / "scatter_plot.svg").read_text()


def test_the_charts_are_as_the_schema_of_vega_lite_asks(sample: Project) -> None:
    data = read_report_data(sample.path / "published" / "mallard.duckdb")
    for name, chart in PICTURES.items():
        if name not in ("value", "transitions"):  # which the sample doesn't have
            assert chart(data).to_dict()["$schema"], name  # Altair checks it by that


def test_the_warehouse_gives_the_same_page_as_the_published_file(
    sample: Project, sample_page: Path, tmp_path: Path
) -> None:
    code, output = _run("report", sample.path / "mallard.duckdb", "--output", tmp_path / "page.html", "--no-pictures")
    assert (code, output.splitlines()) == (
        0,
        [
            f"{tmp_path / 'page.html'}, 1.1 MB",
            "Personal data: this page contains ids and values of 200 customers.",
        ],
    )
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    expected, found = (page.read_text().split('id="facts">')[1] for page in (sample_page, tmp_path / "page.html"))
    assert found == expected


def test_the_summary_is_the_same_of_the_warehouse_and_of_the_published_file(sample: Project) -> None:
    (code, of_warehouse), (_, of_published) = (
        _run("summary", sample.path / file) for file in ("mallard.duckdb", "published/mallard.duckdb")
    )
    assert code == 0
    lines = of_published.splitlines()
    assert lines[1] == "customer_segments: 200 customers, 200 with a segment"
    assert of_warehouse.splitlines()[1] == lines[1] + ", 0 rows rejected"
    assert lines[2].startswith("5 groups, some with faint borders (reproducible). Every border between segments is a ")
    assert lines[3].startswith("k = 5, chosen at the elbow: ")
    assert of_warehouse.splitlines()[2:-1] == lines[2:-1]
    assert [line.split()[-4:] for line in lines[4:] if line.startswith("5 ")] == [["35", "17.5%", "88.2", "17.1"]]
    assert "\x1b" not in of_published


def test_several_segmentations_are_all_summed_up_and_the_report_asks_which(tmp_path: Path) -> None:
    database = _two_segmentations(tmp_path)
    code, output = _run("summary", database)
    assert code == 0
    assert [line.split(":")[0] for line in output.splitlines() if "with a segment" in line] == ["others", "people"]
    page = tmp_path / "page.html"
    message = "Error: mallard: there are 2 segmentations: choose one of others, people.\n"
    assert _run("report", database, "-o", page) == (1, message)
    message = "Error: mallard: there is no segmentation they: choose one of others, people.\n"
    assert _run("report", database, "-o", page, "-s", "they") == (1, message)
    message = "Error: mallard: there is no column nope to identify customers: choose from customer, a, b, segment_id,"
    assert _run("report", database, "-o", page, "-s", "people", "--id", "nope")[1].startswith(message)
    message = f"Error: mallard: the page {tmp_path / 'page'} needs an extension, such as .html.\n"
    assert _run("report", database, "-o", tmp_path / "page", "-s", "people") == (1, message)
    with duckdb.connect(database) as connection:
        connection.execute("create schema north")
        for side in ("", "__metrics", "__profiles", "__centroids"):
            connection.execute(f"create table north.people{side} as from people{side}")
    message = "Error: mallard: there are 2 segmentations: choose one of main.others, main.people, north.people.\n"
    assert _run("report", database, "-o", page, "-s", "people") == (1, message)
    assert _run("report", database, "-o", page, "-s", "main.people", "--no-pictures")[0] == 0
    assert "<title>Segments: people</title>" in page.read_text()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_copies_are_read_as_the_database_they_were_copied_from(tmp_path: Path, kind: str) -> None:
    values, labels = groups(60, 3, 2)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b", "c"], ["low", "high"])
    copies = tmp_path / "people"
    copies.mkdir()
    with duckdb.connect(database, read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"copy {name} to '{copies / name}.{kind}'")
    (code, of_copies), (_, of_database) = _run("summary", copies), _run("summary", database)
    assert code == 0
    assert of_copies.splitlines()[:-1] == of_database.splitlines()[:-1]
    code, output = _run("report", copies, "-o", tmp_path / "page.html", "--no-pictures")
    assert code == 0, output
    assert _run("summary", copies / f"people.{kind}") == (
        1,
        f"Error: mallard: {copies / f'people.{kind}'} is a copy of one table, but a segmentation has several: name the "
        f"folder with the copies, {copies}, or the DuckDB file.\n",
    )
    (tmp_path / "nothing").mkdir()
    assert "has no copies of tables" in _run("summary", tmp_path / "nothing")[1]


def test_one_segmentation_is_summed_up_where_it_is_asked_for(tmp_path: Path) -> None:
    database = _two_segmentations(tmp_path)
    code, output = _run("summary", database, "-s", "people")
    assert code == 0
    assert [line.split(":")[0] for line in output.splitlines() if "with a segment" in line] == ["people"]
    assert _run("summary", database, "-s", "they")[0] == 1


def test_headings_break_between_words_only(tmp_path: Path) -> None:
    values, labels = groups(30, 2, 2)
    features = ["days_since_registration", "internationalisation"]
    database = make_database(tmp_path / "people.duckdb", values, labels, features, ["low", "high"])
    words = set(_run("summary", database)[1].split())
    assert {"registration", "internationalisation", "customers"} <= words


@pytest.mark.parametrize("command", ["summary", "report"])
def test_files_that_cannot_be_read_are_refused_in_one_line(tmp_path: Path, command: str) -> None:
    text = tmp_path / "notes.duckdb"
    text.write_text("no database at all" * 1000)
    with duckdb.connect(tmp_path / "empty.duckdb"):
        pass
    for file, message in [
        (tmp_path / "nowhere.duckdb", "there is no file "),
        (text, f"{text} can't be read as a database with segments: "),
        (tmp_path / "empty.duckdb", "segmentation"),
    ]:
        code, output = _run(command, file)
        assert code == 1
        assert output.startswith("Error: mallard: ")
        assert message in output
        assert len(output.splitlines()) == 1


@pytest.mark.parametrize("command", ["summary", "report"])
@pytest.mark.parametrize(
    ("side", "column"), [("", "segment_id"), ("__metrics", "selection_reason"), ("__profiles", "feature")]
)
def test_tables_of_another_version_are_told_from_ours(tmp_path: Path, command: str, side: str, column: str) -> None:
    database = make_database(tmp_path / "people.duckdb", *groups(30, 2, 2), ["a", "b"], ["low", "high"])
    with duckdb.connect(database) as connection:
        connection.execute(f"alter table people{side} drop column {column}")
    code, output = _run(command, database, *(["-o", tmp_path / "page.html"] if command == "report" else []))
    assert code == 1
    assert output.startswith("Error: mallard: ")
    assert column in output
    assert f"if another version than Mallard {__version__} made these tables, run dbt build with this one" in output
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize("command", ["summary", "report"])
def test_columns_and_tables_that_another_version_added_do_no_harm(tmp_path: Path, command: str) -> None:
    database = make_database(tmp_path / "people.duckdb", *groups(30, 2, 2), ["a", "b"], ["low", "high"])
    with duckdb.connect(database) as connection:
        for side in ("", "__metrics", "__profiles", "__centroids"):
            connection.execute(f"alter table people{side} add column of_tomorrow integer")
        connection.execute("create table people__of_tomorrow as select 1 as x")
    assert _run(command, database, *(["-o", tmp_path / "page.html"] if command == "report" else []))[0] == 0


@pytest.mark.parametrize("command", ["summary", "report"])
def test_a_warehouse_that_another_process_writes_is_refused_with_a_remedy(tmp_path: Path, command: str) -> None:
    database = make_database(tmp_path / "people.duckdb", *groups(30, 2, 2), ["a", "b"], ["low", "high"])
    environment = os.environ | {"PYTHONPATH": str(Path(mallard.__file__).parent.parent)}
    arguments = [sys.executable, "-m", "mallard", command, database]
    with duckdb.connect(database):
        said = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment).stderr
    assert said.strip() == (
        f"Error: mallard: {database} is open in another process that may write to it, such as dbt build: wait until it "
        "is done, close the file there, or name the published file."
    )


@pytest.mark.parametrize("command", ["summary", "report"])
def test_a_nul_in_a_path_is_refused(command: str) -> None:
    code, output = _run(command, "people\x00.duckdb")
    assert code == 2
    assert "the path contains a NUL character: remove it." in output


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "mallard: stopped before it was done.\n"),
        (RuntimeError("Query interrupted"), 130, "mallard: stopped before it was done.\n"),
        (MemoryError("no room"), 1, "Error: mallard: the memory ran out (no room): "),
        (
            ModuleNotFoundError("No module named 'altair'", name="altair"),
            1,
            "Error: mallard: the Python package altair isn't installed here: pip install 'dbt-mallard[report]'\n",
        ),
    ],
)
@pytest.mark.parametrize("command", ["summary", "report"])
def test_failures_that_are_nobodys_mistake_take_one_line(
    monkeypatch: pytest.MonkeyPatch, command: str, failure: BaseException, code: int, said: str
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("mallard.summary.print_summary", fail)
    monkeypatch.setattr("mallard.report.write.write_report", fail)
    found, output = _run(command, "people.duckdb")
    assert found == code
    assert output.startswith(said)
    assert len(output.splitlines()) == 1


def test_help_is_enough_to_learn_the_tool() -> None:
    code, output = _run("--help")
    assert code == 0
    assert [line.split()[0] for line in output.split("Commands:")[1].strip().splitlines()] == [
        "export",
        "fit",
        "init",
        "members",
        "report",
        "settings",
        "summary",
    ]
    for command in ("members", "report", "summary"):
        assert "DATABASE is a DuckDB file that dbt built or published" in " ".join(_run(command, "-h")[1].split())
    assert _run("reprot")[0] == 2


def test_the_case_of_a_segmentation_does_not_matter(tmp_path: Path) -> None:
    database = _two_segmentations(tmp_path)
    for name in ("PEOPLE", "Main.People"):
        assert _run("report", database, "-s", name, "-o", tmp_path / "page.html", "--no-pictures")[0] == 0
        assert "people: 30 customers" in _run("summary", database, "-s", name)[1]


def test_copies_whose_names_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    for name in ("t.csv", "T.csv"):
        (tmp_path / name).write_text("a\n1\n")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system takes the two for one file")
    for command in ("report", "summary"):
        assert _run(command, tmp_path) == (
            1,
            f"Error: mallard: the folder {tmp_path} has both T.csv and t.csv, which DuckDB takes for the same table: "
            "move one of them away.\n",
        )


def test_hidden_files_among_copies_are_not_read(tmp_path: Path) -> None:
    values, labels = groups(30, 2, 2)
    database = make_database(tmp_path / "people.duckdb", values, labels, ["a", "b"], ["low", "high"])
    copies = tmp_path / "people"
    copies.mkdir()
    with duckdb.connect(database, read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"copy {name} to '{copies / name}.csv'")
    for name in (".DS_Store", "._people.csv", "._people__metrics.parquet"):
        (copies / name).write_bytes(b"\x00\x05\x16\x07")
    assert "people: 30 customers" in _run("summary", copies)[1]


def test_a_report_by_another_version_of_the_tables_says_what_lacks(tmp_path: Path) -> None:
    database = _two_segmentations(tmp_path)
    with duckdb.connect(database) as connection:
        connection.execute("alter table people__metrics drop column metric")
        connection.execute("alter table others__profiles drop column z_score")
    for name, what, column in (("people", "metrics", "metric"), ("others", "profiles", "z_score")):
        code, output = _run("report", database, "-s", name, "-o", tmp_path / "page.html")
        assert (code, len(output.splitlines())) == (1, 1)
        assert f"the {what} of {name} lack the column {column}: if another version than Mallard" in output


@pytest.mark.parametrize(
    ("published", "lacking"),
    [
        (["profiles"], ["metrics", "centroids"]),
        ([], ["metrics", "profiles", "centroids"]),
        (["metrics", "profiles"], ["centroids"]),
    ],
)
def test_a_segmentation_published_in_part_says_which_tables_it_lacks(
    tmp_path: Path, published: list[str], lacking: list[str]
) -> None:
    database = _two_segmentations(tmp_path)
    with duckdb.connect(database) as connection:
        for side in ("metrics", "profiles", "centroids", "borders", "divisions", "attributes"):
            if side not in published:
                connection.execute(f"drop table if exists people__{side}")
        connection.execute("create table orders as select 1 as x")
    message = (
        f"Error: mallard: people lacks the tables {', '.join(lacking)} beside it: add them to its setting publish, or "
        "name the warehouse.\n"
    )
    for command in (["summary"], ["report", "-o", tmp_path / "page.html"]):
        for name in ("PEOPLE", "main.people"):
            assert _run(*command, database, "-s", name) == (1, message)
        for name in ("orders", "people__profiles"):
            said = f"Error: mallard: there is no segmentation {name}: choose one of others.\n"
            assert _run(*command, database, "-s", name) == (1, said)
