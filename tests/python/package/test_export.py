"""Every format gives rows the segments and the distances that `mallard.score` gives them, without DuckDB."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from consumer import Consumer
from kinds import KINDS, made_kinds
from sample import ROOT, Project

import mallard.keras
from mallard import KMeans
from mallard.export.export import export_segmentation
from mallard.sql.text import literal

Columns = dict[str, np.ndarray]

RESULTS = ["segment_id", "distance_to_centroid", "second_segment_id", "distance_to_second_centroid", "confidence"]
VECTORS = ("vector", "direction")
EXTREMES = """
    list_extract(
        cast(['-inf', null, 'nan', 'inf', '-1', '-2', '1e139', '1e140', '1.01e140', '1e141', '1e154', '1e155',
            '1e308', '-1e141', '-1e308', '1e-150'] as double[]),
        1 + cast(hash(i + 20) % 16 as integer)
    )
"""
"""A number that a fit refuses, or hardly takes."""
ROWS = f"""
select
    'c' || i as customer_id,
    case hash(i) % 20
        when 0 then null when 1 then cast('inf' as double) when 2 then cast('-inf' as double)
        when 3 then cast('nan' as double) when 4 then 0 when 5 then -1 when 6 then {EXTREMES}
        else hash(i + 1) % 9000 / 100.0
    end as visits,
    case when hash(i + 2) % 20 > 0 then cast(hash(i + 3) % 22 as integer) - 2 end as orders,
    case hash(i + 4) % 20
        when 0 then null when 1 then cast('inf' as double) when 2 then 0 when 3 then -5.5 when 4 then 1e9
        when 5 then {EXTREMES}
        else exp(hash(i + 5) % 1000 / 250.0)
    end as revenue,
    case hash(i + 6) % 9
        when 0 then null when 1 then 'unknown' when 2 then ''
        else ['red', 'green "x"', 'it''s blue'][cast(1 + hash(i + 7) % 3 as integer)]
    end as colour,
    case hash(i + 8) % 9 when 0 then null else hash(i + 9) % 2 = 0 end as is_member,
    case
        when hash(i + 10) % 9 > 1 then [hash(i + 11) % 300 / 100.0, hash(i + 12) % 300 / 100.0, 1.5]
        when hash(i + 10) % 9 = 1 then [hash(i + 11) % 300 / 100.0, {EXTREMES}, 1.5]
    end as taste,
    1 as weight
from range(10000) as t(i)
order by i
"""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    return made_kinds(tmp_path_factory)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that is called as that of the project, with other customers."""
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as shop; create table shop.main.customers as {ROWS}")
        connection.execute(
            "create table shop.main.unweighted as select * exclude (weight, customer_id) from shop.main.customers"
        )
        yield connection


@pytest.fixture(scope="module")
def expected(kinds: Consumer, warehouse: duckdb.DuckDBPyConnection) -> Callable[[str], Columns]:
    """What `mallard.score` says of the rows: ids are 0 where they are null, and distances NaN."""

    def score(name: str) -> Columns:
        sql = (kinds.path / "target" / "compiled" / "shop" / "models" / f"scored_{name}.sql").read_text()
        return _results(warehouse.execute(f"select {', '.join(RESULTS)} from ({sql})").fetchall())

    return score


def _results(rows: list[tuple[Any, ...]]) -> Columns:
    return {
        name: np.array([float(value) if value not in (None, "") else np.nan for value in values])
        if not name.endswith("_id")
        else np.array([int(value or 0) for value in values])
        for name, values in zip(RESULTS, zip(*rows, strict=True), strict=True)
    }


def _assert_same(found: Columns, wanted: Columns) -> None:
    assert list(found) == RESULTS
    assert len(wanted["segment_id"]) == 10_000
    assert len(set(wanted["segment_id"])) >= 3
    for name in RESULTS:
        if name.endswith("_id"):
            np.testing.assert_array_equal(found[name], wanted[name])
        else:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, atol=1e-12)


