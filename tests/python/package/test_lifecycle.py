"""A segmentation over several builds."""

from __future__ import annotations

from pathlib import Path

import pytest
from consumer import Consumer, make_consumer
from dbt_runs import Run

SHOP = """
with groups(segment, x, y) as (values (0, 10, 10), (1, 40, 12), (2, 25, 45))
select
    'c' || lpad(cast(i as varchar), 4, '0') as customer_id,
    x + (hash(i) % 1000) / 250.0 as visits,
    y + (hash(i + 100000) % 1000) / 250.0 as revenue
from range({rows}) as t(i)
join groups on i % 3 = segment
"""


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with a segmentation of 600 customers in three plain groups."""
    consumer = make_consumer(tmp_path / "shop")
    consumer.write_segmentation("segments", SHOP.format(rows=600), id="customer_id")
    return consumer


def built(shop: Consumer, *arguments: str) -> Run:
    result = shop.dbt("build", *arguments)
    assert result.returncode == 0, result.stdout
    return result


def test_a_build_with_nothing_new_scores_by_the_version_that_is_there(shop: Consumer) -> None:
    built(shop)
    first = shop.query("from segments order by customer_id")
    assert "nothing to fit: version 1" in built(shop).stdout
    unchanged = "select * exclude (previous_segment_id, is_new) from segments order by customer_id"
    assert shop.query(unchanged) == [(*row[:-3], row[-2]) for row in first]
    assert shop.query("select distinct previous_segment_id = segment_id, is_new, version from segments") == [
        (True, False, 1)
    ]
    assert shop.query("select build, version, is_fit, n_rows, n_joined, n_left, n_moved from segments__builds") == [
        (1, 1, True, 600, None, None, None),
        (2, 1, False, 600, 0, 0, 0),
    ]


def test_full_refresh_makes_a_version_whose_segments_keep_their_ids(shop: Consumer) -> None:
    built(shop)
    first = shop.query("select customer_id, segment_id, segment_name from segments order by all")
    assert "segments: fitting version 2: --full-refresh asks for it" in built(shop, "--full-refresh").stdout
    assert shop.query("select customer_id, segment_id, segment_name from segments order by all") == first
    assert shop.query("select version, replaces, reason from segments__versions order by version") == [
        (1, None, "there was no version before"),
        (2, 1, "--full-refresh asks for it"),
    ]


def names_by_id(shop: Consumer, table: str = "segments") -> dict[int, str]:
    return dict(shop.query(f"select distinct segment_id, segment_name from {table} order by all"))


def test_own_names_go_with_the_id_from_build_to_build(shop: Consumer) -> None:
    built(shop)
    generated = names_by_id(shop)
    select = SHOP.format(rows=600)
    shop.write_segmentation("segments", select, id="customer_id", names={"1": "VIP", "7": "nobody"})
    assert "names has names for segments that there are not: 7" in built(shop).stdout
    expected = generated | {1: "VIP"}
    for table in ("segments", "segments__profiles", "segments__centroids"):
        assert names_by_id(shop, table) == expected
    shop.write_segmentation("segments", select, id="customer_id")
    built(shop, "--full-refresh")
    assert names_by_id(shop) == expected
    assert dict(shop.query("select distinct segment_id, rule_name from segments__centroids")) == generated
    assert shop.query("select count(*) from segments__versions") == [(2,)]


def test_own_names_may_be_a_seed(shop: Consumer) -> None:
    shop.write("seeds/own.csv", "segment_id,segment_name\n2,Bargain hunters\n")
    depends = "-- depends_on: {{ ref('own') }}\n"
    shop.write_segmentation("segments", depends + SHOP.format(rows=600), id="customer_id", names="own")
    built(shop)
    assert names_by_id(shop)[2] == "Bargain hunters"
    shop.write("seeds/own.csv", "segment_id,segment_name\n2,A\n3,a\n")
    assert shop.dbt("build").returncode != 0
    assert "two segments are called a; give each a name of its own" in shop.messages()["segments"][1]


def test_the_first_version_may_be_that_of_another_segmentation(shop: Consumer) -> None:
    built(shop)
    settings = {"id": "customer_id", "first_version_from": "main.segments"}
    shop.write_segmentation("others", SHOP.format(rows=300), **settings)
    assert "nothing to fit: version 1" in built(shop, "-s", "others").stdout
    assert shop.query(
        "select count(*) from others join segments using (customer_id) where others.segment_id = segments.segment_id"
    ) == [(300,)]
    assert shop.query("select build, version, is_fit from others__builds") == [(1, 1, False)]
    shop.write_segmentation("others", SHOP.format(rows=300), **settings | {"first_version_from": "main.missing"})
    shop.query("select 1")
    assert "nothing to fit" in built(shop, "-s", "others").stdout


def test_a_renamed_model_does_not_begin_anew_in_silence(shop: Consumer) -> None:
    built(shop)
    (shop.path / "models/segments.sql").unlink()
    shop.write_segmentation("clients", SHOP.format(rows=600), id="customer_id")
    assert shop.dbt("build").returncode != 0
    assert "If clients is its new name, set first_version_from to segments" in shop.messages()["clients"][1]
    shop.write_segmentation("clients", SHOP.format(rows=600), id="customer_id", first_version_from="segments")
    assert "nothing to fit: version 1" in built(shop).stdout


def test_without_the_versions_no_ids_are_given(shop: Consumer) -> None:
    built(shop)
    shop.execute("drop table segments__versions")
    assert shop.dbt("build").returncode != 0
    assert "the table segments__versions is gone" in shop.messages()["segments"][1]
    forgotten = shop.dbt("run-operation", "mallard.forget_history", "--args", "{segmentation: segments}")
    assert forgotten.returncode == 0, forgotten.stdout
    built(shop)
    assert shop.query("select version, reason from segments__versions") == [(1, "there was no version before")]


def test_tables_that_only_a_fit_makes_are_made_again(shop: Consumer) -> None:
    built(shop)
    shop.execute("drop table segments__metrics")
    built(shop)
    assert shop.query("select version, reason from segments__versions order by 1")[1:] == [
        (2, "the table segments__metrics is gone")
    ]
    assert shop.query("select distinct version from segments__metrics") == [(2,)]


def test_a_build_without_rows_leaves_the_history_alone(shop: Consumer) -> None:
    built(shop)
    before = shop.query("from segments__versions"), shop.query("from segments__builds")
    ids = shop.query("select customer_id, segment_id from segments order by all")
    built(shop, "--empty")
    assert (shop.query("from segments__versions"), shop.query("from segments__builds")) == before
    assert shop.query("select count(*) from segments") == [(0,)]
    built(shop)
    assert shop.query("select customer_id, segment_id from segments order by all") == ids
    assert shop.query("select n_joined from segments__builds order by build") == [(None,), (None,)]


def test_history_is_pruned(shop: Consumer) -> None:
    built(shop)
    shop.execute("update segments__versions set fitted_at = fitted_at - interval 10 days")
    shop.execute("update segments__builds set built_at = built_at - interval 10 days")
    built(shop, "--full-refresh")
    shop.execute("update segments__versions set fitted_at = fitted_at - interval 5 days")
    select = SHOP.format(rows=600)
    shop.write_segmentation("segments", select, id="customer_id", history_days=6)
    built(shop)
    assert shop.query("select version from segments__versions order by 1") == [(1,), (2,)]
    assert shop.query("select build from segments__builds order by 1") == [(2,), (3,)]
    shop.write_segmentation("segments", select, id="customer_id", history_days=4)
    built(shop)
    assert shop.query("select version from segments__versions order by 1") == [(2,)]
    assert shop.query("select distinct version from segments__centroids") == [(2,)]


def test_a_scale_by_shape_does_not_flip_on_the_border(shop: Consumer) -> None:
    """A skewness of 1 is the border; once a scale is chosen, it is 0.8 or 1.25."""
    select = "select i as customer_id, power(i / 500.0, {power}) as revenue, i % 2 as visits from range(1, 500) as t(i)"
    scales = []
    for power in (2.6, 3.2, 4.0, 2.6, 2.0):
        shop.write_segmentation("segments", select.format(power=power), id="customer_id", n_clusters=2, refit="always")
        built(shop)
        [(scale, skewness)] = shop.query(
            "select scale, skewness from segments__features where feature = 'revenue' and version = "
            "(select max(version) from segments__versions)"
        )
        scales.append((scale, round(skewness, 1)))
    logarithm = "asinh+standard"
    assert scales == [("standard", 0.9), ("standard", 1.1), (logarithm, 1.4), (logarithm, 0.9), ("standard", 0.6)]


def test_a_number_that_was_nearly_chosen_is_looked_at_again_when_the_customers_are_others(shop: Consumer) -> None:
    built(shop)
    shop.execute("update segments__versions set candidate = 4")
    assert "nothing to fit: version 1" in built(shop).stdout
    shop.write_segmentation("segments", SHOP.format(rows=603), id="customer_id")
    built(shop)
    assert shop.query("select version, reason, n_clusters, candidate from segments__versions order by version") == [
        (1, "there was no version before", 3, 4),
        (2, "the fit before nearly chose k = 4, so this build looks again", 3, None),
    ]
