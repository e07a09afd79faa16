"""The Python steps that turn texts into vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mallard.errors import MallardError
from mallard.steps.terminal import is_empty_run, log

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyRelation

    from mallard.texts.settings import TextSettings


def fitted_terms(reviews: DuckDBPyRelation, settings: TextSettings) -> pa.Table:
    """Fit terms to the texts of a relation; no terms if dbt builds without rows."""
    from mallard.engines.duckdb.texts import CustomerTexts
    from mallard.texts.fit import fit_terms
    from mallard.texts.settings import DEFAULT_LENGTH
    from mallard.texts.tables import no_terms, terms_table

    if is_empty_run():
        return terms_table(no_terms(settings.length or DEFAULT_LENGTH))
    customers, texts = CustomerTexts(reviews, settings.customer_id, settings.text).sorted()
    terms = fit_terms(customers, texts, settings)
    log(f"{len(terms.terms):,} terms of {len(texts):,} texts, in {terms.vectors.shape[1]} dimensions")
    return terms_table(terms)


def kept_terms(kept: DuckDBPyRelation, settings: TextSettings) -> DuckDBPyRelation | None:
    """What to add to the terms that are there: nothing. None if there are none, as after a build without rows."""
    from mallard.texts.tables import stored_terms

    first = kept.limit(1).to_arrow_table()
    if len(first) == 0:
        return None
    settings.check_length(stored_terms(first).vectors.shape[1])
    log("the terms of the first fit are kept; --full-refresh fits them again")
    return kept.limit(0)


def vectors_of_texts(
    reviews: DuckDBPyRelation, terms: DuckDBPyRelation, settings: TextSettings, customers: DuckDBPyRelation | None
) -> pa.Table:
    """The vectors of customers; no customers if dbt builds without rows."""
    from mallard.engines.duckdb.texts import CustomerTexts
    from mallard.texts.projection import project
    from mallard.texts.tables import stored_terms, vectors_table

    stored = stored_terms(terms.order("encode(term) asc").to_arrow_table())
    settings.check_length(stored.vectors.shape[1])
    if is_empty_run():
        reviews = reviews.limit(0)
        customers = None if customers is None else customers.limit(0)
    elif not stored.terms:
        raise MallardError("the terms have no row, because they were built without rows: build them without --empty.")
    texts = CustomerTexts(reviews, settings.customer_id, settings.text, customers)
    ids = texts.ids()
    found = project(stored, texts.batches(), len(ids))
    n_texts, n_unknown = found.n_texts.sum(), (found.n_texts - found.n_known).sum()
    log(
        f"{n_texts:,} texts of {len(ids):,} customers; {n_unknown:,} without a known term; "
        f"{texts.n_of_nobody:,} left out, without a known customer"
    )
    return vectors_table(settings.customer_id, ids, found)
