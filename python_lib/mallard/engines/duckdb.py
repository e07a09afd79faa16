"""Points out of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mallard.compression import distinct_points_sql
from mallard.points import WeightedPoints

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


def read_points(relation: DuckDBPyRelation, columns: Sequence[str]) -> WeightedPoints:
    """The distinct rows of some columns, weighted by how often they occur; NULL becomes NaN."""
    points = relation.query("customers", distinct_points_sql("customers", columns))
    assert points is not None  # as it would be for a statement without a result
    found = points.fetchnumpy()
    coordinates = [np.ma.filled(np.ma.asarray(found[column], dtype=np.float64), np.nan) for column in columns]
    return WeightedPoints(np.column_stack(coordinates), found["n_rows"].astype(np.float64))
