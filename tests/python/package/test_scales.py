"""Scales by shape, categories that count as one number, and the table of features, against numpy and scipy."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest
from consumer import Consumer, make_consumer
from numpy.typing import NDArray
from sample import ROOT
from scipy.stats import skew
from shapes import SHAPES
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

Floats = NDArray[np.float64]

SEED = 0
COLUMNS = {name: f"c{place}" for place, name in enumerate(SHAPES)}
CHOSEN = {"log": "asinh+standard", "standard": "standard"}
STATISTICS = "{{{{ mallard.feature_statistics({relation}, mallard.features({columns}{more})) }}}}"
CUSTOMERS = """
select
    i as id,
    case when i % 40 = 7 then null else exp(2 + i % 3 + sin(i)) end as revenue,
    30 + 10 * sin(3 * i) as age,
    chr(97 + cast(i % 8 as integer)) as region,
    i % 4 = 0 as is_member,
    i % 500 = 3 as is_rare,
    1 + i % 3 as times,
    [sin(i), cos(i), i % 5] as taste
from range(1000) as t(i)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with columns of every shape, and segmentations of customers; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("scales"))
    file = consumer.path / "shapes.parquet"
    values = {COLUMNS[name]: shape.column(SEED)[0] for name, shape in SHAPES.items()}
    with duckdb.connect() as connection:
        columns = ", ".join(f"unnest(?::double[]) as {column}" for column in values)
        connection.execute(f"create table t as select {columns}", [x.tolist() for x in values.values()])
        connection.execute(f"copy (select row_number() over () as id, 1 + id % 3 as w, * from t) to '{file}'")
    columns_list = list(COLUMNS.values())
    consumer.write("models/shapes.sql", f"select * from read_parquet('{file}')")
    consumer.write("models/shuffled.sql", "select * from {{ ref('shapes') }} order by hash(id)")
    consumer.write("models/repeated.sql", "select * from (select *, unnest(range(w)) from {{ ref('shapes') }})")
    for name, relation, more in (
        ("chosen", "shapes", ""),
        ("of_shuffled", "shuffled", ""),
        ("of_repeated", "repeated", ""),
        ("weighted", "shapes", ", weight_column='w'"),
        ("named", "shapes", ", scale='asinh+standard'"),
    ):
        text = STATISTICS.format(relation=f"ref('{relation}')", columns=columns_list, more=more)
        consumer.write(f"models/{name}.sql", f"{{{{ config(materialized='table') }}}}\n{text}")
    consumer.write(
        "models/scaled.sql",
        "select id, {{ mallard.scaled_features(mallard.load_statistics(ref('chosen'))) }} from {{ ref('shapes') }}",
    )
    for scale in ("auto", "asinh+standard"):
        text = STATISTICS.format(relation="'(select unnest([0, 0]) as x)'", columns=["x"], more=f", scale='{scale}'")
        consumer.write(f"models/zeros_{scale[:4]}.sql", text)
    few = {"id": "id", "n_clusters": 3}
    consumer.write_segmentation("mixed", f"select * exclude (times, taste, is_rare) from ({CUSTOMERS})", **few)
    consumer.write_segmentation("rare", f"select id, age, is_rare from ({CUSTOMERS})", **few)
    consumer.write_segmentation("one_member", f"select id, age, is_member from ({CUSTOMERS})", id="id", n_clusters=1)
    consumer.write_segmentation(
        "weighted_taste", f"select id, revenue, taste, times from ({CUSTOMERS})", weight_column="times", **few
    )
    consumer.write_segmentation(
        "directions", f"select id, revenue, taste from ({CUSTOMERS})", metric="cosine", nulls="mean", **few
    )
    consumer.write_segmentation(
        "dominated",
        f"select id, age, region, revenue from ({CUSTOMERS})",
        features={"age": {"weight": 9}, "region": None, "revenue": {"scale": "asinh+standard"}},
        **few,
    )
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    consumer.write("log.txt", result.stdout)
    return consumer


def _unit(values: Floats) -> float:
    return float(np.quantile(np.abs(values[values != 0]), 0.25))


def _scaled(values: Floats, scale: str) -> Floats:
    logarithm = {
        "standard": lambda x: x,
        "log1p+standard": np.log1p,
        "asinh+standard": lambda x: np.arcsinh(x / _unit(x)),
    }
    scaled: Floats = logarithm[scale](values)
    return (scaled - scaled.mean()) / scaled.std()


def _rand(name: str, scaled: Floats) -> float:
    """How well K-means finds the planted groups, from about 0 for chance to 1."""
    labels = SHAPES[name].column(SEED)[1]
    found = KMeans(len(SHAPES[name].sizes), n_init=10, random_state=0).fit_predict(scaled[:, None])
    return float(adjusted_rand_score(labels, found))


