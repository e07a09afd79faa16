"""What is said about columns that are no features, against pandas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from hostile import NAMES, VALUES

from mallard.sql.text import quoted

CUSTOMERS = """
select
    i as id,
    i % 2 * 50 + sin(i) as spending,
    case when i % 60 = 11 then null else cos(i) end as age,
    1 + i % 3 as times,
    case when i % 7 = 1 then null when i % 7 = 2 then 'inf'::double else i % 13 * 1.5 end as orders,
    cast(i % 5 as decimal(9, 2)) / 4 as discount,
    case when i % 2 = 0 then 4 end as only_here,
    chr(97 + cast(i % 10 as integer)) as country,
    case when i % 4 > 0 then nullif(cast(i % 9 as varchar), '3') end as plan,
    cast(['free', 'paid'][1 + i % 3 // 2] as enum ('paid', 'free')) as tier,
    case when i % 6 > 0 then i % 4 = 0 end as is_member,
    case when i % 3 > 0 then date '2020-02-28' + cast(i * i % 400 as integer) end as joined,
    case
        when i = 5 then timestamp 'infinity' else timestamp '2021-01-01 10:00:00' - interval (i * 7 % 50) hour
    end as seen,
    timestamptz '2022-06-30 23:30:00+02' + interval (i % 90) minute as called,
    case when i = 4 then date '5877642-06-25' when i % 50 = 3 then date '2024-02-29' end as scarcely,
    'e' || i || '@example.com' as email,
    case when i < 90 then 'note ' || i end as note,
    'word ' || i % 51 as common_word,
    if(i % 100 = 3, 'vip', 'guest') as class,
    case when i < 3 then '+49 ' || i end as phone,
    case when i < 4 then 490 + i end as extension,
    case when i = 30 then 1e200 else i % 3 end as score,
    case when i % 30 = 1 then -1.7e308 when i % 30 = 2 then 1.7e308 end as balance,
    cast(i as hugeint) * 170141183460469231731687303715884105 as large,
    time '10:00:00' as at,
    [i, i] as pair,
    {'x': i} as struct
from range(360) as t(i)
"""
SHARED = {"id": "id", "features": ["spending", "age"], "n_clusters": 2}
NUMBERS = ("times", "orders", "discount", "only_here", "large")
TEXTS = ("country", "plan", "tier", "is_member", "common_word", "class")
FEWEST = 5
TIMES = ("joined", "seen", "called", "scarcely")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Segmentations of the same customers with different settings, and one of hostile names; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("attributes"))
    with duckdb.connect(consumer.database) as connection:
        columns = ", ".join(f"i * {place} % 7 as {quoted(name)}" for place, name in enumerate(NAMES.values(), 2))
        connection.execute(
            f"create table raw as select i as id, i % 2 * 50 + sin(i) as spending, {columns}, "
            f"cast($1[i % {len(VALUES)} + 1] as varchar) as value, 'x' as place, i % 3 as rank, i as mallard_with "
            f"from range({6 * len(VALUES)}) as t(i)",
            [list(VALUES.values())],
        )
    for name, settings in {
        "plain": {"feature_words": {"orders": "purchases", "is_member": "in the club"}},
        "weighted": {"weight_column": "TIMES", "nulls": "mean"},
        "chosen": {"profile_columns": ["Country", "email", "orders"], "publish_exclude": ["plan"]},
        "unpublished": {"publish_exclude": ["COUNTRY", "orders", "seen"]},
        "nothing": {"profile_columns": []},
        "only_features": {"features": None},
        "small": {},
    }.items():
        select = "select id, spending, age from" if name == "only_features" else "select * from"
        where = " where id < 45" if name == "small" else ""
        consumer.write_segmentation(name, f"{select} ({CUSTOMERS}){where}", **(SHARED | settings))
    consumer.write_segmentation("hostile", "select * from raw", id="id", features=["spending"], n_clusters=2)
    for model, weight in (("weighted", ", weight_column='times'"), ("plain", "")):
        consumer.write(
            f"models/composed_{model}.sql",
            f"{{{{ mallard.attribute_profiles(ref('{model}'), numbers={[*NUMBERS[bool(weight) :]]}, "
            f"texts={[*TEXTS]}, times={[*TIMES]}{weight}) }}}}",
        )
    consumer.write("models/composed_empty.sql", "{{ mallard.attribute_profiles(ref('plain')) }}")
    consumer.write(
        "models/people.sql",
        "select 1 as segment_id, 'one' as segment_name, 1 as n, 2 as few, 'x' as t, current_date as d",
    )
    consumer.write(
        "models/of_people.sql",
        "{{ mallard.attribute_profiles(ref('people'), numbers=['n', 'few'], texts=['t'], times=['d'], "
        "words={'t': 'town'}) }}",
    )
    consumer.write("models/_unit_tests.yml", UNIT_TEST)
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    consumer.write("log.txt", result.stdout)
    return consumer


UNIT_TEST = """
unit_tests:
  - name: attributes_compare_a_segment_with_all
    description: >
      Ten customers in each segment. Of two equally common towns, the first comes first. Four of all have the town c,
      and four have a number in few, so these have no rows.
    model: of_people
    given:
      - input: ref('people')
        format: sql
        rows: |
          select
              1 as segment_id,
              'one' as segment_name,
              unnest([90, 20, 30, 40, 50, 60, 70, 80, 10, null]) as n,
              unnest([1, 2, 3, 4, null, null, null, null, null, null]) as few,
              unnest(['b', 'b', 'b', 'b', 'a', 'a', 'a', 'a', 'c', null]) as t,
              unnest([5, 2, 3, 4, 1, null, null, null, null, null]) + date '2025-12-31' as d
          union all
          select
              2,
              'two',
              unnest([100, 110, 120, 130, 140, 150, null, null, null, null]),
              null,
              unnest(['a', 'a', 'a', 'a', 'b', 'c', 'c', 'c', null, null]),
              null
          union all
          select null, null, 99, 9, 'c', date '2026-09-09'
    expect:
      format: csv
      rows: |
        segment_id,attribute,label,value,n_customers,mean,median,overall_mean,overall_median,median_at,overall_share
        1,n,n,,9,50,50,80,80,,0.75
        1,d,d,,5,,,,,2026-01-03,0.25
        1,t,town,a,4,,,,,,0.4
        1,t,town,b,4,,,,,,0.25
        2,n,n,,6,125,125,80,80,,0.75
        2,d,d,,0,,,,,,0.25
        2,t,town,a,4,,,,,,0.4
        2,t,town,b,1,,,,,,0.25
"""


def _rows(shop: Consumer, table: str) -> list[dict[str, Any]]:
    with duckdb.connect(shop.database, read_only=True) as connection:
        return connection.sql(f"from {table}").to_arrow_table().to_pylist()


def _customers(shop: Consumer, name: str) -> pd.DataFrame:
    """Those with a segment, each as often as its weight says, times in UTC."""
    with duckdb.connect(shop.database, read_only=True) as connection:
        in_utc = (
            "timezone('UTC', called) as called, "
            "try_cast(nullif(scarcely, date '5877642-06-25') as timestamp) as scarcely"
        )
        customers = connection.sql(
            f"select * replace ({in_utc}, nullif(seen, timestamp 'infinity') as seen, "
            "case when isfinite(orders) then orders end as orders, cast(discount as double) as discount, "
            f"cast(tier as varchar) as tier, cast(is_member as varchar) as is_member) from {name} "
            "where segment_id is not null order by id"
        ).df()
    return customers.loc[customers.index.repeat(customers["times"])] if name == "weighted" else customers


def _per_attribute(shop: Consumer, name: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """For each segment and column: its rows, the customers of the segment, all customers, and how many rows each is."""
    rows, customers = _rows(shop, f"{name}__attributes"), _customers(shop, name)
    for segment in (1, 2):
        for column in columns:
            found = [row for row in rows if (row["segment_id"], row["attribute"]) == (segment, column)]
            yield found, customers[customers["segment_id"] == segment], customers, column


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_numbers_are_those_of_pandas(shop: Consumer, name: str) -> None:
    for found, here, everybody, column in _per_attribute(shop, name, NUMBERS[name == "weighted" :]):
        [row] = found
        known, all_known = here[column].dropna(), everybody[column].dropna()
        assert row["n_customers"] == here.loc[known.index, "id"].nunique()
        assert row["share"] == pytest.approx(len(known) / len(here))
        assert row["overall_share"] == pytest.approx(len(all_known) / len(everybody))
        assert (row["overall_mean"], row["overall_median"]) == pytest.approx((all_known.mean(), all_known.median()))
        if len(known):
            assert (row["mean"], row["median"]) == pytest.approx((known.mean(), known.median()))
        if len(known) and all_known.std() > 0:
            z_score = (known.mean() - all_known.mean()) / all_known.std(ddof=0)
            assert row["z_score"] == pytest.approx(z_score, abs=1e-12)
        else:
            assert row["z_score"] is None
        assert {row[name] for name in ("value", "median_at", "overall_median_at")} == {None}


def test_where_nobody_has_a_number_it_has_neither_mean_nor_median(shop: Consumer) -> None:
    rows = [row for row in _rows(shop, "plain__attributes") if row["attribute"] == "only_here"]
    [row] = [row for row in rows if row["n_customers"] == 0]
    assert (row["share"], row["mean"], row["median"], row["overall_mean"]) == (0.0, None, None, 4.0)


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_commonest_values_are_those_of_pandas(shop: Consumer, name: str) -> None:
    """Of those that enough customers of all have. Ties go to the first value in the order of characters."""
    for found, here, everybody, column in _per_attribute(shop, name, TEXTS):
        n_of_all = everybody.groupby(column)["id"].nunique()
        counts = here[column].value_counts()
        told = [value for value in counts.index if n_of_all[value] >= FEWEST]
        commonest = sorted(told, key=lambda value: (-counts[value], value))[:5]
        assert [row["value"] for row in found] == commonest, column
        for row in found:
            have_it = here[here[column] == row["value"]]
            assert row["n_customers"] == have_it["id"].nunique()
            assert row["share"] == pytest.approx(len(have_it) / len(here))
            assert row["overall_share"] == pytest.approx((everybody[column] == row["value"]).mean())
            assert {row[name] for name in ("mean", "median", "overall_mean", "z_score", "median_at")} == {None}


def _median_at(times: pd.Series) -> Any:
    """In microseconds, as tables have it."""
    known = times.dropna()
    return None if known.empty else pd.Timestamp(np.median(known.astype("datetime64[us]").astype("int64")), unit="us")


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_dates_and_times_have_medians_in_utc(shop: Consumer, name: str) -> None:
    for found, here, everybody, column in _per_attribute(shop, name, TIMES):
        [row] = found
        known = here.loc[here[column].notna()]
        assert (row["median_at"], row["overall_median_at"]) == (_median_at(here[column]), _median_at(everybody[column]))
        assert row["n_customers"] == known["id"].nunique()
        assert row["share"] == pytest.approx(len(known) / len(here))
        assert {row[name] for name in ("value", "mean", "median", "overall_mean", "z_score")} == {None}


def _attributes(shop: Consumer, name: str) -> list[str]:
    return list(dict.fromkeys(row["attribute"] for row in _rows(shop, f"{name}__attributes")))


def test_what_says_nothing_about_a_segment_is_left_out(shop: Consumer) -> None:
    """Ids, features, weights, texts that are nearly all different, and types that have neither middle nor values."""
    assert _attributes(shop, "plain") == [*NUMBERS, *TIMES, *TEXTS]
    assert _attributes(shop, "weighted") == [*NUMBERS[1:], *TIMES, *TEXTS]


def test_nothing_tells_who_single_customers_are(shop: Consumer) -> None:
    """Four of all are VIPs, three have a phone, and four an extension. In a small table, most texts are of few."""
    assert shop.query("select distinct value from plain__attributes where attribute = 'class'") == [("guest",)]
    customers, rows = _customers(shop, "small"), _rows(shop, "small__attributes")
    texts = {row["attribute"] for row in rows if row["value"] is not None}
    assert texts == {"country", "tier", "is_member", "class"}
    for column in texts:
        counts = customers[column].value_counts()
        assert {row["value"] for row in rows if row["attribute"] == column} <= set(counts.index[counts >= FEWEST])


def test_numbers_too_large_to_be_squared_are_left_out(shop: Consumer) -> None:
    said = "mallard: plain: not among the attributes, because they have numbers too large to be squared: score, balance"
    assert (shop.path / "log.txt").read_text().count(said) == 1


def test_what_is_not_published_is_not_described(shop: Consumer) -> None:
    hidden = ("country", "orders", "seen")
    assert _attributes(shop, "unpublished") == [name for name in (*NUMBERS, *TIMES, *TEXTS) if name not in hidden]


def test_columns_can_be_chosen(shop: Consumer) -> None:
    assert _attributes(shop, "chosen") == ["orders", "country"]
    said = "mallard: chosen: not among the attributes, because nearly all texts are different: email"
    assert (shop.path / "log.txt").read_text().count(said) == 1


@pytest.mark.parametrize("name", ["nothing__attributes", "only_features__attributes", "composed_empty"])
def test_without_such_columns_the_table_is_empty(shop: Consumer, name: str) -> None:
    described = [(column, kind) for column, kind, *_ in shop.query("describe plain__attributes")]
    assert [(column, kind) for column, kind, *_ in shop.query(f"describe {name}")] == described
    assert shop.query(f"from {name}") == []


def test_labels_are_the_words_of_the_settings(shop: Consumer) -> None:
    labels = {row["attribute"]: row["label"] for row in _rows(shop, "plain__attributes")}
    assert {name: labels[name] for name in ("orders", "is_member", "common_word", "plan")} == {
        "orders": "purchases",
        "is_member": "in the club",
        "common_word": "common word",
        "plan": "plan",
    }


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_projects_that_compose_the_steps_get_the_same(shop: Consumer, name: str) -> None:
    columns = "* exclude (label)"
    assert shop.query(f"select {columns} from composed_{name}") == shop.query(
        f"select {columns} from {name}__attributes"
    )


def test_names_and_values_that_look_like_something_else_are_texts(shop: Consumer) -> None:
    rows = _rows(shop, "hostile__attributes")
    assert {row["attribute"] for row in rows} == {*NAMES.values(), "value", "place", "rank", "mallard_with"}
    assert {row["label"] for row in rows} >= {name.replace("_", " ") for name in NAMES.values()}
    for segment in (1, 2):
        here = [value for (value,) in shop.query(f"select value from hostile where segment_id = {segment}")]
        found = [row["value"] for row in rows if (row["segment_id"], row["attribute"]) == (segment, "value")]
        assert found == sorted(set(here), key=lambda value: (-here.count(value), value))[:5]


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"profile_columns": ["plans"]}, "the select has no column 'plans'; choose from id, spending, age, times, "),
        ({"profile_columns": ["id"]}, "'id' is the id, which is different for everybody; remove it."),
        (
            {"profile_columns": ["AGE"]},
            "'age' is a feature, and profiles speak of these; remove it, or list features without it.",
        ),
        ({"profile_columns": ["plan", "Plan"]}, "'plan' is listed twice; list it once."),
        (
            {"profile_columns": ["plan"], "publish_exclude": ["PLAN"]},
            "'plan' is in publish_exclude, so nothing is said about it; remove it from one of the two.",
        ),
        ({"profile_columns": ["pair"]}, "'pair' is LIST; name columns of numbers, texts, booleans or dates."),
        ({"profile_columns": "plan"}, "give columns as a list."),
    ],
)
def test_a_column_of_which_nothing_can_be_said_is_refused(
    shop: Consumer, settings: dict[str, Any], refusal: str
) -> None:
    shop.write_segmentation("refused", f"select * from ({CUSTOMERS})", **(SHARED | settings))
    result = shop.dbt("run", "--select", "refused")
    (shop.path / "models" / "refused.sql").unlink()
    assert "setting profile_columns is " in result.stdout
    assert refusal in result.stdout, result.stdout


@pytest.mark.parametrize("name", ["plain", "weighted"])
def test_no_number_of_threads_changes_a_bit(shop: Consumer, name: str) -> None:
    """Of rows that are spread over several groups, which different threads read; of the four VIPs, there are 4,000."""
    sql = (shop.path / "target" / "compiled" / "shop" / "models" / f"composed_{name}.sql").read_text("utf-8")
    found = []
    with duckdb.connect(shop.database, read_only=True) as connection:
        for threads, order in ((1, "id"), (2, "hash(id)")):
            connection.execute(f"set threads = {threads}")
            connection.execute(
                f"create or replace temp table many as select c.* from {name} as c, range(1000) order by {order}"
            )
            found.append(connection.execute(sql.replace(f'"shop"."main"."{name}"', "many")).fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == len(shop.query(f"from composed_{name}")) + 1


def test_without_rows_the_table_is_empty(shop: Consumer) -> None:
    described = shop.query("describe plain__attributes")
    result = shop.dbt("build", "--empty", "--select", "plain", "composed_plain")
    assert result.returncode == 0, result.stdout
    assert shop.query("from plain__attributes") == shop.query("from composed_plain") == []
    assert shop.query("describe plain__attributes") == described
