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
ADDITIONS = [
    ("community_segments_without", "community_segments", "activity and ratings"),
    ("community_segments", "community_segments_with_texts", "texts"),
]
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
        ("angles", {"rating": {"weight": 1.5}, "taste": None}, {"n_clusters": 5, "metric": "cosine"}),
    ):
        select = f"select {columns} from {{{{ ref('customers') }}}}"
        consumer.write_segmentation(name, select, id=HOSTILE, features=features, publish=False, **more)
    id = HOSTILE.replace("'", "\\'")
    moved = f"mallard.moved_customers(ref('without'), ref('angles'), customer_id='{id}')"
    compared = f"mallard.compare_segmentations(ref('angles'), ref('angles'), '{id}', most_customers=50)"
    consumer.write("models/moved.sql", f"{{{{ {moved} }}}}")
    consumer.write("models/compared.sql", f"{{{{ {compared} }}}}")
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


def _both(project: Consumer, id: str, first: str, second: str) -> pd.DataFrame:
    """The customers with a segment in both, by their ids; the columns of the first have other names."""
    one, other = (
        _frame(project, f"from {name} where segment_id is not null").set_index(id) for name in (first, second)
    )
    return one.add_suffix("_first").join(other, how="inner").sort_index()


def _usual(both: pd.DataFrame) -> pd.Series:
    """For each customer, the segment of the second to which most of the same segment of the first belong."""
    usual = both.groupby("segment_id_first")["segment_id"].agg(lambda ids: ids.mode().min())
    return both["segment_id_first"].map(usual)


def _scaled(project: Consumer, segmentation: str, customers: pd.DataFrame) -> dict[str, np.ndarray]:
    """The features of a segmentation as it scales them, shape (n_customers, size of the feature)."""
    scaled = {}
    for feature, of in _frame(project, f"from {segmentation}__features").set_index("feature").iterrows():
        values = np.array(customers[feature].to_list(), float).reshape(len(customers), -1)
        if of["scale"].startswith("asinh"):
            values = np.arcsinh(values / of["unit"])
        center, spread = (0, 1) if of["scale"] == "none" else (of["center"], of["spread"])
        scaled[str(feature)] = (values - center) / spread * of["weight"]
    return scaled


def _check_comparison(
    rows: pd.DataFrame, project: Consumer, both: pd.DataFrame, scaled: np.ndarray, n_measured: int
) -> None:
    """Compare what a comparison says with scikit-learn.

    Args:
        rows: the comparison, by the names of the segmentations.
        scaled: the features in common, in the scale of the first.
        n_measured: the number of customers in silhouettes.
    """
    drawn = np.argsort([md5(str(id).encode()).hexdigest() for id in both.index])[:n_measured]
    labels = [both["segment_id_first"].to_numpy(), both["segment_id"].to_numpy()]
    for own, (name, row) in zip(labels, rows.iterrows(), strict=True):
        [metrics] = _frame(project, f"from {name}__metrics where is_selected").to_dict("records")
        profiles = _frame(project, f"select distinct segment_id, n_customers, stability from {name}__profiles")
        mean_stability = np.average(profiles["stability"], weights=profiles["n_customers"])
        assert row["n_customers"] == profiles["n_customers"].sum()
        assert (row["n_segments"], row["verdict"]) == (metrics["n_clusters"], metrics["verdict"])
        assert (row["least_stability"], row["silhouette"]) == (metrics["least_stability"], metrics["silhouette"])
        assert row["mean_stability"] == pytest.approx(mean_stability, rel=1e-12)
        assert row["common_silhouette"] == pytest.approx(silhouette_score(scaled[drawn], own[drawn]), rel=1e-9)
        assert row["n_measured"] == len(drawn)
        assert row["adjusted_rand_index"] == pytest.approx(adjusted_rand_score(*labels), rel=1e-12)
        assert row["n_moved"] == sum(both["segment_id"] != _usual(both))
        assert row["n_in_both"] == len(both)


