"""From activity and reviews to one row per customer, against plain Python."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from events import INFINITE, KINDS, N_CUSTOMERS, make_events, make_observed
from hostile import NAMES as HOSTILE_NAMES

ID = 'Customer "ID"'
AS_OF = pd.Timestamp("2025-06-30")
WHAT = ("count", "recency_days", "freshness", "trend")
SESSIONS: list[dict[str, Any]] = [
    {"threads": 2},
    {"threads": 1},
    {"threads": 2, "TimeZone": "Pacific/Kiritimati", "integer_division": True},
    {"threads": 2, "TimeZone": "America/Los_Angeles", "default_collation": "nocase"},
]
EVENTS = f"""
select * replace (case when n = {INFINITE} then 'infinity' else "at" end as "at", cast("DAY" as date) as "DAY")
from read_parquet('{{file}}')
"""
SOURCES = """
sources:
  - name: files
    tables:
      - name: events
        config:
          external_location: "read_parquet('{file}')"
"""
LOCAL = r"""'(select * replace (timezone(\'Europe/Berlin\', "Zoned at") as "Zoned at") from ' ~ ref('events') ~ ')'"""
AS_TEXTS = """'(select * replace (cast("at" as varchar) as "at") from ' ~ ref('events') ~ ')'"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call of a macro, and the columns of the frame that stand for what it reads."""

    at: str = "at"
    as_of: str | None = None
    is_observed: bool = False
    period_days: int = 90
    relation: str = "ref('events')"
    zone: str = "UTC"
    before: str = ""

    def arguments(self, *more: str) -> str:
        given = [self.relation, f"customer_id='{ID}'", f"at='{self.at}'", *more]
        if self.as_of is not None:
            given.append(f'as_of="{self.as_of}"')
        if self.is_observed:
            given.append("customers=ref('observed')")
        return ", ".join(given)


@dataclass(frozen=True, kw_only=True)
class Activity(Case):
    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Reviews(Case):
    rating: str | None = None
    rating_range: tuple[float, float] = (1, 5)
    negative_up_to: float | None = None
    text: str | None = None


ACTIVITY = {
    "of_any_kind": Activity(),
    "of_named_kinds": Activity(as_of="2025-06-30", kinds=("like", KINDS[2]), is_observed=True),
    "of_zoned_moments": Activity(at="Zoned at", as_of="2025-06-30 23:30:00", period_days=30),
    "of_local_moments": Activity(at="Zoned at", relation=LOCAL, zone="Europe/Berlin"),
    "of_days": Activity(at="DAY", as_of="date '2025-07-01' - interval 1 day", period_days=1),
    "of_texts": Activity(relation=AS_TEXTS, is_observed=True),
    "of_a_source": Activity(at="DAY", relation="source('files', 'events')"),
    "of_a_cte": Activity(relation="'these'", before="with these as (from {{ ref('events') }}) ", kinds=("7",)),
}
REVIEWS = {
    "of_ratings_and_texts": Reviews(rating="rating", text="TEXT"),
    "of_observed_reviews": Reviews(rating="rating", text="TEXT", as_of="2025-06-30", is_observed=True, period_days=30),
    "of_ratings": Reviews(
        rating="wide", rating_range=(-12.5, 60), negative_up_to=0.5, at="Zoned at", as_of="2025-06-30"
    ),
    "of_texts_alone": Reviews(text="TEXT", at="DAY"),
    "of_moments_alone": Reviews(is_observed=True),
}


def _call_of_activity(case: Activity) -> tuple[str, str]:
    kinds = [] if case.kinds is None else [f"kinds={list(case.kinds)!r}"]
    given = case.arguments("kind='both'", *kinds)
    return f"activity({given}, period_days={case.period_days})", f"activity_left_out({given})"


def _call_of_reviews(case: Reviews) -> tuple[str, str]:
    rating = [] if case.rating is None else [f"rating='{case.rating}'", f"rating_range={list(case.rating_range)}"]
    given = case.arguments(*rating)
    more = f"period_days={case.period_days}"
    if case.text is not None:
        more += f", text='{case.text}'"
    if case.negative_up_to is not None:
        more += f", negative_up_to={case.negative_up_to}"
    return f"review_features({given}, {more})", f"review_features_left_out({given})"


def _days(events: pd.DataFrame, case: Case) -> pd.Series[Any]:
    moments = events[case.at]
    local = moments if moments.dt.tz is None else moments.dt.tz_convert(case.zone).dt.tz_localize(None)
    return local.dt.normalize()


