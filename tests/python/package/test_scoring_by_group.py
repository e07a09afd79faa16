"""What reads a segmentation by group takes the segments of each customer's own group: scores, rules, scales and tests.

The expected rows are those of the segmentation itself, and of models that select one of the groups.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from consumer import Consumer, make_consumer

import mallard.keras
from mallard import KMeans
from mallard.cli import main
from mallard.export.export import export_segmentation

STANDARD = {"scale": "standard"}
SETTINGS: dict[str, Any] = {
    "id": "customer_id",
    "features": {"visits": STANDARD, "revenue": STANDARD, "plan": {}},
    "nulls": "exclude",
    "max_clusters": 4,
    "max_distance": 3,
    "contamination": 0.05,
    "rules": True,
}
PLACES = np.array([(10.0, 10.0), (40.0, 12.0), (25.0, 45.0)])
PLANS = {"DE": "ab", "FR": "bc"}
"""The categories of a group, by which its features differ from those of others."""
NOT_IN_A_SCORE = "previous_segment_id, segment_changed_at, is_new"


def people(country: str | None, n: int, seed: int) -> pd.DataFrame:
    """Customers of a country around three places; one lacks the visits."""
    rng = np.random.default_rng(seed)
    places = PLACES[np.arange(n) % 3] + rng.uniform(-4, 4, (n, 2))
    places[n - 1, 0] = np.nan
    plans = rng.choice(list(PLANS.get(str(country), "ac")), n)
    ids = [f"{country}-{i}" for i in range(n)]
    return pd.DataFrame(
        {"customer_id": ids, "country": country, "visits": places[:, 0], "revenue": places[:, 1], "plan": plans}
    )


FIRST = pd.concat(
    [people("DE", 120, 1), people("FR", 90, 2), people("ES", 60, 3), people("IT", 45, 4)], ignore_index=True
)
"""Each country is a group of its own. Then ES is gone, IT and PT are too small by themselves, and FR has drifted."""
SECOND = pd.concat(
    [
        FIRST[FIRST.country.isin(["DE", "FR"])],
        FIRST[FIRST.country == "IT"][:20],
        people("PT", 15, 5),
        people(None, 3, 6),
    ],
    ignore_index=True,
)
SECOND.loc[(SECOND.country == "FR") & (SECOND.visits > 33), "visits"] += 30
NEW = pd.concat(
    [people(country, 9, seed) for seed, country in enumerate(["DE", "FR", "ES", "IT", "PT", "LU", None])],
    ignore_index=True,
)

TESTS = """
models:
  - name: segments
    data_tests:
      - mallard.is_nearest_centroid: {arguments: {id_column: customer_id}}
      - mallard.ids_persist
      - mallard.transitions_add_up
      - mallard.min_segment_share:
          arguments: {minimum: 0.15}
          config: {where: "visits > 0"}
  - name: tried
    data_tests:
      - mallard.never_rises: {arguments: {column: inertia, along: n_clusters}}
      - mallard.exactly_one_row_where: {arguments: {condition: is_selected}}
"""
MODELS = {
    "of_de": "select * exclude (country) from {{ ref('customers') }} where country = 'DE'",
    "scored": "{{ mallard.score(ref('customers'), ref('segments')) }}",
    "scored_new": "{{ mallard.score(ref('new_customers'), ref('segments')) }}",
    "new_of_de": "select * exclude (country) from {{ ref('new_customers') }} where country = 'DE'",
    "new_alone": "{{ mallard.score(ref('new_of_de'), ref('alone')) }}",
    "scored_strictly": "with new as (from {{ ref('new_customers') }}) from ({{ mallard.score('new', ref('strict')) }})",
    "scaled": "{{ mallard.scaled(ref('segments')) }}",
    "scaled_alone": "{{ mallard.scaled(ref('alone')) }}",
    "ruled": "select *, {{ mallard.rules_case(ref('segments')) }} as ruled from {{ ref('new_customers') }}",
    "ruled_alone": "select *, {{ mallard.rules_case(ref('alone')) }} as ruled from {{ ref('new_customers') }}",
    "tried": "select * from {{ mallard.metrics(ref('segments')) }}",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project that was built on two days."""
    shop = make_consumer(tmp_path_factory.mktemp("groups"))
    file, new = shop.path / "customers.parquet", shop.path / "new.parquet"
    NEW.to_parquet(new)
    by_country = {**SETTINGS, "group_by": "country"}
    select = "select * from {{ ref('customers') }}"
    shop.write("models/customers.sql", f"{{{{ config(materialized='table') }}}} select * from '{file}'")
    shop.write("models/new_customers.sql", f"{{{{ config(materialized='table') }}}} select * from '{new}'")
    shop.write_segmentation("segments", select, **by_country, smallest_group=30, small_groups="pool")
    shop.write_segmentation("strict", select, **by_country | {"n_clusters": 2, "max_clusters": 2})
    shop.write_segmentation("alone", "select * from {{ ref('of_de') }}", **SETTINGS)
    for name, text in MODELS.items():
        shop.write(f"models/{name}.sql", "{{ config(materialized='table') }}\n" + text)
    shop.write("models/_tests.yml", TESTS)
    for customers in (FIRST, SECOND):
        customers.to_parquet(file)
        result = shop.dbt("build")
        assert result.returncode == 0, result.stdout
    return shop


