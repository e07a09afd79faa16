"""A segmentation from the command line, and a project that only scores by it, as those of dbt 2 do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from consumer import PROFILE, TABLES_BESIDE, Consumer, make_consumer
from sample import ROOT

from mallard.cli import main

CUSTOMERS = """
select
    'c' || i as customer_id,
    (i % 3) * 10 + hash(i) % 100 / 40.0 as visits,
    exp(i % 3 + hash(i + 9000) % 1000 / 900.0) as revenue,
    1 + i % 2 as weight
from range(300) as t(i)
"""
OF_THE_RUN = ("run_id", "built_at", "fitted_at", "segment_changed_at")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A warehouse with customers."""
    file = tmp_path / "shop.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create schema raw")
        connection.execute(f"create table raw.customers as {CUSTOMERS}")
    return file


def fit(file: Path, *options: str, relation: str = "customers", name: str = "segments") -> Result:
    return CliRunner().invoke(main, ["fit", str(file), "--relation", relation, "--name", name, *options])


def fitted(file: Path, *options: str, relation: str = "customers") -> str:
    result = fit(file, "--id", "customer_id", *options, relation=relation)
    assert result.exit_code == 0, result.output
    return result.output


def query(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def table(file: Path, name: str) -> list[tuple[object, ...]]:
    """The rows of a table, without what each run has of its own."""
    columns = f"columns(c -> c not in {OF_THE_RUN})".replace("c ->", "lambda c:")
    return query(file, f"select {columns} from {name} order by all")


def test_the_tables_are_those_of_the_materialization(file: Path, tmp_path: Path) -> None:
    shop = make_consumer(tmp_path / "project")
    settings = {
        "id": "customer_id",
        "features": ["visits", "revenue"],
        "weight_column": "weight",
        "nulls": "median",
        "first_version_from": "segments",
    }
    shop.write_segmentation("segments", CUSTOMERS, **settings)
    for full_refresh in (False, False, True):
        again = ["--full-refresh"] if full_refresh else []
        options = [
            "--feature",
            "visits",
            "--feature",
            "revenue",
            "--weight-column",
            "weight",
            "--nulls",
            "median",
            *again,
        ]
        said = fitted(file, *options)
        result = shop.dbt("run", *again)
        assert result.returncode == 0, result.stdout
        for line in said.splitlines()[-2:-1]:  # the last but one; the last says where the tables are
            assert line.partition(" UTC")[0][:-9] in result.stdout
    for name in ("segments", *(f"segments__{beside}" for beside in TABLES_BESIDE)):
        rows = table(file, name)
        assert rows or name in ("segments__attributes", "segments__divisions")
        assert rows == table(shop.database, name)
    assert query(file, "select build, version, is_fit from segments__builds") == [
        (1, 1, True),
        (2, 1, False),
        (3, 2, True),
    ]


def test_a_second_run_has_nothing_to_fit(file: Path) -> None:
    assert "as many as there are groups" in fitted(file)
    lines = fitted(file).splitlines()
    assert lines[0] == "segments: no drift since version 1 was fitted"
    assert lines[1].startswith("segments: nothing to fit: version 1, fitted on ")
    assert lines[2:] == [f"{file} has segments and the tables beside it."]


def test_settings_come_from_a_file_and_options_replace_them(file: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text(
        'id: visits\nn_clusters: 3\nfeatures:\n  revenue: {scale: "log1p+standard"}\n'
        "feature_words: {revenue: '{{ money }} ''n'' \\'}\n"
    )
    fitted(file, "--settings", str(settings), "--n-clusters", "2", "--schema", "marts", relation='raw."customers"')
    assert query(file, "select count(*), count(distinct segment_id) from marts.segments") == [(300, 2)]
    assert query(file, "select feature, scale from marts.segments__features") == [("revenue", "log1p+standard")]
    [(name,)] = query(file, "select segment_name from marts.segments where segment_id = 1 limit 1")
    assert "{{ money }} 'n' \\" in str(name)


@pytest.mark.parametrize(
    ("options", "relation", "name", "said"),
    [
        (
            ["--id", "nobody"],
            "customers",
            "s",
            'setting id is "nobody": the select has no such column; choose from customer_id, ',
        ),
        (["--id", "customer_id", "--n-clusters", "many"], "customers", "s", 'setting n_clusters is "many": '),
        (["--id", "customer_id"], "clients", "s", "--relation is clients: there is no such table in "),
        (["--id", "customer_id"], "customers", "a b", "--name is a b: use letters, digits and underscores."),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(
    file: Path, options: list[str], relation: str, name: str, said: str
) -> None:
    result = fit(file, *options, relation=relation, name=name)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: mallard: {said}"), result.output
    assert len(result.output.splitlines()) == 1
    assert query(file, "select table_name from duckdb_tables()") == [("customers",)]


def test_a_file_of_others_and_settings_that_are_none_are_refused(file: Path, tmp_path: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("create table customers as from raw.customers")
    result = fit(file)
    several = "there are several of this name; choose one of main.customers, raw.customers."
    assert result.output == f"Error: mallard: --relation is customers: {several}\n"
    (tmp_path / "settings.yml").write_text("- id")
    result = fit(file, "--settings", str(tmp_path / "settings.yml"))
    assert result.output.startswith(f"Error: mallard: {tmp_path}/settings.yml isn't YAML with settings")
    assert fit(tmp_path / "no.duckdb").output.startswith(f"Error: mallard: there is no file {tmp_path}/no.duckdb")


@pytest.mark.slow
def test_ctrl_c_leaves_the_tables(file: Path) -> None:
    fitted(file)
    before = query(file, "from segments order by all"), query(file, "from segments__versions")
    with duckdb.connect(file) as connection:
        hashes = ", ".join(f"hash(i * {k} + {k}) % 100003 as f{k}" for k in range(1, 4))
        connection.execute(f"create table large as select i as customer_id, {hashes} from range(60_000) t(i)")
    command = [sys.executable, "-m", "mallard", "fit", str(file), "--relation", "large", "--name", "segments"]
    file.with_name("slow.yml").write_text(
        "{id: customer_id, min_clusters: 2, max_clusters: 60, n_init: 50, compression: exact}"
    )
    command += ["--settings", str(file.with_name("slow.yml"))]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "python_lib")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if " s so far" in line:
            break
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "mallard: stopped before it was done.\n" in said[1]
    assert "Traceback" not in said[1]
    assert (query(file, "from segments order by all"), query(file, "from segments__versions")) == before


def make_scorer(folder: Path, file: Path) -> Consumer:
    """A project with the macros of the package alone: without its library, models, seeds and tests."""
    package = folder / "package"
    package.mkdir(parents=True)
    shutil.copytree(ROOT / "macros", package / "macros")
    project = (ROOT / "dbt_project.yml").read_text()
    (package / "dbt_project.yml").write_text(project[: project.index("\nmodels:\n")])
    scorer = make_consumer(folder / "project", package)
    scorer.write("profiles.yml", PROFILE.format(database=file))
    scorer.write("models/_sources.yml", "sources: [{name: fitted, schema: main, tables: [{name: segments}]}]")
    return scorer


def test_a_project_without_python_scores(file: Path, tmp_path: Path) -> None:
    fitted(file)
    scorer = make_scorer(tmp_path, file)
    customers = "'(select * from raw.customers)'"
    scorer.write("models/by_source.sql", f"{{{{ mallard.score({customers}, source('fitted', 'segments')) }}}}")
    relation = "api.Relation.create(database='shop', schema='main', identifier='segments')"
    scorer.write("models/by_relation.sql", f"{{{{ mallard.score({customers}, {relation}) }}}}")
    scorer.write("no_python/mallard.py", "raise SystemExit('a project that only scores needs no library')")
    result = scorer.dbt("build", PYTHONPATH=str(scorer.path / "no_python"))
    assert result.returncode == 0, result.stdout
    expected = query(
        file, "select * exclude (previous_segment_id, segment_changed_at, is_new) from segments order by all"
    )
    assert query(file, "from by_source order by all") == expected
    assert query(file, "from by_relation order by all") == expected


def test_what_takes_python_is_refused_where_dbt_has_none(file: Path, tmp_path: Path) -> None:
    scorer = make_scorer(tmp_path, file)
    scorer.write_segmentation("segments", "select * from raw.customers", id="customer_id")
    scorer.write(
        "macros/said.sql",
        "{% macro said() %}{% for version in ['1.12.6', '2.0.1'] %}"
        "{% set refusal = mallard._refusal_without_python(version, mallard._why_python()) %}"
        "{{ print(refusal if mallard._has_no_python(version) else 'runs') }}"
        "{% endfor %}{% endmacro %}",
    )
    result = scorer.dbt("run-operation", "said")
    assert result.stdout.splitlines()[-2:] == [
        "runs",
        "model segments is materialized='segmentation', which takes Python, and dbt 2.0.1 runs none on DuckDB: run it "
        "with dbt 1, or fit with mallard fit and use mallard.score here.",
    ]


@pytest.mark.slow
def test_a_wheel_has_the_macros(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "dbt_project.yml"):
        shutil.copy(ROOT / name, source)
    for name in ("python_lib", "macros"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*pip, "wheel", *offline, "--wheel-dir", str(tmp_path), str(source)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = str(venv / "bin" / "python")
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    script = "from mallard.fitting.package import package_folder; print(package_folder())"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    found = subprocess.run(
        [python, "-c", script], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    folder = Path(found.stdout.strip())
    assert folder == venv / "share" / "dbt-mallard"
    macros = {path.relative_to(ROOT) for path in (ROOT / "macros").rglob("*.sql")}
    assert {path.relative_to(folder) for path in (folder / "macros").rglob("*.sql")} == macros