def _check_moves(
    rows: pd.DataFrame,
    both: pd.DataFrame,
    scaled: dict[str, np.ndarray],
    centroids: dict[tuple[int, str], np.ndarray],
    known: set[str],
) -> None:
    """Compare moves and their reasons with numpy.

    Args:
        rows: the moves, by the ids of the customers.
        scaled: the features of the second segmentation, as it compares them.
        centroids: its centroids, by segment and feature.
        known: the features of the first.
    """
    usual = _usual(both)
    names = dict(zip(both["segment_id"], both["segment_name"], strict=True))
    moved = np.flatnonzero(both["segment_id"] != usual)
    assert list(rows.index) == list(both.index[moved])
    for place in moved:
        customer = both.iloc[place]
        terms = {
            feature: np.sum((values[place] - centroids[usual.iloc[place], feature]) ** 2)
            - np.sum((values[place] - centroids[customer["segment_id"], feature]) ** 2)
            for feature, values in scaled.items()
        }
        largest = max(terms, key=lambda name: terms[name])
        row = rows.iloc[list(moved).index(place)]
        assert tuple(row[["first_segment_id", "first_segment_name"]]) == (
            customer["segment_id_first"],
            customer["segment_name_first"],
        )
        assert tuple(row[["second_segment_id", "second_segment_name"]]) == (
            customer["segment_id"],
            customer["segment_name"],
        )
        assert tuple(row[["usual_segment_id", "usual_segment_name"]]) == (usual.iloc[place], names[usual.iloc[place]])
        assert tuple(row[["feature", "is_added"]]) == (largest, largest not in known)
        assert row["share"] == pytest.approx(
            terms[largest] / sum(term for term in terms.values() if term > 0), rel=1e-6
        )


def _centroids(project: Consumer, segmentation: str) -> dict[tuple[int, str], np.ndarray]:
    """The centroids in the scale of the segmentation, by segment and feature."""
    columns = "segment_id, feature, coalesce(scaled_centroid_vector, [scaled_centroid]) as place"
    table = _frame(project, f"select {columns} from {segmentation}__centroids")
    return {(id, feature): np.array(place) for id, feature, place in table.itertuples(index=False)}


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


@pytest.mark.parametrize(("first", "second", "addition"), ADDITIONS)
def test_the_community_is_compared_as_scikit_learn_compares_it(
    integrated: Consumer, first: str, second: str, addition: str
) -> None:
    both = _both(integrated, "customer_id", first, second)
    scaled = _scaled(integrated, first, both)
    rows = _frame(integrated, f"from community_comparison where addition = '{addition}'").set_index("segmentation")
    _check_comparison(rows.loc[[first, second]], integrated, both, np.hstack(list(scaled.values())), 5000)
    moves = _frame(integrated, f"from community_moves where addition = '{addition}'").set_index("customer_id")
    _check_moves(
        moves.sort_index(),
        both,
        _scaled(integrated, second, both),
        _centroids(integrated, second),
        known=set(scaled),
    )


def test_vectors_weights_and_a_sample_are_compared_by_straight_lines(shop: Consumer) -> None:
    both = _both(shop, HOSTILE, "angles", "angles")
    scaled = np.hstack(list(_scaled(shop, "angles", both).values()))
    rows = _frame(shop, "from compared").set_index("segmentation")
    assert set(rows["adjusted_rand_index"]) == {1.0}
    _check_comparison(rows, shop, both, scaled, 50)


def test_moves_between_directions_are_those_of_directions(shop: Consumer) -> None:
    both = _both(shop, HOSTILE, "without", "angles")
    scaled = _scaled(shop, "angles", both)
    length = np.sqrt(sum((values**2).sum(axis=1) for values in scaled.values()))
    directions = {feature: values / length[:, None] for feature, values in scaled.items()}
    moves = _frame(shop, "from moved").set_index(HOSTILE).sort_index()
    assert len(moves) > 10
    _check_moves(moves, both, directions, _centroids(shop, "angles"), known={"revenue", "orders"})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "compare_segmentations(ref('without'), ref('angles'), 'revenue')",
            "mallard: without and angles have no feature in common, so nothing measures both: compare",
        ),
        (
            "compare_segmentations(ref('without'), ref('angles'))",
            'mallard: setting customer_id is "customer_id": without has no such column; name one of the "id"',
        ),
        (
            "compare_segmentations(ref('without'), ref('angles'), 'revenue', most_customers=1)",
            "mallard: setting most_customers is 1: set it to a whole number of 2 or more.",
        ),
        (
            "moved_customers(ref('customers'), ref('angles'), 'revenue')",
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