def test_the_groups_are_as_planned(shop: Consumer) -> None:
    counts = shop.query('select "group", count(*), max(version) from segments group by all order by all')
    assert counts == [("DE", 120, 1), ("FR", 90, 2), ("other", 35, 1), (None, 3, None)]
    versions = shop.query('select "group", max(version) from segments__versions group by all order by all')
    assert versions == [("DE", 1), ("ES", 1), ("FR", 2), ("IT", 1), ("other", 1)]
    of_groups = 'select "group", list(distinct feature order by feature) from segments__centroids group by all'
    features = dict(shop.query(of_groups))
    assert features["DE"] != features["FR"]


def test_a_score_has_the_rows_of_the_segmentation(shop: Consumer) -> None:
    columns = [column for column, *_ in shop.query(f"describe select * exclude ({NOT_IN_A_SCORE}) from segments")]
    assert [column for column, *_ in shop.query("describe scored")] == columns
    expected = shop.query(f"select * exclude ({NOT_IN_A_SCORE}) from segments order by customer_id")
    assert shop.query("from scored order by customer_id") == expected
    assert len(expected) == 248
    reasons = shop.query(
        "select status_reason, count(*) from scored where segment_id is null group by all order by all"
    )
    assert reasons[:2] == [("country is missing", 3), ("visits is missing", 3)]


def test_new_customers_come_to_the_segments_of_their_group_as_if_it_were_alone(shop: Consumer) -> None:
    found = shop.query(
        "select * exclude (country, \"group\") from scored_new where country = 'DE' order by customer_id"
    )
    assert found == shop.query("from new_alone order by customer_id")
    assert len(found) == 9
    # Not by a version that other customers of IT once had, but in the pool, as in the segmentation.
    groups = shop.query(
        'select country, "group", max(version), count(segment_id), max(status_reason) from scored_new group by all '
        "order by all"
    )
    assert groups == [
        ("DE", "DE", 1, 8, "visits is missing"),
        ("ES", "ES", 1, 8, "visits is missing"),
        ("FR", "FR", 2, 8, "visits is missing"),
        ("IT", "other", 1, 8, "visits is missing"),
        ("LU", "other", 1, 8, "visits is missing"),
        ("PT", "other", 1, 8, "visits is missing"),
        (None, None, None, 0, "country is missing"),
    ]


def test_without_a_pool_who_is_of_no_group_is_excluded(shop: Consumer) -> None:
    found = shop.query(
        "select distinct country, assignment_status, status_reason from scored_strictly "
        'where "group" is null order by all'
    )
    assert found == [
        ("LU", "excluded", "country is unknown"),
        (None, "excluded", "country is missing"),
    ]
    groups = shop.query('select distinct "group" from scored_strictly order by all')
    assert groups == [("DE",), ("ES",), ("FR",), ("IT",), ("PT",), (None,)]


def test_each_customer_is_scaled_as_the_own_group_is(shop: Consumer) -> None:
    columns = [column for column, *_ in shop.query("describe scaled_alone")]
    names = ", ".join(f'"{column}"' for column in columns)
    found = shop.query(f"select {names} from scaled where \"group\" = 'DE' order by customer_id")
    assert found == shop.query(f"select {names} from scaled_alone order by customer_id")
    assert shop.query("select count(*), count(scaled_revenue) from scaled") == [(248, 245)]
    assert shop.query('select count("scaled_plan=c") from scaled where "group" = \'DE\'') == [(0,)]