def test_statistics_are_those_of_scipy(shop: Consumer) -> None:
    rows = shop.query("select feature, scale, unit, center, spread, skewness from chosen order by place")
    assert [feature for feature, *_ in rows] == list(COLUMNS.values())
    for (name, shape), (_, scale, unit, center, spread, skewness) in zip(SHAPES.items(), rows, strict=True):
        values = shape.column(SEED)[0]
        is_log = scale == "asinh+standard"
        scaled = np.arcsinh(values / _unit(values)) if is_log else values
        assert unit == (pytest.approx(_unit(values), rel=1e-12) if is_log else None), name
        assert (center, spread) == (pytest.approx(scaled.mean(), rel=1e-9), pytest.approx(scaled.std(), rel=1e-9)), name
        assert skewness == pytest.approx(skew(values), rel=1e-9, abs=1e-9), name


def test_a_scale_fits_the_shape(shop: Consumer) -> None:
    chosen = dict(shop.query("select feature, scale from chosen"))
    assert {name: chosen[column] for name, column in COLUMNS.items()} == {
        name: CHOSEN[shape.chosen] for name, shape in SHAPES.items()
    }


@pytest.mark.parametrize("name", SHAPES)
def test_the_planted_groups_are_found_as_the_documentation_says(shop: Consumer, name: str) -> None:
    """The table in docs/how-to/choose-scales.md."""
    values = SHAPES[name].column(SEED)[0]
    scaled = np.array(shop.query(f"select scaled_{COLUMNS[name]} from scaled order by id"))[:, 0]
    found = [_rand(name, scaled), _rand(name, _scaled(values, "standard"))]
    if values.min() > -1:
        found.append(_rand(name, _scaled(values, "log1p+standard")))
    page = (ROOT / "docs" / "how-to" / "choose-scales.md").read_text("utf-8")
    [line] = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    _, _, skewness, choice, *said, _ = (cell.strip() for cell in line.split("|"))
    assert float(skewness) == pytest.approx(skew(values), abs=0.051)
    assert choice.strip("`") == CHOSEN[SHAPES[name].chosen]
    assert [float(figure) for figure in said if figure] == pytest.approx(found, abs=0.011)


def test_no_row_order_changes_a_digit_and_a_weight_is_a_number_of_rows(shop: Consumer) -> None:
    assert shop.query("from of_shuffled order by place") == shop.query("from chosen order by place")
    columns = "feature, scale, unit, center, spread, skewness"
    weighted = shop.query(f"select {columns} from weighted order by place")
    for one, other in zip(weighted, shop.query(f"select {columns} from of_repeated order by place"), strict=True):
        assert one[:2] == other[:2]
        assert (one[2] is None) == (other[2] is None)
        assert [value or 0 for value in one[2:]] == pytest.approx(
            [value or 0 for value in other[2:]], rel=1e-9, abs=1e-9
        )


def test_a_scale_that_is_named_is_used_whatever_the_shape(shop: Consumer) -> None:
    for feature, scale, reason, unit in shop.query("select feature, scale, scale_reason, unit from named"):
        [name] = [name for name, column in COLUMNS.items() if column == feature]
        assert (scale, reason) == ("asinh+standard", "as the settings say")
        assert unit == pytest.approx(_unit(SHAPES[name].column(SEED)[0]), rel=1e-12)


def test_what_is_0_for_everybody_has_no_shape(shop: Consumer) -> None:
    columns = "scale, scale_reason, unit, center, spread, skewness"
    assert shop.query(f"select {columns} from zeros_auto") == [
        ("standard", "all values are the same", None, 0.0, 0.0, None)
    ]
    assert shop.query(f"select {columns} from zeros_asin") == [
        ("asinh+standard", "as the settings say", 1.0, 0.0, 0.0, None)
    ]


def _features(shop: Consumer, segmentation: str) -> dict[str, dict[str, Any]]:
    with duckdb.connect(shop.database, read_only=True) as connection:
        rows = connection.sql(f"from {segmentation}__features").to_arrow_table().to_pylist()
    return {row["feature"]: row for row in rows}


def test_a_column_of_categories_counts_as_one_number_however_many_values_it_has(shop: Consumer) -> None:
    features = _features(shop, "mixed")
    regions = [row for name, row in features.items() if name.startswith("region=")]
    assert len(regions) == 8
    shares = {name: features[name]["share_of_variance"] for name in ("revenue", "age", "is_member")}
    assert [*shares.values(), sum(row["share_of_variance"] for row in regions)] == pytest.approx([0.25] * 4, rel=1e-9)
    assert {row["scale"] for row in regions} == {features["is_member"]["scale"]} == {"category"}
    assert features["revenue"]["share_missing"] == pytest.approx(0.025)


