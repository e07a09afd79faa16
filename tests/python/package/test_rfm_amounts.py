"""A huge amount is added to those of its own customer, or of its own reason, and changes no other sum."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from consumer import Consumer, make_consumer

HUGE = [1e16, 1e22, -1e16, -1e300]
AMOUNTS = [12.34, 0.1, 0.2, -7.3, -0.07]
N_LINES = 250


def _lines(huge: float) -> list[tuple[str | None, str | None, float]]:
    """Customer, day and amount: lines of customers and of two reasons, and a huge one of a customer and of a reason."""
    lines: list[tuple[str | None, str | None, float]] = []
    for i in range(N_LINES):
        amount = AMOUNTS[i // 7 % len(AMOUNTS)]
        customer = [f"c{i % 7}", None][i % 7 == 5]
        lines.append((customer, None if i % 7 == 6 else f"2026-01-{1 + i % 28:02}", amount))
    return [*lines, ("c2", "2026-01-31", huge), (None, "2026-01-31", huge)]


def _line_sql(customer: str | None, day: str | None, amount: float) -> str:
    texts = ["null" if text is None else f"'{text}'" for text in (customer, day)]
    return f"({', '.join(texts)}, {amount!r}::double)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with the customers, and with what is left out, of lines with each huge amount."""
    consumer = make_consumer(tmp_path_factory.mktemp("rfm_amounts"))
    for n, huge in enumerate(HUGE):
        values = ", ".join(_line_sql(*line) for line in _lines(huge))
        consumer.write(f"models/lines_{n}.sql", f"select * from (values {values}) as lines(customer_id, day, amount)")
        for macro in ("rfm", "rfm_left_out"):
            call = f"mallard.{macro}(ref('lines_{n}'), 'customer_id', 'day', 'amount')"
            consumer.write(f"models/{macro}_{n}.sql", f"{{{{ {call} }}}}")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    return consumer


@pytest.mark.parametrize("n", range(len(HUGE)))
def test_a_huge_amount_changes_no_other_customer(shop: Consumer, n: int) -> None:
    revenue, returned = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    for customer, day, amount in _lines(HUGE[n]):
        if customer and day:
            (returned if amount < 0 else revenue)[customer] += abs(Decimal(repr(amount)))
    found = shop.query(f"select customer_id, revenue, returned from rfm_{n}")
    assert {customer for customer, *_ in found} == revenue.keys()
    for customer, *sums in found:
        for total, expected in zip(sums, (revenue[customer], returned[customer]), strict=True):
            is_huge = expected > 1e15
            assert total == (pytest.approx(float(expected), rel=1e-15) if is_huge else float(expected)), customer


@pytest.mark.parametrize("n", range(len(HUGE)))
def test_a_huge_amount_changes_no_other_reason(shop: Consumer, n: int) -> None:
    [dates] = [sum(Decimal(repr(amount)) for customer, day, amount in _lines(HUGE[n]) if customer and not day)]
    found = {reason: amount for reason, _, amount in shop.query(f"from rfm_left_out_{n}")}
    assert found == {
        "customer_id is missing": pytest.approx(HUGE[n], rel=1e-13),
        "day is missing": float(dates),
    }
