"""What activity and reviews add to orders and revenue, in the made-up community of integration_tests."""

from __future__ import annotations

import pytest
from consumer import Consumer
from sklearn.metrics import adjusted_rand_score


def _agreement(integrated: Consumer, segments: str, group: str) -> float:
    pairs = integrated.query(f"select segment_id, {group} from {segments} where segment_id is not null")
    return float(adjusted_rand_score(*map(list, zip(*pairs, strict=True))))


def test_segments_find_the_planted_groups_by_what_customers_do_and_write(integrated: Consumer) -> None:
    alike = "replace(replace(planted_group, ' of delivery', ''), ' of price', '')"
    assert _agreement(integrated, "community_segments_without", alike) < 0.5
    assert _agreement(integrated, "community_segments", alike) > 0.9
    assert 0.7 < _agreement(integrated, "community_segments", "planted_group") < 0.9


def test_nobody_is_left_out_because_there_is_nothing_to_see(integrated: Consumer) -> None:
    without_account = integrated.query("select customer_id from community_customers where not has_account order by all")
    excluded = "select customer_id from community_segments where assignment_status = 'excluded' order by all"
    assert integrated.query(excluded) == without_account != []
    silent = "from community_segments where activity_count = 0 and review_count = 0"
    assert integrated.query(f"select distinct assignment_status {silent}") == [("assigned",)]
    [(reason,)] = integrated.query("select distinct status_reason from community_segments where segment_id is null")
    lacking = ("activity_count", "referral_count", "review_count", "rating_balance")
    assert reason == "; ".join(f"{column} is missing" for column in lacking)


@pytest.mark.parametrize("kind", ["activity", "reviews"])
def test_every_event_is_in_a_customer_or_left_out(integrated: Consumer, kind: str) -> None:
    counted = {"activity": "activity_count", "reviews": "review_count"}[kind]
    [(n_events,)] = integrated.query(f"select count(*) from community_{kind}")
    [(n_used,)] = integrated.query(f"select sum({counted}) from community_{kind}_by_customer")
    [(n_left_out,)] = integrated.query(f"select sum(n_rows) from community_events_left_out where events = '{kind}'")
    assert n_events == n_used + n_left_out
    assert n_left_out > 0
