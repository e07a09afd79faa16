"""Which of the columns that could play a part plays it."""

from __future__ import annotations

from collections.abc import Callable

from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.start.look import Column, Table


def likeliest(table: Table, likelihood: Callable[[Column], int], part: str, option: str) -> Column | None:
    """The column with the highest likelihood above 0; None if no column has one.

    Args:
        part: what the column would be, such as "the day of an order".
        option: what says so.

    Raises:
        MallardError: several columns are as likely.
    """
    likelihoods = {column: likelihood(column) for column in table.columns}
    highest = max(likelihoods.values(), default=0)
    best = [column for column, one in likelihoods.items() if one == highest]
    if highest <= 0:
        return None
    if len(best) > 1:
        names = listed([column.name for column in best])
        raise MallardError(f"table {table.name}: {names} could each be {part}: say which with {option}.")
    return best[0]
