"""Which columns of a table of orders are the customer, the moment, the amount and the order."""

from __future__ import annotations

from dataclasses import dataclass

from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.start.likeliest import likeliest
from mallard.start.look import IDS, NUMBERS, Column, Table
from mallard.start.options import Options
from mallard.start.words import (
    CUSTOMER,
    EMAIL,
    ID,
    MOMENT,
    MONEY,
    NOT_ORDERED,
    ORDER,
    ORDERED,
    PRICE,
    QUANTITY,
    likeness_to_money,
    words_of,
    words_of_table,
)


@dataclass(frozen=True)
class Orders:
    """The parts that columns play.

    Attributes:
        amount: the column of it, or those of quantity and price, whose product it is.
        order_id: what tells orders apart; None if nothing does.
    """

    customer_id: Column
    ordered_at: Column
    amount: tuple[Column, ...]
    order_id: Column | None


def customer_of(table: Table, options: Options) -> Column | None:
    """The column that says who a row is about; None if no name says so."""
    if options.customer_id:
        return table.column(options.customer_id, "--customer-id")
    return likeliest(table, lambda column: _like_a_customer(table, column), "the customer's id", "--customer-id")


def orders_in(table: Table, customer_id: Column, options: Options) -> Orders:
    """The parts that the columns of a table of orders play.

    Raises:
        MallardError: it has no moment or no amount, or can't be told which column it is.
    """
    ordered_at = _ordered_at(table, options)
    return Orders(customer_id, ordered_at, _amount(table, options), _order_id(table, options, customer_id))


def _like_a_customer(table: Table, column: Column) -> int:
    words = set(words_of(column.name))
    if words & EMAIL and words <= EMAIL | CUSTOMER:
        return 1 if set(words_of_table(table.name)) & set(ORDER) else 0
    if not words & CUSTOMER or not words <= CUSTOMER | ID or column.family not in IDS:
        return 0
    # Beside an id with another value in every row, ids that repeat are of something else, such as an account.
    return 4 if column.is_unique else 3 if words & ID else 2


def _ordered_at(table: Table, options: Options) -> Column:
    if options.ordered_at:
        column = table.column(options.ordered_at, "--ordered-at")
    else:
        found = likeliest(table, _like_the_moment, "the day of the order", "--ordered-at")
        if found is None:
            raise _missing(table, "a date", "the day of the order", "--ordered-at")
        column = found
    if column.family == "moment" or len(column.formats) == 1:
        return column
    if column.formats:
        raise MallardError(
            f"table {table.name}: the texts in {column.name} are dates in each of the formats "
            f"{listed(column.formats)}: make it a DATE in the table."
        )
    raise MallardError(f"table {table.name}: {column.name} isn't a date: name another column with --ordered-at.")


def _like_the_moment(column: Column) -> int:
    words = set(words_of(column.name))
    if column.family != "moment" and not column.formats:
        return 0
    if words & NOT_ORDERED:
        return 1
    return 3 if words & ORDERED else 2 if words & MOMENT or column.family == "moment" else 1


def _amount(table: Table, options: Options) -> tuple[Column, ...]:
    if options.amount:
        column = table.column(options.amount, "--amount")
        if column.family not in NUMBERS:
            raise MallardError(f"table {table.name}: {column.name} isn't a number: name another column with --amount.")
        return (column,)
    quantity = next((column for column in table.columns if _is_number_called(column, QUANTITY)), None)
    found = likeliest(table, _like_the_amount, "the amount of the order", "--amount")
    prices = [column for column in table.columns if _is_number_called(column, {PRICE})]
    if quantity and len(prices) == 1 and found in (None, *prices):
        return (quantity, prices[0])
    if found is None:
        raise _missing(table, "an amount of money", "the amount", "--amount")
    return (found,)


def _is_number_called(column: Column, words: frozenset[str] | set[str]) -> bool:
    return column.family in NUMBERS and bool(set(words_of(column.name)) & words)


def _like_the_amount(column: Column) -> int:
    return likeness_to_money(column.name, [*MONEY, frozenset({PRICE})]) if column.family in NUMBERS else 0


def _order_id(table: Table, options: Options, customer_id: Column) -> Column | None:
    if options.order_id:
        return table.column(options.order_id, "--order-id")
    of_order = [column for column in table.columns if column != customer_id and _is_order_id(table, column)]
    return min(of_order, key=lambda column: _rank(words_of(column.name)), default=None)


def _is_order_id(table: Table, column: Column) -> bool:
    """Whether a column tells orders apart: by its name, or as the id of a table that is called after orders."""
    words = set(words_of(column.name))
    if column.family not in IDS or not words <= ID | set(ORDER):
        return False
    return bool(words & set(ORDER)) or (column.is_unique and words == {"id"} and _is_of_orders(table))


def _is_of_orders(table: Table) -> bool:
    return set(words_of_table(table.name)) <= set(ORDER)


def _rank(words: list[str]) -> int:
    return next((i for i, word in enumerate(ORDER) if word in words), len(ORDER))


def _missing(table: Table, what: str, part: str, option: str) -> MallardError:
    names = listed([column.name for column in table.columns])
    return MallardError(
        f"table {table.name} has several rows for a customer, so it should be of orders, but no column looks like "
        f"{what}: name that of {part} with {option}, one of {names}."
    )
