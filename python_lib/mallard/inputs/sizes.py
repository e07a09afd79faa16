"""How large the numbers of a table are: beyond some size, sums of them or of their squares overflow."""

from __future__ import annotations

from mallard.inputs.columns import Query
from mallard.inputs.settings import Settings
from mallard.sql.text import double, quoted

LARGEST_SUMMED = 1e280
"""What remains to the largest DOUBLE is enough for any weight and for 10^15 rows."""
LARGEST_SQUARED = 1e140
"""The square of anything larger can't be summed."""
UNBOUNDED = {"double", "bignum"}
"""The types whose numbers may be too large to be squared."""


def check_value(settings: Settings, used: str, query: Query) -> None:
    """Refuse a column of the value of which there is no sum.

    Args:
        used: what follows `from` in a query for the customers who get a segment.
    """
    if settings.value_column is None:
        return
    [(largest,)] = query(f"select {largest_sql(settings.value_column)} from {used}")
    if largest is None:
        raise settings.refusal(
            "value_column",
            f"none of the {settings.rows.many} who get a segment has a value in it; fill it in the select, or remove "
            "the setting",
        )
    if largest > LARGEST_SUMMED:
        raise settings.refusal(
            "value_column",
            f"it goes up to {largest:g}, too large to be summed; make it null in the select if it stands for a missing "
            "value, or use another unit",
        )


def in_range_sql(number: str, above: float | None) -> str:
    """SQL that says of a number whether a fit takes it: also of an infinite one, and of NaN, which it doesn't.

    Args:
        above: what it has to be above; None if there is no such bound.
    """
    is_small = f"abs({number}) <= {double(LARGEST_SQUARED)}"
    return is_small if above is None else f"{number} > {double(above)} and {is_small}"


def largest_sql(column: str) -> str:
    """The size of the largest number, of those that are finite; infinite if one of them is larger than any DOUBLE."""
    name = quoted(column)
    number = f"try_cast({name} as double)"
    return (
        f"case when count({name}) > count({number}) then 'inf'::double "
        f"else max(abs({number})) filter (isfinite({number})) end"
    )
