"""What explains and compares a segmentation by group does so within the groups.

The expected rows are those of models that select one of the groups, and those of pandas and scikit-learn.
"""

from __future__ import annotations

from hashlib import md5
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from sklearn.metrics import adjusted_rand_score, silhouette_score

SETTINGS: dict[str, Any] = {
    "id": "customer_id",
    "features": {"visits": None, "revenue": {"weight": 2}, "plan": None},
    "nulls": "exclude",
    "n_clusters": 3,
    "max_distance": 3,
    "rules": True,
    "publish": False,
}
RICHER = {**SETTINGS, "features": {"visits": None, "age": None}, "n_clusters": 2}
SMALL = {"group_by": "country", "smallest_group": 30, "small_groups": "pool"}
PLACES = np.array([(10.0, 10.0), (40.0, 12.0), (25.0, 45.0)])
PLANS = {"DE": "ab", "it's FR": "bc"}
"""The categories of a group, by which its features differ from those of others."""


def people(country: str | None, n: int, seed: int) -> pd.DataFrame:
    """Customers of a country around three places; one lacks the visits."""
    rng = np.random.default_rng(seed)
    places = PLACES[np.arange(n) % 3] + rng.uniform(-9, 9, (n, 2))
    places[n - 1, 0] = np.nan
    return pd.DataFrame(
        {
            "customer_id": [f"{country}-{i}" for i in range(n)],
            "country": country,
            "visits": places[:, 0],
            "revenue": places[:, 1],
            "age": rng.uniform(20, 70, n).round(),
            "plan": rng.choice(list(PLANS.get(str(country), "ac")), n),
        }
    )


FIRST = pd.concat([people("DE", 120, 1), people("it's FR", 90, 2), people("ES", 60, 3)], ignore_index=True)
"""Then ES is gone, FR has drifted, and IT and PT are too small by themselves."""
SECOND = pd.concat(
    [FIRST[FIRST.country != "ES"], people("IT", 20, 4), people("PT", 15, 5), people(None, 3, 6)], ignore_index=True
)
SECOND.loc[(SECOND.country == "it's FR") & (SECOND.visits > 33), "visits"] += 30

SELECTS = {
    "of_de": "select * from {{ ref('customers') }} where country = 'DE'",
    "of_fr": "select * from {{ ref('customers') }} where country like '%FR'",
}
AS_ALONE = {
    "memberships": "mallard.memberships(ref('SEGMENTS'))",
    "likeliest": "mallard.memberships(ref('SEGMENTS'), top_n=2, min_probability=0.01)",
    "explanations": "mallard.explain(ref('SEGMENTS'))",
    "explanation": "mallard.explain(ref('SEGMENTS'), ['DE-4', 'DE-5'])",
    "representatives": "mallard.representatives(ref('SEGMENTS'), n=4)",
    "of_one_group": "mallard.representatives(ref('SEGMENTS') GROUP)",
    "lookalikes": "mallard.lookalikes(ref('SEGMENTS'), 2, n=30 GROUP)",
    "differences": "mallard.differences(ref('SEGMENTS'), 1, 3 GROUP)",
}
"""Calls about a segmentation by group whose rows of DE are those about a segmentation of DE."""
MODELS = {
    "score_of_first": "mallard.score(ref('customers'), ref('segments'), version=1)",
    "score_of_some": "mallard.score(ref('customers'), ref('segments'), version={\"it's FR\": 1})",
    "fr_by_first": "mallard.score(ref('of_fr'), ref('alone_fr'), version=1)",
    "fr_by_second": "mallard.score(ref('of_fr'), ref('alone_fr'))",
    "compared": "mallard.compare_segmentations(ref('segments'), ref('richer'))",
    "compared_alone": "mallard.compare_segmentations(ref('alone'), ref('richer_alone'))",
    "compared_with_all": "mallard.compare_segmentations(ref('everybody'), ref('segments'), most_customers=70)",
    "all_compared": "mallard.compare_segmentations(ref('segments'), ref('everybody'), most_customers=70)",
    "moved": "mallard.moved_customers(ref('segments'), ref('richer'))",
    "moved_alone": "mallard.moved_customers(ref('alone'), ref('richer_alone'))",
    "moved_from_all": "mallard.moved_customers(ref('everybody'), ref('segments'))",
    "moved_to_all": "mallard.moved_customers(ref('segments'), ref('everybody'))",
    "silhouettes": "mallard.silhouette(ref('segments'), 'segment_id', ['visits', 'revenue'], by='group')",
}
TESTS = """
models:
  - name: segments
    data_tests:
      - mallard.selected_metric_at_least: {arguments: {metric: silhouette, minimum: 0.1}}
      - mallard.rules_agree: {arguments: {minimum: 0.7}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project that was built on two days."""
    shop = make_consumer(tmp_path_factory.mktemp("explaining"))
    file = shop.path / "customers.parquet"
    shop.write("models/customers.sql", f"{{{{ config(materialized='table') }}}} select * from '{file}'")
    for name, select in SELECTS.items():
        shop.write(f"models/{name}.sql", select)
    customers = "select * from {{ ref('customers') }}"
    shop.write_segmentation("segments", customers, **SETTINGS, **SMALL)
    shop.write_segmentation("richer", customers, **RICHER, **SMALL | {"smallest_group": 10})
    shop.write_segmentation("everybody", customers, **SETTINGS | {"n_clusters": 4})
    shop.write_segmentation("alone", "select * from {{ ref('of_de') }}", **SETTINGS)
    shop.write_segmentation("richer_alone", "select * from {{ ref('of_de') }}", **RICHER)
    shop.write_segmentation("alone_fr", "select * from {{ ref('of_fr') }}", **SETTINGS)
    for name, call in AS_ALONE.items():
        of_groups = call.replace("SEGMENTS", "segments").replace("GROUP", ", group='DE'")
        _write_model(shop, name, of_groups)
        _write_model(shop, f"{name}_alone", call.replace("SEGMENTS", "alone").replace("GROUP", ""))
    for name, call in MODELS.items():
        _write_model(shop, name, call)
    shop.write("models/_tests.yml", TESTS)
    for customers in (FIRST, SECOND):
        customers.to_parquet(file)
        result = shop.dbt("build")
        assert result.returncode == 0, result.stdout
    return shop