def test_the_rules_are_those_of_the_own_group(shop: Consumer) -> None:
    found = shop.query("select customer_id, ruled from ruled where country = 'DE' order by all")
    assert found == shop.query("select customer_id, ruled from ruled_alone where country = 'DE' order by all")
    assert {rule for _, rule in found} == {1, 2, 3, None}
    for group, countries in {"ES": "'ES'", "FR": "'FR'", "other": "'IT', 'PT', 'LU'"}.items():
        rules = shop.query(
            f"""select rule_sql, segment_id from segments__rules where "group" = '{group}' """
            "qualify version = max(version) over () order by rule"
        )
        case = " ".join(f"when {sql} then {segment_id}" for sql, segment_id in rules)
        rows = shop.query(f"select ruled, case {case} end from ruled where country in ({countries})")
        assert [ruled for ruled, _ in rows] == [expected for _, expected in rows]
        assert {ruled for ruled, _ in rows} == {1, 2, 3, None}
    assert shop.query("select count(ruled) from ruled where country is null") == [(0,)]


@pytest.mark.parametrize(
    ("breakage", "test", "passes"),
    [
        (
            "update segments set segment_id = second_segment_id, distance_to_centroid = distance_to_second_centroid "
            "where customer_id = 'FR-4'",
            "is_nearest_centroid",
            False,
        ),
        ("update segments set distance_to_centroid = 0 where customer_id = 'IT-4'", "is_nearest_centroid", False),
        ("update segments set \"group\" = 'FR' where customer_id = 'DE-4'", "is_nearest_centroid", False),
        # 12 of the 60 of FR whom the version before leaves where they were; of all customers, fewer than 10 %.
        (
            "update segments set segment_id = 1 where customer_id in (select customer_id from segments "
            "where \"group\" = 'FR' and segment_id = 2 order by all limit 12)",
            "ids_persist",
            False,
        ),
        # Nothing was fitted in DE.
        ("update segments set segment_id = 1 where \"group\" = 'DE'", "ids_persist", True),
        ("delete from segments where customer_id = 'DE-7'", "transitions_add_up", False),
        ("update segments__builds set built_at = timestamp '2099-01-01' where build = 1", "transitions_add_up", True),
        ("delete from segments where \"group\" = 'FR'", "transitions_add_up", False),
        (
            "update segments__transitions set n_customers = n_customers + 1 where \"group\" = 'FR' and kind = 'stayed'",
            "transitions_add_up",
            False,
        ),
        ("update segments__builds set n_left = n_left + 1 where \"group\" = 'DE'", "transitions_add_up", False),
        # Nearly all of FR in one segment: less than 15 % are left in another there, but not of all customers.
        (
            "update segments set segment_id = 1 where \"group\" = 'FR' and segment_id = 3 and customer_id <> 'FR-1'",
            "min_segment_share",
            False,
        ),
        ("update tried set inertia = 1e9 where \"group\" = 'FR' and n_clusters = 3", "never_rises", False),
        ("update tried set is_selected = false where \"group\" = 'FR'", "exactly_one_row_where", False),
    ],
)
def test_a_test_sees_what_is_broken_in_one_group(shop: Consumer, breakage: str, test: str, passes: bool) -> None:
    assert shop.passes_with(breakage, f"test_name:{test}") == passes


def test_a_unit_test_overrides_the_versions_of_all_groups(shop: Consumer) -> None:
    said = shop.dbt("run-operation", "mallard.stored_version_as_yaml", "--args", "{segmentation: segments}").stdout
    pasted = yaml.safe_load(said[said.index("mallard.stored_version:") :])
    assert list(pasted["mallard.stored_version"]["groups"]) == ["DE", "ES", "FR", "other"]
    rows = NEW[NEW.customer_id.isin(["FR-1", "LU-1"])].to_dict("records")
    ids = [
        id
        for (id,) in shop.query(
            "select segment_id from scored_new where customer_id in ('FR-1', 'LU-1') order by customer_id"
        )
    ]
    tests = {
        "unit_tests": [
            {
                "name": "the_segments_of_two",
                "model": "scored_new",
                "overrides": {"macros": pasted},
                "given": [
                    {"input": "ref('new_customers')", "rows": rows},
                    {"input": "ref('segments')", "format": "sql", "rows": "select 1 as nothing"},
                ],
                "expect": {
                    "rows": [
                        {"customer_id": "FR-1", "segment_id": ids[0], "group": "FR"},
                        {"customer_id": "LU-1", "segment_id": ids[1], "group": "other"},
                    ]
                },
            }
        ]
    }
    shop.write("models/_unit_tests.yml", yaml.safe_dump(tests, sort_keys=False))
    result = shop.dbt("test", "--select", "scored_new")
    (shop.path / "models" / "_unit_tests.yml").unlink()
    assert "PASS scored_new::the_segments_of_two" in result.stdout, result.stdout


