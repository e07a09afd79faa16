"""Two segmentations side by side, against pandas, numpy and scikit-learn."""

from __future__ import annotations

from hashlib import md5

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from sklearn.metrics import adjusted_rand_score, silhouette_score

N = 120
PAIRS = [("without", "added"), ("added", "angles")]
HOSTILE = 'the "id", of\' both'
CUSTOMERS = """
select
    i as "{id}",
    i as customer_id,
    round(20 * (i % 3) + 4 * sin(7 * i), 3) as revenue,
    round(5 + cos(3 * i), 3) as orders,
    case when i % 20 = 7 then null else 10 * (i % 2) + sin(5 * i) end as rating,
    [cos(i % 4), sin(i % 4) + 0.1 * sin(i), i % 4] as taste
from range({n}) as t(i)
"""
GROUPS = """
select i as id, i % 3 as label, sin(i) + i % 3 as x, cos(i) as y from range(200) as t(i)
union all
select 1000, 7, 50, 50
union all
select 1001, null, 0, 0
union all
select 1002, 1, null, 0
"""
CASES = {
    "numbers": (["x", "y"], "label", "true"),
    "some_alike": (["y"], "label % 2", "true"),
    "all_alike": (["x * 0"], "label", "true"),
    "one_group": (["x"], "'a'", "true"),
    "nobody": (["x"], "label", "false"),
}


def _silhouette(features: list[str], label: str, condition: str, order: str) -> str:
    columns = ", ".join(f"{feature} as f{place}" for place, feature in enumerate(features))
    names = [f"f{place}" for place in range(len(features))]
    return f'''
    with grouped as (select {label} as "a ""group""", {columns} from ({GROUPS}) where {condition} order by {order})

    select * from ({{{{ mallard.silhouette('grouped', 'a "group"', {names}) }}}})
    '''


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with segmentations of the same customers, and what compares them; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("comparing"))
    consumer.write("models/customers.sql", CUSTOMERS.format(id=HOSTILE.replace('"', '""'), n=N))
    columns = f'"{HOSTILE.replace(chr(34), chr(34) * 2)}", revenue, orders, rating, taste'
    for name, features, more in (
        ("without", {"revenue": None, "orders": None}, {"n_clusters": 3}),
        ("added", {"revenue": None, "rating": {"weight": 1.5}, "taste": None}, {"n_clusters": 4}),
        ("angles", {"rating": None, "taste": None}, {"n_clusters": 5, "metric": "cosine"}),
    ):
        select = f"select {columns} from {{{{ ref('customers') }}}}"
        consumer.write_segmentation(name, select, id=HOSTILE, features=features, publish=False, **more)
    id = HOSTILE.replace("'", "\\'")
    for first, second in PAIRS:
        arguments = f"ref('{first}'), ref('{second}'), customer_id='{id}'"
        consumer.write(f"models/moved_to_{second}.sql", f"{{{{ mallard.moved_customers({arguments}) }}}}")
        consumer.write(f"models/compared_to_{second}.sql", f"{{{{ mallard.compare_segmentations({arguments}) }}}}")
        few = f"{arguments}, most_customers=50"
        consumer.write(f"models/few_compared_to_{second}.sql", f"{{{{ mallard.compare_segmentations({few}) }}}}")
    for name, case in CASES.items():
        consumer.write(f"models/{name}.sql", _silhouette(*case, "id"))
        consumer.write(f"models/{name}_shuffled.sql", _silhouette(*case, "hash(id)"))
    result = consumer.dbt("build", "--empty")
    assert result.returncode == 0, result.stdout
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def _frame(consumer: Consumer, sql: str) -> pd.DataFrame:
    with duckdb.connect(consumer.database, read_only=True) as connection:
        return connection.sql(sql).df()


def _both(shop: Consumer, first: str, second: str) -> pd.DataFrame:
    """The customers with a segment in both, by their ids; the columns of the first have other names."""
    one, other = (
        _frame(shop, f"from {name} where segment_id is not null").set_index(HOSTILE) for name in (first, second)
    )
    return one.add_suffix("_first").join(other, how="inner").sort_index()


def _usual(both: pd.DataFrame) -> pd.Series:
    """For each customer, the segment of the second to which most of the same segment of the first belong."""
    usual = both.groupby("segment_id_first")["segment_id"].agg(lambda ids: ids.mode().min())
    return both["segment_id_first"].map(usual)


def _scaled(shop: Consumer, segmentation: str, customers: pd.DataFrame) -> dict[str, np.ndarray]:
    """The features of a segmentation as it scales them, shape (n_customers, size of the feature)."""
    scaled = {}
    for feature, of in _frame(shop, f"from {segmentation}__features").set_index("feature").iterrows():
        values = np.stack(customers[feature].to_numpy()) if feature == "taste" else customers[[feature]].to_numpy(float)
        center, spread = (0, 1) if feature == "taste" else (of["center"], of["spread"])
        scaled[str(feature)] = (values - center) / spread * of["weight"]
    return scaled


