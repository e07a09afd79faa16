"""What profiles say of features and of what segments are worth, against numpy and pandas."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from numpy.typing import NDArray

from mallard.choice.naming import name_segments
from mallard.choice.vocabulary import Trait, called

Floats = NDArray[np.float64]

CUSTOMERS = """
select
    i as id,
    case when i % 40 = 7 then null when i % 3 = 0 then -exp(1 + sin(i)) else exp(2 + i % 3 + sin(i)) end as revenue,
    case when i % 55 <> 9 then exp(i % 4) - 0.5 + cos(i) / 3 end as visits,
    30 + 10 * sin(3 * i) + i % 2 as age,
    chr(97 + cast(i % 8 as integer)) as region,
    i % 4 = 0 as is_member,
    1 + i % 3 as times,
    case when i % 5 > 0 then (i % 11 - 4) * 1.25 when i % 10 > 0 then 'nan'::double end as profit,
    case when i % 2 = 0 then -1 - i % 7 else 0 end as loss
from range(700) as t(i)
"""
FEATURES = {
    "revenue": {"scale": "asinh+standard"},
    "visits": {"scale": "log1p+standard", "weight": 2},
    "age": {"scale": "robust"},
    "region": None,
    "is_member": None,
}
WEIGHTED = ("weighted", "weighted_median")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Segmentations of the same customers with different settings; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("profiles"))
    shared = {"id": "id", "features": FEATURES, "n_clusters": 3}
    for name, settings in {
        "plain": {"value_column": "PROFIT", "feature_words": {"profit": "net_profit", "revenue": "money", "region": 7}},
        "means": {"nulls": "mean", "value_column": "revenue"},
        "medians": {"nulls": "median", "value_column": "loss"},
        "weighted": {"nulls": "mean", "value_column": "profit", "weight_column": "times"},
        "weighted_median": {"nulls": "median", "weight_column": "times"},
        "directions": {"nulls": "mean", "metric": "cosine", "features": ["revenue", "visits", "age"]},
    }.items():
        consumer.write_segmentation(name, CUSTOMERS, **(shared | settings))
    consumer.write("models/repeated.sql", "select c.* from {{ ref('weighted') }} as c, range(c.times)")
    consumer.write(
        "models/of_repeated.sql",
        "{{ mallard.feature_profiles(ref('repeated'), mallard.features(['revenue', 'visits', 'age']), "
        "value_column='profit', words={'age': 'years'}) }}",
    )
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def _table(shop: Consumer, name: str) -> pd.DataFrame:
    with duckdb.connect(shop.database, read_only=True) as connection:
        return connection.sql(f"from {name}").df()


def _customers(shop: Consumer, name: str) -> pd.DataFrame:
    """Those with a segment, and how often each counts in `weight`."""
    customers = _table(shop, name)
    customers = customers[customers["segment_id"].notna()].sort_values("id")
    return customers.assign(weight=customers["times"] if name in WEIGHTED else 1)


def _median(values: Floats, weights: NDArray[np.int64]) -> float:
    """Of whole weights: that of the values, each as often as its weight says."""
    known = ~np.isnan(values)
    return float(np.median(np.repeat(values[known], weights[known])))


def _mean(values: Floats, weights: NDArray[np.int64]) -> float:
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=weights[known]))


def _raw(customers: pd.DataFrame, feature: str) -> Floats:
    column, _, value = feature.partition("=")
    values = customers[column] == value if value else customers[column]
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _scaled(customers: pd.DataFrame, feature: str, segmentation: str) -> Floats:
    """What distances are measured in, up to a shift and a factor; missing values filled in, as the settings say."""
    values, weights = _raw(customers, feature), customers["weight"].to_numpy()
    repeated = np.repeat(values, weights)
    if feature == "revenue":
        sizes = np.abs(repeated[~np.isnan(repeated) & (repeated != 0)])
        values = np.arcsinh(values / np.quantile(sizes, 0.25))
    if feature == "visits":
        values = np.log1p(values)
    filler = _median if "median" in segmentation else _mean
    return np.where(np.isnan(values), filler(values, weights), values)


def _z_score(scaled: Floats, weights: NDArray[np.int64], is_here: NDArray[np.bool_]) -> float:
    overall = np.average(scaled, weights=weights)
    deviation = np.sqrt(np.average((scaled - overall) ** 2, weights=weights))
    return float((np.average(scaled[is_here], weights=weights[is_here]) - overall) / deviation)


@pytest.mark.parametrize("name", ["plain", "means", "medians", "weighted", "weighted_median"])
def test_z_scores_are_those_of_the_scaled_values(shop: Consumer, name: str) -> None:
    customers, profiles = _customers(shop, name), _table(shop, f"{name}__profiles")
    assert len(profiles) == 3 * (3 + 8 + 1)
    for row in profiles.itertuples():
        is_here = (customers["segment_id"] == row.segment_id).to_numpy()
        scaled = _scaled(customers, row.feature, name)
        expected = _z_score(scaled, customers["weight"].to_numpy(), is_here)
        assert row.z_score == pytest.approx(expected, rel=1e-9, abs=1e-12), (row.segment_id, row.feature)


def test_names_are_made_of_z_scores(shop: Consumer) -> None:
    """And of the shares of those who have a category."""
    profiles = _table(shop, "plain__profiles")
    of_features = profiles[profiles["segment_id"] == 1]
    traits = []
    for row in of_features.itertuples():
        column, is_category, value = row.feature.partition("=")
        word = row.label.removesuffix(f"={value}")
        if is_category and word != row.label:
            traits.append(Trait(called(word, value), column))
        else:
            traits.append(Trait(row.label, column if is_category or column == "is_member" else None))
    z_scores, means = (profiles[name].to_numpy().reshape(3, -1) for name in ("z_score", "mean"))
    names = list(profiles.groupby("segment_id")["segment_name"].first())
    shares = means - 1e-9  # one is a half, of which a last digit says whether it is most
    assert name_segments(z_scores, shares, traits, "customers") == names


def test_with_directions_z_scores_are_those_of_unit_vectors(shop: Consumer) -> None:
    customers, profiles = _customers(shop, "directions"), _table(shop, "directions__profiles")
    features = _table(shop, "directions__features").set_index("feature")
    scaled = []
    for feature in ("revenue", "visits", "age"):
        values, of = _raw(customers, feature), features.loc[feature]
        values = np.arcsinh(values / of["unit"]) if of["scale"] == "asinh+standard" else values
        scaled.append((np.where(np.isnan(values), np.nanmean(values), values) - of["center"]) / of["spread"])
    vectors = np.column_stack(scaled)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = {"revenue": 0, "visits": 1, "age": 2}
    for row in profiles.itertuples():
        is_here = (customers["segment_id"] == row.segment_id).to_numpy()
        expected = _z_score(vectors[:, places[row.feature]], np.ones(len(customers)), is_here)
        assert row.z_score == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", ["plain", "means", "medians", "weighted", "weighted_median", "directions"])
def test_means_and_medians_are_those_of_known_values(shop: Consumer, name: str) -> None:
    customers, profiles = _customers(shop, name), _table(shop, f"{name}__profiles")
    for row in profiles.itertuples():
        values, weights = _raw(customers, row.feature), customers["weight"].to_numpy()
        is_here = (customers["segment_id"] == row.segment_id).to_numpy()
        found = (row.mean, row.median, row.overall_mean, row.overall_median)
        expected = [
            middle(*part)
            for part in ((values[is_here], weights[is_here]), (values, weights))
            for middle in (_mean, _median)
        ]
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), (row.segment_id, row.feature)


def _values(shop: Consumer, name: str, column: str) -> tuple[Sequence[float], float]:
    """The sum of a column over each segment, and over all."""
    customers = _customers(shop, name)
    sums = (customers[column] * customers["weight"]).groupby(customers["segment_id"]).sum()
    return list(sums), float(sums.sum())


@pytest.mark.parametrize(("name", "column"), [("plain", "profit"), ("means", "revenue"), ("weighted", "profit")])
def test_value_is_a_sum_in_which_missing_values_count_as_nothing(shop: Consumer, name: str, column: str) -> None:
    of_segments, of_all = _values(shop, name, column)
    assert of_all > 0
    found = shop.query(f"select distinct segment_id, total_value, share_of_value from {name}__profiles order by 1")
    assert [total for _, total, _ in found] == pytest.approx(of_segments, rel=1e-12)
    assert [share for _, _, share in found] == pytest.approx([total / of_all for total in of_segments], rel=1e-12)


def test_without_a_sum_above_0_nobody_has_a_share_of_it(shop: Consumer) -> None:
    of_segments, _ = _values(shop, "medians", "loss")
    found = shop.query("select distinct segment_id, total_value, share_of_value from medians__profiles order by 1")
    assert [row[1:] for row in found] == [(total, None) for total in of_segments]


def test_without_a_value_column_nothing_is_said_of_value(shop: Consumer) -> None:
    columns = "value_label, total_value, share_of_value"
    assert shop.query(f"select distinct {columns} from directions__profiles") == [(None, None, None)]


def test_labels_are_the_words_for_features_and_value(shop: Consumer) -> None:
    labels = dict(shop.query("select distinct feature, label from plain__profiles"))
    assert {name: labels[name] for name in ("revenue", "age", "is_member", "region=a")} == {
        "revenue": "money",
        "age": "age",
        "is_member": "is member",
        "region=a": "7=a",
    }
    assert shop.query("select distinct value_label from plain__profiles") == [("net_profit",)]
    assert shop.query("select distinct value_label from means__profiles") == [("revenue",)]


def test_a_weight_is_a_number_of_rows_in_projects_that_compose_the_steps_too(shop: Consumer) -> None:
    """Features without statistics have z-scores without a scale."""
    columns = "segment_id, feature, mean, median, overall_mean, overall_median, total_value, share_of_value"
    of_rows = shop.query(f"select {columns} from of_repeated order by segment_id, feature")
    weighted = shop.query(
        f"select {columns} from weighted__profiles where feature in ('revenue', 'visits', 'age') order by 1, 2"
    )
    assert len(of_rows) == len(weighted) == 9
    for one, other in zip(of_rows, weighted, strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:], rel=1e-12)
    customers = _table(shop, "repeated")
    assert shop.query("select distinct label, value_label from of_repeated order by 1") == [
        ("revenue", "profit"),
        ("visits", "profit"),
        ("years", "profit"),
    ]
    for segment, z_score in shop.query("select segment_id, z_score from of_repeated where feature = 'revenue'"):
        revenue = customers["revenue"]
        here = revenue[customers["segment_id"] == segment]
        assert z_score == pytest.approx((here.mean() - revenue.mean()) / revenue.std(ddof=0), rel=1e-9)


def test_centroids_say_by_which_scale_and_unit(shop: Consumer) -> None:
    columns = "feature, scale, unit"
    assert shop.query(f"select distinct {columns} from plain__centroids order by feature") == shop.query(
        f"select {columns} from plain__features order by feature"
    )


@pytest.mark.parametrize(
    ("value_column", "refusal"),
    [
        ("region", 'setting value_column is "region": the column is VARCHAR; name a numeric one.'),
        ("worth", 'setting value_column is "worth": the select has no such column; choose from id, revenue, visits, '),
        (["profit"], 'setting value_column is ["profit"]: give the name of a column.'),
    ],
)
def test_what_is_no_number_is_refused_as_a_value(shop: Consumer, value_column: object, refusal: str) -> None:
    shop.write_segmentation("refused", CUSTOMERS, id="id", value_column=value_column)
    result = shop.dbt("run", "--select", "refused")
    (shop.path / "models" / "refused.sql").unlink()
    assert f"mallard: {refusal}" in result.stdout or f"mallard: refused: {refusal}" in result.stdout, result.stdout


EXTREMES = f"""
select
    id,
    revenue,
    case when id % 40 = 7 then 5.0 end as of_left_out,
    case when id = 30 then -1e300 else id end as far,
    case when id = 30 then cast(repeat('9', 400) as bignum) end as farther,
    case when id = 30 then cast('1e280' as double) else 0 end as edge,
    cast('17014118346046923173168730371588410572' as hugeint) as wide,
    if(id = 30, 1e140, -1e140) as outlier,
    1e12 as heavy