def test_what_lacks_the_column_of_the_groups_is_refused_in_one_line(shop: Consumer) -> None:
    shop.write(
        "models/bad.sql",
        "{{ config(materialized='table') }}\n{{ mallard.score(ref('of_de'), ref('segments')) }}",
    )
    result = shop.dbt("run", "--select", "bad")
    (shop.path / "models" / "bad.sql").unlink()
    assert result.returncode == 1
    _, message = shop.messages()["bad"]
    said = next(line.partition("mallard: ")[2] for line in message.splitlines() if "mallard: " in line)
    assert said == (
        "model bad can't score by segments: column country, which was VARCHAR at the fit, is missing; add it to what "
        "is scored."
    )


def test_a_score_without_rows_has_the_columns(shop: Consumer) -> None:
    with shop.untouched():
        result = shop.dbt("build", "--empty", "--select", "scored", "scored_new")
        columns = [column for column, *_ in shop.query("describe scored_new")]
    assert result.returncode == 0, result.stdout
    assert columns == [column for column, *_ in shop.query("describe scored_new")]


def test_exports_are_of_one_group(shop: Consumer, tmp_path: Path) -> None:
    def export(*arguments: str) -> str:
        file = str(tmp_path / "score.sql")
        options = ["-s", "segments", "--format", "sql", "-o", file, "--relation", "new_customers", *arguments]
        return CliRunner().invoke(main, ["export", str(shop.database), *options]).output

    assert "segments has 3 groups with a segmentation each: choose one with --group" in export()
    assert "score.sql" in export("--group", "FR")
    query = (tmp_path / "score.sql").read_text().strip().rstrip(";")
    of_country = "where customer_id like 'FR-%' order by customer_id"
    found = shop.query(f"select customer_id, segment_id, segment_name from ({query}) {of_country}")
    assert found == shop.query(f"select customer_id, segment_id, segment_name from scored_new {of_country}")
    # FR was fitted anew, and DE was not, by a version that writes for customers who were not at the fit.
    for group in ("FR", "DE"):
        export_segmentation(shop.database, "segments", "keras", tmp_path / "of.keras", group=group)
        model, fit = (
            mallard.keras.from_file(tmp_path / "of.keras"),
            KMeans.from_database(shop.database, "segments", group),
        )
        rows = shop.query(f"select visits, revenue, plan, segment_id from segments where country = '{group}'")
        *columns, expected = zip(*rows, strict=True)
        customers = dict(zip(["visits", "revenue", "plan"], columns, strict=True))
        assert model(customers)["segment_id"].tolist() == [id or 0 for id in expected]
        assert np.append(fit.segment_ids_, 0)[fit.predict(customers)].tolist() == [id or 0 for id in expected]
        for value in (500.0, 1e141):
            far = {"visits": [value], "revenue": [10.0], "plan": ["b"]}
            assert model(far)["segment_id"].tolist() == [0]
            assert fit.predict(far).tolist() == [-1]
    export_segmentation(shop.database, "segments", "json", tmp_path / "of.json", group="FR")
    card = json.loads((tmp_path / "of.json").read_text())
    assert (card["segmentation"], card["version"], card["max_distance"]) == ("segments (FR)", 2, 3)


def test_the_stored_fit_is_of_one_group(shop: Consumer) -> None:
    fit = KMeans.from_database(shop.database, "segments", "FR")
    customers = NEW[NEW.country == "FR"]
    labels = fit.predict(customers)
    found = [None if label < 0 else int(fit.segment_ids_[label]) for label in labels]
    expected = shop.query("select segment_id from scored_new where country = 'FR' order by customer_id")
    assert found == [id for (id,) in expected]
