"""Numbers, formatted for people."""

from __future__ import annotations

from math import isnan


def figure(value: float | None) -> str:
    """Format a number with about three digits and commas between thousands; an empty string for None or NaN."""
    if value is None or isnan(value):
        return ""
    size = abs(value)
    decimals = 0 if size >= 1000 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{decimals}f}" if size >= 0.1 or value == 0 else f"{value:.2g}"


def percent(share: float | None) -> str:
    """Format a share in percent, with a decimal below ten; an empty string for None or NaN."""
    if share is None or isnan(share):
        return ""
    return f"{share:.0%}" if abs(share) >= 0.0995 or share == 0 else f"{share:.1%}"
