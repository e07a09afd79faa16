"""How a segmentation looks for drift, over several builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from dbt_runs import Run

SHOP = """
with groups(segment, x, y) as (values (0, 10, 10), (1, 40, 12), (2, 25, 45))
select
    'c' || lpad(cast(i as varchar), 5, '0') as customer_id,
    cast({visits} as double) as visits,
    {price} * (y + (hash(i + 100000 + {draw}) % 1000) / 100.0) as revenue,
    1 + i % 4 as times
from range({first}, {first} + 1200) as t(i)
join groups on i % 3 = segment
where {where}
"""
"""Customers in three plain groups."""
DRIFT = """
version: 2
models:
  - name: segments
    data_tests:
      - mallard.no_drift
"""


def write_shop(
    shop: Consumer,
    first: int = 0,
    price: float = 1.0,
    draw: int = 0,
    where: str = "true",
    visits: str = "x + (hash(i + {draw}) % 1000) / 100.0",
    **meta: Any,
) -> None:
    meta = {"features": ["visits", "revenue"], "n_clusters": 3, **meta}
    select = SHOP.format(first=first, price=price, draw=draw, where=where, visits=visits.format(draw=draw))
    shop.write_segmentation("segments", select, id="customer_id", **meta)


def built(shop: Consumer, *arguments: str) -> Run:
    result = shop.dbt("run", *arguments)
    assert result.returncode == 0, result.stdout
    return result


def frame(shop: Consumer, sql: str) -> pd.DataFrame:
    with duckdb.connect(shop.database, read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project without a build."""
    return make_consumer(tmp_path / "shop")


def customers(shop: Consumer, version: int, weight: str | None = None) -> pd.DataFrame:
    """The customers in the scaled units of a version, with their nearest centroid among its."""
    centroids = frame(shop, f"from segments__centroids where version = {version}")
    rows = frame(shop, "from segments order by customer_id")
    scales = centroids.drop_duplicates("feature").set_index("feature")["scaled_expression"]
    found = frame(
        shop, f"select customer_id, {', '.join(f'{scales[f]} as {f}' for f in ('visits', 'revenue'))} from segments"
    ).set_index("customer_id")
    squared = pd.DataFrame(
        {
            segment: sum((found[of.feature] - of.scaled_centroid) ** 2 for of in group.itertuples())
            for segment, group in centroids.groupby("segment_id")
        }
    )
    found["segment_id"] = squared.idxmin(axis=1)
    found["squared"] = squared.min(axis=1)
    found["weight"] = rows.set_index("customer_id")[weight] if weight else 1.0
    return found


def weighted(of: pd.DataFrame, column: str) -> float:
    return float((of[column] * of["weight"]).sum() / of["weight"].sum())


def deviation(of: pd.DataFrame, column: str) -> float:
    return float(((of["weight"] * (of[column] - weighted(of, column)) ** 2).sum() / of["weight"].sum()) ** 0.5)


def expected(before: pd.DataFrame, now: pd.DataFrame) -> dict[tuple[Any, ...], float]:
    """Sizes by segment, feature and measure, computed in pandas."""
    sizes: dict[tuple[Any, ...], float] = {}
    for feature in ("visits", "revenue"):
        shift = abs(weighted(now, feature) - weighted(before, feature))
        sizes[0, feature, "feature mean"] = shift / deviation(before, feature)
    changes = []
    for segment in sorted(before["segment_id"].unique()):
        then, today = before[before["segment_id"] == segment], now[now["segment_id"] == segment]
        share_then, share_now = (
            of["weight"].sum() / whole["weight"].sum() for of, whole in ((then, before), (today, now))
        )
        changes.append(abs(share_now - share_then))
        sizes[segment, "", "share"] = changes[-1]
        for feature in ("visits", "revenue"):
            shift = abs(weighted(today, feature) - weighted(then, feature))
            sizes[segment, feature, "mean"] = shift / deviation(then, feature)
            sizes[segment, feature, "spread"] = deviation(today, feature) / deviation(then, feature)
        sizes[segment, "", "mean distance"] = (weighted(today, "squared") / weighted(then, "squared")) ** 0.5
        sizes[segment, "", "far"] = float((today["squared"] > then["squared"].max()).mean())
    sizes[0, "", "shares"] = sum(changes) / 2
    return sizes


def found(shop: Consumer, build: int, against: str) -> dict[tuple[Any, ...], float]:
    rows = shop.query(
        "select coalesce(segment_id, 0), coalesce(feature, ''), measure, size from segments__drift "
        f"where build = {build} and against = '{against}' and measure not in ('means', 'psi') "
        "and not (measure = 'spread' and segment_id is null)"
    )
    return {tuple(row[:3]): row[3] for row in rows}


