"""Terms and vectors of texts, against scikit-learn's own pipeline and by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from mallard.engines.duckdb.texts import CustomerTexts
from mallard.errors import MallardError
from mallard.texts.fit import fit_terms
from mallard.texts.projection import Terms, project
from mallard.texts.settings import TextSettings, described, read_text_settings
from mallard.texts.tables import stored_terms, terms_table, vectors_table

ROOT = Path(__file__).parents[4]
SINGLE = 1e-6
"""What single precision leaves of vectors with coordinates around 1."""


def _reviews() -> list[tuple[str, str]]:
    """The customer and the text of the reviews of the integration project that have a text."""
    with (ROOT / "integration_tests" / "seeds" / "community_reviews.csv").open(newline="", encoding="utf-8") as file:
        return [(row["customer_id"], row["text"]) for row in csv.DictReader(file) if row["text"].strip()]


def _in_duckdb(
    rows: Sequence[tuple[Any, Any]], threads: int = 2, customers: Sequence[Any] = ()
) -> duckdb.DuckDBPyConnection:
    """A database with the tables reviews and customers."""
    connection = duckdb.connect(config={"threads": threads})
    ids, texts = zip(*rows, strict=True)
    connection.register("rows", pa.table({"customer_id": ids, "text": pa.array(texts, pa.string())}))
    connection.execute("create table reviews as from rows")
    connection.execute("create table customers as select unnest(?) as customer_id", [list(customers)])
    return connection


def _texts(*given: Any, **more: Any) -> CustomerTexts:
    return CustomerTexts(_in_duckdb(*given, **more).sql("from reviews"), "customer_id", "text")


def _fitted(rows: Sequence[tuple[Any, Any]], threads: int = 2, **settings: Any) -> Terms:
    return fit_terms(*_texts(rows, threads).sorted(), TextSettings(**settings))


def _stored(terms: Terms) -> Terms:
    """The terms after a stay in a table."""
    return stored_terms(terms_table(terms))


def _vectors(terms: Terms, rows: Sequence[tuple[Any, Any]], customers: Sequence[Any] | None = None) -> dict[Any, Any]:
    """For each customer: the number of texts, the number of known ones, and the vector."""
    connection = _in_duckdb(rows, customers=customers or ())
    observed = connection.sql("from customers") if customers else None
    texts = CustomerTexts(connection.sql("from reviews"), "customer_id", "text", observed)
    ids = texts.ids()
    table = vectors_table("customer_id", ids, project(terms, texts.batches(), len(ids)))
    return {row["customer_id"]: list(row.values())[1:] for row in table.to_pylist()}


@pytest.mark.parametrize("ngram", [1, 2])
def test_vectors_are_those_of_scikit_learn_times_one_number(ngram: int) -> None:
    rows = _reviews()
    terms = _stored(_fitted(rows, ngram=ngram, length=8))
    tfidf = TfidfVectorizer(min_df=2, ngram_range=(1, ngram), max_features=5000)
    svd = TruncatedSVD(8, algorithm="arpack", random_state=1)
    expected = svd.fit_transform(tfidf.fit_transform([text for _, text in rows]))
    vectors = _vectors(terms, [(i, text) for i, (_, text) in enumerate(rows)])
    found = np.array([vectors[i][2] for i in range(len(rows))])
    assert terms.terms == list(tfidf.get_feature_names_out())
    factor = np.linalg.norm(found) / np.linalg.norm(expected)
    assert np.abs(found @ found.T - factor**2 * expected @ expected.T).max() < 1e-5
    by_customer: dict[str, list[np.ndarray]] = {}
    for (customer, _), vector in zip(rows, expected, strict=True):
        if customer:
            by_customer.setdefault(customer, []).append(vector)
    means = np.array([np.mean(vectors, axis=0) for vectors in by_customer.values()])
    assert factor == pytest.approx(1 / np.sqrt(means.var(axis=0).sum()), rel=1e-6)


def test_new_texts_are_projected_as_the_fitted_pipeline_projects_them() -> None:
    rows = _reviews()
    old, new = rows[:400], [(f"new-{i}", text) for i, (_, text) in enumerate(rows[400:])]
    terms = _stored(_fitted(old, length=8))
    tfidf = TfidfVectorizer(min_df=2)
    svd = TruncatedSVD(8, algorithm="arpack", random_state=0).fit(tfidf.fit_transform(sorted(text for _, text in old)))
    expected = svd.transform(tfidf.transform([text for _, text in new]))
    vectors = _vectors(terms, new)
    found = np.array([vectors[customer][2] for customer, _ in new])
    factor = np.linalg.norm(found) / np.linalg.norm(expected)
    assert found == pytest.approx(factor * expected, abs=10 * SINGLE)


def test_the_vectors_of_those_who_wrote_have_a_total_variance_of_one() -> None:
    rows = [(customer, text) for customer, text in _reviews() if customer]
    vectors = np.array([vector for *_, vector in _vectors(_stored(_fitted(rows)), rows).values()])
    assert vectors.shape[1] == 16
    assert vectors.var(axis=0).sum() == pytest.approx(1, rel=1e-6)


def test_every_text_of_a_customer_counts_alike() -> None:
    rows = _reviews()
    terms = _stored(_fitted(rows))
    one, two = rows[0][1], rows[1][1]
    alone = _vectors(terms, [("one", one), ("two", two)])
    both = _vectors(terms, [("x", one), ("x", two), ("x", "zzzz qqqq"), ("x", None), ("x", " ")])["x"]
    assert both[:2] == [3, 2]  # a text without a known term says nothing, and takes nothing away from the others
    assert both[2] == pytest.approx((np.array(alone["one"][2]) + alone["two"][2]) / 2, abs=SINGLE)


def test_neither_the_order_of_rows_nor_threads_change_a_bit() -> None:
    rows = _reviews()
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    first, second = terms_table(_fitted(rows, threads=1)), terms_table(_fitted(shuffled, threads=4))
    assert first.equals(second)
    terms = stored_terms(first)
    assert _vectors(terms, rows) == _vectors(terms, shuffled)


@pytest.mark.slow
def test_threads_of_linear_algebra_change_no_bit(run_python: Callable[..., str]) -> None:
    script = """
