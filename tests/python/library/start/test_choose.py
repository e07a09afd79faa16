"""What the columns of a table are is found by names, types and values, or asked for."""

from __future__ import annotations

import duckdb
import pytest

from mallard import MallardError
from mallard.engines.duckdb.database import Database
from mallard.start.choose import choose
from mallard.start.entities import Entities
from mallard.start.look import Table, look_at
from mallard.start.options import Options
from mallard.start.orders import Orders

NONE = Options()
MOMENT = "timestamp '2026-01-01 10:00:00' + to_hours(cast(i as integer))"
UCI = """
    select
        cast(536365 + i // 3 as varchar) as "InvoiceNo", 'S' || i % 7 as "StockCode", 'a thing' as "Description",
        i % 9 + 1 as "Quantity", timestamp '2010-12-01 08:26:00' + to_days(cast(i % 50 as integer)) as "InvoiceDate",
        1.25 * (i % 11) as "UnitPrice", cast(17000 + i % 40 as double) as "CustomerID", 'United Kingdom' as "Country"
    from range(300) as t(i)
"""
ONE_ROW_PER_ORDER = """
    select
        i as id, 'u' || i % 30 as user_id, date '2026-01-01' + cast(i % 90 as integer) as order_date,
        date '2026-01-03' + cast(i % 90 as integer) as shipping_date, 10.5 * i as subtotal, 1.5 as tax_amount,
        12.0 * i as order_total, 'open' as status
    from range(200) as t(i)
"""
PEOPLE = """
    select
        i as customer_id, 'p' || i || '@example.com' as email, 'Ann ' || i as "Full Name",
        ['UK', 'DE', 'FR'][i % 3 + 1] as country, case when i % 4 > 0 then 20 + i % 50 end as age,
        100.0 * i as "total spent", date '2025-01-01' + cast(i as integer) as signed_up_on, i % 2 = 0 as newsletter,
        'R' || i % 3 as region_code, i % 8 as number_of_visits, i % 5 as plan_id,
        'note ' || i % 60 as notes, 'shop' as channel, i // 2 as account_no,
        case when i < 10 then i end as score, ['x' || i] as tags, i || '.5' as charges,
        cast(null as integer) as nothing
    from range(100) as t(i)
"""
PRODUCTS = """
    select 'A' || i as product_id, 'Thing ' || i as name, 2.5 * (i % 20) as price, i % 13 as stock
    from range(60) as t(i)
"""


def _table(select: str, name: str = "given", is_seed: bool = False) -> Table:
    with duckdb.connect() as connection:
        connection.execute(f"create table {name} as {select}")
        if is_seed:
            columns = [column for column, *_ in connection.execute(f"describe {name}").fetchall()]
            texts = ", ".join(f'cast("{column}" as varchar) as "{column}"' for column in columns)
            connection.execute(f"create or replace table {name} as select {texts} from {name}")
        return look_at(Database(connection), name, is_seed)


def _orders(table: Table, options: Options = NONE) -> tuple[str, str, str, list[str], str | None]:
    entity, parts = choose(table, options)
    assert isinstance(parts, Orders)
    amount = [column.name for column in parts.amount]
    return entity, parts.customer_id.name, parts.ordered_at.name, amount, parts.order_id and parts.order_id.name


def _entities(table: Table, options: Options = NONE) -> tuple[str, Entities]:
    entity, parts = choose(table, options)
    assert isinstance(parts, Entities)
    return entity, parts


@pytest.mark.parametrize("is_seed", [False, True])
def test_order_lines_without_an_amount_have_quantities_and_prices(is_seed: bool) -> None:
    found = ("customer", "CustomerID", "InvoiceDate", ["Quantity", "UnitPrice"], "InvoiceNo")
    assert _orders(_table(UCI, is_seed=is_seed)) == found


def test_one_row_per_order_has_an_amount_of_its_own() -> None:
    found = ("user", "user_id", "order_date", ["order_total"], "id")
    assert _orders(_table(ONE_ROW_PER_ORDER, "orders")) == found
    assert _orders(_table(ONE_ROW_PER_ORDER, "lines"))[-1] is None


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ("CUSTOMER_ID, ORDER_ID, ORDER_DATE, AMOUNT", ("CUSTOMER_ID", "ORDER_DATE", ["AMOUNT"], "ORDER_ID")),
        ("customerid, orderno, orderdate, totalamount", ("customerid", "orderdate", ["totalamount"], "orderno")),
        ('"Customer ID", "Order ID", "Order Date", "Sales"', ("Customer ID", "Order Date", ["Sales"], "Order ID")),
        ('client, "transaction no", "time", price', ("client", "time", ["price"], "transaction no")),
        ('"a ""buyer""", "user\'s \'id\'", "at", "net"', None),
        ('"the ""buyer""", bill, "created at", "it\'s paid"', None),
        ('"""buyer""", bill, "created at", "it\'s paid"', ('"buyer"', "created at", ["it's paid"], "bill")),
    ],
)
def test_names_are_read_as_people_write_them(columns: str, found: tuple[object, ...] | None) -> None:
    values = "select i % 40, 'o' || i // 2, timestamp '2026-01-01 10:00:00' + to_hours(cast(i as integer)), 1.5 * i"
    with duckdb.connect() as connection:
        connection.execute(f"create view given({columns}) as {values} from range(200) as t(i)")
        table = look_at(Database(connection), "given")
    if found is None:
        with pytest.raises(MallardError, match="--customer-id"):
            choose(table, NONE)
    else:
        assert _orders(table)[1:] == found


