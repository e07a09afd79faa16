"""What is read from the SQL that scales a feature is what DuckDB computes by it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import duckdb
import pytest

from mallard.errors import MallardError
from mallard.export.as_sql import SqlText
from mallard.sql.scaled_expression import RawColumn, ScaledExpression
from mallard.sql.text import double, exact_text, literal, quoted

ROWS = """
select
    cast(number as double) as number, whole, text, flag,
    cast(vector as double[]) as vector, cast(single as double[]) as single
from (values
    ('1.5', 3, 'Basic', true, '[1.0, 2.0, 3.0]', '[7.0]'),
    ('-2.5', -3, 'it''s', false, '[-1.0, null, 3.5]', '[-7.5]'),
    ('0.0', 0, '', null, '[0.0, inf, nan]', '[inf]'),
    ('inf', 4, null, true, '[1e9, 0.25, -1.0]', '[0.0]'),
    ('nan', null, 'x', true, null, null),
    (null, 7, 'Basic', false, '[2.0, 4.0, 8.0]', '[null]')
) as rows (number, whole, text, flag, vector, single)
"""
NUMBER = 'case when isfinite("number") then cast("number" as double) end'
WHOLE = 'cast("whole" as double)'
LATER = f"case when abs({NUMBER}) <= {double(1e140)} then {NUMBER} end"
LATER_LOGARITHM = f"ln(1 + case when {WHOLE} > {double(-1.0)} and abs({WHOLE}) <= {double(1e140)} then {WHOLE} end)"
"""As a later build writes them, whose customers weren't at the fit."""
FINITE = '[case when isfinite(x) then x end for x in cast("vector" as double[])]'
GAPPY = f"cast({FINITE} as double[3])"
COMPLETE = f"cast(case when list_aggregate({FINITE}, 'count') = 3 then {FINITE} end as double[3])"


def _standardised(value: str, center: float = 0.25, spread: float = 26.19897707926781) -> str:
    return f"({value} - {double(center)}) / {double(spread)}"


def _filled(value: str) -> str:
    return f"coalesce({value}, {double(-0.125)})"


def _is(text: str) -> str:
    return f"cast({exact_text(quoted('text'))} = {literal(text)} as double)"


def _each(condition: str, vector: str, value: str, *others: str) -> str:
    """As the macro `_scaled_vector`: lists of centers, spreads and others at each position."""
    lists = ["[1.0, 2.0, 3.0]", "[2.0, 0.1, 4e-05]", *others]
    zipped = ", ".join([vector, *(f"cast('{numbers}' as double[])" for numbers in lists)])
    return f"cast(case when {condition} then [({value} - x[2]) / x[3] for x in list_zip({zipped})] end as double[3])"


NUMBERS = [
    _standardised(NUMBER),
    _standardised(_filled(NUMBER)),
    _standardised('"whole"', -1.5e-07) + f" * {double(2.0)}",
    _standardised(f"asinh({NUMBER} / {double(0.7)})"),
    _standardised(_filled(f"ln(1 + {NUMBER})")),
    _standardised(_is("Basic")),
    _standardised(_filled(_is(""))),
    _standardised(_is("it's")),
    _standardised('cast("flag" as double)', 0.0),
    _standardised(_filled(LATER)),
    _standardised(LATER_LOGARITHM),
    _standardised('case when isfinite("single"[1]) then cast("single"[1] as double) end'),
]
VECTORS = [
    'cast("vector" as double[3])',
    _each(f"{COMPLETE} is not null", COMPLETE, "x[1]"),
    _each("true", GAPPY, "coalesce(x[1], x[4])", "[9, 8, 7]"),
    _each("true", GAPPY, "coalesce(asinh(x[1] / x[4]), x[5])", "[0.5, 1, 2]", "[9, 8, 7]"),
    _each(f"{COMPLETE} is not null", COMPLETE, "x[1]").replace("x[3] for", f"x[3] * {double(0.5)} for"),
]


@pytest.fixture(scope="module")
def customers() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"create table customers as {ROWS}")
        yield connection


def _is_same(value: float | None, expected: float | None) -> bool:
    """What isn't finite is missing, also in a vector of which nobody has made sure that it is."""
    if value is None or expected is None or not math.isfinite(expected):
        return value is None and (expected is None or not math.isfinite(expected))
    return math.isclose(value, expected, rel_tol=1e-14)


@pytest.mark.parametrize("sql", NUMBERS)
def test_a_number_is_what_duckdb_computes(customers: duckdb.DuckDBPyConnection, sql: str) -> None:
    rows = "from customers where number > -1 or number is null" if "ln(" in sql else "from customers"
    [told] = ScaledExpression("feature", sql, 1).told_to(SqlText(frozenset({"flag"}), quoted))
    assert told != sql
    found = customers.execute(f"select {told} {rows}").fetchall()
    wanted = customers.execute(f"select {sql} {rows}").fetchall()
    assert all(_is_same(value, expected) for (value,), (expected,) in zip(found, wanted, strict=True))
    assert 1 < len({value for (value,) in wanted}) <= len(wanted)


def test_a_number_without_a_logarithm_is_missing(customers: duckdb.DuckDBPyConnection) -> None:
    [told] = ScaledExpression("feature", 'ln(1 + "whole")', 1).told_to(SqlText(frozenset(), quoted))
    found = customers.execute(f"select whole, {told} from customers where whole < 1 order by 1").fetchall()
    assert found == [(-3, None), (0, 0.0)]


@pytest.mark.parametrize("sql", VECTORS)
def test_a_vector_is_what_duckdb_computes(customers: duckdb.DuckDBPyConnection, sql: str) -> None:
    told = ScaledExpression("feature", sql, 3).told_to(SqlText(frozenset(), quoted))
    assert len(told) == 3
    found = customers.execute(f"select {', '.join(told)} from customers").fetchall()
    wanted = customers.execute(f"select {sql} from customers").fetchall()
    assert any(vector is not None for (vector,) in wanted)
    for row, (vector,) in zip(found, wanted, strict=True):
        if vector is None:
            assert None in row
        else:
            assert all(map(_is_same, row, vector))


def test_the_columns_are_known_with_what_they_are_compared_with() -> None:
    expected = {
        _standardised(NUMBER): RawColumn("number", "number", 1),
        _standardised(_is("it's")): RawColumn("text", "text", 1, ("it's",)),
        NUMBERS[-1]: RawColumn("single", "vector", 1),
        _standardised(LATER_LOGARITHM): RawColumn("whole", "number", 1, above=-1.0),
    }
    for sql, column in expected.items():
        assert set(ScaledExpression("feature", sql, 1).columns) == {column}
    for sql in VECTORS:
        assert set(ScaledExpression("feature", sql, 3).columns) == {RawColumn("vector", "vector", 3)}


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        (_standardised('sin("number")'), 'SIN("number")'),
        (_standardised('case when "whole" > 1 then 1 end'), 'CASE WHEN "whole" > 1 THEN 1 END'),
        (_standardised('"single"[2]'), '"single"[2]'),
        ("select (", "select ("),
    ],
)
def test_sql_that_the_macros_dont_write_is_refused(sql: str, part: str) -> None:
    with pytest.raises(
        MallardError, match="feature feature is scaled by SQL that only DuckDB can run, " + re.escape(part)
    ):
        ScaledExpression("feature", sql, 1).told_to(SqlText(frozenset(), quoted))
