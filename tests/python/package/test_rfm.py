"""From order lines to one row per customer, against pandas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer

N_LINES = 50_000
AS_OF = pd.Timestamp("2025-06-30")
INFINITE = 17
"""The row whose date is infinite."""
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


@dataclass(frozen=True)
class Case:
    """One call of the macros, and the columns of the frame that stand for what they read."""

    ordered_at: str
    amount: str
    more: str = ""
    as_of: pd.Timestamp | None = None
    order_id: str | None = None
    relation: str = "ref('lines')"

    def arguments(self) -> str:
        columns = f"'Customer ID', '{self.ordered_at}', '{self.amount}'"
        return f"{self.relation}, {columns}{', ' + self.more if self.more else ''}"


CASES = {
    "plain": Case("moment", "amount"),
    "with_order_id": Case("moment", "amount", order_id='Order "No."'),
    "as_of_a_day": Case("moment", "amount", "as_of='2025-06-30'", AS_OF, 'Order "No."'),
    "of_days": Case("day", "price", """as_of="date '2025-07-01' - interval 1 day" """, AS_OF),
    "of_zoned_moments": Case("Zoned moment", "price", "as_of='2025-06-30 23:30:00'", AS_OF),
    "of_texts": Case(
        "moment", "amount", relation="'(select * replace (cast(moment as varchar) as moment) from lines)'"
    ),
    "of_numbers": Case("day", "amount", relation="'(select * replace (n % 700 as \"Customer ID\") from lines)'"),
}


def _lines() -> pd.DataFrame:
    """Lines of orders with everything that is wrong with orders."""
    rng = np.random.default_rng(7)
    customer = rng.integers(0, 1500, N_LINES)
    lines = pd.DataFrame({"n": np.arange(N_LINES)})
    ids = np.char.add(np.where(customer % 2, "c-", "C-"), (customer // 2).astype(str)).astype(object)
    ids[rng.random(N_LINES) < 0.02] = None
    ids[rng.random(N_LINES) < 0.01] = ""
    ids[rng.random(N_LINES) < 0.01] = " \t\u00a0"
    lines["Customer ID"] = ids
    order = lines.index.to_numpy() // 3
    days = customer % 400 + rng.integers(0, 200, N_LINES)[order]
    seconds = rng.integers(0, 86_400, N_LINES)[order]
    moment = pd.Timestamp("2024-03-01") + pd.to_timedelta(days, unit="D") + pd.to_timedelta(seconds, unit="s")
    lines["moment"] = pd.Series(moment).mask(rng.random(N_LINES) < 0.01)
    lines.loc[INFINITE, "moment"] = pd.NaT
    amount = np.round(rng.lognormal(3, 1.5, N_LINES), 2)
    amount[rng.random(N_LINES) < 0.05] *= -1
    amount[rng.random(N_LINES) < 0.03] = 0
    amount[customer % 100 == 3] = -7.3
    for wrong in (np.nan, np.inf, -np.inf):
        amount[rng.random(N_LINES) < 0.005] = wrong
    lines["amount"] = amount
    lines["price"] = np.where(np.isfinite(amount), amount, np.nan)
    lines["day"] = lines["moment"].dt.normalize()
    lines["Zoned moment"] = lines["moment"].dt.tz_localize("UTC")
    number = pd.Series(np.char.add("O-", (order % 5000).astype(str)).astype(object))
    lines['Order "No."'] = number.mask(rng.random(N_LINES) < 0.02).mask(rng.random(N_LINES) < 0.02, " ")
    return lines


def _moments(lines: pd.DataFrame, case: Case) -> pd.Series[Any]:
    moments = lines[case.ordered_at]
    return moments if moments.dt.tz is None else moments.dt.tz_convert(None)


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
        revenue = math.fsum(bought[case.amount])
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
            "returned": -math.fsum(returned),
        }
    return rows


def _number_of_orders(bought: pd.DataFrame, order_id: str | None) -> int:
    if order_id is None:
        return int(bought["moment"].nunique())
    number = bought[order_id]
    is_known = number.notna() & (number.astype(str).str.strip() != "")
    return int(number[is_known].nunique() + bought.loc[~is_known, "moment"].nunique())


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return _lines()


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
    frame = lines.assign(**{"Customer ID": lines["n"] % 700}) if name == "of_numbers" else lines
    expected = _expected(frame, case)
    found = shop.query(f'select "Customer ID", {", ".join(COLUMNS)} from {name}')
    assert {customer for customer, *_ in found} == expected.keys()
    assert len(found) == len(expected)
    for customer, *row in found:
        for column, value in zip(COLUMNS, row, strict=True):
            of_pandas = expected[customer][column]
            assert value == (pytest.approx(of_pandas, rel=1e-12) if isinstance(value, float) else of_pandas), column


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_out_is_counted_once_and_nothing_is_lost(shop: Consumer, lines: pd.DataFrame, name: str) -> None:
    case = CASES[name]
    frame = lines.assign(**{"Customer ID": lines["n"] % 700}) if name == "of_numbers" else lines
    reasons = _reasons(frame, case)
    found = {reason: rest for reason, *rest in shop.query(f"from {name}_left_out")}
    assert {reason: n for reason, (n, _) in found.items()} == reasons.value_counts().to_dict()
    for reason, (_, amount) in found.items():
        known = frame.loc[(reasons == reason) & np.isfinite(frame[case.amount]), case.amount]
        assert amount == (pytest.approx(math.fsum(known), rel=1e-12) if len(known) else None)
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
