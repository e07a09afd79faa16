"""The command `mallard export` and what it refuses, and models loaded by `mallard.keras`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from database import groups, make_database

from mallard import cli
from mallard.errors import MallardError
from mallard.export.formats import FORMATS
from mallard.files import replacing_folder
from mallard.sql.scaled_expression import ScaledExpression
from mallard.tables.stored import StoredSegment, StoredSegmentation

GAPPY = """
cast(case when true then [(coalesce(x[1], x[4]) - x[2]) / x[3] for x in list_zip(
    cast([case when isfinite(x) then x end for x in cast("v" as double[])] as double[2]),
    cast('[1, 2]' as double[]), cast('[0.5, 4]' as double[]), cast('[2, 3]' as double[])
)] end as double[2])
"""
STORED = StoredSegmentation(
    name="made_by_hand",
    id="customer",
    booleans=frozenset(),
    metric="euclidean",
    features=(
        ScaledExpression("v", GAPPY, 2),
        ScaledExpression("t=a", "cast(cast(\"t\" as varchar) collate posix = 'a' as double)", 1),
    ),
    segments=(StoredSegment(2, "near", (0.0, 0.0, 1.0)), StoredSegment(7, "far", (4.0, 0.0, 0.0))),
)
ROWS = {"v": [[1.0, 2.0], [np.nan, 2.0], [np.inf, 6.0], None, [1.9375, 2.0]], "t": ["a", "b", None, "", "b"]}
"""Scaled, with 2 and 3 for what is missing: (0, 0, 1), (2, 0, 0), (2, 1, missing), (2, 0.25, 0) and (1.875, 0, 0),
which is as near to one as to the other."""
IDS = [2, 7, 0, 7, 2]
DISTANCES = [0.0, 2.0, np.nan, np.hypot(2.0, 0.25), 2.125]
SECOND = [np.sqrt(17.0), np.sqrt(5.0), np.nan, np.sqrt(4 + 0.0625 + 1), 2.125]


def _run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, ["export", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def people(tmp_path: Path) -> Path:
    values, labels = groups(90, 2, 3)
    return make_database(tmp_path / "people.duckdb", values + 10, labels, ["a", "b"], ["low", "it's high", "middle"])


def test_a_query_is_written_and_gives_the_nearest_segments(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "score.SQL"
    code, said = _run(people, "--format", "sql", "--output", file, "--relation", "people")
    assert (code, said) == (0, f"{file}, {file.stat().st_size / 1e3:.1f} kB\n")
    with duckdb.connect(people, read_only=True) as connection:
        found = connection.sql(f"from ({file.read_text()}) order by customer").df()
        rows = connection.sql("from people order by customer").df()
    assert list(found)[:5] == ["customer", "a", "b", "segment_id", "segment_name"]
    values = rows[["a", "b"]].to_numpy()
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    centroids = np.array([scaled[rows["segment_id"] == segment].mean(axis=0) for segment in (1, 2, 3)])
    distances = np.linalg.norm(scaled[:, None] - centroids, axis=2)
    order = np.argsort(distances, axis=1)
    np.testing.assert_array_equal(found[["segment_id", "second_segment_id"]], order[:, :2] + 1)
    assert list(found["segment_name"]) == [["low", "it's high", "middle"][place] for place in order[:, 0]]
    nearest = np.sort(distances, axis=1)
    np.testing.assert_allclose(
        found[["distance_to_centroid", "distance_to_second_centroid"]], nearest[:, :2], rtol=1e-12
    )
    np.testing.assert_allclose(found["confidence"], 1 - nearest[:, 0] / nearest[:, 1], rtol=1e-11)


def test_the_names_of_plain_columns_are_upper_case_where_engines_fold_them(people: Path, tmp_path: Path) -> None:
    relation = ["--relation", "shop.public.people"]
    file = tmp_path / "score.sql"
    assert _run(people, "--format", "sql", "-o", file, "--dialect", "snowflake", *relation)[0] == 0
    text = file.read_text()
    assert '"A"' in text
    assert '"a"' not in text
    assert "FROM shop.public.people" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--format", "onnx", "-o", "x.keras"],
            "output x.keras can't be of format onnx: name a file that ends in .onnx.",
        ),
        (
            ["--format", "saved_model", "-o", "x.keras"],
            "output x.keras can't be of format saved_model: name a folder, without an ending.",
        ),
        (
            ["--format", "saved_model", "-o", "taken"],
            "output taken is there and no SavedModel: move it away, or choose another folder.",
        ),
        (["--format", "json", "-o", "folder.json"], "output folder.json is a folder: name a file."),
        (
            ["--format", "json", "-o", "x.json", "--dialect", "sqlite"],
            "dialect sqlite is for the format sql, and this is json: leave it out.",
        ),
        (
            ["--format", "sql", "-o", "x.sql", "-s", "nobody"],
            "there is no segmentation nobody: choose one of people.",
        ),
        (["--format", "sql", "-o", "x.sql", "--dialect", "klingon"], "there is no SQL dialect klingon: choose one of "),
        (
            ["--format", "sql", "-o", "x.sql", "--relation", '"a'],
            "relation \"a isn't the name of a table in duckdb: quote it as there.",
        ),
    ],
)
def test_what_cant_be_exported_is_refused_in_a_line(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").mkdir()
    Path("taken", "thesis.txt").touch()
    Path("folder.json").mkdir()
    code, output = _run(people, *arguments)
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith(f"Error: mallard: {said}")
    assert {path.name for path in tmp_path.iterdir()} == {"taken", "folder.json", "people.duckdb"}


def test_an_older_export_stays_if_the_new_one_fails(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "score.sql"
    file.write_text("select 1")
    with duckdb.connect(people) as connection:
        connection.execute("update people__centroids set scaled_expression = 'sin(\"a\")' where feature = 'a'")
    code, said = _run(people, "--format", "sql", "-o", file)
    assert (code, said) == (
        1,
        'Error: mallard: feature a is scaled by SQL that only DuckDB can run, SIN("a"): build the segmentation with '
        "this version of Mallard, or prepare the column in the select.\n",
    )
    assert file.read_text() == "select 1"
    assert {path.name for path in tmp_path.iterdir()} == {"score.sql", "people.duckdb"}


def test_the_command_knows_every_format() -> None:
    [option] = [option for option in cli.export.params if option.name == "format"]
    assert list(option.type.choices) == list(FORMATS)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_tensorflow_is_imported_for_models_alone(people: Path, tmp_path: Path, run_python: Callable[..., str]) -> None:
    script = f"""