@pytest.mark.parametrize("weight", [None, "times"])
def test_where_a_price_rises_a_build_fits_again_and_says_why(shop: Consumer, weight: str | None) -> None:
    meta = {"weight_column": weight} if weight else {}
    write_shop(shop, **meta)
    built(shop)
    assert shop.query("select count(*) from segments__drift") == [(0,)]
    before = customers(shop, 1, weight)

    write_shop(shop, price=4 / 3, **meta)
    said = built(shop).stdout
    sizes = expected(before, customers(shop, 1, weight))
    moved = sizes[0, "revenue", "feature mean"]
    reason = f"the data drifted: the mean of revenue moved by {moved:.2f} standard deviations since version 1"
    assert reason in said
    assert shop.query("select version, reason from segments__versions order by version") == [
        (1, "there was no version before"),
        (2, reason),
    ]
    assert found(shop, 2, "fit") == pytest.approx(sizes)
    assert found(shop, 2, "build before") == pytest.approx(sizes)
    assert shop.query(
        "select distinct build, version, against, measure from segments__drift "
        "where is_material and decides and feature is not null"
    ) == [(2, 1, "fit", "feature mean")]
    assert shop.query("select distinct version, is_fit from segments__builds order by all") == [(1, True), (2, True)]
    same = "no drift since version 2 was fitted"
    assert same in built(shop).stdout
    assert set(shop.query("select distinct size from segments__drift where build = 3 and measure = 'mean'")) == {(0.0,)}


def test_other_customers_of_the_same_kind_ask_for_no_fit(shop: Consumer) -> None:
    write_shop(shop)
    built(shop)
    at_fit = customers(shop, 1)
    write_shop(shop, first=600, draw=7)
    assert "no drift since version 1 was fitted" in built(shop).stdout
    second = customers(shop, 1)
    assert found(shop, 2, "fit") == pytest.approx(expected(at_fit, second))
    write_shop(shop, first=1200, draw=9)
    assert "nothing to fit: version 1" in built(shop).stdout
    third = customers(shop, 1)
    assert found(shop, 3, "fit") == pytest.approx(expected(at_fit, third))
    against_second = {key: of for key, of in expected(second, third).items() if key[2] != "far"}
    assert {key: of for key, of in found(shop, 3, "build before").items() if key[2] != "far"} == pytest.approx(
        against_second
    )
    assert shop.query("select count(*) from segments__drift where is_material") == [(0,)]
    overlaps = shop.query("select moments -> '$.overlap' from segments__builds order by build")
    assert overlaps[0][0] == "[1,1]"
    common = [
        float(shop.query(f"select moments ->> '$.overlap[0]' from segments__builds where build = {n}")[0][0])
        for n in (2, 3)
    ]
    assert common == pytest.approx([0.5, 0.25])


def test_where_it_must_not_fit_a_build_reports_drift(shop: Consumer) -> None:
    shop.write("models/segments.yml", DRIFT)
    write_shop(shop, refit="never")
    built(shop)
    assert shop.dbt("test").returncode == 0
    write_shop(shop, price=4 / 3, refit="never")
    said = built(shop).stdout
    assert "the data drifted: the mean of revenue moved" in said
    assert "nothing to fit: version 1" in said
    assert shop.query("select max(version) from segments__versions") == [(1,)]
    assert shop.dbt("test").returncode == 1
    outcomes = {
        "except: [means, spread, feature mean]": "pass",
        "against: build before": "fail",
        "measures: [psi, share]": "pass",
        "measures: [far]": "fail",
        "measures: [far, mean], except: [far, mean]": "pass",
    }
    tests = [
        f"      - mallard.no_drift: {{arguments: {{{arguments}}}, name: drift_{n}}}\n"
        for n, arguments in enumerate(outcomes)
    ]
    shop.write("models/segments.yml", DRIFT.replace("      - mallard.no_drift\n", "".join(tests)))
    shop.dbt("test")
    results = json.loads((shop.path / "target" / "run_results.json").read_text())["results"]
    found = {result["unique_id"].split(".")[-2]: result["status"] for result in results}
    assert [found[f"drift_{n}"] for n in range(len(outcomes))] == list(outcomes.values())
    shop.write("models/segments.yml", DRIFT.replace("no_drift\n", "no_drift: {arguments: {measures: [gain]}}\n"))
    refused = shop.dbt("test").stdout
    assert 'mallard: setting measures is ["gain"]: give a list of means, spread' in refused
    shop.write("models/segments.yml", "version: 2\n")
    write_shop(shop, refit="never")
    built(shop)
    assert shop.query("select count(*) from segments__drift where build = 3 and against = 'fit' and is_material") == [
        (0,)
    ]


