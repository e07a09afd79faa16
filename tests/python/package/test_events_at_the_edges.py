"""Events that are few, none or not there yet, and settings that can't be meant."""

from __future__ import annotations

import pytest
from consumer import Consumer, make_consumer

EVENTS = """
{{ config(materialized='table') }}
select * from (
    values
        ('a', date '2026-01-31', 'post', 4, 'Good.'),
        ('a', date '2026-01-31', 'Like', 5, null),
        ('b', date '2025-12-31', 'like', 1, 'Bad.')
) as events ("at", "When", kind, rating, text)
"""
COLUMNS = "customer_id='at', at='When'"
POST = "kind='kind', kinds=['post']"
NONE = "'(select * from ' ~ ref('events') ~ ' where false)'"
ONE = "'(select * from ' ~ ref('events') ~ \" where kind = 'post')\""
MANY = '\'(select n as "at", current_date as "When", n as kind from range(51) as t(n))\''
RIGHT = {
    "of_nothing": f"activity({NONE}, {COLUMNS}, kind='kind')",
    "of_no_reviews": f"review_features({NONE}, {COLUMNS}, rating='rating', text='text')",
    "of_observed_nothing": f"activity({NONE}, {COLUMNS}, {POST}, customers=ref('people'))",
    "of_unwritten_reviews": (
        f"review_features({NONE}, {COLUMNS}, rating='rating', text='text', customers=ref('people'))"
    ),
    "of_one": f"activity({ONE}, {COLUMNS}, kind='kind')",
    "of_any_kind": f"activity(ref('lower_case'), {COLUMNS}, kind='kind')",
    "of_the_same_names": "review_features(ref('events'), customer_id='AT', at='when', rating='Rating')",
    "of_whole_numbers": 'activity(\'(select 7 as "at", current_date as "When", 1 as kind)\', '
    f"{COLUMNS}, kind='kind', customers='(select \\'7\\' as at)', as_of='current_date')",
}
REFUSED = {
    "activity_at": (
        "activity(ref('events'), customer_id='at', at='day', kind='kind')",
        'at is "day": events has no such column; name one of at, When, kind, rating, text',
    ),
    "activity_without_kind": (f"activity(ref('events'), {COLUMNS})", "kind is null: give the name of a column"),
    "activity_customers": (
        f"activity(ref('events'), {COLUMNS}, {POST}, customers=7)",
        "customers is 7: give ref('orders'), a source, or a query in brackets",
    ),
    "activity_customers_id": (
        f"activity(ref('events'), {COLUMNS}, {POST}, customers=ref('others'))",
        'customer_id is "at": others has no such column; name one of id',
    ),
    "activity_kinds_alike": (
        f"activity(ref('events'), {COLUMNS}, kind='kind')",
        'kind is "like": other columns begin with this name; call the kind something else in a query',
    ),
    "activity_kinds_named_alike": (
        f"activity(ref('events'), {COLUMNS}, kind='kind', kinds=['post', 'Activity'])",
        'kinds is "Activity": other columns begin with this name; call the kind something else in a query',
    ),
    "activity_kinds_text": (
        f"activity(ref('events'), {COLUMNS}, kind='kind', kinds='post')",
        "kinds is \"post\": list the kinds as texts, such as ['post', 'like']",
    ),
    "activity_kinds_none": (
        f"activity_left_out(ref('events'), {COLUMNS}, kind='kind', kinds=[])",
        "kinds is []: list the kinds as texts, such as ['post', 'like']",
    ),
    "activity_kinds_of_many": (
        f"activity({MANY}, {COLUMNS}, kind='kind')",
        'kind is "kind": it has more than 50 different values; name those that count in kinds',
    ),
    "activity_kinds_of_a_cte": (
        f"activity('these', {COLUMNS}, kind='kind')",
        "kinds is null: the events can't be read before the model runs; name the kinds, such as ['post', 'like']",
    ),
    "activity_period": (
        f"activity(ref('events'), {COLUMNS}, {POST}, period_days=0)",
        "period_days is 0: give a whole number of days, 1 or more",
    ),
    "review_range": (
        f"review_features(ref('events'), {COLUMNS}, rating='rating', rating_range=[5, 1])",
        "rating_range is [5, 1]: give the lowest and the highest rating, such as [1, 5]",
    ),
    "review_negative": (
        f"review_features(ref('events'), {COLUMNS}, rating='rating', negative_up_to=5)",
        "negative_up_to is 5: give a rating from 1 on and below 5",
    ),
    "review_text": (
        f"review_features(ref('events'), {COLUMNS}, text='comment')",
        'text is "comment": events has no such column; name one of at, When, kind, rating, text',
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Built, after it was compiled without any table."""
    consumer = make_consumer(tmp_path_factory.mktemp("edges"))
    consumer.write("models/events.sql", EVENTS)
    consumer.write("models/lower_case.sql", "select * replace (lower(kind) as kind) from {{ ref('events') }}")
    consumer.write("models/people.sql", "{{ config(materialized='table') }} select 'a' as \"at\" union all select 'z'")
    consumer.write("models/others.sql", "{{ config(materialized='table') }} select 1 as id")
    for name, call in RIGHT.items():
        consumer.write(f"models/{name}.sql", f"{{{{ config(materialized='table') }}}}\n{{{{ mallard.{call} }}}}")
    for command in ("compile", "run"):
        result = consumer.dbt("--quiet", command)
        assert result.returncode == 0, result.stdout
    return consumer


def test_no_events_give_no_rows_or_those_of_who_did_nothing(shop: Consumer) -> None:
    assert shop.query("from of_nothing") == shop.query("from of_no_reviews") == []
    assert shop.query("select column_name from (describe of_nothing)")[1:] == [
        (f"activity_{what}",) for what in ("count", "recency_days", "freshness", "trend")
    ]
    nothing = (0, None, 0, 0)
    assert sorted(shop.query("from of_observed_nothing")) == [(who, *nothing, *nothing) for who in "az"]
    without_reviews = (*nothing, 0, None, None, 0, None, 0, None)
    assert sorted(shop.query("from of_unwritten_reviews")) == [(who, *without_reviews) for who in "az"]


def test_one_event_is_enough(shop: Consumer) -> None:
    assert shop.query("from of_one") == [("a", 1, 0, 1, 0.5, 1, 0, 1, 0.5)]


def test_names_of_columns_depend_on_upper_case_as_little_as_in_sql(shop: Consumer) -> None:
    assert sorted(shop.query('select "at", review_count, rating_mean, negative_share from of_the_same_names')) == [
        ("a", 2, 4.5, 0),
        ("b", 1, 1, 1),
    ]


def test_ids_and_kinds_that_are_numbers_are_compared_as_texts(shop: Consumer) -> None:
    assert shop.query('select "at", activity_count, "1_count" from of_whole_numbers') == [("7", 1, 1)]


def test_without_rows_the_columns_are_the_same(shop: Consumer) -> None:
    columns = shop.query("select column_name from (describe of_any_kind)")
    result = shop.dbt("--quiet", "run", "--empty", "--select", "of_any_kind")
    assert result.returncode == 0, result.stdout
    assert shop.query("select column_name from (describe of_any_kind)") == columns
    assert shop.query("from of_any_kind") == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_line(shop: Consumer, name: str) -> None:
    call, message = REFUSED[name]
    shop.write("models/refused.sql", f"{{{{ mallard.{call} }}}}")
    result = shop.dbt("--quiet", "run", "--select", "refused")
    (shop.path / "models/refused.sql").unlink()
    assert result.returncode > 0
    assert f"mallard: setting {message}.\n" in result.stdout
