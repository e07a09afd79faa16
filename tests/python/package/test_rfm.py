"""From order lines to one row per customer, against pandas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from order_lines import INFINITE, make_order_lines

AS_OF = pd.Timestamp("2025-06-30")
SESSIONS: list[dict[str, Any]] = [
    {"threads": 2},
    {"threads": 1},
    {"threads": 2, "TimeZone": "Pacific/Kiritimati"},
    {"threads": 2, "TimeZone": "America/Los_Angeles", "default_collation": "nocase"},
]
COLUMNS = [
    "last_ordered_on",
    "first_ordered_on",
    "recency_days",
    "orders",
    "revenue",
    "average_order",
    "tenure_days",
    "days_between_orders",
    "returns",
    "returned",
]
LINES = f"""
select
    * replace (
        case when n = {INFINITE} then 'infinity' else moment end as moment,
        cast(price as decimal(18, 2)) as price,
        cast(day as date) as day
    )
from read_parquet('{{file}}')
"""
LOCAL = r"""'(select * replace (timezone(\'Europe/Berlin\', "Zoned moment") as "Zoned moment") from lines)'"""


@dataclass(frozen=True)
class Case:
    """One call of the macros, and the columns of the frame that stand for what they read."""

    ordered_at: str
    amount: str
    more: str = ""
    as_of: pd.Timestamp | None = None
    order_id: str | None = None
    relation: str = "ref('lines')"
    zone: str = "UTC"

    def arguments(self) -> str:
        columns = f"'Customer ID', '{self.ordered_at}', '{self.amount}'"
        return f"{self.relation}, {columns}{', ' + self.more if self.more else ''}"


CASES = {
    "plain": Case("moment", "amount"),
    "with_order_id": Case("moment", "amount", order_id='Order "No."'),
    "as_of_a_day": Case("moment", "amount", "as_of='2025-06-30'", AS_OF, 'Order "No."'),
    "of_fractions": Case("moment", "fraction"),
    "of_days": Case("day", "price", """as_of="date '2025-07-01' - interval 1 day" """, AS_OF),
    "of_zoned_moments": Case("Zoned moment", "price", "as_of='2025-06-30 23:30:00'", AS_OF),
    "of_local_moments": Case("Zoned moment", "amount", relation=LOCAL, zone="Europe/Berlin"),
    "of_texts": Case(
        "moment", "amount", relation="'(select * replace (cast(moment as varchar) as moment) from lines)'"
    ),
    "of_numbers": Case("day", "amount", relation="'(select * replace (n % 500 as \"Customer ID\") from lines)'"),
}


def _moments(lines: pd.DataFrame, case: Case) -> pd.Series[Any]:
    moments = lines[case.ordered_at]
    return moments if moments.dt.tz is None else moments.dt.tz_convert(case.zone).dt.tz_localize(None)


def _reasons(lines: pd.DataFrame, case: Case) -> pd.Series[Any]:
    """Why a row can't be used; missing for one that can."""
    customer, moments = lines["Customer ID"], _moments(lines, case)
    reasons = pd.Series(None, index=lines.index, dtype=object)
    if case.as_of is not None:
        reasons[moments.dt.normalize() > case.as_of] = f"{case.ordered_at} is after as_of"
    reasons[~np.isfinite(lines[case.amount])] = f"{case.amount} is missing"
    reasons[moments.isna()] = f"{case.ordered_at} is missing"
    reasons[customer.isna() | (customer.astype(str).str.strip() == "")] = "Customer ID is missing"
    return reasons


def _expected(lines: pd.DataFrame, case: Case) -> dict[Any, dict[str, Any]]:
    """One row per customer, in plain Python."""
    used = lines[_reasons(lines, case).isna()].assign(moment=lambda x: _moments(x, case))
    as_of = case.as_of if case.as_of is not None else used["moment"].max().normalize()
    rows = {}
    for customer, of_customer in used.groupby("Customer ID"):
        bought = of_customer[of_customer[case.amount] >= 0]
        returned = of_customer.loc[of_customer[case.amount] < 0, case.amount]
        days = bought["moment"].dt.normalize()
        orders = _number_of_orders(bought, case.order_id)
        revenue = _sum(bought[case.amount])
        first, last = days.min(), days.max()
        rows[customer] = {
            "last_ordered_on": None if orders == 0 else last.date(),
            "first_ordered_on": None if orders == 0 else first.date(),
            "recency_days": None if orders == 0 else (as_of - last).days,
            "orders": orders,
            "revenue": revenue,
            "average_order": None if orders == 0 else revenue / orders,
            "tenure_days": None if orders == 0 else (as_of - first).days,
            "days_between_orders": None if orders < 2 else (last - first).days / (orders - 1),
            "returns": len(returned),
            "returned": _sum(-returned),
        }
    return rows


