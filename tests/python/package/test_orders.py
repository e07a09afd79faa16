"""From orders to segments beside the baseline, in the project of integration_tests."""

from __future__ import annotations

import pytest
from consumer import Consumer
from sklearn.metrics import adjusted_rand_score

USABLE = "coalesce(trim(customer_id), '') <> '' and ordered_at < '2026-01-01'"


def test_every_order_line_is_in_a_customer_or_left_out(integrated: Consumer) -> None:
    [(n_lines, revenue)] = integrated.query("select count(*), sum(amount) from orders")
    [(n_used, customers)] = integrated.query(f"select count(*), count(distinct customer_id) from orders where {USABLE}")
    [(n_left_out, left_out)] = integrated.query("select sum(n_rows), sum(amount) from order_lines_left_out")
    [(n_customers, net)] = integrated.query("select count(*), sum(revenue - returned) from order_customers")
    assert (n_lines, n_customers) == (n_used + n_left_out, customers)
    assert float(revenue) == pytest.approx(net + left_out, rel=1e-12)


def test_who_only_returned_is_a_customer_without_a_segment(integrated: Consumer) -> None:
    rows = integrated.query(
        "select assignment_status, status_reason, segment_id, rfm_segment from order_segments "
        "inner join rfm_baseline using (customer_id) where order_segments.orders = 0"
    )
    assert rows == [("excluded", "recency_days is missing", None, None)] * len(rows)
    assert rows


def test_the_baseline_agrees_as_scikit_learn_says(integrated: Consumer) -> None:
    pairs = integrated.query(
        "select segment_id, rfm_segment from order_segments inner join rfm_baseline using (customer_id) "
        "where segment_id is not null and rfm_segment is not null"
    )
    expected = adjusted_rand_score(*map(list, zip(*pairs, strict=True)))
    assert integrated.query("from baseline_agreement") == [(pytest.approx(expected, rel=1e-12), len(pairs))]
    assert 0.2 < expected < 0.8
