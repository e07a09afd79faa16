"""What Python models of a dbt project call: tables of partitions, of algorithms, and of vectors of texts come out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import is_empty_run, refusals

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyRelation
    from pyspark.sql import DataFrame

    from mallard.engines.engine import Relation

PREFIX = "scaled_"
"""What precedes a feature's name in the name of its column."""
STARTS = "mallard__starts"
"""What queries call the relation of the centroids to start from."""


def fit_segments(
    customers: Relation,
    meta: Mapping[str, Any] | None = None,
    starts: Relation | None = None,
    this: object | None = None,
) -> pa.Table | DataFrame:
    """Cluster the `scaled_<feature>` columns of a relation.

    Args:
        customers: one row per customer, and how often each counts, if there is a column `mallard__weight`.
        meta: settings of the group "How many segments there are" of `mallard.inputs.settings`; defaults if left out.
        starts: one row per segment, with a segment_id from 1 and the centroid to start from in columns of the same
            names; a search finds them if left out.
        this: the table of the model, `dbt.this`. Its rows are returned if they were made of the same customers with
            the same settings; `--full-refresh` makes new ones.

    Returns:
        One row per segment of every number of segments tried, see `mallard.tables.partitions`, with what it was made
        of as input_fingerprint; of the engine that the customers are of.

    Raises:
        BuildStoppedError: a setting makes no sense, or not for these customers.
    """
    with refusals():
        from mallard.engines.engine import as_rows_of
        from mallard.inputs.reading import read_settings
        from mallard.inputs.starts import given_centroids
        from mallard.steps.fit import WEIGHT, features_by_column, fit
        from mallard.steps.reuse import reused

        settings = read_settings(meta or {}, composed=True)
        features = features_by_column(customers.columns, PREFIX)

        columns, names = list(features), list(features.values())
        table = None if starts is None or is_empty_run() else STARTS
        given = given_centroids(table, columns, names, settings, partial(_query, starts))
        rows = reused(
            customers,
            [*columns, *({WEIGHT} & set(customers.columns))],
            (settings, None if given is None else given.tolist()),
            this,
            lambda: fit(customers, features, settings, given).partitions,
        )
        return as_rows_of(customers, rows)


def compare_algorithms(
    customers: Relation, meta: Mapping[str, Any] | None = None, this: object | None = None
) -> pa.Table | DataFrame:
    """Compare other algorithms with K-means on the `scaled_<feature>` columns of a relation.

    Args:
        customers: one row per customer, such as a model that is `mallard.scaled(ref('customer_segments'))`. If it has a
            column `segment_id`, agreement with these segments is measured, too. Every row counts once.
        meta: settings of `mallard.algorithms.settings`; defaults if left out.
        this: the table of the model, `dbt.this`, see `fit_segments`.

    Returns:
        One row per algorithm and number of clusters, see `mallard.algorithms.table`, with what it was made of as
        input_fingerprint. An algorithm that fails has its message there.

    Raises:
        BuildStoppedError: a setting makes no sense, or there are no customers.
    """
    with refusals():
        from mallard.engines.engine import as_rows_of
        from mallard.steps.comparison import SEGMENT, compare
        from mallard.steps.fit import features_by_column
        from mallard.steps.reuse import reused

        columns = [*features_by_column(customers.columns, PREFIX), *({SEGMENT} & set(customers.columns))]
        return as_rows_of(customers, reused(customers, columns, meta, this, lambda: compare(customers, PREFIX, meta)))


def fit_text_terms(
    reviews: DuckDBPyRelation, meta: Mapping[str, Any] | None = None, kept: DuckDBPyRelation | None = None
) -> pa.Table | DuckDBPyRelation:
    """Find the terms by which texts differ, for an incremental model that keeps them.

    Args:
        reviews: one row per text, with the customer's id.
        meta: settings of `mallard.texts.settings`; defaults if left out.
        kept: the terms that the model has already, in an incremental build.

    Returns:
        One row per term: term, n_texts, idf and vector, a FLOAT[length]. Without rows, to be added to the kept terms,
        if there are any.

    Raises:
        BuildStoppedError: a setting makes no sense, or the texts are too few or too much alike.
    """
    with refusals():
        from mallard.engines.engine import check_is_of_duckdb
        from mallard.steps.texts import fitted_terms, kept_terms
        from mallard.texts.settings import read_text_settings

        check_is_of_duckdb(reviews, "fit_text_terms")
        settings = read_text_settings(meta or {})
        nothing_to_add = None if kept is None else kept_terms(kept, settings)
        return fitted_terms(reviews, settings) if nothing_to_add is None else nothing_to_add


def text_vectors(
    reviews: DuckDBPyRelation,
    terms: DuckDBPyRelation,
    meta: Mapping[str, Any] | None = None,
    customers: DuckDBPyRelation | None = None,
) -> pa.Table:
    """Turn the texts of each customer into a vector, by terms that were fitted before.

    Args:
        reviews: one row per text, with the customer's id.
        terms: what `fit_text_terms` returned.
        meta: settings of `mallard.texts.settings`; defaults if left out.
        customers: all whose texts would be known if they wrote any; texts of others are left out. Default: those with
            a row among the reviews.

    Returns:
        One row per customer: the id, n_texts, n_known_texts with a known term, and review_vector, a FLOAT[length] with
        the mean of the latter's vectors; zeros if there are none.

    Raises:
        BuildStoppedError: a setting or a table makes no sense.
    """
    with refusals():
        from mallard.engines.engine import check_is_of_duckdb
        from mallard.steps.texts import vectors_of_texts
        from mallard.texts.settings import read_text_settings

        check_is_of_duckdb(reviews, "text_vectors")
        return vectors_of_texts(reviews, terms, read_text_settings(meta or {}), customers)


def _query(starts: Relation | None, sql: str) -> list[tuple[Any, ...]]:
    from mallard.engines.engine import query_on

    return [] if starts is None else query_on(starts, STARTS, sql)
