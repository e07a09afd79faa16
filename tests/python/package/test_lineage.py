"""Which id a new segment gets, and what is written down about the old ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from living_shop import STANDARD, Build, LivingShop

PLACES = {"few": (10.0, 10.0), "middle": (40.0, 12.0), "many": (25.0, 45.0), "new": (60.0, 60.0)}
SETTINGS = {"id": "customer_id", "features": {"visits": STANDARD, "revenue": STANDARD}, "n_clusters": 3}
NAMES = {1: "few", 2: "many", 3: "middle", 4: "new"}


@pytest.fixture
def shop(tmp_path: Path) -> LivingShop:
    return LivingShop(tmp_path, SETTINGS)


def people(seed: int, first_id: int = 0, **counts: int) -> pd.DataFrame:
    """Customers around the places of these kinds."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(list(counts), list(counts.values()))
    places = np.array([PLACES[kind] for kind in kinds]) + rng.uniform(-4, 4, (len(kinds), 2))
    return pd.DataFrame(
        {
            "customer_id": first_id + np.arange(len(kinds)),
            "visits": places[:, 0],
            "revenue": places[:, 1],
            "kind": kinds,
        }
    )


def kinds_of(customers: pd.DataFrame) -> dict[int, str]:
    """The kind of customers that each segment has, which are all of one kind."""
    assert (customers.groupby("segment_id").kind.nunique() == 1).all()
    return customers.groupby("segment_id").kind.first().to_dict()


def test_a_new_kind_emerges_and_the_others_survive_with_the_shares_that_say_so(shop: LivingShop) -> None:
    before = people(1, few=100, middle=100, many=100)
    first = shop.build(before)
    assert first.lineage.empty
    now = pd.concat([before.drop(range(10)), people(2, 1000, new=90, many=20)])
    second = shop.build(now, "--full-refresh", n_clusters=4)
    kept = kinds_of(first.customers)
    assert kinds_of(second.customers) == kept | {4: "new"}
    rows = second.lineage.set_index("new_segment_id")
    assert (rows.version == 2).all()
    assert (rows.from_version == 1).all()
    assert rows.fate.to_dict() == {1: "survived", 2: "survived", 3: "survived", 4: "emerged"}
    assert rows.keeps_id.to_dict() == {1: True, 2: True, 3: True, 4: False}
    by_old, by_new = first.by_its_version(second.customers), second.customers.segment_id
    both = first.customers.index.intersection(second.customers.index)
    was = first.customers.segment_id[both]
    for segment in kept:
        row = rows.loc[segment]
        assert row.segment_id == segment
        assert (
            row.segment_name
            == row.new_segment_name
            == first.customers[first.customers.segment_id == segment].segment_name.iloc[0]
        )
        assert row.n_shared == ((was == segment) & (by_new[both] == segment)).sum()
        assert (row.share_of_old, row.share_of_new, row.jaccard_then) == (1, 1, 1)
        distance = np.linalg.norm(_places(first, second.customers) - first.centroids.loc[segment].to_numpy(), axis=1)
        reach = np.quantile(_own_distances(first, segment), 0.99)
        near = (by_old == segment) & (distance <= reach)
        here = by_new == segment
        assert row.jaccard_now == pytest.approx((near & here).sum() / (near | here).sum())
    emerged = rows.loc[4]
    assert emerged[["segment_id", "segment_name", "share_of_old", "jaccard_then"]].isna().all()
    assert emerged.n_shared == 0


def _places(build: Build, customers: pd.DataFrame) -> np.ndarray:
    features = list(build.centroids.columns)
    return ((customers[features] - build.scales.center[features]) / build.scales.spread[features]).to_numpy()


def _own_distances(build: Build, segment: int) -> np.ndarray:
    own = build.customers[build.customers.segment_id == segment]
    return np.linalg.norm(_places(build, own) - build.centroids.loc[segment].to_numpy(), axis=1)


def test_two_that_melt_are_merged(shop: LivingShop) -> None:
    before = people(1, few=100, middle=60, many=90)
    first = shop.build(before)
    names = {kind: segment for segment, kind in kinds_of(first.customers).items()}
    now = before.copy()
    now.loc[now.kind == "middle", ["visits", "revenue"]] += np.subtract(PLACES["few"], PLACES["middle"])
    second = shop.build(now, "--full-refresh", n_clusters=2)
    fates = second.lineage.set_index("segment_id")
    assert fates.fate.to_dict() == {names["few"]: "merged", names["middle"]: "merged", names["many"]: "survived"}
    assert fates.new_segment_id.to_dict() == {
        names["few"]: names["few"],
        names["middle"]: names["few"],
        names["many"]: names["many"],
    }
    assert fates.share_of_new[names["middle"]] == pytest.approx(60 / 160)
    assert set(second.customers.segment_id) == {names["few"], names["many"]}