def _write_model(shop: Consumer, name: str, call: str) -> None:
    shop.write(f"models/{name}.sql", f"{{{{ config(materialized='table') }}}}\n{{{{ {call} }}}}")


def _frame(shop: Consumer, sql: str) -> pd.DataFrame:
    with duckdb.connect(shop.database, read_only=True) as connection:
        return connection.sql(sql).df()


def _columns(shop: Consumer, table: str) -> list[str]:
    return [column for column, *_ in shop.query(f"describe {table}")]


@pytest.mark.parametrize("name", AS_ALONE)
def test_the_rows_of_a_group_are_those_of_a_segmentation_of_its_own(shop: Consumer, name: str) -> None:
    assert _columns(shop, name) == ["group", *_columns(shop, f"{name}_alone")]
    expected = shop.query(f"from {name}_alone")
    found = shop.query(f'select * exclude ("group") from {name} where "group" = \'DE\'')
    if name in ("memberships", "likeliest", "explanations"):  # which are in no order
        found, expected = sorted(found), sorted(expected)
    assert repr(found) == repr(expected)
    assert len(found) >= 5


def test_every_group_is_explained(shop: Consumer) -> None:
    customers = shop.query('select "group", customer_id from segments where segment_id is not null order by all')
    for name in ("memberships", "explanations"):
        assert shop.query(f'select distinct "group", customer_id from {name} order by all') == customers
    nearest = _frame(shop, "from segments where segment_id is not null")
    nearest = nearest.sort_values(["group", "segment_id", "distance_to_centroid"])
    expected = nearest.groupby(["group", "segment_id"])["customer_id"].head(4)
    assert list(_frame(shop, "from representatives")["customer_id"]) == list(expected)
    assert {group for group, _ in customers} == {"DE", "it's FR", "other"}