def _sum(amounts: Iterable[float]) -> float:
    """Of the decimals as they are written: 0.1 and 0.2 are 0.3."""
    return float(sum((Decimal(repr(float(amount))) for amount in amounts), Decimal(0)))


def _are_alike(value: Any, expected: Any, case: Case) -> bool:
    """To the last digit, but for amounts with many decimals."""
    if case.amount == "fraction" and isinstance(expected, float):
        return math.isclose(value, expected, rel_tol=1e-13)
    return bool(value == expected)


def _number_of_orders(bought: pd.DataFrame, order_id: str | None) -> int:
    if order_id is None:
        return int(bought["moment"].nunique())
    number = bought[order_id]
    is_known = number.notna() & (number.astype(str).str.strip() != "")
    return int(number[is_known].nunique() + bought.loc[~is_known, "moment"].nunique())


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_order_lines()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, lines: pd.DataFrame) -> Consumer:
    """A project that reads the lines in every way; its models are views, so that a session can be chosen afterwards."""
    consumer = make_consumer(tmp_path_factory.mktemp("rfm"))
    file = consumer.path / "lines.parquet"
    with duckdb.connect() as connection:
        connection.register("frame", lines)
        connection.execute(f"copy frame to '{file}'")
    consumer.write("models/lines.sql", LINES.format(file=file))
    for name, case in CASES.items():
        arguments = case.arguments()
        order = f", order_id='{case.order_id}'" if case.order_id else ""
        first = "-- depends_on: {{ ref('lines') }}\n"
        consumer.write(f"models/{name}.sql", f"{first}{{{{ mallard.rfm({arguments}{order}) }}}}")
        consumer.write(f"models/{name}_left_out.sql", f"{first}{{{{ mallard.rfm_left_out({arguments}) }}}}")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    return consumer


def _query(shop: Consumer, session: dict[str, Any], sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(shop.database, read_only=True) as connection:
        for setting, value in session.items():
            connection.execute(f"set {setting} = '{value}'")
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("name", CASES)
def test_customers_are_those_of_pandas(shop: Consumer, lines: pd.DataFrame, name: str) -> None:
    case = CASES[name]
    frame = lines.assign(**{"Customer ID": lines["n"] % 500}) if name == "of_numbers" else lines
    expected = _expected(frame, case)
    found = shop.query(f'select "Customer ID", {", ".join(COLUMNS)} from {name}')
    assert {customer for customer, *_ in found} == expected.keys()
    assert len(found) == len(expected)
    for customer, *row in found:
        for column, value in zip(COLUMNS, row, strict=True):
            assert _are_alike(value, expected[customer][column], case), (customer, column)


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_out_is_counted_once_and_nothing_is_lost(shop: Consumer, lines: pd.DataFrame, name: str) -> None:
    case = CASES[name]
    frame = lines.assign(**{"Customer ID": lines["n"] % 500}) if name == "of_numbers" else lines
    reasons = _reasons(frame, case)
    found = {reason: rest for reason, *rest in shop.query(f"from {name}_left_out")}
    assert {reason: n for reason, (n, _) in found.items()} == reasons.value_counts().to_dict()
    for reason, (_, amount) in found.items():
        known = frame.loc[(reasons == reason) & np.isfinite(frame[case.amount]), case.amount]
        assert _are_alike(amount, _sum(known) if len(known) else None, case), reason
    assert reasons.isna().sum() + sum(n for n, _ in found.values()) == len(lines)


@pytest.mark.parametrize("name", [*CASES, *(f"{name}_left_out" for name in CASES)])
def test_neither_threads_nor_the_time_zone_nor_the_collation_change_a_bit(shop: Consumer, name: str) -> None:
    found = [sorted(map(repr, _query(shop, session, f"from {name}"))) for session in SESSIONS]
    assert found[0]
    assert found.count(found[0]) == len(SESSIONS)


def test_columns_have_the_types_that_bi_tools_know(shop: Consumer) -> None:
    types = dict(shop.query("select column_name, column_type from (describe as_of_a_day)"))
    assert types == {"Customer ID": "VARCHAR"} | dict.fromkeys(COLUMNS, "BIGINT") | dict.fromkeys(
        ["revenue", "average_order", "days_between_orders", "returned"], "DOUBLE"
    ) | dict.fromkeys(["last_ordered_on", "first_ordered_on"], "DATE")
    assert dict(shop.query("select column_name, column_type from (describe plain_left_out)")) == {
        "reason": "VARCHAR",
        "n_rows": "BIGINT",
        "amount": "DOUBLE",
    }
