"""Scaled customers in, a table of algorithms out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mallard.errors import MallardError
from mallard.steps.fit import features_by_column, one_at_a_time
from mallard.steps.terminal import is_empty_run, log

if TYPE_CHECKING:
    import pyarrow as pa

    from mallard.engines.engine import Relation

SEGMENT = "segment_id"
"""The column that says which segment a customer is in, if there is one."""


def compare(customers: Relation, prefix: str, meta: Mapping[str, Any] | None) -> pa.Table:
    """Compare algorithms.

    Args:
        customers: one row per customer. Those without a value in a feature, or without a segment, are left out.
        prefix: what precedes a feature's name in the name of its column.
        meta: the settings.

    Returns:
        A table with the schema `mallard.algorithms.table.COMPARISON`, without rows if dbt builds without rows.
    """
    from mallard.algorithms.settings import read_comparison
    from mallard.algorithms.table import COMPARISON, comparison_table

    settings = read_comparison(meta or {})
    if is_empty_run():
        return COMPARISON.empty_table()
    features = features_by_column(customers.columns, prefix)
    with one_at_a_time:
        from mallard import progress
        from mallard.algorithms.compare import compare as compare_rows
        from mallard.engines.engine import shuffled_sample

        with progress.reported(log):
            has_segments = SEGMENT in customers.columns
            columns = [*features, SEGMENT] if has_segments else list(features)
            values = shuffled_sample(customers, columns, settings.max_rows, settings.random_state)
            if not len(values[0]):
                raise MallardError(
                    "there are no customers to compare algorithms on: every row lacks a feature or a segment; check "
                    "what the models before leave out."
                )
            segments = values.pop().astype(np.int64) if has_segments else None
            return comparison_table(compare_rows(np.column_stack(values), segments, settings))