def test_a_group_is_scored_by_the_version_that_is_asked_for(shop: Consumer) -> None:
    def rows(table: str, where: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(_columns(shop, "fr_by_first"))
        return shop.query(f"select {columns} from {table} {where} order by customer_id")

    assert rows("score_of_first", "where country like '%FR'") == rows("fr_by_first", "")
    assert rows("score_of_some", "where country like '%FR'") == rows("fr_by_first", "")
    assert rows("fr_by_second", "") != rows("fr_by_first", "")
    assert rows("score_of_some", "where country = 'DE'") == rows("score_of_first", "where country = 'DE'")
    versions = shop.query('select "group", version from score_of_some where segment_id is not null group by all')
    assert sorted(versions) == [("DE", 1), ("it's FR", 1), ("other", 1)]
    assert shop.query("select max(version) from segments where country like '%FR'") == [(2,)]


def _both(shop: Consumer, first: str, second: str) -> pd.DataFrame:
    """The customers with a segment in both, by their ids, with the group and the segment in each; '' without groups."""
    of_one, of_other = (f'{name}."group"' if "group" in _columns(shop, name) else "''" for name in (first, second))
    return _frame(
        shop,
        f"""
        select
            customer_id,
            {of_one} as first_group,
            {first}.segment_id as first_segment,
            {of_other} as second_group,
            {second}.segment_id as second_segment
        from {first}
        inner join {second} using (customer_id)
        where {first}.segment_id is not null and {second}.segment_id is not null
        """,
    ).set_index("customer_id")


def _usual(both: pd.DataFrame) -> pd.Series:
    """For each customer, the segment of most of those with the same segment and groups."""
    same = both.groupby(["first_group", "first_segment", "second_group"])["second_segment"]
    return same.transform(lambda ids: ids.mode().min())


def _agreement(both: pd.DataFrame) -> float:
    labels = (both[f"{place}_group"] + both[f"{place}_segment"].astype(str) for place in ("first", "second"))
    return float(adjusted_rand_score(*labels))


def test_groups_are_compared_as_if_each_were_alone(shop: Consumer) -> None:
    compared = _frame(shop, "from compared")
    of_de = compared[compared["group"] == "DE"].drop(columns=["group", "overall_adjusted_rand_index", "segmentation"])
    alone = _frame(shop, "from compared_alone").drop(columns="segmentation")
    pd.testing.assert_frame_equal(of_de.reset_index(drop=True), alone, check_exact=True)
    assert list(compared.columns[:2]) == ["segmentation", "group"]
    rows = [tuple(row) for row in compared[["segmentation", "group"]].sort_values(["segmentation", "group"]).to_numpy()]
    assert rows == [
        *[("richer", group) for group in ("DE", "IT", "PT", "it's FR")],
        *[("segments", group) for group in ("DE", "it's FR", "other")],
    ]
    both = _both(shop, "segments", "richer")
    np.testing.assert_allclose(compared["overall_adjusted_rand_index"], _agreement(both), rtol=1e-12)
    _check_agreement(compared, both)
    # Those of IT and PT are together in one of both, where they scale in another way.
    is_measured = compared["group"].isin(["DE", "it's FR"])
    assert (compared["n_measured"] == np.where(is_measured, compared["n_in_both"], 0)).all()
    assert (compared["common_silhouette"].notna() == is_measured).all()


def _check_agreement(compared: pd.DataFrame, both: pd.DataFrame) -> None:
    """Compare with scikit-learn and pandas what is said of the customers of each row."""
    first = compared["segmentation"].iloc[0]
    is_moved = both["second_segment"] != _usual(both)
    assert is_moved.any()
    for row in compared.itertuples():
        place = "first" if row.segmentation == first else "second"
        is_of_row = both[f"{place}_group"] == ("" if pd.isna(row.group) else row.group)
        assert row.adjusted_rand_index == pytest.approx(_agreement(both[is_of_row]), rel=1e-12)
        assert (row.n_in_both, row.n_moved) == (is_of_row.sum(), is_moved[is_of_row].sum())


def test_one_segmentation_of_all_is_compared_with_one_by_group(shop: Consumer) -> None:
    compared = _frame(shop, 'from compared_with_all order by segmentation, "group" nulls first')
    both = _both(shop, "everybody", "segments")
    np.testing.assert_allclose(compared["overall_adjusted_rand_index"], _agreement(both), rtol=1e-12)
    _check_agreement(compared, both)
    expressions = "select distinct feature, scaled_expression from everybody__centroids where version = 2"
    scale = dict(shop.query(expressions))
    scaled = _frame(shop, f"select customer_id, {scale['visits']}, {scale['revenue']} from everybody")
    scaled = scaled.set_index("customer_id").loc[both.index]
    order = pd.Series([md5(id.encode()).hexdigest() for id in both.index], both.index).sort_values().index
    for row in compared.itertuples():
        place = "first" if row.segmentation == "everybody" else "second"
        of_row = both[both[f"{place}_group"] == ("" if pd.isna(row.group) else row.group)]
        drawn = [id for id in order if id in of_row.index][:70]
        expected = silhouette_score(scaled.loc[drawn], of_row.loc[drawn, f"{place}_segment"])
        assert row.common_silhouette == pytest.approx(expected, rel=1e-9)
        assert row.n_measured == len(drawn)
    assert list(compared["group"].fillna("all")) == ["all", "DE", "it's FR", "other"]
    swapped = _frame(shop, 'from all_compared order by segmentation, "group" nulls first')
    pd.testing.assert_frame_equal(swapped.drop(columns="n_moved"), compared.drop(columns="n_moved"), check_exact=True)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("moved", "segments", "richer"),
        ("moved_from_all", "everybody", "segments"),
        ("moved_to_all", "segments", "everybody"),
    ],
)
def test_who_moves_does_so_within_a_group(shop: Consumer, name: str, first: str, second: str) -> None:
    both = _both(shop, first, second)
    both["usual_segment"] = _usual(both)
    expected = both[both["second_segment"] != both["usual_segment"]].sort_index()
    found = (
        _frame(shop, f"from {name}")
        .set_index("customer_id")
        .sort_index()
        .add_suffix("_")
        .rename(columns=lambda column: column.removesuffix("_").removesuffix("_id"))
    )
    assert len(expected) > 5
    columns = [column for column in expected if column in found]
    assert len(columns) == 3 + (first != "everybody") + (second != "everybody")
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_dtype=False)
    assert found["feature"].notna().all()
    assert found["share"].between(0, 1).all()