EXPORT = """
import json, sys
from pathlib import Path
from mallard.export.export import export_segmentation
database, folder, names, formats = json.loads(sys.argv[1])
for format, ending in formats.items():
    for name in names[format]:
        export_segmentation(Path(database), name, format, Path(folder, format, name + ending))
"""
SCORE = """
import json, sys
from pathlib import Path
import keras, numpy as np, tensorflow as tf
folder, names, formats = json.loads(sys.argv[1])
rows = dict(np.load(Path(folder, "rows.npz")))

def of_keras(file):
    model = keras.models.load_model(file)
    return model({of.name: rows[of.name] for of in model.inputs})

def of_saved_model(folder):
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    return served(**{of: tf.constant(rows[of]) for of in served.structured_input_signature[1]})

def of_onnx(file):
    import onnxruntime
    session = onnxruntime.InferenceSession(file)
    given = {of.name: rows[of.name] for of in session.get_inputs()}
    given = {of: array.astype(object) if array.dtype.kind == "U" else array for of, array in given.items()}
    return dict(zip([of.name for of in session.get_outputs()], session.run(None, given)))

for format, ending in formats.items():
    for name in names[format]:
        found = globals()["of_" + format](Path(folder, format, name + ending))
        np.savez(Path(folder, format + "_" + name), **{of: np.asarray(column) for of, column in found.items()})
assert "mallard" not in sys.modules
"""
SCALED = {"scale": "log1p+standard"}
HAS_ONNX = all(importlib.util.find_spec(package) for package in ("onnx", "onnxruntime"))
SERVED = ["filled", "limited_angle", "vector"]
"""Written as SavedModels, which takes TensorFlow long."""
MODELS = {"keras": ".keras", "saved_model": ""} | ({"onnx": ".onnx"} if HAS_ONNX else {})


@pytest.fixture(scope="module")
def models(
    kinds: Consumer, warehouse: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Columns]:
    """What models say of the rows, by format and segmentation: one process writes them, and another one loads them."""
    folder = tmp_path_factory.mktemp("models")
    np.savez(folder / "rows.npz", **_arrays(warehouse))
    names = {format: SERVED if format == "saved_model" else list(KINDS) for format in MODELS}
    _run(EXPORT, [str(kinds.database), str(folder), names, MODELS], PYTHONPATH=str(ROOT / "python_lib"))
    _run(SCORE, [str(folder), names, MODELS])

    def load(format: str, name: str) -> Columns:
        found = np.load(folder / f"{format}_{name}.npz")
        return {of: found[of] for of in RESULTS}

    return load