def test_a_segment_that_nobody_is_in_is_not_compared_and_nobody_at_all_is_refused(shop: Consumer) -> None:
    visits = "case when i > 0 then x + (hash(i) % 1000) / 100.0 end"
    write_shop(shop, refit="never", visits=visits)
    built(shop)
    write_shop(shop, refit="never", visits=visits, where="segment <> 2")
    built(shop)
    assert shop.query(
        "select count(*), count(size) from segments__drift where against = 'fit' and segment_id is not null "
        "and measure <> 'share' and segment_id not in (select segment_id from segments where segment_id is not null)"
    ) == [(6, 0)]
    write_shop(shop, refit="never", visits="null")
    assert shop.dbt("build").returncode != 0
    assert "every row lacks a value: visits in 1,200 of 1,200 rows" in shop.messages()["segments"][1]
    assert shop.query("select max(build) from segments__builds") == [(2,)]


MONEY = """
select
    'c' || lpad(cast(i as varchar), 6, '0') as customer_id,
    [4e6, 9e6, 2e7][1 + i % 3] + (hash(i) % 1000000) as revenue,
    [1e-7, 5e-7, 2e-7][1 + i % 3] + (hash(i + 5000) % 1000) * 1e-11 as rate
from range(200000) as t(i)
"""


def test_large_and_tiny_numbers_are_summed_up_whole_by_any_number_of_threads(shop: Consumer) -> None:
    """Without a scale, money in millions is squared and squared again, and rates vanish beside whole numbers."""
    scales = {name: {"scale": "none"} for name in ("revenue", "rate")}
    shop.write_segmentation("segments", MONEY, id="customer_id", features=scales, n_clusters=3)
    profile = (shop.path / "profiles.yml").read_text()
    for threads in (4, 1):
        shop.write("profiles.yml", profile + f"      settings: {{threads: {threads}}}\n")
        built(shop)
    at_fit, later = (
        json.loads(moments) for (moments,) in shop.query("select moments from segments__builds order by build")
    )
    assert at_fit["segments"] == later["segments"]
    for segment, group in frame(shop, "from segments").groupby("segment_id"):
        kept = later["segments"][str(segment)]
        squared = group["distance_to_centroid"] ** 2
        assert kept["sums"] == pytest.approx([group["revenue"].sum(), group["rate"].sum()], rel=1e-12)
        assert kept["squares"] == pytest.approx([(group["revenue"] ** 2).sum(), (group["rate"] ** 2).sum()], rel=1e-12)
        assert kept["squared_distances"] == pytest.approx(squared.sum(), rel=1e-9)
        assert kept["fourth_powers"] == pytest.approx((squared**2).sum(), rel=1e-9)
        assert kept["largest"] == pytest.approx(squared.max(), rel=1e-12)


VECTORS = """
select
    'c' || lpad(cast(i as varchar), 4, '0') as customer_id,
    cast([
        [8, 1, 1][1 + i % 3] + {spread} * (hash(i) % 100) / 100,
        [1, 8, 1][1 + i % 3] + {spread} * (hash(i + 500) % 100) / 100,
        [1, 1, 8][1 + i % 3] + {spread} * (hash(i + 900) % 100) / 100
    ] as double[3]) as taste
from range(600) as t(i)
"""


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_vectors_are_measured_by_their_distances(shop: Consumer, metric: str) -> None:
    meta = {"id": "customer_id", "features": ["taste"], "n_clusters": 3, "metric": metric, "refit": "never"}
    shop.write_segmentation("segments", VECTORS.format(spread=1), **meta)
    built(shop)
    before = frame(shop, "from segments")
    shop.write_segmentation("segments", VECTORS.format(spread=2), **meta)
    built(shop)
    assert shop.query("select distinct measure from segments__drift where against = 'fit' order by 1") == [
        (measure,) for measure in ("far", "mean distance", "means", "psi", "share", "shares", "spread")
    ]
    now = frame(shop, "from segments")
    squared = [of["distance_to_centroid"] ** (2 if metric == "euclidean" else 1) for of in (before, now)]
    sizes = dict(
        shop.query("select segment_id, size from segments__drift where against = 'fit' and measure = 'mean distance'")
    )
    assert sizes == pytest.approx(
        {
            segment: (
                squared[1][now["segment_id"] == segment].mean() / squared[0][before["segment_id"] == segment].mean()
            )
            ** 0.5
            for segment in (1, 2, 3)
        }
    )


def test_another_number_of_segments_is_compared_before_it_is_fitted(shop: Consumer) -> None:
    """A fit is due, and the version that goes still says what became of its customers."""
    write_shop(shop)
    built(shop)
    write_shop(shop, n_clusters=1)
    assert "no drift since version 1 was fitted" in built(shop).stdout
    assert shop.query("select distinct version, size from segments__drift where measure = 'shares'") == [(1, 0.0)]
    built(shop)
    assert (
        shop.query("select size, p_value from segments__drift where build = 3 and measure in ('shares', 'psi')")
        == [(0.0, 1.0)] * 4
    )