from ({CUSTOMERS})
"""


@pytest.mark.parametrize(
    ("value_column", "refusal"),
    [
        (
            "of_left_out",
            "none of the customers who get a segment has a value in it; fill it in the select, or remove the setting.",
        ),
        ("far", "it goes up to 1e+300, too large to be summed; make it null in the select if it stands for a missing "),
        ("farther", "it goes up to inf, too large to be summed; "),
    ],
)
def test_a_value_without_a_sum_is_refused(shop: Consumer, value_column: str, refusal: str) -> None:
    shop.write_segmentation("refused", EXTREMES, id="id", features=["revenue"], value_column=value_column)
    result = shop.dbt("run", "--select", "refused")
    (shop.path / "models" / "refused.sql").unlink()
    assert f'mallard: setting value_column is "{value_column}": {refusal}' in result.stdout, result.stdout


@pytest.mark.parametrize(("value_column", "largest", "n"), [("edge", 1e280, 1), ("wide", 1.7014118346046923e37, 682)])
def test_the_largest_values_and_weights_are_summed(shop: Consumer, value_column: str, largest: float, n: int) -> None:
    """Of the 700 customers, 18 have no revenue and so no segment."""
    settings = {"n_clusters": 2, "weight_column": "heavy", "value_column": value_column}
    shop.write_segmentation("large", EXTREMES, id="id", features=["revenue"], **settings)
    result = shop.dbt("run", "--select", "large")
    (shop.path / "models" / "large.sql").unlink()
    assert result.returncode == 0, result.stdout
    totals = shop.query("select distinct segment_id, total_value from large__profiles")
    assert sum(total for _, total in totals) == pytest.approx(n * largest * 1e12, rel=1e-12)
    means = shop.query("select distinct overall_mean from large__attributes where attribute = 'outlier'")
    assert means == [(pytest.approx(-680 / 682 * 1e140, rel=1e-12),)]
