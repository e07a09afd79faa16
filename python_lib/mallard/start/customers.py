"""The SQL file of the customers of a table of orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mallard.sql.text import folded, literal
from mallard.start.look import Column, Table
from mallard.start.orders import Orders
from mallard.start.relations import Source, relation_sql
from mallard.start.texts import in_comment, in_jinja, in_sql


def customers_model(entity: str, table: Table, orders: Orders, relation: str | Source) -> str:
    """A model with one row per customer, from their orders."""
    computed = _computed(table, orders)
    names = {
        "customer_id": orders.customer_id.name,
        "ordered_at": orders.ordered_at.name,
        "amount": orders.amount[0].name,
        **({"order_id": orders.order_id.name} if orders.order_id else {}),
        **{part: name for part, (name, _) in computed.items()},
    }
    given = relation_sql(relation)
    arguments = ["orders" if computed else given, *(f"{part}={in_jinja(name)}" for part, name in names.items())]
    lines = [
        f"-- One row per {entity}, from the table {in_comment(table.name)}.",
        *_comments(entity, orders),
        "{{ config(materialized='table') }}",
        "",
        *(_with_computed(given, computed.values()) if computed else []),
        "{{ mallard.rfm(",
        ",\n".join(f"    {argument}" for argument in arguments),
        ") }}",
        "",
    ]
    return "\n".join(lines)


def _comments(entity: str, orders: Orders) -> list[str]:
    lines = ["-- Days are counted up to that of the last order; as_of='current_date' counts them up to today."]
    if len(orders.amount) > 1:
        price = in_comment(orders.amount[-1].name)
        lines.append(f"-- {price} is taken for that of one piece; if it is of the row, it is the amount.")
    if not orders.order_id:
        lines.append(f"-- Rows of one {entity} at one moment are one order; order_id='<column>' tells orders apart.")
    return lines


def _computed(table: Table, orders: Orders) -> dict[str, tuple[str, str]]:
    """The name and the SQL of the columns that the table lacks, by the part that they play."""
    computed = {}
    if orders.ordered_at.family != "moment":
        computed["ordered_at"] = (_new_name("ordered_at", table.columns), _moment(orders.ordered_at))
    if len(orders.amount) > 1:
        product = " * ".join(in_sql(factor.name) for factor in orders.amount)
        computed["amount"] = (_new_name("amount", table.columns), product)
    return computed


def _moment(column: Column) -> str:
    """SQL of the moment that a text or a whole number is."""
    name, [form] = in_sql(column.name), column.formats
    text = f"cast({name} as varchar)" if column.family == "whole" else f"nullif(trim({name}), '')"
    return f"strptime({text}, {literal(form)})" if form else f"cast({text} as timestamp)"


def _new_name(name: str, columns: Sequence[Column]) -> str:
    while name in [folded(column.name) for column in columns]:
        name = f"order_{name}"
    return name


def _with_computed(given: str, computed: Iterable[tuple[str, str]]) -> list[str]:
    """A subquery that adds columns to a table, as the variable `orders` of Jinja."""
    added = ",\n".join(f"        {expression} as {name}" for name, expression in computed)
    lines = ["{% set orders %}", "(", "    select", "        *,", added, f"    from {{{{ {given} }}}}", ")"]
    return [*lines, "{% endset %}", ""]
