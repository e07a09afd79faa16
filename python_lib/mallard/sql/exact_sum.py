"""Sums that are bit-identical for every order of the rows and every number of threads."""

from __future__ import annotations

import math

from mallard.sql.text import double


def exact_sum_sql(expression: str, largest: float) -> str:
    """A sum that adds its terms as 62-bit integers, so that their order changes nothing.

    The sum becomes a double by way of a text: DuckDB's cast of a hugeint can miss the nearest double.

    The macros `mallard.exact_sum` and `mallard.sum_scale` do the same if the largest term isn't known in advance.

    Args:
        largest: upper bound on the absolute values of the terms.
    """
    scale = double(2.0 ** min(1000, 61 - math.frexp(largest)[1]))
    added = f"sum(cast({expression} * {scale} as bigint))"
    return f"(cast(cast({added} as varchar) as double) / {scale})"
