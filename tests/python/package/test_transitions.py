"""Who moved between two builds, and whether because of what they did or because a new version redrew the segments.

The expected rows come from pandas: the nearest centroid of the version of the build before, and the customers that each
build left behind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from living_shop import STANDARD, Build, LivingShop

PLACES = {"few": (10.0, 10.0), "middle": (40.0, 12.0), "many": (25.0, 45.0), "new": (60.0, 60.0)}
SETTINGS = {
    "id": "customer_id",
    "features": {"visits": STANDARD, "revenue": STANDARD},
    "nulls": "exclude",
    "weight_column": "households",
    "value_column": "margin",
}
KEYS = ["kind", "from_segment_id", "to_segment_id"]
SUMS = ["n_customers", "weight", "value_before", "value"]


def people(seed: int, **counts: int) -> pd.DataFrame:
    """Customers around the places of these kinds, with a weight and a value each."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(list(counts), list(counts.values()))
    places = np.array([PLACES[kind] for kind in kinds]) + rng.uniform(-4, 4, (len(kinds), 2))
    return pd.DataFrame(
        {
            "customer_id": [f"{kind}-{i}" for i, kind in enumerate(kinds)],
            "visits": places[:, 0],
            "revenue": places[:, 1],
            "age": rng.uniform(20, 80, len(kinds)),
            "households": rng.integers(1, 5, len(kinds)) / 2,
            "margin": np.where(rng.random(len(kinds)) < 0.1, np.nan, rng.normal(100, 30, len(kinds))),
        }
    )


def move(customers: pd.DataFrame, kind: str, n: int, to: str) -> pd.DataFrame:
    """The same customers, of whom so many of a kind behave like another."""
    moved = customers.copy()
    rows = moved.index[moved.customer_id.str.startswith(kind)][:n]
    moved.loc[rows, ["visits", "revenue"]] += np.subtract(PLACES[to], PLACES[kind])
    return moved


FIRST = people(1, few=120, middle=100, many=80)
FIRST.loc[[0, 130], "revenue"] = np.nan
SECOND = pd.concat(
    [
        move(FIRST, "few", 15, "many").drop([5, 6, 150]),
        people(2, middle=9).assign(customer_id=[f"late-{i}" for i in range(9)]),
    ]
)
SECOND.loc[[0], "revenue"] = 10.0
SECOND.loc[[140], "revenue"] = np.nan
SECOND["margin"] *= 1.5
SECOND["margin"] = SECOND.margin.astype("float32")
THIRD = pd.concat([move(SECOND, "middle", 20, "few").drop([7, 8]), people(3, new=90)])
FOURTH = move(THIRD, "many", 10, "few").drop(columns="revenue").assign(income=lambda rows: rows.visits**2)


class Builds(NamedTuple):
    first: Build
    second: Build
    third: Build
    fourth: Build
    shop: LivingShop


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Four builds: a fit; the same version; a new version; and a version with other features."""
    shop = LivingShop(tmp_path_factory.mktemp("transitions"), SETTINGS)
    return Builds(
        shop.build(FIRST, n_clusters=3),
        shop.build(SECOND, n_clusters=3, refit="never"),
        shop.build(THIRD, "--full-refresh", n_clusters=4),
        shop.build(FOURTH, n_clusters=4, features=["visits", "income"]),
        shop,
    )


def flows(before: pd.DataFrame, now: pd.DataFrame, was: pd.Series, becomes: pd.Series) -> pd.DataFrame:
    """The rows of one part: from the segments that customers had to those that they have."""
    rows = pd.DataFrame({"from_segment_id": was, "to_segment_id": becomes}).astype("Int64")
    there, were = rows.index.isin(now.index), rows.index.isin(before.index)
    same = rows.from_segment_id.eq(rows.to_segment_id).fillna(False) | rows.isna().all(axis=1)
    rows["kind"] = np.select([~were, ~there, same.astype(bool)], ["joined", "left", "stayed"], "moved")
    rows["n_customers"] = 1
    rows["weight"] = now.households.reindex(rows.index).fillna(before.households.reindex(rows.index))
    rows["value_before"] = (before.margin.fillna(0) * before.households).reindex(rows.index)
    rows["value"] = (now.margin.fillna(0) * now.households).reindex(rows.index)
    return rows.groupby(KEYS, dropna=False)[SUMS].agg(lambda column: column.sum(min_count=1))


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    found = found.astype({"from_segment_id": "Int64", "to_segment_id": "Int64"}).set_index(KEYS)[SUMS]
    assert not found.index.duplicated().any()
    pd.testing.assert_frame_equal(found.sort_index(), expected.sort_index(), check_dtype=False, rtol=1e-12)


def part(build: Build, name: str) -> pd.DataFrame:
    return build.transitions[build.transitions["part"] == name]


def test_the_first_build_has_no_transitions(builds: Builds) -> None:
    assert builds.first.transitions.empty


def test_without_a_fit_all_is_behaviour(builds: Builds) -> None:
    first, second = builds.first.customers, builds.second.customers
    assert set(builds.second.transitions.part) == {"behaviour"}
    expected = flows(first, second, first.segment_id, builds.first.by_its_version(second))
    assert_same(builds.second.transitions, expected)
    assert set(builds.second.transitions[["from_version", "version"]].itertuples(index=False)) == {(1, 1)}
    moved = expected.loc["moved"].n_customers
    assert sorted(moved) == [1, 1, 12]  # of fifteen two left, and one had no segment; one has none any more


def test_a_new_version_divides_what_customers_did_from_what_it_did(builds: Builds) -> None:
    before, now = builds.second.customers, builds.third.customers
    between = builds.first.by_its_version(now)
    assert_same(part(builds.third, "behaviour"), flows(before, now, before.segment_id, between))
    redefined = flows(now, now, between, now.segment_id).assign(value_before=np.nan)
    assert_same(part(builds.third, "redefinition"), redefined)
    assert redefined.loc["moved"].n_customers.sum() == 90  # all of the new kind, and nobody else
    assert set(builds.third.transitions[["from_version", "version"]].itertuples(index=False)) == {(1, 2)}


def test_with_other_features_both_are_together(builds: Builds) -> None:
    before, now = builds.third.customers, builds.fourth.customers
    assert set(builds.fourth.transitions.part) == {"together"}
    assert_same(builds.fourth.transitions, flows(before, now, before.segment_id, now.segment_id))


def test_segments_have_the_names_of_their_version(builds: Builds) -> None:
    names = {
        (version, segment): name
        for version, segment, name in builds.shop.consumer.query(
            "select distinct version, segment_id, segment_name from segments__centroids"
        )
    }
    rows = builds.shop.consumer.query(
        "select part, from_version, version, from_segment_id, from_segment_name, to_segment_id, to_segment_name "
        "from segments__transitions"
    )
    for name, old, new, from_id, from_name, to_id, to_name in rows:
        assert from_name == names.get((old, from_id))
        assert to_name == names.get((old if name == "behaviour" else new, to_id))


def test_each_customer_is_counted_once(builds: Builds) -> None:
    for before, build in [(builds.first, builds.second), (builds.second, builds.third), (builds.third, builds.fourth)]:
        first = build.transitions[build.transitions["part"] != "redefinition"]
        assert first[first.kind != "left"].n_customers.sum() == len(build.customers)
        assert first[first.kind != "joined"].n_customers.sum() == len(before.customers)
    assert part(builds.third, "redefinition").n_customers.sum() == len(builds.third.customers)