def _run(script: str, argument: Any, **environment: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", script, json.dumps(argument)]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}
    result = subprocess.run(command, env=kept | quiet | environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def _arrays(warehouse: duckdb.DuckDBPyConnection) -> Columns:
    """The rows, as models take them."""
    columns = ("visits", "orders", "revenue", "is_member")
    numbers = ", ".join(f"coalesce(cast({name} as double), 'nan') as {name}" for name in columns)
    arrays = warehouse.execute(f"select {numbers} from shop.main.customers").fetchnumpy()
    others = warehouse.execute("select coalesce(colour, '\N{SYMBOL FOR NULL}'), taste from shop.main.customers")
    colours, tastes = zip(*others.fetchall(), strict=True)
    vectors = np.array([taste or [np.nan] * 3 for taste in tastes], dtype=np.float64)
    return {name: arrays[name] for name in columns} | {"colour": np.array(colours), "taste": vectors}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format", "name"),
    [
        *(("keras", name) for name in KINDS),
        *(("saved_model", name) for name in SERVED),
        *(("onnx", name) for name in KINDS),
    ],
)
def test_a_model_says_what_sql_says(
    models: Callable[[str, str], Columns], expected: Callable[[str], Columns], format: str, name: str
) -> None:
    if format not in MODELS:
        pytest.skip("onnx and onnxruntime aren't installed: make .venv/.installed-dev installs them")
    _assert_same(models(format, name), expected(name))


def _query(kinds: Consumer, name: str, folder: Path, dialect: str, relation: str) -> str:
    export_segmentation(kinds.database, name, "sql", folder / "score.sql", dialect, relation)
    return f"select {', '.join(RESULTS)} from ({(folder / 'score.sql').read_text()}) as scored order by customer_id"


@pytest.fixture(scope="module")
def by_id(warehouse: duckdb.DuckDBPyConnection) -> np.ndarray:
    """The places of the rows in the order of their ids."""
    return np.array(
        [i for (i,) in warehouse.execute("select rowid from shop.main.customers order by customer_id").fetchall()]
    )


def _ordered(columns: Columns, places: np.ndarray) -> Columns:
    return {name: column[places] for name, column in columns.items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_query_says_the_same_in_duckdb(
    kinds: Consumer,
    warehouse: duckdb.DuckDBPyConnection,
    expected: Callable[[str], Columns],
    by_id: np.ndarray,
    tmp_path: Path,
    name: str,
) -> None:
    query = _query(kinds, name, tmp_path, "duckdb", "shop.main.customers")
    _assert_same(_results(warehouse.execute(query).fetchall()), _ordered(expected(name), by_id))


@pytest.fixture(scope="module")
def sqlite(warehouse: duckdb.DuckDBPyConnection) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("select ln(2), sqrt(2)")
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without mathematical functions")
        connection.execute("create table customers (customer_id, visits, orders, revenue, colour, is_member)")
        rows = warehouse.execute(
            "select customer_id, visits, orders, revenue, colour, is_member from shop.main.customers"
        ).fetchall()
        connection.executemany("insert into customers values (?, ?, ?, ?, ?, ?)", rows)
        yield connection


@pytest.mark.parametrize("name", [name for name in KINDS if name not in VECTORS])
def test_a_query_says_the_same_in_sqlite(
    kinds: Consumer,
    sqlite: sqlite3.Connection,
    expected: Callable[[str], Columns],
    by_id: np.ndarray,
    tmp_path: Path,
    name: str,
) -> None:
    query = _query(kinds, name, tmp_path, "sqlite", "customers")
    _assert_same(_results(sqlite.execute(query).fetchall()), _ordered(expected(name), by_id))


@pytest.fixture(scope="module")
def postgres(warehouse: duckdb.DuckDBPyConnection) -> Iterator[Callable[[str], str]]:
    """Run SQL in a server of its own, without a network; the rows as CSV."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL isn't installed: apt-get install postgresql")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to run as root

    def run(program: str, *arguments: str) -> str:
        command = [*as_user, str(programs[-1] / program), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert result.returncode == 0, result.stderr
        return result.stdout

    folder = Path(tempfile.mkdtemp())  # the folders of pytest are closed to other users
    if as_user:
        shutil.chown(folder, "postgres")
    connect = ["-h", str(folder), "-d", "postgres", "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
    try:
        run("initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        lists = "replace(replace(cast(taste as varchar), '[', '{'), ']', '}') as taste"
        rows = folder / "rows.csv"
        warehouse.execute(
            f"copy (select * replace ({lists}) from shop.main.customers) to {literal(str(rows))} "
            "(format csv, header false, nullstr '\\N')"
        )
        rows.chmod(0o644)
        create = (
            "create table customers (customer_id text, visits double precision, orders integer, revenue double "
            "precision, colour text, is_member boolean, taste double precision[], weight integer)"
        )
        copy = f"\\copy customers from {literal(str(rows))} with (format csv, null '\\N')"
        run("psql", *connect, "-c", create, "-c", copy)
        yield lambda sql: run("psql", *connect, "--csv", "-t", "-c", sql)
    finally:
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", KINDS)
def test_a_query_says_the_same_in_postgres(
    kinds: Consumer,
    postgres: Callable[[str], str],
    expected: Callable[[str], Columns],
    by_id: np.ndarray,
    tmp_path: Path,
    name: str,
) -> None:
    query = _query(kinds, name, tmp_path, "postgres", "customers").replace(
        "order by customer_id", 'order by customer_id collate "C"'
    )
    rows = [tuple(row) for row in csv.reader(io.StringIO(postgres(query)))]
    _assert_same(_results(rows), _ordered(expected(name), by_id))


@pytest.mark.parametrize("name", KINDS)
def test_the_stored_fit_says_the_same(
    kinds: Consumer, warehouse: duckdb.DuckDBPyConnection, expected: Callable[[str], Columns], name: str
) -> None:
    rows = warehouse.sql("from shop.main.customers").to_arrow_table()
    wanted = expected(name)
    fit = KMeans.from_database(kinds.database, name)
    labels, distances = fit.predict(rows), fit.transform(rows)
    np.testing.assert_array_equal(np.append(fit.segment_ids_, 0)[labels], wanted["segment_id"])
    has_none = wanted["segment_id"] == 0
    assert np.isnan(distances[has_none]).all()
    np.testing.assert_allclose(
        np.sort(distances[~has_none])[:, :2],
        np.stack([wanted["distance_to_centroid"], wanted["distance_to_second_centroid"]], axis=1)[~has_none],
        rtol=1e-12,
        atol=1e-12,
    )


def test_a_direction_without_length_has_no_label(kinds: Consumer) -> None:
    fit = KMeans.from_database(kinds.database, "angle")
    assert fit.predict({"orders": [0, 0], "revenue": [5e-324, 1e-150], "visits": [0.0, 0.0]}).tolist()[0] == -1


def test_the_sample_becomes_a_model_that_says_what_its_table_says(built_once: Project, tmp_path: Path) -> None:
    file = tmp_path / "mall.keras"
    command = [
        sys.executable,
        "-m",
        "mallard",
        "export",
        str(built_once.path / "mallard.duckdb"),
        "--format",
        "keras",
        "-o",
        str(file),
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    written = subprocess.run(
        command, env=kept | {"PYTHONPATH": str(ROOT / "python_lib")}, capture_output=True, text=True, check=False
    )
    assert (written.returncode, written.stderr) == (0, "")
    assert written.stdout == f"{file}, {file.stat().st_size / 1e3:.1f} kB\n"
    with duckdb.connect(built_once.path / "mallard.duckdb", read_only=True) as connection:
        rows = connection.sql("from customer_segments").df()
    found = mallard.keras.from_file(file)(rows)
    assert list(found) == RESULTS
    assert len(rows) == 200
    for name in RESULTS:
        np.testing.assert_allclose(found[name], rows[name], rtol=1e-12, atol=1e-12)


def test_a_card_has_what_the_tables_have(kinds: Consumer, tmp_path: Path) -> None:
    export_segmentation(kinds.database, "logarithm", "json", tmp_path / "card.json")
    card = json.loads((tmp_path / "card.json").read_text())
    [(fitted_at, library)] = kinds.query("select cast(fitted_at as varchar), library from logarithm__versions")
    assert (card["segmentation"], card["version"], card["fitted_at"]) == ("logarithm", 1, fitted_at)
    assert (card["library"], card["metric"], card["entity"]) == (library, "euclidean", "customer")
    assert card["settings"]["features"] == {"revenue": {"scale": "asinh+standard", "weight": 2}, "orders": SCALED}
    assert [(of["feature"], of["scale"], of["center"], of["spread"], of["weight"]) for of in card["features"]] == (
        kinds.query("select feature, scale, center, spread, weight from logarithm__features")
    )
    assert [(of["segment_id"], of["segment_name"], of["n_customers"]) for of in card["segments"]] == kinds.query(
        "select segment_id, segment_name, count(*) from logarithm group by all order by all"
    )
    assert [(*of["centroid"].values(), *of["scaled_centroid"]) for of in card["segments"]] == [
        (*centroid, *scaled)
        for centroid, scaled in kinds.query(
            "select list(centroid order by feature), list(scaled_centroid order by feature) "
            "from logarithm__centroids group by segment_id order by segment_id"
        )
    ]
    assert [(card["columns"]["revenue"]["smallest"], card["columns"]["orders"]["largest"])] == kinds.query(
        "select min(revenue), max(orders) from customers"
    )
    assert [(card["quality"]["silhouette"], card["quality"]["verdict"])] == kinds.query(
        "select silhouette, verdict from logarithm__metrics where is_selected"
    )


def test_a_card_of_vectors_and_categories_and_of_a_published_file_can_be_written(
    kinds: Consumer, tmp_path: Path
) -> None:
    published = kinds.path / "published" / "shop.duckdb"
    cards = {}
    for name in ("vector", "filled"):
        export_segmentation(published, name, "json", tmp_path / f"{name}.json")
        cards[name] = json.loads((tmp_path / f"{name}.json").read_text())
    assert cards["vector"]["columns"]["taste"] == {"kind": "vector", "size": 3}
    assert len(cards["vector"]["segments"][0]["centroid"]["taste"]) == 3
    assert cards["filled"]["columns"]["colour"] == {
        "kind": "text",
        "categories": ['green "x"', "it's blue", "red"],
    }
