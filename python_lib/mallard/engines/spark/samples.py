"""A sample of the rows of a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mallard.engines.spark.rows import array_of, named, sizes_of
from mallard.engines.spark.session import Session
from mallard.kmeans.points import Floats
from mallard.sql.columns import Scaled
from mallard.sql.samples import shuffled_sample_sql

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def shuffled_sample(relation: DataFrame, columns: Sequence[str], n_rows: int, random_state: int) -> list[Floats]:
    """At most `n_rows` rows with a value in every column, in an order that depends on their values alone.

    Returns:
        For each column, its values, shape (n_drawn,), or (n_drawn, n_positions) of vectors.
    """
    session = Session(relation.sparkSession)
    with named(relation) as view:
        sizes = sizes_of(relation, view)
        scaled = [Scaled(column, sizes.get(column)) for column in columns]
        found = session.arrow(shuffled_sample_sql(view, scaled, n_rows, random_state))
    return [np.asarray(array_of(found[column.name], column.size)) for column in scaled]
