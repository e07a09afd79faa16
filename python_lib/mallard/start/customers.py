"""The SQL file of the customers of a table of orders."""

from __future__ import annotations

from mallard.sql.text import folded, literal
from mallard.start.look import Column, Table
from mallard.start.orders import Orders
from mallard.start.relations import Source, relation_sql
from mallard.start.texts import in_comment, in_jinja, in_sql


def customers_model(entity: str, table: Table, orders: Orders, relation: str | Source) -> str:
    """A model with one row per customer, from their orders."""
    computed, lines = _computed(table, orders), []
    given = relation_sql(relation)
    if computed:
        added = [f"        {expression} as {name}" for name, expression in computed.values()]
        lines = ["{% set orders %}", "(", "    select", "        *,", ",\n".join(added)]
        lines += [f"    from {{{{ {given} }}}}", ")", "{% endset %}", ""]
        given = "orders"
    arguments = {"customer_id": orders.customer_id.name}
    arguments["ordered_at"] = computed["ordered_at"][0] if "ordered_at" in computed else orders.ordered_at.name
    arguments["amount"] = computed["amount"][0] if "amount" in computed else orders.amount[0].name
    if orders.order_id:
        arguments["order_id"] = orders.order_id.name
    calls = [given, *(f"{name}={in_jinja(column)}" for name, column in arguments.items())]
    comments = [
        f"-- One row per {entity}, from the table {in_comment(table.name)}.",
        "-- Days are counted up to that of the last order; as_of='current_date' counts them up to today.",
    ]
    if not orders.order_id:
        comments.append(f"-- Rows of one {entity} at one moment are one order; order_id='<column>' tells orders apart.")
    config = ["{{ config(materialized='table') }}", ""]
    return "\n".join(
        [*comments, *config, *lines, "{{ mallard.rfm(", ",\n".join(f"    {call}" for call in calls), ") }}", ""]
    )


def _computed(table: Table, orders: Orders) -> dict[str, tuple[str, str]]:
    """The name and the SQL of the columns that the table lacks, by the part that they play."""
    computed = {}
    if orders.ordered_at.family != "moment":
        [form] = orders.ordered_at.formats
        text = f"nullif(trim({in_sql(orders.ordered_at.name)}), '')"
        moment = f"strptime({text}, {literal(form)})" if form else f"cast({text} as timestamp)"
        computed["ordered_at"] = (_new_name("ordered_at", table.columns), moment)
    if len(orders.amount) > 1:
        product = " * ".join(in_sql(factor.name) for factor in orders.amount)
        computed["amount"] = (_new_name("amount", table.columns), product)
    return computed


def _new_name(name: str, columns: tuple[Column, ...]) -> str:
    while name in [folded(column.name) for column in columns]:
        name = f"order_{name}"
    return name
