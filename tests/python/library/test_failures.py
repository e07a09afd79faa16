"""Failures that are nobody's mistake get a message with a remedy; long values in messages are shortened."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from mallard.errors import LONGEST_MESSAGE, LONGEST_VALUE, MallardError, shortened
from mallard.failures import explanation, was_interrupted
from mallard.inputs.reading import read_settings
from mallard.kmeans._tensorflow import tf
from mallard.stopping import StoppedError


def _numpy_out_of_memory() -> BaseException:
    with pytest.raises(MemoryError) as caught:
        np.empty(10**15)
    return caught.value


def _duckdb_out_of_memory() -> BaseException:
    query = "select list(h order by h) from (select hash(i) as h from range(10_000_000) t(i))"
    with (
        duckdb.connect(config={"memory_limit": "20MB", "temp_directory": ""}) as connection,
        pytest.raises(duckdb.OutOfMemoryException) as caught,
    ):
        connection.execute(query).fetchall()
    return caught.value


@pytest.mark.parametrize(
    ("failure", "first_words"),
    [
        (MemoryError(), "the memory ran out (MemoryError): "),
        (_numpy_out_of_memory(), "the memory ran out (Unable to allocate 7.11 PiB for an array with shape "),
        (_duckdb_out_of_memory(), "the memory ran out (Out of Memory Error: "),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when allocating"),
            "the memory ran out (OOM when allocating",
        ),
    ],
)
def test_memory_that_runs_out_has_a_remedy(failure: BaseException, first_words: str) -> None:
    said = explanation(failure)
    assert said is not None
    assert said.startswith(first_words)
    assert "compression: coreset, max_points" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (
            ModuleNotFoundError("No module named 'sklearn.base'", name="sklearn.base"),
            "the Python package sklearn isn't installed here: pip install scikit-learn",
        ),
        (
            ModuleNotFoundError("No module named 'sqlglot'", name="sqlglot"),
            "the Python package sqlglot isn't installed here: pip install 'dbt-mallard[export]'",
        ),
        (
            ModuleNotFoundError("No module named 'vl_convert'", name="vl_convert"),
            "the Python package vl_convert isn't installed here: pip install 'dbt-mallard[report]'",
        ),
        (
            ImportError("libtensorflow_cc.so.2: cannot open shared object file\nmore", name="tensorflow"),
            "the Python package tensorflow can't be imported (libtensorflow_cc.so.2: cannot open shared object file): "
            "install it anew, in a version that fits the others: pip install --force-reinstall tensorflow-cpu, or any "
            "other distribution of TensorFlow",
        ),
        (ValueError("a bug"), None),
    ],
)
def test_a_package_that_cannot_be_imported_has_a_remedy(failure: BaseException, said: str | None) -> None:
    assert explanation(failure) == said


def test_an_interrupted_query_is_an_interruption() -> None:
    assert was_interrupted(KeyboardInterrupt())
    assert was_interrupted(StoppedError())
    assert was_interrupted(RuntimeError("Query interrupted"))
    assert not was_interrupted(RuntimeError("another"))


def test_long_texts_lose_their_middle() -> None:
    assert shortened("a" * LONGEST_VALUE) == "a" * LONGEST_VALUE
    assert shortened("a" * 60 + "b" * 20 + "c" * 30, 20) == "a" * 10 + " ... 90 more characters ... " + "c" * 10


@pytest.mark.parametrize(
    "meta",
    [
        {"id": ["x" * 10**6]},
        {"scale": "x" * 10**6},
        {"x" * 10**6: 1},
        {"features": {"x" * 10**6: {"scale": "none"}, "y": 3}},
        "x" * 10**6,
    ],
)
def test_a_refusal_does_not_echo_a_megabyte(meta: object) -> None:
    with pytest.raises(MallardError) as caught:
        read_settings(meta)
    assert len(str(caught.value)) <= LONGEST_MESSAGE + 50
    assert str(caught.value)[-1] in ".?"
    assert "more characters" in str(caught.value)
