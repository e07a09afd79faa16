"""A sample of the rows of a relation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mallard.engines.duckdb.rows import TABLE, scaled_columns, values_of
from mallard.kmeans.points import Floats
from mallard.sql.samples import shuffled_sample_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


def shuffled_sample(relation: DuckDBPyRelation, columns: Sequence[str], n_rows: int, random_state: int) -> list[Floats]:
    """At most `n_rows` rows with a value in every column, in an order that depends on their values alone.

    Returns:
        For each column, its values, shape (n_drawn,), or (n_drawn, n_positions) of arrays.
    """
    found = relation.query(TABLE, shuffled_sample_sql(TABLE, scaled_columns(relation, columns), n_rows, random_state))
    assert found is not None  # None only for statements without a result
    return [np.asarray(values_of(column.combine_chunks())) for column in found.to_arrow_table().columns]
