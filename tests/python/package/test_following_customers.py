"""A snapshot of a segmentation holds the changes of customers, and says who was in a segment on a day."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import duckdb
from consumer import Consumer

SPANS = """
select customer_id, segment_id, dbt_valid_to is null as is_open
from shop_customers_over_time
order by customer_id, dbt_valid_from
"""
SEGMENTS = "select customer_id, segment_id from shop_segments order by customer_id"
MEMBERS = "select customer_id, segment_id from shop_members_on_a_day order by customer_id"


def built(project: Consumer, *arguments: str) -> None:
    result = project.dbt("build", "--select", "+shop_segments+", *arguments)
    assert result.returncode == 0, result.stdout


def with_a_day_gone_by(project: Consumer) -> None:
    with duckdb.connect(project.database) as connection:
        connection.execute("update shop_segments set segment_changed_at = segment_changed_at - interval 1 day")
        connection.execute("update shop_customers_over_time set dbt_valid_from = dbt_valid_from - interval 1 day")


def with_changed_customers(project: Consumer) -> None:
    """One does what another does, one has left, and one is new."""
    file = project.path / "seeds" / "shop_customers.csv"
    rows = list(csv.DictReader(file.read_text().splitlines()))
    known = {row["customer_id"]: row for row in rows}
    known["c-052"] |= {name: known["c-012"][name] for name in ("plan", "is_member", "orders", "revenue")}
    rows.remove(known["c-035"])
    rows.append(known["c-037"] | {"customer_id": "c-999"})
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_a_snapshot_holds_real_changes_only(integrated_copy: Consumer) -> None:
    first = integrated_copy.query(SEGMENTS)
    assert integrated_copy.query(SPANS) == [(*row, True) for row in first]
    with_a_day_gone_by(integrated_copy)
    built(integrated_copy, "--full-refresh")
    assert integrated_copy.query("select max(version) from shop_segments__versions") == [(2,)]
    assert integrated_copy.query(SPANS) == [(*row, True) for row in first]

    with_changed_customers(integrated_copy)
    built(integrated_copy)
    segments = dict(first)
    expected = [(*row, row[0] not in ("c-052", "c-035")) for row in first]
    expected += [("c-052", segments["c-012"], True), ("c-999", segments["c-037"], True)]
    assert sorted(integrated_copy.query(SPANS)) == sorted(expected)
    assert integrated_copy.query("select from_segment_name <> to_segment_name, part, n_customers from shop_moves") == [
        (True, "behaviour", 1)
    ]

    in_a_segment = [row for row in integrated_copy.query(SEGMENTS) if row[1] is not None]
    assert integrated_copy.query(MEMBERS) == in_a_segment
    yesterday = date.today() - timedelta(days=1)
    built(integrated_copy, "--vars", f"{{day: {yesterday}}}")
    assert integrated_copy.query(MEMBERS) == [row for row in first if row[1] is not None]