def _reasons(events: pd.DataFrame, case: Case) -> pd.Series[Any]:
    """Why an event can't be used; missing for one that can. Later lines overrule earlier ones."""
    reasons = pd.Series(None, index=events.index, dtype=object)
    days = _days(events, case)
    if case.is_observed:
        reasons[~events[ID].isin(make_observed()[ID])] = f"{ID} is not among customers"
    if case.as_of is not None:
        reasons[days > AS_OF] = f"{case.at} is after as_of"
    if isinstance(case, Activity):
        if case.kinds is not None:
            reasons[~events["both"].isin(case.kinds)] = "both is not among kinds"
        reasons[_is_blank(events["both"])] = "both is missing"
    if isinstance(case, Reviews) and case.rating is not None:
        rating, (lowest, highest) = events[case.rating], case.rating_range
        is_outside = np.isfinite(rating) & ((rating < lowest) | (rating > highest))
        reasons[is_outside] = f"{case.rating} is not between {lowest} and {highest}"
    reasons[days.isna()] = f"{case.at} is missing"
    reasons[_is_blank(events[ID])] = f"{ID} is missing"
    return reasons


def _is_blank(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.isna() | (texts.astype(str).str.strip() == "")


def _by_customer(events: pd.DataFrame, case: Case) -> tuple[dict[str, list[dict[str, Any]]], pd.Timestamp]:
    """The events that can be used, of everybody who has a row, and the day."""
    used = events.assign(day=_days(events, case))[_reasons(events, case).isna()]
    rows: dict[str, list[dict[str, Any]]] = {}
    if case.is_observed:
        observed = make_observed()[ID]
        rows = {customer: [] for customer in observed[~_is_blank(observed)]}
    for event in used.to_dict("records"):
        rows.setdefault(event[ID], []).append(event)
    return rows, AS_OF if case.as_of is not None else used["day"].max()


def _rhythm(events: list[dict[str, Any]], as_of: pd.Timestamp, period: int, prefix: str) -> dict[str, Any]:
    ago = [(as_of - event["day"]).days for event in events]
    lately = sum(days < period for days in ago)
    before = sum(period <= days < 2 * period for days in ago)
    freshness = period / (period + min(ago)) if ago else 0
    found = (len(ago), min(ago, default=None), freshness, (lately - before) / (lately + before + 1))
    return {f"{prefix}_{what}": value for what, value in zip(WHAT, found, strict=True)}


def _expected_activity(events: pd.DataFrame, case: Activity) -> dict[str, dict[str, Any]]:
    rows, as_of = _by_customer(events, case)
    expected = {}
    for customer, of_customer in rows.items():
        expected[customer] = _rhythm(of_customer, as_of, case.period_days, "activity")
        for kind in sorted(KINDS) if case.kinds is None else case.kinds:
            of_kind = [event for event in of_customer if event["both"] == kind]
            expected[customer] |= _rhythm(of_kind, as_of, case.period_days, kind)
    return expected


def _expected_reviews(events: pd.DataFrame, case: Reviews) -> dict[str, dict[str, Any]]:
    rows, as_of = _by_customer(events, case)
    expected = {}
    for customer, of_customer in rows.items():
        expected[customer] = _rhythm(of_customer, as_of, case.period_days, "review")
        if case.rating is not None:
            ratings = [event[case.rating] for event in of_customer if math.isfinite(event[case.rating])]
            expected[customer] |= _of_ratings(ratings, case)
        if case.text is not None:
            texts = [event[case.text] for event in of_customer if isinstance(event[case.text], str)]
            lengths = [len(text) for text in texts if text.strip()]
            expected[customer] |= {
                "text_count": len(lengths),
                "text_length": statistics.mean(lengths) if lengths else None,
            }
    return expected


def _of_ratings(ratings: list[float], case: Reviews) -> dict[str, Any]:
    lowest, highest = case.rating_range
    negative_up_to = 2 if case.negative_up_to is None else case.negative_up_to
    middle, half = (lowest + highest) / 2, (highest - lowest) / 2
    return {
        "rating_count": len(ratings),
        "rating_mean": statistics.mean(ratings) if ratings else None,
        "rating_spread": statistics.pstdev(ratings) if ratings else None,
        "rating_balance": sum((rating - middle) / half for rating in ratings) / (len(ratings) + 1),
        "negative_share": sum(rating <= negative_up_to for rating in ratings) / len(ratings) if ratings else None,
    }


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return make_events()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, events: pd.DataFrame) -> Consumer:
    """A project that reads the events in every way; its models are views, so a session can be chosen afterwards."""
    consumer = make_consumer(tmp_path_factory.mktemp("events"))
    hostile = pd.DataFrame({"id": "a", "on": pd.Timestamp("2025-06-30"), "kind": list(HOSTILE_NAMES.values())})
    files = {"events": events, "observed": make_observed(), "hostile": hostile}
    with duckdb.connect() as connection:
        for name, frame in files.items():
            connection.register("frame", frame)
            file = consumer.path / f"{name}.parquet"
            connection.execute(f"copy frame to '{file}' (row_group_size 2048)")  # for several threads to share
    consumer.write("models/events.sql", EVENTS.format(file=consumer.path / "events.parquet"))
    consumer.write("models/observed.sql", f"from read_parquet('{consumer.path / 'observed.parquet'}')")
    consumer.write("models/hostile.sql", f"from read_parquet('{consumer.path / 'hostile.parquet'}')")
    call = "mallard.activity(ref('hostile'), customer_id='id', at='on', kind='kind')"
    consumer.write("models/of_hostile_kinds.sql", f"{{{{ {call} }}}}")
    consumer.write("models/sources.yml", SOURCES.format(file=consumer.path / "events.parquet"))
    calls = {name: _call_of_activity(case) for name, case in ACTIVITY.items()}
    calls |= {name: _call_of_reviews(case) for name, case in REVIEWS.items()}
    for name, (of_customers, of_the_rest) in calls.items():
        before = (ACTIVITY | REVIEWS)[name].before
        consumer.write(f"models/{name}.sql", f"{before}select * from ({{{{ mallard.{of_customers} }}}})")
        consumer.write(f"models/{name}_left_out.sql", f"{before}select * from ({{{{ mallard.{of_the_rest} }}}})")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    return consumer