def test_what_hardly_anybody_has_counts_less_than_a_number(shop: Consumer) -> None:
    features = _features(shop, "rare")
    assert features["is_rare"]["spread"] == pytest.approx(np.sqrt(0.05 * 0.95))
    assert features["is_rare"]["share_of_variance"] == pytest.approx(0.002 * 0.998 / (0.0475 + 0.002 * 0.998), rel=1e-6)


@pytest.mark.parametrize("segmentation", ["mixed", "rare", "dominated", "weighted_taste", "directions"])
def test_shares_are_those_of_the_centroids_and_customers(shop: Consumer, segmentation: str) -> None:
    weight = "times" if segmentation == "weighted_taste" else "1"
    sizes = dict(shop.query(f"select segment_id, sum({weight}) from {segmentation} where segment_id > 0 group by 1"))
    rows = shop.query(
        "select segment_id, feature, coalesce(scaled_centroid_vector, [scaled_centroid]) "
        f"from {segmentation}__centroids"
    )
    between = {}
    for name in {feature for _, feature, _ in rows}:
        weights = np.array([sizes[segment] for segment, feature, _ in rows if feature == name], dtype=float)
        centroids = np.array([vector for _, feature, vector in rows if feature == name])
        means = np.average(centroids, axis=0, weights=weights)
        between[name] = (weights[:, None] * (centroids - means) ** 2).sum()
    features = _features(shop, segmentation)
    assert sum(row["share_of_variance"] for row in features.values()) == pytest.approx(1)
    for name, row in features.items():
        assert row["share_between"] == pytest.approx(between[name] / sum(between.values()), rel=1e-6, abs=1e-12)


def test_one_segment_has_nothing_between(shop: Consumer) -> None:
    assert {row["share_between"] for row in _features(shop, "one_member").values()} == {None}


def test_positions_of_vectors_are_one_feature(shop: Consumer) -> None:
    taste = _features(shop, "weighted_taste")["taste"]
    assert (taste["scale"], taste["scale_reason"]) == ("none", "a vector stays as it is")
    assert [taste[name] for name in ("unit", "center", "spread", "skewness")] == [None] * 4
    i = np.arange(1000)[np.arange(1000) % 40 != 7]
    vectors, times = np.column_stack([np.sin(i), np.cos(i), i % 5]), 1 + i % 3
    variance = np.average((vectors - np.average(vectors, axis=0, weights=times)) ** 2, axis=0, weights=times).sum()
    assert taste["share_of_variance"] == pytest.approx(variance / (1 + variance), rel=1e-6)


def test_centroids_of_logarithms_are_in_the_unit_of_the_feature(shop: Consumer) -> None:
    row = _features(shop, "dominated")["revenue"]
    rows = shop.query("select centroid, scaled_centroid from dominated__centroids where feature = 'revenue'")
    for centroid, scaled in rows:
        assert centroid == pytest.approx(row["unit"] * np.sinh(scaled * row["spread"] + row["center"]), rel=1e-9)


def test_a_column_that_carries_most_of_what_separates_the_segments_is_told(shop: Consumer) -> None:
    log = (shop.path / "log.txt").read_text()
    said = (
        "mallard: dominated: age carries 100 % of what separates the segments, so they say little about the other "
        "columns: give it a smaller weight or another scale in features, or leave it out."
    )
    assert log.count(said) == 1
    assert not [line for line in log.splitlines() if "mixed: " in line and "of what separates the segments" in line]


def test_a_skewness_on_the_border_keeps_the_scale_that_was_chosen_before(shop: Consumer) -> None:
    shop.write(
        "macros/of_earlier.sql",
        """
        {% macro of_earlier(earlier) %}
            {% set features = mallard.features(['x']) %}
            {% do features.features[0].update(earlier=earlier) %}
            {% set relation = '(select unnest([1, 1, 1, 1, 2, 3, 4, 6]) as x)' %}
            select scale from ({{ mallard.feature_statistics(relation, features) }})
        {% endmacro %}
        """,
    )
    assert 1 < skew([1, 1, 1, 1, 2, 3, 4, 6]) < 1.25
    shop.write(
        "macros/print_scales.sql",
        "{% macro print_scales() %}{% for earlier in [none, 'standard', 'asinh+standard'] %}"
        "{{ print('scale ' ~ run_query(of_earlier(earlier))[0][0]) }}{% endfor %}{% endmacro %}",
    )
    printed = shop.dbt("--quiet", "run-operation", "print_scales").stdout
    found = [line.removeprefix("scale ") for line in printed.splitlines() if line.startswith("scale ")]
    assert found == ["asinh+standard", "standard", "asinh+standard"]


def test_without_rows_the_table_of_features_is_that_of_the_version(shop: Consumer) -> None:
    before = shop.query("from rare__features order by all")
    result = shop.dbt("build", "--empty", "--select", "rare", "chosen", "shapes")
    assert result.returncode == 0, result.stdout
    assert shop.query("from rare__features order by all") == before != []
