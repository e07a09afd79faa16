"""Sums that come out the same to the last bit, whatever the order of the rows and the number of threads."""

from __future__ import annotations

import math

from mallard.sql.text import double


def exact_sum_sql(expression: str, largest: float) -> str:
    """A sum whose terms are added as whole numbers of 62 bits, so that their order changes nothing.

    The macros `mallard.exact_sum` and `mallard.sum_scale` do the same where the largest term isn't known beforehand.

    Args:
        largest: no term is larger than this in absolute value.
    """
    scale = double(2.0 ** min(1000, 61 - math.frexp(largest)[1]))
    return f"(cast(sum(cast({expression} * {scale} as bigint)) as double) / {scale})"
