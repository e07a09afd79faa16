"""What stands in macros and in the library, because neither can read the other, is the same in both."""

from __future__ import annotations

import json
import math
from typing import Any

import duckdb
import numpy as np
import pytest
from sample import Project, copy_project

from mallard.errors import shortened
from mallard.inputs.scales import SCALES
from mallard.kmeans.metric import METRICS
from mallard.sql.exact_sum import exact_sum_sql
from mallard.sql.text import double, exact_text, literal, number, quoted

TEXTS = ["plain", "it's", 'say "no"', "{{ 1 }}", "a\\b; --", "Größe", ""]
NUMBERS = [0.0, -0.0, 1.0, 0.1, -1e300, 5e-324, 123456789.123456789]
LARGEST = [1.0, 2.0, 3.0, 0.1, 1e-300, 1e300, 123.0, 1024.0, 0.0]
MACRO = """
{% macro held_together(texts, numbers) %}
    {% set said = {'number': mallard._number('x'), 'exact_text': mallard._exact_text('x'), 'shortened': []} %}
    {% do said.update({'literal': [], 'quoted': [], 'double': [], 'scales': mallard._scales(), 'metrics': {}}) %}
    {% for length in [5, 10, 11, 12, 2500, 1000000] %}
        {% do said.shortened.append(mallard._shortened('abcde' * (length // 5) ~ 'xy', 10)) %}
    {% endfor %}
    {% for text in texts %}
        {% do said.literal.append(mallard._literal(text)) %}
        {% do said.quoted.append(mallard._quoted(text)) %}
    {% endfor %}
    {% for number in numbers %}{% do said.double.append(mallard._double(number) | trim) %}{% endfor %}
    {% for name in ['euclidean', 'cosine'] %}{% do said.metrics.update({name: mallard._metric(name)}) %}{% endfor %}
    {% do said.update({'sum_scale': mallard.sum_scale('x') | trim, 'exact_sum': mallard.exact_sum('x', 's') | trim}) %}
    {{ print(tojson(said)) }}
{% endmacro %}
"""


@pytest.fixture(scope="module")
def macros(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the macros say."""
    project: Project = copy_project(tmp_path_factory.mktemp("macros"))
    (project.path / "macros" / "held_together.sql").write_text(MACRO)
    arguments = json.dumps({"texts": TEXTS, "numbers": [repr(value) for value in NUMBERS]})
    result = project.dbt("--quiet", "run-operation", "held_together", "--args", arguments)
    assert result.returncode == 0, result.stdout
    said: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{") :])
    return said


def test_names_and_values_are_written_alike(macros: dict[str, Any]) -> None:
    assert macros["literal"] == [literal(text) for text in TEXTS]
    assert macros["quoted"] == [quoted(text) for text in TEXTS]
    assert macros["double"] == [double(value) for value in NUMBERS]
    assert (macros["number"], macros["exact_text"]) == (number("x"), exact_text("x"))


def test_long_texts_lose_the_same_middle(macros: dict[str, Any]) -> None:
    lengths = [5, 10, 11, 12, 2500, 1_000_000]
    assert macros["shortened"] == [shortened("abcde" * (length // 5) + "xy", 10) for length in lengths]
    assert macros["shortened"][-1] == "abcde ... 999,992 more characters ... cdexy"


def test_exact_sums_are_the_same_to_the_last_bit(macros: dict[str, Any]) -> None:
    with duckdb.connect() as connection:
        for largest in LARGEST:
            values = largest * np.random.default_rng(0).uniform(-1, 1, 1000)
            connection.execute("create or replace table t as select unnest(?::double[]) as x", [values.tolist()])
            scale = macros["sum_scale"].replace("x", double(largest))
            sql = f"select {macros['exact_sum']}, {exact_sum_sql('x', largest)} from (select x, {scale} as s from t)"
            [(of_macro, of_library)] = connection.execute(sql).fetchall()
            assert of_macro == of_library
            if largest > 1e-290:  # below, terms run out of bits
                assert of_library == pytest.approx(math.fsum(values), rel=1e-15, abs=1e-12 * largest)


def test_every_scale_has_its_sql_and_its_meaning(macros: dict[str, Any]) -> None:
    assert list(macros["scales"]) == list(SCALES)


@pytest.mark.parametrize("x", [-0.5, 0.0, 3.0, 1e6])
def test_the_inverse_of_a_scale_leads_back(macros: dict[str, Any], x: float) -> None:
    with duckdb.connect() as connection:
        for scale in macros["scales"].values():
            value, inverse = (scale[way].replace("{unit}", double(0.3)) for way in ("value", "inverse"))
            sql = inverse.replace("{}", f"({value.replace('{}', double(x))})")
            assert connection.execute(f"select {sql}").fetchall() == [(pytest.approx(x, rel=1e-12, abs=1e-15),)]


def test_distances_are_the_same(macros: dict[str, Any]) -> None:
    assert macros["metrics"].keys() == METRICS.keys()
    squared = np.array([0.0, 0.25, 1.0, 3.9])
    with duckdb.connect() as connection:
        for name, metric in METRICS.items():
            of_macro = macros["metrics"][name]
            assert of_macro["spherical"] == metric.spherical
            sql = of_macro["distance"].replace("{}", "x")
            found = connection.execute(f"select {sql} from (select unnest(?::double[]) as x)", [squared.tolist()])
            np.testing.assert_array_equal(np.ravel(found.fetchall()), metric.distance(squared))