@pytest.mark.parametrize("name", CASES)
def test_silhouettes_are_those_of_scikit_learn(shop: Consumer, name: str) -> None:
    features, label, condition = CASES[name]
    known = " and ".join(f"{feature} is not null" for feature in features)
    columns = ", ".join(f"{feature} as f{place}" for place, feature in enumerate(features))
    rows = duckdb.sql(
        f"select cast({label} as varchar) as label, {columns} from ({GROUPS}) "
        f"where {condition} and {label} is not null and {known}"
    ).df()
    [(silhouette, n)] = shop.query(f"from {name}")
    assert n == len(rows)
    if rows["label"].nunique() < 2:
        assert silhouette is None
    else:
        expected = silhouette_score(rows.iloc[:, 1:].astype(float), rows["label"])
        assert silhouette == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_neither_the_order_of_rows_nor_threads_change_a_bit(shop: Consumer, name: str) -> None:
    found = set()
    for threads in (1, 4):
        with duckdb.connect(shop.database, read_only=True, config={"threads": threads}) as connection:
            for model in (name, f"{name}_shuffled"):
                found.add(connection.execute(f"from {model}").fetchone())
    assert len(found) == 1


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_comparison_is_that_of_pandas_and_scikit_learn(shop: Consumer, first: str, second: str) -> None:
    both = _both(shop, first, second)
    labels = {first: both["segment_id_first"], second: both["segment_id"]}
    scaled = _scaled(shop, first, both)
    in_common = np.hstack([scaled[feature] for feature in (["revenue"] if first == "without" else ["rating", "taste"])])
    drawn = np.argsort([md5(str(id).encode()).hexdigest() for id in both.index])[:50]
    everybody = _frame(shop, f"from compared_to_{second}").set_index("segmentation")
    some = _frame(shop, f"from few_compared_to_{second}").set_index("segmentation")
    assert list(everybody.index) == [first, second]
    for name, row in everybody.iterrows():
        [metrics] = _frame(shop, f"from {name}__metrics where is_selected").to_dict("records")
        profiles = _frame(shop, f"select distinct segment_id, n_customers, stability from {name}__profiles")
        mean_stability = np.average(profiles["stability"], weights=profiles["n_customers"])
        own = labels[str(name)]
        assert row["n_customers"] == profiles["n_customers"].sum()
        assert (row["n_segments"], row["verdict"]) == (metrics["n_clusters"], metrics["verdict"])
        assert (row["least_stability"], row["silhouette"]) == (metrics["least_stability"], metrics["silhouette"])
        assert row["mean_stability"] == pytest.approx(mean_stability, rel=1e-12)
        assert row["common_silhouette"] == pytest.approx(silhouette_score(in_common, own), rel=1e-9)
        assert row["adjusted_rand_index"] == pytest.approx(adjusted_rand_score(*labels.values()), rel=1e-12)
        assert row["n_moved"] == sum(both["segment_id"] != _usual(both))
        assert row["n_in_both"] == row["n_measured"] == len(both)
        expected = silhouette_score(in_common[drawn], own.to_numpy()[drawn])
        assert some.loc[name, "common_silhouette"] == pytest.approx(expected, rel=1e-9)
        assert some.loc[name, "n_measured"] == 50


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_moves_and_their_reasons_are_those_of_numpy(shop: Consumer, first: str, second: str) -> None:
    both = _both(shop, first, second)
    both["usual"] = _usual(both)
    expected = both[both["segment_id"] != both["usual"]]
    scaled = _scaled(shop, second, expected)
    if second == "angles":
        length = np.sqrt(sum((values**2).sum(axis=1) for values in scaled.values()))
        scaled = {feature: values / length[:, None] for feature, values in scaled.items()}
    centroids = {
        (row["segment_id"], row["feature"]): np.array(
            row["scaled_centroid_vector"] if row["feature"] == "taste" else [row["scaled_centroid"]]
        )
        for row in _frame(shop, f"from {second}__centroids").to_dict("records")
    }
    names = dict(shop.query(f"select distinct segment_id, segment_name from {second} where segment_id is not null"))
    known = set(_frame(shop, f"from {first}__features")["feature"])
    moved = _frame(shop, f"from moved_to_{second}").set_index(HOSTILE).sort_index()
    assert len(expected) > 10
    assert list(moved.index) == list(expected.index)
    for place, (id, customer) in enumerate(expected.iterrows()):
        own, usual = customer["segment_id"], customer["usual"]
        terms = {
            feature: np.sum((values[place] - centroids[usual, feature]) ** 2)
            - np.sum((values[place] - centroids[own, feature]) ** 2)
            for feature, values in scaled.items()
        }
        largest = max(terms, key=lambda name: terms[name])
        *labels, share = moved.loc[id]
        assert labels == [
            customer["segment_id_first"],
            customer["segment_name_first"],
            own,
            customer["segment_name"],
            usual,
            names[usual],
            largest,
            largest not in known,
        ]
        assert share == pytest.approx(terms[largest] / sum(term for term in terms.values() if term > 0), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "compare_segmentations(ref('without'), ref('angles'), 'revenue')",
            "mallard: without and angles have no feature in common, so nothing measures both: compare",
        ),
        (
            "compare_segmentations(ref('without'), ref('added'))",
            'mallard: setting customer_id is "customer_id": without has no such column; name one of the "id"',
        ),
        (
            "compare_segmentations(ref('without'), ref('added'), 'revenue', most_customers=1)",
            "mallard: setting most_customers is 1: set it to a whole number of 2 or more.",
        ),
        (
            "moved_customers(ref('customers'), ref('added'), 'revenue')",
            "isn't a segmentation, because there is no table customers__versions",
        ),
        (
            "silhouette(ref('customers'), 'rating', 'revenue')",
            'setting features is "revenue": give the names of columns as a list.',
        ),
        (
            "silhouette(ref('customers'), 'rating', ['x'])",
            'setting features is "x": customers has no such column; name one of',
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_line(shop: Consumer, call: str, message: str) -> None:
    result = shop.dbt("show", "--inline", f"{{{{ mallard.{call} }}}}")
    assert result.returncode != 0
    assert message in result.stdout