def test_the_moves_of_a_group_are_those_between_segmentations_of_its_own(shop: Consumer) -> None:
    columns = ", ".join(_columns(shop, "moved_alone"))
    found = shop.query(f"select {columns} from moved where first_group = 'DE' and second_group = 'DE' order by all")
    assert found == shop.query(f"select {columns} from moved_alone order by all")
    assert {row[-2] for row in found} <= {True, False}
    added = shop.query("select distinct feature, is_added from moved order by all")
    assert set(added) <= {("age", True), ("visits", False)}


def test_silhouettes_are_measured_within_a_group(shop: Consumer) -> None:
    customers = _frame(shop, "from segments where segment_id is not null")
    found = dict(shop.query('select "group", silhouette from silhouettes'))
    assert set(found) == {"DE", "it's FR", "other"}
    for group, of_group in customers.groupby("group"):
        expected = silhouette_score(of_group[["visits", "revenue"]], of_group["segment_id"])
        assert found[group] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("breakage", "test", "passes"),
    [
        ("update segments__metrics set silhouette = 0 where \"group\" in ('ES', 'IT')", "selected_metric", True),
        ("update segments__metrics set silhouette = 0 where \"group\" = 'other'", "selected_metric", False),
        ("update segments__rules set agreement = 0 where \"group\" = 'ES'", "rules_agree", True),
        ("update segments__rules set agreement = 0 where \"group\" = 'DE'", "rules_agree", False),
    ],
)
def test_a_test_looks_at_groups_of_the_last_build(shop: Consumer, breakage: str, test: str, passes: bool) -> None:
    assert shop.query("select count(*) > 0 from segments__rules where \"group\" = 'ES'") == [(True,)]
    assert shop.passes_with(breakage, f"test_name:{test}*") == passes


def test_without_rows_there_are_the_columns(shop: Consumer) -> None:
    names = ["memberships", "explanation", "differences", "lookalikes", "of_one_group", "compared", "moved"]
    before = {name: shop.query(f"describe {name}") for name in names}
    with shop.untouched():
        shop.execute("delete from segments__versions")
        result = shop.dbt("build", "--empty", "--select", *names)
        assert result.returncode == 0, result.stdout
        assert {name: shop.query(f"describe {name}") for name in names} == before
        assert shop.query("select count(*) from compared") == [(0,)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "differences(ref('segments'), 1, 2)",
            "segments has groups with a segmentation each, and mallard.differences is about one of them: give it "
            "group, one of DE, ES, it's FR, other.",
        ),
        ("lookalikes(ref('segments'), 1)", "mallard.lookalikes is about one of them: give it group, one of DE, ES"),
        (
            "lookalikes(ref('segments'), 9, group='DE')",
            "setting segment_id is 9: group DE of segments has no such segment; choose from 1, 2, 3.",
        ),
        (
            "representatives(ref('segments'), group='XX')",
            'setting group is "XX": segments has no such group; choose from DE, ES, it\'s FR, other.',
        ),
        ("differences(ref('alone'), 1, 2, group='DE')", 'setting group is "DE": alone has no groups; leave it out.'),
        ("representatives(ref('alone'), group='DE')", 'setting group is "DE": alone has no groups; leave it out.'),
        (
            "score(ref('customers'), ref('segments'), version=2)",
            'group DE of segments has no version 2: choose from 1, and give versions by group, such as {"DE": 1}.',
        ),
        (
            "score(ref('customers'), ref('segments'), version={'DE': 'x'})",
            "group DE of segments has no version x: choose from 1",
        ),
        (
            "score(ref('customers'), ref('segments'), version={'IT': 1})",
            "version names group IT, which segments hasn't: choose from DE, ES, it's FR, other.",
        ),
        ("score(ref('of_de'), ref('alone'), version={'DE': 1})", 'version is {"DE": 1}: give the number of a version'),
        ("silhouette(ref('segments'), 'segment_id', ['visits'], by='x')", 'setting by is "x": segments has no such'),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(shop: Consumer, call: str, message: str) -> None:
    result = shop.dbt("show", "--inline", f"{{{{ mallard.{call} }}}}")
    assert result.returncode != 0
    assert message in result.stdout
