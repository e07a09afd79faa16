"""One segmentation per group: that of a group alone, whatever the others do.

The expected figures come from scikit-learn, and from a model that selects one of the groups.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from consumer import TABLES_BESIDE, Consumer, make_consumer
from dbt_runs import Run
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from mallard.cli import main

STANDARD = {"scale": "standard"}
SETTINGS: dict[str, Any] = {
    "id": "customer_id",
    "features": {"visits": STANDARD, "revenue": STANDARD},
    "n_clusters": 3,
    "names": {"FR": {"1": "les petits"}},
}
PLACES = np.array([(10.0, 10.0), (40.0, 12.0), (25.0, 45.0)])
OF_THE_SELECT = ("country", "group")
"""Columns that the model of one group lacks."""


def people(country: str | None, n: int, seed: int) -> pd.DataFrame:
    """Customers of a country around three places."""
    rng = np.random.default_rng(seed)
    places = PLACES[np.arange(n) % 3] + rng.uniform(-4, 4, (n, 2))
    ids = [f"{country}-{i}" for i in range(n)]
    return pd.DataFrame({"customer_id": ids, "country": country, "visits": places[:, 0], "revenue": places[:, 1]})


FIRST = pd.concat([people("DE", 120, 1), people("FR", 90, 2), people("ES", 60, 3), people(None, 3, 4)])
SECOND = FIRST[FIRST.country != "ES"].copy()
SECOND.loc[(SECOND.country == "FR") & (SECOND.visits < 15), "revenue"] += 30
SECOND.loc[SECOND.customer_id.isin(["FR-5", "FR-7"]), "country"] = "DE"
SECOND.loc[SECOND.customer_id == "DE-7", "country"] = None
SECOND = pd.concat([SECOND, people("IT", 45, 5)])


def build(shop: Consumer, customers: pd.DataFrame, *arguments: str, **settings: Any) -> Run:
    """Build what segments by country, and what segments those of DE."""
    file = shop.path / "customers.parquet"
    customers.to_parquet(file)
    shop.write_segmentation("segments", f"select * from '{file}'", **SETTINGS, group_by="country", **settings)
    alone = f"select * exclude (country) from '{file}' where country = 'DE'"
    shop.write_segmentation("alone", alone, **{**SETTINGS, **settings, "names": {}})
    shop.write(
        "models/current.sql", """select "group", segment_id, version from {{ mallard.centroids(ref('segments')) }}"""
    )
    return shop.dbt("build", *arguments)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project that was built on two days."""
    shop = make_consumer(tmp_path_factory.mktemp("groups"))
    for customers in (FIRST, SECOND):
        result = build(shop, customers)
        assert result.returncode == 0, result.stdout
    return shop


@pytest.fixture
def fresh(tmp_path: Path) -> Consumer:
    return make_consumer(tmp_path)


def rows(shop: Consumer, table: str, columns: list[str], where: str = "true") -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{column}"' for column in columns)
    return shop.query(f"select {names} from {table} where {where} order by all")


@pytest.mark.parametrize("name", ["", *(f"__{table}" for table in TABLES_BESIDE)])
def test_the_tables_of_a_group_are_those_of_a_segmentation_of_its_own(shop: Consumer, name: str) -> None:
    columns = [column for column, *_ in shop.query(f"describe alone{name}")]
    of_groups = [column for column, *_ in shop.query(f"describe segments{name}")]
    assert [column for column in of_groups if column not in OF_THE_SELECT] == columns
    assert of_groups.index("group") == (0 if name else len(of_groups) - 1)
    same = [column for column in columns if column not in ("settings", "settings_fingerprint", "scoring")]
    found = rows(shop, f"segments{name}", same, "\"group\" = 'DE'")
    assert found == rows(shop, f"alone{name}", same)
    assert found or name in ("__attributes", "__divisions", "__lineage")


def test_the_segments_of_every_group_are_those_of_scikit_learn(shop: Consumer) -> None:
    for country in ("DE", "FR", "IT"):
        customers = SECOND[SECOND.country == country].sort_values("customer_id")
        scaled = StandardScaler().fit_transform(customers[["visits", "revenue"]])
        labels = KMeans(3, n_init=20, random_state=0).fit_predict(scaled)
        found = rows(shop, "segments", ["customer_id", "segment_id"], f"\"group\" = '{country}'")
        assert [customer for customer, _ in found] == list(customers.customer_id)
        assert adjusted_rand_score(labels, [segment for _, segment in found]) == 1
    customers = SECOND[SECOND.country == "FR"]
    scaled = StandardScaler().fit_transform(customers[["visits", "revenue"]])
    inertia = KMeans(3, n_init=20, random_state=0).fit(scaled).inertia_
    [(found,)] = shop.query(
        "select inertia from segments__metrics where \"group\" = 'FR' and version = 2 and is_selected"
    )
    assert found == pytest.approx(inertia, rel=1e-9)


def test_each_group_has_versions_of_its_own_and_builds_are_numbered_for_all(shop: Consumer) -> None:
    versions = shop.query('select "group", max(version), count(*) from segments__versions group by all order by all')
    assert versions == [("DE", 1, 1), ("ES", 1, 1), ("FR", 2, 2), ("IT", 1, 1)]
    builds = shop.query('select "group", max(build), any_value(n_joined) from segments__builds group by all order by 1')
    assert [(group, build) for group, build, _ in builds] == [("DE", 2), ("ES", 1), ("FR", 2), ("IT", 2)]
    current = shop.query('select distinct "group", version from current order by all')
    assert current == [("DE", 1), ("ES", 1), ("FR", 2), ("IT", 1)]


