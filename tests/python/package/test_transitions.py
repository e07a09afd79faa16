"""Who moved between two builds, and whether because of what they did or because a new version redrew the segments.

The expected rows come from pandas: the nearest centroid of the version of the build before, and the customers that each
build left behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import living_shop
import numpy as np
import pandas as pd
import pytest
from living_shop import STANDARD, Build, LivingShop, assert_transitions

PLACES = {"few": (10.0, 10.0), "middle": (40.0, 12.0), "many": (25.0, 45.0), "new": (60.0, 60.0)}
SETTINGS = {
    "id": "customer_id",
    "features": {"visits": STANDARD, "revenue": STANDARD},
    "nulls": "exclude",
    "weight_column": "households",
    "value_column": "margin",
}


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
    """The rows of one part: from the segments that customers had to those that they have, with weights and values."""
    return living_shop.flows(
        before,
        now,
        was,
        becomes,
        weight=pd.concat([now.households, before.households.drop(now.index, errors="ignore")]),
        value_before=before.margin.fillna(0) * before.households,
        value=now.margin.fillna(0) * now.households,
    )


def test_the_first_build_has_no_transitions(builds: Builds) -> None:
    assert builds.first.transitions.empty


def test_without_a_fit_all_is_behaviour(builds: Builds) -> None:
    first, second = builds.first.customers, builds.second.customers
    assert set(builds.second.transitions.part) == {"behaviour"}
    expected = flows(first, second, first.segment_id, builds.first.by_its_version(second))
    assert_transitions(builds.second.transitions, "behaviour", expected)
    assert set(builds.second.transitions[["from_version", "version"]].itertuples(index=False)) == {(1, 1)}
    moved = expected.loc["moved"].n_customers
    assert sorted(moved) == [1, 1, 12]  # of fifteen two left, and one had no segment; one has none any more


def test_a_new_version_divides_what_customers_did_from_what_it_did(builds: Builds) -> None:
    before, now = builds.second.customers, builds.third.customers
    between = builds.first.by_its_version(now)
    assert_transitions(builds.third.transitions, "behaviour", flows(before, now, before.segment_id, between))
    redefined = flows(now, now, between, now.segment_id).assign(value_before=np.nan)
    assert_transitions(builds.third.transitions, "redefinition", redefined)
    assert redefined.loc["moved"].n_customers.sum() == 90  # all of the new kind, and nobody else
    assert set(builds.third.transitions[["from_version", "version"]].itertuples(index=False)) == {(1, 2)}


def test_with_other_features_both_are_together(builds: Builds) -> None:
    before, now = builds.third.customers, builds.fourth.customers
    assert set(builds.fourth.transitions.part) == {"together"}
    assert_transitions(builds.fourth.transitions, "together", flows(before, now, before.segment_id, now.segment_id))


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
    redefined = builds.third.transitions[builds.third.transitions["part"] == "redefinition"]
    assert redefined.n_customers.sum() == len(builds.third.customers)


def test_customers_who_count_as_one_each_are_counted(tmp_path: Path) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name not in ("weight_column", "value_column")}
    shop = LivingShop(tmp_path / "counted", settings)
    before, now = shop.build(FIRST, n_clusters=3), shop.build(THIRD, "--full-refresh", n_clusters=4)
    between = before.by_its_version(now.customers)
    for name, expected in (
        ("behaviour", living_shop.flows(before.customers, now.customers, before.customers.segment_id, between)),
        ("redefinition", living_shop.flows(now.customers, now.customers, between, now.customers.segment_id)),
    ):
        assert_transitions(now.transitions, name, expected)
    assert (now.transitions.weight == now.transitions.n_customers).all()
    assert now.transitions[["value_before", "value"]].isna().all(axis=None)