import sys
from click.testing import CliRunner
from mallard.cli import main
arguments = ["export", {str(people)!r}, "--format", "sql", "--output", {str(tmp_path / "x.sql")!r}]
assert CliRunner().invoke(main, arguments).exit_code == 0
print([name for name in ("tensorflow", "keras") if name in sys.modules])
"""
    assert run_python(script) == "[]\n"


def _check(found: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(found["segment_id"], IDS)
    np.testing.assert_array_equal(found["second_segment_id"], [7, 2, 0, 2, 7])
    np.testing.assert_allclose(found["distance_to_centroid"], DISTANCES, rtol=1e-15)
    np.testing.assert_allclose(found["distance_to_second_centroid"], SECOND, rtol=1e-15)
    np.testing.assert_allclose(found["confidence"], 1 - np.array(DISTANCES) / np.array(SECOND), rtol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [ROWS, pd.DataFrame(ROWS), pa.table(ROWS)], ids=["dict", "pandas", "arrow"])
def test_a_loaded_model_takes_rows_with_gaps(tmp_path: Path, rows: object) -> None:
    from mallard import keras
    from mallard.export.as_keras import write_keras

    write_keras(STORED, tmp_path / "x.keras")
    _check(keras.from_file(tmp_path / "x.keras")(rows))


@pytest.mark.slow
def test_rows_that_a_loaded_model_cant_take_are_refused(tmp_path: Path) -> None:
    from mallard import keras
    from mallard.export.as_keras import write_keras

    with pytest.raises(MallardError, match=r"there is no file .*: export a segmentation first, or name another file"):
        keras.from_file(tmp_path / "x.keras")
    (tmp_path / "x.keras").write_text("nothing")
    with pytest.raises(MallardError, match=r"x.keras can't be read by Keras \(.*\): export it again"):
        keras.from_file(tmp_path / "x.keras")
    write_keras(STORED, tmp_path / "x.keras")
    model = keras.from_file(tmp_path / "x.keras")
    with pytest.raises(MallardError, match="column t isn't among the rows: add it"):
        model({"v": ROWS["v"]})
    with pytest.raises(MallardError, match=r"column v can't be made vectors of 2 \(.*\): convert it"):
        model(ROWS | {"v": [["x", 1.0]] * 5})


@pytest.mark.skipif(
    not all(importlib.util.find_spec(package) for package in ("onnx", "onnxruntime")),
    reason="onnx and onnxruntime aren't installed",
)
def test_a_graph_takes_rows_with_gaps(tmp_path: Path) -> None:
    import onnxruntime

    from mallard.export.as_onnx import write_onnx

    write_onnx(STORED, tmp_path / "x.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx")
    vectors = np.array([vector or [np.nan] * 2 for vector in ROWS["v"]])
    texts = np.array([text if text is not None else "\N{SYMBOL FOR NULL}" for text in ROWS["t"]], dtype=object)
    names = [output.name for output in session.get_outputs()]
    _check(dict(zip(names, session.run(None, {"v": vectors, "t": texts}), strict=True)))


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("a/b", "column a/b has a slash in its name, which Keras doesn't take: "),
        ("größe", "column größe has a name that TensorFlow can't serve: "),
    ],
)
@pytest.mark.slow
def test_columns_that_tensorflow_cant_name_are_refused(tmp_path: Path, column: str, said: str) -> None:
    from mallard.export.as_keras import write_keras
    from mallard.export.as_saved_model import write_saved_model

    features = (ScaledExpression("f", f'cast("{column}" as double)', 1),)
    stored = StoredSegmentation("s", "id", frozenset(), "euclidean", features, (StoredSegment(1, "all", (0.0,)),))
    write = write_keras if "/" in column else write_saved_model
    with pytest.raises(MallardError, match=said):
        write(stored, tmp_path / "x")


@pytest.mark.slow
def test_a_single_segment_has_no_second_and_logarithms_need_positive_numbers(tmp_path: Path) -> None:
    from mallard import keras
    from mallard.export.as_keras import write_keras

    features = (ScaledExpression("f", 'ln(1 + cast("f" as double))', 1),)
    stored = StoredSegmentation("s", "id", frozenset(), "euclidean", features, (StoredSegment(3, "all", (1.0,)),))
    write_keras(stored, tmp_path / "x.keras")
    found = keras.from_file(tmp_path / "x.keras")({"f": [np.expm1(3.0), None, -1.0, -7.5]})
    np.testing.assert_equal(
        {name: column.round(14).tolist() for name, column in found.items()},
        {
            "segment_id": [3, 0, 0, 0],
            "distance_to_centroid": [2.0, np.nan, np.nan, np.nan],
            "second_segment_id": [0, 0, 0, 0],
            "distance_to_second_centroid": [np.nan] * 4,
            "confidence": [1.0, np.nan, np.nan, np.nan],
        },
    )


def test_a_folder_is_the_new_one_or_still_the_old_one(tmp_path: Path) -> None:
    def write(name: str) -> None:
        with replacing_folder(tmp_path / "model") as unfinished:
            unfinished.mkdir()
            (unfinished / name).touch()

    write("old")
    write("new")
    with pytest.raises(FileNotFoundError):
        write("in/no/folder")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["model", "model/new"]
