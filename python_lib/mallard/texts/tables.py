"""Terms and vectors as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mallard.errors import MallardError
from mallard.texts.projection import Terms

if TYPE_CHECKING:
    from mallard.kmeans.points import Floats
    from mallard.texts.projection import TextVectors

COLUMNS = ("term", "n_texts", "idf", "vector")


def no_terms(length: int) -> Terms:
    """Terms of a build without rows."""
    return Terms([], np.zeros(0, np.int64), np.zeros(0), np.zeros((0, length)))


def terms_table(terms: Terms) -> pa.Table:
    """One row per term, in alphabetical order."""
    columns = (
        pa.array(terms.terms, pa.string()),
        pa.array(terms.n_texts, pa.int64()),
        pa.array(terms.idf, pa.float64()),
        _floats(terms.vectors),
    )
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def stored_terms(table: pa.Table) -> Terms:
    """The terms in a table that `terms_table` made.

    Raises:
        MallardError: the table is another one.
    """
    missing = [column for column in COLUMNS if column not in table.column_names]
    if missing:
        raise MallardError(
            f"there is no column {missing[0]} among {', '.join(table.column_names)}: give what fit_text_terms returned."
        )
    vectors = table["vector"].combine_chunks()
    return Terms(
        table["term"].to_pylist(),
        table["n_texts"].to_numpy(),
        table["idf"].to_numpy(),
        vectors.flatten().to_numpy().reshape(len(table), vectors.type.list_size).astype(np.float64),
    )


def vectors_table(customer_id: str, ids: pa.ChunkedArray, found: TextVectors) -> pa.Table:
    """One row per customer, in the order of the ids."""
    return pa.table(
        {
            customer_id: ids,
            "n_texts": pa.array(found.n_texts, pa.int64()),
            "n_known_texts": pa.array(found.n_known, pa.int64()),
            "review_vector": _floats(found.means),
        }
    )


def _floats(rows: Floats) -> pa.FixedSizeListArray:
    """Rows as arrays of single precision, which no sum of theirs changes: -0.0 becomes 0.0."""
    return pa.FixedSizeListArray.from_arrays(pa.array((rows + 0.0).astype(np.float32).ravel()), rows.shape[1])
