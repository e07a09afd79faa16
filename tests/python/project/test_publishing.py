"""What a build publishes: the public tables, whole, for clients that know nothing of dbt or of new versions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sample import PUBLIC_TABLES, ROOT, Project

CLIENTS = ROOT / ".venv" / "clients"
PUBLISHED = Path("published") / "mallard.duckdb"


def _read(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _as_client(script: str, file: Path) -> Any:
    """What a script prints as JSON that runs with the packages of old clients."""
    if not CLIENTS.is_dir():
        pytest.skip("there are no old clients: make .venv/.installed-clients installs them")
    environment = os.environ | {"PYTHONPATH": str(CLIENTS)}
    result = subprocess.run(
        [sys.executable, "-c", script, str(file)], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_build_publishes_the_public_tables_as_they_are(built_once: Project) -> None:
    file = built_once.path / PUBLISHED
    tables = [name for (name,) in _read(file, "select table_name from duckdb_tables() order by 1")]
    assert tables == sorted([*PUBLIC_TABLES, "publication"])
    for table in PUBLIC_TABLES:
        columns = "* replace (cast(profile as varchar) as profile)" if table.endswith("__borders") else "*"
        query = f"select {columns} from {table} order by all"
        assert _read(file, query) == built_once.query(query)
    results = json.loads((built_once.path / "target" / "run_results.json").read_text())
    assert _read(file, "select run_id from publication") == [(results["metadata"]["invocation_id"],)]


def test_the_comments_are_the_descriptions_of_dbt(built_once: Project) -> None:
    file = built_once.path / PUBLISHED
    lacking = _read(
        file,
        "select table_name, column_name from duckdb_columns() where comment is null and not internal "
        "and table_name <> 'publication'",
    )
    assert lacking == []
    query = (
        "select comment from duckdb_columns() where column_name = 'spending_score' and table_name = 'customer_segments'"
    )
    assert _read(file, query) == [("Score from 1 to 100 that the mall assigned for spending behaviour.",)]


def test_a_client_with_an_old_duckdb_reads_every_table(built_once: Project) -> None:
    found = _as_client(
        "import duckdb, json, sys\n"
        "c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "names = [n for (n,) in c.execute('select table_name from duckdb_tables()').fetchall()]\n"
        "rows = {n: len(c.execute(f'from {n}').fetchall()) for n in names}\n"
        "score = c.execute('select sum(spending_score) from customer_segments').fetchone()[0]\n"
        "print(json.dumps([duckdb.__version__, rows, score]))",
        built_once.path / PUBLISHED,
    )
    assert found == [
        "1.4.4",
        {
            "customer_segments": 200,
            "customer_segments__attributes": 15,
            "customer_segments__borders": 6,
            "customer_segments__centroids": 10,
            "customer_segments__divisions": 63,
            "customer_segments__profiles": 10,
            "cluster_metrics": 10,
            "segment_profiles": 5,
            "algorithm_comparison": 30,
            "publication": 1,
        },
        10040.0,
    ]


def test_sqlalchemy_reflects_the_tables_and_queries_them(built_once: Project) -> None:
    columns, rows = _as_client(
        "import json, sys, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "import sqlalchemy as sa\n"
        "engine = sa.create_engine('duckdb:///' + sys.argv[1], connect_args={'read_only': True})\n"
        "table = sa.Table('customer_segments', sa.MetaData(), autoload_with=engine)\n"
        "size = sa.func.count()\n"
        "query = sa.select(table.c.segment_name, size).group_by(table.c.segment_name).order_by(size)\n"
        "with engine.connect() as connection:\n"
        "    rows = [list(row) for row in connection.execute(query)]\n"
        "print(json.dumps([[c.name + ' ' + str(c.type) for c in table.columns], rows]))",
        built_once.path / PUBLISHED,
    )
    assert columns[:3] == ["customer_id BIGINT", "gender VARCHAR", "age INTEGER"]
    assert [n for _, n in rows] == [22, 23, 35, 39, 81]


def test_nothing_is_published_when_a_test_fails_and_all_is_when_it_passes_again(built: Project) -> None:
    file = built.path / PUBLISHED
    before = file.read_bytes()
    (built.path / "tests" / "assert_nothing.sql").write_text("select 1 as x from {{ ref('segment_profiles') }}")
    result = built.build(mallard_n_clusters=3)
    assert result.returncode == 1
    assert "mallard: published/mallard.duckdb stays as it is, because 1 of the nodes failed." in result.stdout
    assert built.query("select count(*) from segment_profiles") == [(3,)]
    assert file.read_bytes() == before
    (built.path / "tests" / "assert_nothing.sql").unlink()
    assert built.build(mallard_n_clusters=3).returncode == 0
    assert _read(file, "select count(*) from segment_profiles") == [(3,)]


def test_a_run_of_tests_alone_publishes_nothing(built: Project) -> None:
    before = (built.path / PUBLISHED).read_bytes()
    assert built.dbt("test", "--select", "segment_profiles").returncode == 0
    assert (built.path / PUBLISHED).read_bytes() == before


def test_builds_go_on_while_a_reader_holds_the_published_file(built: Project) -> None:
    script = (
        "import duckdb, sys\n"
        "with duckdb.connect(sys.argv[1], read_only=True) as c:\n"
        "    for _ in range(2):\n"
        "        print(c.execute('select count(*) from segment_profiles').fetchone()[0], flush=True)\n"
        "        input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(built.path / PUBLISHED)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "5\n"
        assert built.build(mallard_n_clusters=3).returncode == 0
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "5\n"
        reader.communicate("\n")
    assert _read(built.path / PUBLISHED, "select count(*) from segment_profiles") == [(3,)]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"mallard_publish": "out.duckdb"},
            'mallard: setting mallard_publish is "out.duckdb": give it as {<target>: <file>',
        ),
        (
            {"mallard_copies": ["excel"]},
            "mallard: published/mallard.duckdb can't be published: excel isn't a format for",
        ),
        ({"mallard_publish": {"dev": "models"}}, "mallard: models can't be published: "),
    ],
)
def test_what_cannot_be_published_is_said_in_one_message(
    built: Project, variables: dict[str, Any], message: str
) -> None:
    before = (built.path / PUBLISHED).read_bytes()
    result = built.build("--select", "segment_profiles", **variables)
    assert result.returncode == 1
    assert message in result.stdout
    assert "Traceback" not in result.stdout
    assert (built.path / PUBLISHED).read_bytes() == before


def test_copies_stand_beside_where_they_are_asked_for(built: Project) -> None:
    assert built.build("--select", "segment_profiles", mallard_copies=["parquet", "csv"]).returncode == 0
    names = sorted(os.listdir(built.path / "published" / "mallard"))
    tables = (*PUBLIC_TABLES, "publication")
    assert names == sorted([".mallard", *(f"{table}.{kind}" for table in tables for kind in ("csv", "parquet"))])
