"""Rows of an array as customers in DuckDB, for who has no database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import numpy as np
import pyarrow as pa

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans.points import Floats

WEIGHT = "weight"


@contextmanager
def rows_of(features: Floats, weights: Floats | None) -> Iterator[DuckDBRows]:
    """The rows, in a database in memory.

    Args:
        features: shape (n_rows, n_features).
        weights: shape (n_rows,), all above 0; None means 1 for every row.
    """
    names = [f"feature_{place}" for place in range(features.shape[1])]
    columns = {name: np.ascontiguousarray(of_name) for name, of_name in zip(names, features.T, strict=True)}
    if weights is not None:
        columns[WEIGHT] = weights
    with duckdb.connect() as connection:
        relation = connection.from_arrow(pa.table(columns))
        yield DuckDBRows(relation, names, None if weights is None else WEIGHT)