@pytest.mark.parametrize(
    ("form", "formats"),
    [
        ("%d/%m/%Y %H:%M", ["%d/%m/%Y %H:%M"]),
        ("%m/%d/%Y", ["%m/%d/%Y"]),
        ("%d.%m.%Y", ["%d.%m.%Y"]),
        ("%d-%b-%Y", ["%d-%b-%Y"]),
        ("%m/%d/%Y %I:%M %p", ["%m/%d/%Y %I:%M %p"]),
        ("%Y-%m-%d %H:%M", [""]),
        ("%Y-%m-%d", []),
        ("%Y-%m-%d %H:%M:%S", []),
    ],
)
def test_dates_that_dbt_would_leave_as_text_have_a_format(form: str, formats: list[str]) -> None:
    day = f"strftime(timestamp '2026-01-01 10:00' + to_days(cast(i as integer)), '{form}')"
    select = f"select i % 30 as customer_id, {day} as ordered_on, 1.5 as amount from range(100) as t(i)"
    table = _table(select, is_seed=True)
    assert _orders(table)[2] == "ordered_on"
    assert list(table.column("ordered_on", "").formats) == formats


def test_dates_that_can_be_read_in_two_ways_are_refused() -> None:
    table = _table("select i % 5 as customer_id, '03/04/2026' as date, 1.5 as amount from range(20) as t(i)")
    with pytest.raises(MallardError, match="texts in date are dates in each of the formats %d/%m/%Y, %m/%d/%Y: make i"):
        choose(table, NONE)


@pytest.mark.parametrize("is_seed", [False, True])
def test_customers_are_compared_by_numbers_and_categories_that_vary(is_seed: bool) -> None:
    entity, found = _entities(_table(PEOPLE, is_seed=is_seed))
    assert (entity, found.id.name) == ("customer", "customer_id")
    numbers = ["charges"] if is_seed else []
    varying = ["country", "age", "total spent", "newsletter", "region_code", "number_of_visits"]
    assert found.features == [*varying, *numbers]
    reasons = {
        "email": "says who somebody is",
        "Full Name": "says who somebody is",
        "signed_up_on": "is a date: the days since then would be a number",
        "notes": "has 60 different texts",
        "channel": "is the same in all rows",
        "plan_id": "looks like an id",
        "account_no": "looks like an id",
        "score": "has no value in 90% of the rows",
        "tags": "has 100 different texts" if is_seed else "is neither a number nor a category",
        "charges": "is text, though it has numbers: a cast would make it a feature",
        "nothing": "has no value",
    }
    assert found.left_out == {name: reason for name, reason in reasons.items() if name not in numbers}
    assert (found.value, found.personal, found.n_incomplete) == ("total spent", ["email", "Full Name"], {"age": 25})


def test_products_are_called_so_and_their_names_are_nobodys() -> None:
    entity, found = _entities(_table(PRODUCTS))
    assert (entity, found.id.name, found.features) == ("product", "product_id", ["price", "stock"])
    assert (found.value, found.personal, found.left_out) == (None, [], {"name": "has 60 different texts"})
    assert _entities(_table(PRODUCTS), Options(entity="sku"))[0] == "sku"


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        (["price", "units_sold", "return_rate", "revenue"], "revenue"),
        (["list_price", "total_revenue"], "total_revenue"),
        (["price", "revenue_12m"], "revenue_12m"),
        (["net", "average_order_value", "Total Spent", "sales"], "Total Spent"),
        (["sales_price", "gross_price", "units_sold"], None),
        (["number_of_sales", "avg_revenue", "revenue_per_visit", "paid"], "paid"),
        (["visits", "average_basket_value"], None),
    ],
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_row_is_worth_what_was_paid_in_all_and_no_price(
    columns: list[str], value: str | None, is_reversed: bool
) -> None:
    if is_reversed and value == "Total Spent":
        columns, value = columns[::-1], "sales"
    elif is_reversed:
        columns = columns[::-1]
    numbers = ", ".join(f'1.5 * (i + {i}) as "{column}"' for i, column in enumerate(columns))
    _, found = _entities(_table(f"select 'A' || i as product_id, {numbers} from range(60) as t(i)"))
    assert (found.features, found.value) == (columns, value)


