"""Thresholds with as few digits as do."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

LONGEST = 15
"""A decimal number with more digits is written with an exponent, by which SQL takes it for a DOUBLE."""
HALF = Decimal("0.5")
SMALLEST_STEP = -400
"""Below the exponent of the smallest DOUBLE."""


def between(low: float | None, high: float | None) -> float:
    """The number above `low`, and at most `high`, that has the fewest decimals; the one nearest to the middle.

    The fewest decimals may be less than none: 70 has fewer than 71.

    Args:
        low: None if there is no bound.
        high: None if there is no bound; only one of the two can be missing.
    """
    if low is None or high is None:
        known = high if low is None else low
        if known is None:
            raise ValueError("a threshold needs a bound")
        width = max(abs(known), 1.0)
        low, high = (known - width, known) if low is None else (known, known + width)
    lowest, highest = Decimal(low), Decimal(high)
    middle = (lowest + highest) / 2
    for exponent in range(max(lowest.adjusted(), highest.adjusted()) + 1, SMALLEST_STEP, -1):
        step = Decimal(1).scaleb(exponent)
        rounded = (middle / step + HALF).to_integral_value(ROUND_FLOOR) * step
        if lowest < rounded <= highest and low < float(rounded) <= high:
            return float(rounded)
    return high


def digits(threshold: float) -> str:
    """A threshold in SQL: whole numbers without a point, and others as DECIMAL or DOUBLE, with all their digits."""
    if threshold == int(threshold) and abs(threshold) < 10**LONGEST:
        return str(int(threshold))
    text = repr(threshold)
    return text if "e" in text or len(text) <= LONGEST else f"{text}e0"


def said(threshold: float) -> str:
    """A threshold for people, with all its digits and commas between thousands."""
    return f"{threshold:,}".removesuffix(".0")