def test_who_changes_the_group_left_one_and_joined_the_other(shop: Consumer) -> None:
    counts = shop.query('select "group", n_joined, n_left from segments__builds where build = 2 order by all')
    assert counts == [("DE", 2, 1), ("FR", 0, 2), ("IT", None, None)]
    assert shop.query("select customer_id from segments where \"group\" = 'DE' and is_new order by all") == [
        ("FR-5",),
        ("FR-7",),
    ]


def test_who_has_no_group_is_excluded(shop: Consumer) -> None:
    found = shop.query(
        "select customer_id, segment_id, assignment_status, status_reason, is_new from segments "
        'where "group" is null order by all'
    )
    expected = [("DE-7", True), *((f"None-{i}", False) for i in range(3))]
    assert found == [(id, None, "excluded", "country is missing", is_new) for id, is_new in expected]


def test_names_can_be_given_by_group(shop: Consumer) -> None:
    named = shop.query("select distinct \"group\" from segments where segment_name = 'les petits'")
    assert named == [("FR",)]


def test_the_command_line_shows_one_group(shop: Consumer, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(main, [arguments[0], str(shop.database), "-s", "segments", *arguments[1:]]).output

    assert "segments (FR): 88 customers, 88 with a segment" in run("summary", "--group", "FR")
    assert "segments has 3 groups with a segmentation each: choose one with --group" in run("summary")
    assert "there is no group XX" in run("summary", "--group", "XX")
    file = tmp_path / "members.csv"
    assert "customers" in run("members", "--group", "FR", "--segment", "les petits", "-o", str(file))
    assert set(pd.read_csv(file).country) == {"FR"}
    page = tmp_path / "page.html"
    assert "88 customers" in run("report", "--group", "FR", "-o", str(page), "--no-pictures")


def test_what_is_old_is_forgotten_in_each_group(shop: Consumer) -> None:
    for table, column in (("versions", "fitted_at"), ("builds", "built_at")):
        shop.execute(f"update segments__{table} set {column} = {column} - interval 10 days")
    result = build(shop, SECOND, history_days=5)
    assert result.returncode == 0, result.stdout
    versions = [("DE", 1), ("ES", 1), ("FR", 2), ("IT", 1)]
    for table in ("versions", "centroids", "metrics", "features"):
        assert shop.query(f'select distinct "group", version from segments__{table} order by all') == versions
    assert shop.query('select "group", build from segments__builds order by all') == [("DE", 3), ("FR", 3), ("IT", 3)]


def test_without_rows_the_history_stays(shop: Consumer) -> None:
    before = shop.query("select * from segments__versions order by all")
    result = shop.dbt("build", "--empty", "-s", "segments")
    assert result.returncode == 0, result.stdout
    assert shop.query("select count(*) from segments") == [(0,)]
    assert shop.query("select * from segments__versions order by all") == before


def test_without_group_by_the_history_of_groups_is_refused(shop: Consumer) -> None:
    shop.write_segmentation("segments", "select * from alone", **SETTINGS | {"names": {}})
    result = shop.dbt("build", "-s", "segments")
    assert "the history of segments was made with group_by, which is not set: undo that" in result.stdout


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"smallest_group": 80},
            '2 of the groups by country have fewer than 80 customers: "ES" (60), "IT" (45): lower smallest_group, or '
            "set small_groups to pool.",
        ),
        ({"group_by": "continent"}, 'setting group_by is "continent": the select has no such column; choose from'),
        ({"group_by": "customer_id"}, 'setting group_by is "customer_id": it is the id; name another column.'),
        ({"smallest_group": 500, "small_groups": "pool"}, "even together they have only 315"),
        ({"names": {"FR": {"first": "VIP"}}}, "setting names is"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(fresh: Consumer, settings: dict[str, Any], message: str) -> None:
    file = fresh.path / "customers.parquet"
    pd.concat([FIRST, people("IT", 45, 5)]).to_parquet(file)
    fresh.write_segmentation("segments", f"select * from '{file}'", **{**SETTINGS, "group_by": "country", **settings})
    result = fresh.dbt("build")
    assert result.returncode == 1
    assert message in " ".join(fresh.messages()["segments"][1].split())


def test_the_group_that_fails_is_named(fresh: Consumer) -> None:
    customers = FIRST.copy()
    customers.loc[customers.country == "FR", "visits"] = 1.0
    result = build(fresh, customers)
    assert result.returncode == 1
    assert "mallard: group FR: column visits" in " ".join(fresh.messages()["segments"][1].split())
    assert not fresh.query("select table_name from duckdb_tables() where table_name like 'segments%'")


def test_small_groups_are_pooled(fresh: Consumer) -> None:
    result = build(fresh, SECOND, smallest_group=89, small_groups="pool")
    assert result.returncode == 0, result.stdout
    counts = fresh.query('select "group", count(*), count(distinct country) from segments group by all order by all')
    assert counts == [("DE", 121, 1), ("other", 133, 2), (None, 4, 0)]
    assert "groups by country" not in result.stdout


def test_rules_are_of_each_group_and_not_mixed(tmp_path: Path) -> None:
    shop = make_consumer(tmp_path / "shop")
    ruled = "select segment_id, {{ mallard.rules_case(ref('segments')) }} as rule from {{ ref('segments') }}"
    shop.write("models/ruled.sql", ruled)
    result = build(shop, FIRST, rules=True)
    assert result.returncode == 0, result.stdout
    assert shop.query("select count(*), count(rule), count(*) filter (rule = segment_id) from ruled") == [
        (273, 270, 270)
    ]
    found = shop.query(
        """select "group", list(distinct segment_id), min(agreement) from segments__rules group by all"""
    )
    assert {group: (sorted(segments), agreement) for group, segments, agreement in found} == {
        group: ([1, 2, 3], 1.0) for group in ("DE", "ES", "FR")
    }