def test_a_table_called_after_customers_has_one_in_each_row() -> None:
    select = "select i as id, i % 20 as account_id, now() as created_at, 2.5 * i as revenue from range(100) as t(i)"
    assert _entities(_table(select, "customers"))[0] == "customer"
    assert _orders(_table(select, "sales"))[:2] == ("account", "account_id")


@pytest.mark.parametrize(
    ("name", "columns", "found"),
    [
        (
            "charges",
            f'i as id, {MOMENT} as "Created (UTC)", i as "Amount", 0 as "Amount Refunded", i % 9 as "Customer ID"',
            ("customer", "Customer ID", "Created (UTC)", ["Amount"], None),
        ),
        (
            "shop_orders",
            f'i as "Id", \'a\' || i % 9 as "Email", {MOMENT} as "Created at", i as "Subtotal", 2 * i as "Total"',
            ("customer", "Email", "Created at", ["Total"], None),
        ),
        (
            "raw_orders",
            f"i as id, i % 9 as client_id, {MOMENT} as placed_at, {MOMENT} as delivered_at, 1.5 * i as paid",
            ("client", "client_id", "placed_at", ["paid"], "id"),
        ),
        (
            "cdnow",
            "i % 9 as customer_id, 19970101 + i % 28 as date, i % 5 as quantity, 1.5 * i as price",
            ("customer", "customer_id", "date", ["quantity", "price"], None),
        ),
    ],
)
def test_tables_of_shops_are_read(name: str, columns: str, found: tuple[object, ...]) -> None:
    assert _orders(_table(f"select {columns} from range(90) as t(i)", name)) == found


def test_vectors_are_compared_where_there_is_nothing_else() -> None:
    vector = "[i, 2.5 * i]::float[2] as vector"
    entity, found = _entities(_table(f"select i as id, {vector} from range(90) as t(i)", "raw_old_pictures"))
    assert (entity, found.features, found.left_out) == ("old picture", ["vector"], {})
    _, found = _entities(
        _table(f"select i as id, 1950 + i % 50 as birth_year, {vector} from range(90) as t(i)", "users")
    )
    assert (found.features, found.personal) == (["birth_year"], [])
    assert found.left_out == {"vector": "is a vector, and can't be weighed against numbers"}


def test_options_say_what_names_do_not() -> None:
    days = "date '2026-01-01' + cast(i as integer)"
    select = f"select i % 9 as who, {days} as a, i as b, 'n' || i as c from range(90) as t(i)"
    with pytest.raises(MallardError, match="table given has no column that looks like an id, with another value in ev"):
        choose(_table(select), NONE)
    assert _orders(_table(select), Options("WHO", "a", "b", "c")) == ("who", "who", "a", ["b"], "c")
    entity, found = _entities(_table(select), Options(customer_id="b", entity="house"))
    assert (entity, found.id.name, found.features) == ("house", "b", ["who"])


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (
            "i % 3 as customer_id, now() as at, 2.5 as x",
            Options("y"),
            "--customer-id is y, but given has no such column",
        ),
        (
            "i % 3 as customer_id, i % 4 as client_id",
            NONE,
            "customer_id, client_id could each be the customer's id: say",
        ),
        ("i % 3 as customer_id, 2.5 as amount", NONE, "no column looks like a date: name that of the day of the order"),
        (
            "i % 3 as customer_id, now() as at",
            NONE,
            "no column looks like an amount of money: name that of the amount w",
        ),
        (
            "i % 3 as customer_id, now() as sold_at, now() as ordered_at, i as amount",
            NONE,
            "sold_at, ordered_at could each be the day of the order: say which with --ordered-at",
        ),
        (
            "i % 3 as customer_id, now() as at, i as amount, i as total",
            NONE,
            "amount, total could each be the amount of the order: say which with --amount",
        ),
        ("i as order_id, now() as at, i as amount", NONE, "is of orders, but no column looks like the customer's id"),
        (
            "i % 3 as x, now() as at, i as y",
            Options(amount="y"),
            "is of orders, but no column looks like the customer's",
        ),
        ("i % 3 as id, i as x", Options("id"), "no column looks like a date"),
        ("i as id, 'x' as x", NONE, "has nothing to compare rows by besides id: x is the same in all rows"),
        ("i as x, 'x' as y", Options("y"), "no column looks like a date"),
        (
            "'a' as client, now() as at, 'b' as y",
            Options(amount="y"),
            "y isn't a number: name another column with --am",
        ),
        ("'a' as client, 'b' as day, 1 as x", Options(ordered_at="day"), "day isn't a date: name another column with"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_would_tell(columns: str, options: Options, message: str) -> None:
    with pytest.raises(MallardError) as refusal:
        choose(_table(f"select {columns} from range(90) as t(i)"), options)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(MallardError, match="table given has no rows: name one that has"):
        _table("select 1 as id where false")