def test_an_id_is_never_used_twice(shop: LivingShop) -> None:
    before = people(1, few=100, middle=100, many=100)
    shop.build(before)
    second = shop.build(pd.concat([before, people(2, 1000, new=100)]), "--full-refresh", n_clusters=4)
    assert kinds_of(second.customers)[4] == "new"
    shop.build(before, "--full-refresh")
    fourth = shop.build(pd.concat([before, people(3, 2000, new=100)]), "--full-refresh", n_clusters=4)
    assert kinds_of(fourth.customers)[5] == "new"


def test_other_customers_are_matched_by_the_version_before(shop: LivingShop) -> None:
    first = shop.build(people(1, few=100, middle=100, many=100))
    second = shop.build(people(2, 1000, middle=50, few=150, many=100), "--full-refresh")
    assert kinds_of(second.customers) == kinds_of(first.customers)
    assert second.customers.is_new.all()
    assert (second.lineage.n_shared == 0).all()
    assert (second.lineage.jaccard_now > 0.9).all()


def test_other_customers_whom_the_version_before_cant_score_are_matched_by_centroids(shop: LivingShop) -> None:
    first = shop.build(people(1, few=100, middle=100, many=100))
    others = people(2, 1000, middle=50, few=150, new=100).assign(visits=lambda rows: rows.visits.astype("float32"))
    second = shop.build(others)
    assert second.about.reason == "column visits was DOUBLE and is FLOAT"
    old = {kind: segment for segment, kind in kinds_of(first.customers).items()}
    assert kinds_of(second.customers) == {old["few"]: "few", old["middle"]: "middle", 4: "new"}
    fates = second.lineage.set_index("segment_id").fate
    assert fates[[old["few"], old["middle"], old["many"]]].tolist() == ["survived", "survived", "vanished"]
    assert second.lineage.jaccard_now.isna().all()


def test_ids_of_another_type_are_the_same_customers(shop: LivingShop) -> None:
    before = people(1, few=100, middle=100, many=100)
    first = shop.build(before)
    for ids in ("int32", "str", "int64"):
        later = shop.build(before.assign(customer_id=before.customer_id.astype(ids)))
        assert not later.customers.is_new.any()
        assert set(later.transitions.kind) == {"stayed"}
        assert later.customers.segment_id.tolist() == first.customers.segment_id.tolist()


def test_with_another_column_as_the_id_all_customers_are_new(shop: LivingShop) -> None:
    before = people(1, few=100, middle=100, many=100)
    first = shop.build(before)
    renamed = shop.build(before.rename(columns={"customer_id": "person"}), id="person")
    assert renamed.customers.is_new.all()
    assert kinds_of(renamed.customers) == kinds_of(first.customers)
    assert renamed.transitions.groupby("kind").n_customers.sum().to_dict()["joined"] == 300


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_vectors_keep_their_ids_and_names(tmp_path: Path, metric: str) -> None:
    shop = LivingShop(tmp_path, {"id": "customer_id", "n_clusters": 3, "metric": metric})

    def songs(first_id: int, *kinds: str) -> pd.DataFrame:
        rows = people(first_id, first_id, **dict.fromkeys(kinds, 60))
        places = [np.array([*row, 30.0]) for row in rows[["visits", "revenue"]].to_numpy()]
        return rows[["customer_id"]].assign(place=places, plays=range(len(rows)))

    first = shop.build(songs(0, "few", "middle", "many"), features=["place"])
    again = shop.build(songs(0, "few", "middle", "many"), "--full-refresh", features=["place"])
    names = first.customers[["segment_id", "segment_name"]]
    assert again.customers[["segment_id", "segment_name"]].equals(names)
    both = shop.build(songs(0, "few", "middle", "many"), features={"place": {}, "plays": {"weight": 0.001}})
    assert both.customers[["segment_id", "segment_name"]].equals(names)
    others = shop.build(songs(1000, "few", "middle", "new").drop(columns="plays"), features=["place"])
    assert set(others.transitions["part"]) == {"together"}
    assert (others.lineage.fate == "survived").sum() == 2
    kept = others.customers.segment_name.isin(names.segment_name)
    assert kept.groupby(others.customers.segment_id).first().to_dict() == {
        segment: segment < 4 for segment in others.customers.segment_id.unique()
    }
