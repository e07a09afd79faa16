"""What Mallard's SQL is called on Spark; that it means the same, tests/python/spark/test_meaning.py says."""

from __future__ import annotations

import pytest

from mallard.engines.spark.dialect import scratch_name, spark_expressions, spark_sql
from mallard.errors import MallardError

EXPRESSIONS = {
    "1.5": "1.5D",
    "1e3": "1e3",
    "round(x, 2)": "(ROUND((x) * 1e2) / 1e2)",
    "round_even(x, 0)": "RINT(x)",
    "cast(x * 2 as bigint)": "CAST(RINT(x * 2) AS BIGINT)",
    "cast(x as hugeint)": "CAST(x AS DECIMAL(38, 0))",
    "cast('[1.0]' as double[1])": "FROM_JSON('[1.0]', 'array<double>')",
    "a / b": "a / NULLIF(b, 0)",
    "a / nullif(b, 0)": "a / NULLIF(b, 0)",
    "a / 2": "a / 2",
    "any_value(x)": "ANY_VALUE(x, TRUE)",
    "x collate posix": "x",
    "quantile_cont(x, 0.5)": "PERCENTILE(x, 0.5D)",
    "xs[2]": "TRY_ELEMENT_AT(xs, 2)",
    "[x + 1 for x in xs]": "TRANSFORM(xs, x -> x + 1)",
    "list_contains(xs, 1)": "(ARRAY_POSITION(xs, 1) > 0)",
    "least(x)": "x",
    "log(2, x)": "ROUND(LOG2(x), 12)",
    "hash(x)": "XXHASH64(x, ISNULL(x))",
    r"'it''s a \ b'": r"'it\'s a \\ b'",
    '"a ""b"""': '`a "b"`',
    "`a`": "`a`",
    "regexp_matches(x, 'a', 'i')": "x RLIKE '(?i)a'",
}
"""Expressions, and what they are on Spark."""


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_has_other_words_on_spark(text: str) -> None:
    assert spark_expressions(text) == EXPRESSIONS[text]


def test_several_expressions_keep_their_commas_and_names() -> None:
    assert spark_expressions('a / 2 as "x", [b]') == "a / 2 AS `x`, ARRAY(b)"


def test_an_exact_sum_adds_three_shares_each_under_the_condition() -> None:
    text = spark_expressions("sum(cast(x as bigint)) filter (where y)")
    assert text.count("FILTER(WHERE y)") == 3
    assert "SHIFTRIGHT(CAST(x AS BIGINT), 42)" in text


def test_temporary_tables_have_the_name_of_the_model_and_columns_find_them() -> None:
    text = spark_sql("select mallard__used.x from mallard__used join mallard__t as t using (x)", "shop_a")
    assert "FROM `shop_a__used` AS mallard__used" in text
    assert "JOIN `shop_a__t` AS t" in text
    assert text.startswith("SELECT mallard__used.x")


def test_a_temporary_table_becomes_a_view_of_that_name() -> None:
    made = spark_sql("create or replace temp table mallard__t as select 1 as x", "shop_a")
    assert made == "CREATE OR REPLACE TEMPORARY VIEW `shop_a__t` AS SELECT 1 AS x"


@pytest.mark.parametrize(
    "text",
    [
        "with mallard__t as (select 1 as x) select x from mallard__t",
        "with mallard__t as (select 1 as x) select x from (select x from mallard__t)",
        "select x from (with mallard__t as (select 1 as x) select x from mallard__t)",
        "select x from shop.mallard__t",
    ],
)
def test_neither_common_table_expressions_nor_tables_of_a_schema_are_renamed(text: str) -> None:
    assert "shop_a" not in spark_sql(text, "shop_a")


def test_a_name_that_is_a_common_table_expression_elsewhere_is_still_a_temporary_table() -> None:
    text = spark_sql(
        "select * from (with mallard__t as (select 1 as x) select x from mallard__t) "
        "union all select x from mallard__t",
        "shop_a",
    )
    assert text.count("shop_a__t") == 1


def test_without_a_scratch_names_stay() -> None:
    assert spark_sql("select x from mallard__t") == "SELECT x FROM mallard__t"
    assert scratch_name("mallard__t", None) == "mallard__t"
    assert scratch_name("mallard__t", "shop_a") == "shop_a__t"
    assert scratch_name("shop", "shop_a") == "shop"


def test_parameters_stand_for_question_marks_in_order() -> None:
    text = spark_sql("select ?, ? where ? is null and ?", None, ("it's \\", 0.5, None, True))
    assert text == r"SELECT 'it\'s \\', 0.5D WHERE NULL IS NULL AND TRUE"


def test_a_translation_does_not_change_the_next() -> None:
    text = "select x from mallard__t where x = ?"
    first = spark_sql(text, "shop_a", (1,))
    assert spark_sql(text, "shop_b", (2,)) == "SELECT x FROM `shop_b__t` AS mallard__t WHERE x = 2"
    assert spark_sql(text, "shop_a", (1,)) == first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("select list(x order by x desc)", "sorted downwards"),
        ("select regexp_replace(x, 'a', 'b')", "give the flag g"),
        ("select from where", "can't translate for Spark"),
        ("select ?", "can't translate|shorter|argument"),
    ],
)
def test_what_spark_cannot_do_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises((MallardError, ValueError), match=words) as refused:
        spark_sql(text)
    assert "\n" not in str(refused.value)