def _assert_rows(shop: Consumer, name: str, expected: dict[str, dict[str, Any]]) -> None:
    with duckdb.connect(shop.database, read_only=True) as connection:
        found = connection.execute(f"from {name}").fetchall()
        columns = [column for column, *_ in connection.description or ()]
    assert columns == [ID, *next(iter(expected.values()))]
    assert sorted(customer for customer, *_ in found) == sorted(expected)
    for customer, *row in found:
        for column, value in zip(columns[1:], row, strict=True):
            assert _are_alike(value, expected[customer][column]), (customer, column, value)


def _are_alike(value: Any, expected: Any) -> bool:
    """Counts and days to the last digit, as are missing values."""
    if isinstance(expected, float) and value is not None:
        return math.isclose(value, expected, rel_tol=1e-12, abs_tol=1e-12)
    return bool(value == expected)


@pytest.mark.parametrize("name", ACTIVITY)
def test_activity_is_that_of_python(shop: Consumer, events: pd.DataFrame, name: str) -> None:
    _assert_rows(shop, name, _expected_activity(events, ACTIVITY[name]))


@pytest.mark.parametrize("name", REVIEWS)
def test_features_of_reviews_are_those_of_python(shop: Consumer, events: pd.DataFrame, name: str) -> None:
    _assert_rows(shop, name, _expected_reviews(events, REVIEWS[name]))


@pytest.mark.parametrize("name", [*ACTIVITY, *REVIEWS])
def test_every_event_counts_once_or_has_a_reason(shop: Consumer, events: pd.DataFrame, name: str) -> None:
    case = (ACTIVITY | REVIEWS)[name]
    counted = "activity_count" if name in ACTIVITY else "review_count"
    reasons = _reasons(events, case)
    left_out = dict(shop.query(f"from {name}_left_out"))
    assert left_out == reasons.value_counts().to_dict()
    [(n_counted,)] = shop.query(f"select sum({counted}) from {name}")
    assert n_counted + sum(left_out.values()) == len(events)


@pytest.mark.parametrize("name", [*ACTIVITY, *REVIEWS])
def test_neither_threads_nor_settings_of_the_session_change_a_bit(shop: Consumer, name: str) -> None:
    found = []
    for session in SESSIONS:
        with duckdb.connect(shop.database, read_only=True) as connection:
            for setting, value in session.items():
                connection.execute(f"set {setting} = '{value}'")
            found.append(sorted(map(repr, connection.execute(f"from {name}").fetchall())))
    assert found[0]
    assert found.count(found[0]) == len(SESSIONS)


def test_columns_have_the_types_that_bi_tools_know(shop: Consumer) -> None:
    types = dict(shop.query("select column_name, column_type from (describe of_observed_reviews)"))
    doubles = {"review_freshness", "review_trend", "rating_mean", "rating_spread", "rating_balance", "negative_share"}
    assert types.pop(ID) == "VARCHAR"
    assert types == {name: "DOUBLE" if name in {*doubles, "text_length"} else "BIGINT" for name in types}
    kinds = dict(shop.query("select column_name, column_type from (describe of_named_kinds)"))
    assert {kinds[f"like_{what}"] for what in ("count", "recency_days")} == {"BIGINT"}
    assert {kinds[f"like_{what}"] for what in ("freshness", "trend")} == {"DOUBLE"}


def test_kinds_of_any_name_have_their_columns(shop: Consumer) -> None:
    columns = [name for (name,) in shop.query("select column_name from (describe of_hostile_kinds)")]
    kinds = sorted(HOSTILE_NAMES.values(), key=str.encode)
    assert columns[5:] == [f"{kind}_{what}" for kind in kinds for what in WHAT]
    assert shop.query("from of_hostile_kinds") == [
        ("a", len(kinds), 0, 1, len(kinds) / (len(kinds) + 1)) + (1, 0, 1, 0.5) * len(kinds)
    ]


def test_who_does_nothing_differs_from_who_is_not_observed(shop: Consumer) -> None:
    rows = {customer: likes for customer, *likes in shop.query("select columns('Customer|like') from of_named_kinds")}
    assert rows["quiet-0"] == [0, None, 0.0, 0.0]
    unobserved = f"c-{N_CUSTOMERS // 2 - 1}"
    assert unobserved not in rows
    assert (unobserved,) in shop.query("select columns('Customer') from of_any_kind")