import hashlib
import numpy as np
from mallard.texts.fit import fit_terms
from mallard.texts.settings import TextSettings
rng = np.random.RandomState(0)
texts = [" ".join(f"word{i}" for i in rng.zipf(1.3, 30) % 3000) for _ in range(3000)]
terms = fit_terms(np.arange(3000), sorted(texts), TextSettings(length=64))
print(hashlib.sha256(terms.vectors.tobytes()).hexdigest())
"""
    assert run_python(script, OPENBLAS_NUM_THREADS="1") == run_python(script, OPENBLAS_NUM_THREADS="4")


def test_the_size_of_batches_changes_no_bit() -> None:
    terms = _stored(_fitted(_reviews()))
    texts = [text for _, text in _reviews()]
    places = np.arange(len(texts)) // 3
    whole = project(terms, [(places, texts)], places[-1] + 1)
    parts = project(terms, ((places[i : i + 7], texts[i : i + 7]) for i in range(0, len(texts), 7)), places[-1] + 1)
    assert np.array_equal(whole.means, parts.means)
    assert np.array_equal(whole.n_texts, np.bincount(places))


def test_who_is_observed_and_wrote_nothing_known_has_zeros() -> None:
    terms = _stored(_fitted(_reviews(), length=4))
    rows = [
        ("a", _reviews()[0][1]),
        ("b", None),
        ("c", "🎉🎉"),
        ("d", "配送が早い"),
        ("stranger", "quality"),
        (None, "price"),
    ]
    vectors = _vectors(terms, rows, customers=["a", "b", "c", "d", "e"])
    assert list(vectors) == ["a", "b", "c", "d", "e"]
    assert [counts for *counts, _ in vectors.values()] == [[1, 1], [0, 0], [1, 0], [1, 0], [0, 0]]
    assert np.any(vectors["a"][2])
    assert [vectors[customer][2] for customer in "bcde"] == [[0.0] * 4] * 4


def test_without_customers_those_with_a_row_are_observed() -> None:
    terms = _stored(_fitted(_reviews(), length=4))
    vectors = _vectors(terms, [("b", None), ("a", "quality"), (" ", "quality"), (None, "quality")])
    assert list(vectors) == ["a", "b"]


def test_texts_of_nobody_and_strangers_are_counted() -> None:
    rows = [("a", "fine"), ("a", None), (None, "fine"), (" ", "fine"), (None, "")]
    assert _texts(rows).n_of_nobody == 2


def test_ids_that_differ_in_case_alone_are_different_customers_whatever_the_collation() -> None:
    connection = _in_duckdb([("A", "one"), ("a", "two"), ("b", "three")])
    connection.execute("set default_collation = 'nocase'")
    texts = CustomerTexts(connection.sql("from reviews"), "customer_id", "text")
    [(places, found)] = texts.batches()
    assert texts.ids().to_pylist() == ["A", "a", "b"]
    assert (list(places), found) == ([0, 1, 2], ["one", "two", "three"])


def test_html_is_words_and_an_accent_is_a_part_of_its_letter() -> None:
    texts = ["<p>tr\u00e8s bon</p>", "<p>tre\u0300s bon", "bon &amp; d\u00e9cent", "de\u0301cent"]
    terms = _fitted(list(enumerate(texts)), length=1, min_df=2)
    assert terms.terms == ["bon", "d\u00e9cent", "tr\u00e8s"]
    assert "amp" in _fitted(list(enumerate(texts)), length=1, min_df=1).terms


def test_a_run_of_japanese_is_one_word() -> None:
    rows = list(enumerate(["配送が早い。品質が良い", "配送が早い。値段が高い", "値段が高い。品質が良い"]))
    assert _fitted(rows, length=2).terms == ["値段が高い", "品質が良い", "配送が早い"]


@pytest.mark.parametrize(
    ("texts", "settings", "message"),
    [
        ([], {}, "column text has 0 texts, and no term is in at least min_df (2) and at most max_df (1.0) of them"),
        (["one two"], {}, "column text has 1 texts, and no term"),
        (["👍", "👍"], {}, "column text has 2 texts, and no term"),
        (["aa bb"] * 3, {"max_df": 0.5}, "at most max_df (0.5) of them: give more texts, or change the two settings."),
        (["one two"], {"min_df": 1, "length": 1}, "setting length is 1: column text has 1 texts with 2 terms;"),
        (["aa bb", "bb cc", "cc aa"] * 9, {}, "setting length is 16: column text has 27 texts with 3 terms; set it to"
         " at most 2, give more texts, or lower min_df."),
        (["aa bb", "cc dd"] * 9, {"length": 3}, "texts that differ in 2 directions; set it to at most 2"),
        (["aa bb"] * 9, {"length": 1}, "column text has the texts of 9 customers, all alike in 1 positions"),
    ],
)  # fmt: skip
def test_too_little_text_is_refused(texts: list[str], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(MallardError) as refusal:
        fit_terms(np.arange(len(texts)), texts, TextSettings(**settings))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"length": 0}, "setting length is 0: set it to a whole number of 1 or more."),
        ({"length": "8"}, 'setting length is "8": set it to a whole number of 1 or more.'),
        ({"min_df": 0.5}, "setting min_df is 0.5: set it to a whole number of 1 or more."),
        ({"max_df": 2}, "setting max_df is 2: set it to a number from 0 to 1."),
        ({"ngram": 9}, "setting ngram is 9: set it to a whole number from 1 to 5."),
        ({"text": ""}, 'setting text is "": give the name of a column.'),
        (
            {"stop_words": []},
            "setting stop_words is []: there is no such setting; choose from customer_id, text, length",
        ),
        (["text"], 'the settings are ["text"]: give them as {setting: value, ...}.'),
    ],
)
def test_settings_that_make_no_sense_are_refused(meta: Any, message: str) -> None:
    with pytest.raises(MallardError) as refusal:
        read_text_settings(meta)
    assert message in str(refusal.value)


def test_a_length_that_is_not_that_of_the_terms_is_refused() -> None:
    TextSettings().check_length(8)
    with pytest.raises(
        MallardError, match="setting length is 9: the stored terms have 8 positions; leave it out, or fit"
    ):
        TextSettings(length=9).check_length(8)


@pytest.mark.parametrize(
    ("customer_id", "text", "message"),
    [
        ("id", "text", "there is no column id among customer_id, text: name the one that is meant."),
        ("customer_id", "body", "there is no column body among customer_id, text"),
        ("text", "customer_id", "column customer_id is BIGINT: name a column of type VARCHAR."),
    ],
)
def test_columns_that_are_missing_or_no_text_are_refused(customer_id: str, text: str, message: str) -> None:
    with pytest.raises(MallardError) as refusal:
        CustomerTexts(_in_duckdb([(1, "fine")]).sql("from reviews"), customer_id, text)
    assert message in str(refusal.value)


def test_other_tables_are_no_terms() -> None:
    with pytest.raises(MallardError, match="there is no column term among word: give what fit_text_terms returned"):
        stored_terms(pa.table({"word": ["fine"]}))


def test_the_page_lists_the_settings() -> None:
    page = (ROOT / "docs" / "how-to" / "use-reviews-and-activity.md").read_text("utf-8")
    defaults = TextSettings()
    for name, setting in described().items():
        default = getattr(defaults, name)
        shown = "16" if name == "length" else f"{default:,}" if isinstance(default, int) else str(default)
        assert f"| `{name}` | {setting.meaning.split(' Default')[0]} | {shown} |" in page, name
