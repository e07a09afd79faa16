"""Whether a table is of orders or of customers."""

from __future__ import annotations

from mallard.errors import MallardError
from mallard.inputs.values import listed
from mallard.start.entities import Entities, entities_in, entity_of, id_of
from mallard.start.look import Table
from mallard.start.options import Options
from mallard.start.orders import Orders, customer_of, orders_in
from mallard.start.words import CUSTOMER, ORDER, words_of, words_of_table


def choose(table: Table, options: Options) -> tuple[str, Orders | Entities]:
    """What a row of the segmentation is called, and which parts the columns play.

    In a table of orders, the customer's id repeats. A table with a row for each customer, or anything else, has an id
    that doesn't.

    Raises:
        MallardError: the names and values of the columns don't tell; the message names the option that does.
    """
    customer = None if _is_of_customers(table, options) else customer_of(table, options)
    if customer and (options.are_of_orders or not customer.is_unique):
        return entity_of(customer, ["customer"], options), orders_in(table, customer, options)
    if options.are_of_orders:
        raise _without_customer(table)
    row = id_of(table, options)
    entity = entity_of(row, words_of_table(table.name), options)
    if entity in ORDER and not (options.entity or options.customer_id):
        raise _without_customer(table)
    return entity, entities_in(table, row, entity)


def _is_of_customers(table: Table, options: Options) -> bool:
    """Whether a table is called after customers and has an id of its own: other ids say nothing about its rows."""
    is_called_so = bool(set(words_of_table(table.name)) & CUSTOMER)
    has_id = any(words_of(column.name) == ["id"] and column.is_unique for column in table.columns)
    return is_called_so and has_id and not options.customer_id and not options.are_of_orders


def _without_customer(table: Table) -> MallardError:
    return MallardError(
        f"table {table.name} is of orders, but no column looks like the customer's id: name it with --customer-id, one "
        f"of {listed([column.name for column in table.columns])}."
    )
