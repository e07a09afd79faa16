"""What holds for every input of the pure functions."""

from __future__ import annotations

import math
from fractions import Fraction

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mallard.choice.naming import name_segments
from mallard.choice.vocabulary import Trait
from mallard.figures import figure
from mallard.kmeans.points import WeightedPoints
from mallard.sql.exact_sum import exact_sum_sql
from mallard.sql.text import double, folded, literal, quoted

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SMALLEST = 1e-290
"""Smaller terms run out of bits."""
TERMS = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > SMALLEST)
settings.register_profile("same inputs every time", derandomize=True, deadline=None)
settings.load_profile("same inputs every time")
connection = duckdb.connect()


@given(TEXTS)
def test_a_literal_is_the_text(text: str) -> None:
    assert connection.execute(f"select {literal(text)}").fetchall() == [(text,)]


@given(TEXTS.filter(bool))
def test_a_quoted_identifier_is_the_name(name: str) -> None:
    result = connection.execute(f"select 1 as {quoted(name)}")
    assert [column for column, *_ in result.description or ()] == [name]


@given(TEXTS.filter(bool), st.data())
def test_identifiers_fold_alike_exactly_if_duckdb_takes_them_for_one(name: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([name.upper(), name.lower(), name.swapcase()]) | TEXTS.filter(bool))
    try:
        connection.execute(f"select {quoted(other)} from (select 1 as {quoted(name)})")
        is_one = True
    except duckdb.BinderException:
        is_one = False
    assert (folded(name) == folded(other)) == is_one


@given(NUMBERS)
def test_a_double_keeps_every_bit(value: float) -> None:
    [(found,)] = connection.execute(f"select {double(value)}").fetchall()
    assert found.hex() == value.hex()


@settings(max_examples=50)
@given(
    st.lists(st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > SMALLEST), min_size=1, max_size=50), st.randoms()
)
def test_an_exact_sum_depends_on_no_order_and_is_as_near_as_the_largest_term_allows(
    values: list[float], random
) -> None:  # type: ignore[no-untyped-def]
    largest = max(map(abs, values))
    shuffled = random.sample(values, len(values))
    sql = f"select {exact_sum_sql('x', largest)} from (select unnest(?::double[]) as x)"
    [(found,)], [(other,)] = (connection.execute(sql, [rows]).fetchall() for rows in (values, shuffled))
    assert found == other
    assert found == pytest.approx(math.fsum(values), rel=1e-15, abs=len(values) * largest * 2.0**-60)


def test_an_exact_sum_is_the_double_nearest_to_the_total() -> None:
    terms = np.random.default_rng(0).uniform(-1, 1, (1000, 40))
    rows = "select place, unnest(terms) as x from (select unnest(range(1000)) as place, unnest(?::double[][]) as terms)"
    sql = f"select {exact_sum_sql('x', 1.0)} from ({rows}) group by place order by place"
    found = [total for (total,) in connection.execute(sql, [terms.tolist()]).fetchall()]
    assert found == [float(sum(map(Fraction, row))) for row in terms]


@given(arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.floats(-3, 3)))
def test_no_two_segments_have_the_same_name(z_scores: np.ndarray) -> None:
    traits = [Trait(f"feature {i}", f"column {i}" if i % 2 else None) for i in range(z_scores.shape[1])]
    names = name_segments(z_scores, np.abs(z_scores) / 3, traits, "customers")
    assert len(set(names)) == len(names) == len(z_scores)


@given(
    arrays(float, st.tuples(st.integers(1, 20), st.integers(1, 3)), elements=st.integers(-2, 2).map(float)),
    st.randoms(),
)
def test_points_are_distinct_sorted_and_weigh_what_their_rows_do(rows: np.ndarray, random) -> None:  # type: ignore[no-untyped-def]
    points = WeightedPoints.from_rows(rows)
    shuffled = WeightedPoints.from_rows(rows[random.sample(range(len(rows)), len(rows))])
    expected, counts = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_array_equal(points.coordinates, expected)
    np.testing.assert_array_equal(points.weights, counts)
    np.testing.assert_array_equal(points.coordinates, shuffled.coordinates)


@given(NUMBERS)
def test_a_figure_is_near_the_number_and_short(value: float) -> None:
    text = figure(value)
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.06)
    assert len(text) < 12 or abs(value) >= 1e6
