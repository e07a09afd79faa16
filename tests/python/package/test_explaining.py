"""What speaks for the segment of a customer, against numpy, pandas, scipy and scikit-learn."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import PROFILE, Consumer, make_consumer
from numpy.typing import NDArray
from scipy.stats import chi2_contingency
from sklearn.mixture import GaussianMixture

from mallard.report.reading import read_report_data

Floats = NDArray[np.float64]

CUSTOMERS = """
{{ config(materialized='table') }}
select
    i as "the id",
    round(20 * (i % 3) + 12 * sin(7 * i) + case when i % 40 = 7 then 60 else 0 end, 1) as spend,
    case when i % 23 <> 5 then 10 * (i % 2) + 6 * cos(5 * i) end as visits,
    exp(2 + i % 3 + sin(i)) as revenue,
    case when i % 17 <> 4 then ['red', 'green', 'it''s blue'][1 + cast(i * i % 3 as integer)] end as colour,
    i % 3 = 1 as is_member,
    [cos(i % 4), sin(i % 4) + 0.1 * sin(i), i % 4] as taste,
    'name ' || i as name,
    date '2026-01-01' + cast(i % 3 * 30 + i % 20 as integer) as seen_on,
    1 + i % 4 as times
from range(360) as t(i)
"""
NUMBERS = ["spend", "visits", "revenue"]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"features": ["spend", "visits"], "n_clusters": 3, "contamination": 0.29, "max_distance": 1.9},
    "mixed": {
        "features": {
            "spend": {"weight": 2},
            "revenue": {"scale": "asinh+standard"},
            "visits": None,
            "colour": None,
            "is_member": None,
            "taste": None,
        },
        "n_clusters": 4,
        "nulls": "median",
        "weight_column": "times",
        "contamination": 0.07,
        "main_reason": True,
    },
    "angle": {
        "features": NUMBERS,
        "metric": "cosine",
        "scale": "none",
        "n_clusters": 3,
        "contamination": 0.1,
        "main_reason": True,
    },
    "one": {"features": ["spend"], "n_clusters": 1, "main_reason": True},
}
MODELS = {
    "memberships": [f"mallard.memberships(ref('{kind}'))" for kind in KINDS],
    "explanation": [f"mallard.explain(ref('{kind}'))" for kind in KINDS],
    "representatives": ["mallard.representatives(ref('plain'), n=3)"],
    "lookalikes": ["mallard.lookalikes(ref('angle'), 2, n=20)"],
    "differences": ["mallard.differences(ref('plain'), 1, 3)", "mallard.differences(ref('mixed'), 3, 1)"],
    "few": ["mallard.memberships(ref('mixed'), top_n=2, min_probability=0.2)"],
    "why": ["mallard.explain(ref('mixed'), [8, '5'])"],
    "scored": [f"mallard.score(ref('customers'), ref('{kind}'))" for kind in KINDS],
}
ADDED_LAST = "previous_segment_id, segment_changed_at, is_new"


def _name(model: str, place: int) -> str:
    return f"{model}_{place}" if len(MODELS[model]) > 1 else model


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with segmentations of the same customers, and models that explain them; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("explaining"))
    consumer.write("models/customers.sql", CUSTOMERS)
    for name, settings in KINDS.items():
        consumer.write_segmentation(
            name, "select * from {{ ref('customers') }}", id="the id", publish=False, **settings
        )
    for model, calls in MODELS.items():
        for place, call in enumerate(calls):
            text = f"{{{{ config(materialized='table') }}}}\n{{{{ {call} }}}}"
            consumer.write(f"models/{_name(model, place)}.sql", text)
    for arguments in (["build", "--empty"], ["build"]):
        result = consumer.dbt(*arguments)
        assert result.returncode == 0, result.stdout
        if "--empty" in arguments:
            assert consumer.query("select count(*) from memberships_0") == [(0,)]
            assert "main_reason" in _columns(consumer, "mixed")
            empty = {table: _columns(consumer, table) for table in ("scored_0", "scored_1", "scored_3")}
    assert {table: _columns(consumer, table) for table in empty} == empty
    return consumer


def _frame(consumer: Consumer, sql: str) -> pd.DataFrame:
    with duckdb.connect(consumer.database, read_only=True) as connection:
        return connection.sql(sql).df()


def _columns(consumer: Consumer, table: str) -> list[str]:
    return [name for name, *_ in consumer.query(f"describe {table}")]


class Fitted:
    """A segmentation: its customers with a segment, by id, and where they and the centroids are in scaled units.

    Attributes:
        customers: one row each.
        features: the names, one for each column of `points`.
        points: shape (n_customers, n_coordinates).
        centroids: shape (n_segments, n_coordinates), in the order of the ids.
        weights: how often each customer counts.
    """

    def __init__(self, shop: Consumer, name: str) -> None:
        table = _frame(shop, f"from {name}__centroids order by segment_id")
        features = list(dict.fromkeys(table["feature"]))
        expressions = dict(zip(table["feature"], table["scaled_expression"], strict=True))
        scaled = ", ".join(f"{expressions[feature]} as x{place}" for place, feature in enumerate(features))
        rows = _frame(shop, f'select *, {scaled} from {name} where segment_id is not null order by "the id"')
        parts = [_stacked(rows[f"x{place}"]) for place in range(len(features))]
        self.name = name
        self.customers = rows.set_index("the id")
        self.features = [f for f, part in zip(features, parts, strict=True) for _ in range(part.shape[1])]
        self.points = np.hstack(parts)
        self.is_angle = name == "angle"
        if self.is_angle:
            self.points /= np.linalg.norm(self.points, axis=1)[:, None]
        of_segments = [table[table["segment_id"] == segment] for segment in sorted(set(table["segment_id"]))]
        self.centroids = np.array(
            [
                np.hstack(
                    [
                        row["scaled_centroid"]
                        if row["scaled_centroid_vector"] is None
                        else row["scaled_centroid_vector"]
                        for _, row in of.replace({np.nan: None}).set_index("feature").loc[features].iterrows()
                    ]
                )
                for of in of_segments
            ],
            float,
        )
        self.weights = self.customers["times"].to_numpy(float) if name == "mixed" else np.ones(len(rows))
        self.labels = self.customers["segment_id"].to_numpy() - 1

    @property
    def squares(self) -> Floats:
        """Squared distances, shape (n_customers, n_segments)."""
        found: Floats = ((self.points[:, None] - self.centroids) ** 2).sum(axis=2)
        return found

    @property
    def distances(self) -> Floats:
        return self.squares / 2 if self.is_angle else np.sqrt(self.squares)


def _stacked(values: pd.Series) -> Floats:
    return np.array(values.to_list(), float).reshape(len(values), -1)


def _all_at_fit(shop: Consumer, name: str) -> Fitted:
    """The same with those who were at the fit and are too far to get a segment."""
    fitted = Fitted(shop, name)
    if name != "plain":
        return fitted
    [far, *_] = [
        _frame(shop, "from plain where status_reason = 'too far from every segment' order by \"the id\"").set_index(
            "the id"
        )
    ]
    table = _frame(shop, "from plain__features").set_index("feature")
    scaled = (far[["spend", "visits"]] - table["center"]) / table["spread"]
    fitted.points = np.vstack([fitted.points, scaled[fitted.features].to_numpy()])
    fitted.weights = np.ones(len(fitted.points))
    fitted.customers = pd.concat([fitted.customers, far])
    fitted.labels = fitted.squares.argmin(axis=1)
    return fitted


def test_memberships_are_those_of_a_mixture_of_equal_spherical_gaussians(shop: Consumer) -> None:
    for place, name in enumerate(KINDS):
        fitted, at_fit = Fitted(shop, name), _all_at_fit(shop, name)
        k, n_coordinates = fitted.centroids.shape
        own = at_fit.squares[np.arange(len(at_fit.points)), at_fit.labels]
        freedom = n_coordinates - 1 if fitted.is_angle else n_coordinates
        variance = np.average(own, weights=at_fit.weights) / freedom
        mixture = GaussianMixture(k, covariance_type="spherical")
        mixture.weights_, mixture.means_ = np.full(k, 1 / k), fitted.centroids
        mixture.covariances_ = np.full(k, variance)
        mixture.precisions_cholesky_ = 1 / np.sqrt(mixture.covariances_)
        found = _frame(shop, f"from memberships_{place}").pivot(index="the id", columns="segment_id")["probability"]
        assert list(found.index) == list(fitted.customers.index)
        np.testing.assert_allclose(found, mixture.predict_proba(fitted.points), rtol=1e-9, atol=1e-12)
        assert (found.to_numpy().argmax(axis=1) == fitted.labels).all()
    assert found.to_numpy().min() == 1  # there is one segment


def test_only_the_likeliest_segments_are_listed_if_asked_for(shop: Consumer) -> None:
    everything = _frame(shop, "from memberships_1")
    ranked = everything.sort_values(["the id", "probability", "segment_id"], ascending=[True, False, True])
    expected = ranked.groupby("the id").head(2).query("probability >= 0.2")
    found = _frame(shop, "from few").sort_values(["the id", "probability", "segment_id"], ascending=[True, False, True])
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True))
    assert len(found) > found["the id"].nunique() > 300


@pytest.mark.parametrize("name", ["plain", "mixed", "angle"])
def test_distances_are_in_radii_as_bigquery_defines_them(shop: Consumer, name: str) -> None:
    at_fit = _all_at_fit(shop, name)
    own = at_fit.distances[np.arange(len(at_fit.points)), at_fit.labels]
    radii = [
        np.sqrt(np.average(own[at_fit.labels == k] ** 2, weights=at_fit.weights[at_fit.labels == k]))
        for k in range(len(at_fit.centroids))
    ]
    normalized = (at_fit.distances / radii).min(axis=1)
    np.testing.assert_allclose(at_fit.customers["normalized_distance"], normalized, rtol=1e-9)


@pytest.mark.parametrize("name", ["plain", "mixed", "angle"])
def test_anomalies_are_the_farthest_share(shop: Consumer, name: str) -> None:
    fitted = Fitted(shop, name)
    is_anomaly = fitted.customers["is_anomaly"].to_numpy(bool)
    distances = fitted.customers["normalized_distance"].to_numpy()
    allowed = KINDS[name]["contamination"] * fitted.weights.sum()
    assert distances[is_anomaly].min() > distances[~is_anomaly].max()
    nearest = distances == distances[~is_anomaly].max()
    assert fitted.weights[is_anomaly].sum() <= allowed * (1 + 1e-9)
    assert fitted.weights[is_anomaly | nearest].sum() > allowed
    assert shop.query(f"select count(is_anomaly) from {name} where segment_id is null") == [(0,)]


def test_who_is_too_far_has_no_segment_and_the_reason(shop: Consumer) -> None:
    rows = _frame(shop, "from plain")
    is_far = rows["normalized_distance"] > 1.9
    assert 3 < is_far.sum() < 50
    assert set(rows[is_far]["assignment_status"]) == {"excluded"}
    assert set(rows[is_far]["status_reason"]) == {"too far from every segment"}
    assert rows[is_far][["segment_id", "distance_to_centroid", "second_segment_id", "confidence"]].isna().all(axis=None)
    assert set(rows[rows["segment_id"].notna()]["assignment_status"]) == {"assigned"}
    [(counted, profiled)] = shop.query(
        "select (select count(segment_id) from plain), "
        "(select sum(n_customers) from plain__profiles where feature = 'spend')"
    )
    assert counted == profiled == len(rows) - is_far.sum() - rows["visits"].isna().sum()


@pytest.mark.parametrize(("place", "name"), list(enumerate(KINDS)))
def test_a_score_says_of_outliers_what_the_segmentation_says(shop: Consumer, place: int, name: str) -> None:
    not_in_a_score = f"{ADDED_LAST}, main_reason" if "main_reason" in KINDS[name] else ADDED_LAST
    expected = _frame(shop, f'select * exclude ({not_in_a_score}) from {name} order by "the id"')
    pd.testing.assert_frame_equal(_frame(shop, f'from scored_{place} order by "the id"'), expected)
    assert ("is_anomaly" in expected) == ("contamination" in KINDS[name])


def test_a_score_of_new_customers_has_the_radii_and_the_thresholds_of_the_segmentation(shop: Consumer) -> None:
    """By hand: the one feature that changes is spend, along which all are on a line through the centroids."""
    at_fit = _all_at_fit(shop, "plain")
    own = at_fit.distances[np.arange(len(at_fit.points)), at_fit.labels]
    radii = np.sqrt([np.mean(own[at_fit.labels == k] ** 2) for k in range(len(at_fit.centroids))])
    table = _frame(shop, "from plain__features").set_index("feature")
    spends = np.arange(0, 110, 0.7)
    scaled = {"spend": (spends - table["center"]["spend"]) / table["spread"]["spend"]}
    scaled["visits"] = np.full(len(spends), (4 - table["center"]["visits"]) / table["spread"]["visits"])
    points = np.column_stack([scaled[feature] for feature in at_fit.features])
    normalized = (np.linalg.norm(points[:, None] - at_fit.centroids, axis=2) / radii).min(axis=1)
    select = "(select i * 0.7::double as spend, 4.0::double as visits from range(158) as t(i))"
    result = shop.dbt(
        "show", "--limit", "-1", "--output", "json", "--inline", f"{{{{ mallard.score(\"{select}\", ref('plain')) }}}}"
    )
    assert result.returncode == 0, result.stdout
    found = pd.DataFrame(json.loads(result.stdout[result.stdout.index("{\n") :])["show"])
    np.testing.assert_allclose(found["normalized_distance"], normalized, rtol=1e-9)
    has_segment = normalized <= 1.9
    assert found["segment_id"].notna().tolist() == has_segment.tolist()
    [(threshold,)] = shop.query("select min(normalized_distance) from plain where is_anomaly")
    assert found["is_anomaly"][has_segment].tolist() == (normalized[has_segment] >= threshold).tolist()
    assert found["is_anomaly"][~has_segment].isna().all()
    assert 10 < found["is_anomaly"].fillna(False).sum() < has_segment.sum() < 150


@pytest.mark.parametrize(("place", "name"), list(enumerate(list(KINDS)[:3])))
def test_contributions_are_the_terms_of_the_difference(shop: Consumer, place: int, name: str) -> None:
    fitted = Fitted(shop, name)
    second = fitted.customers["second_segment_id"].to_numpy(int) - 1
    terms = (fitted.points - fitted.centroids[second]) ** 2 - (fitted.points - fitted.centroids[fitted.labels]) ** 2
    terms = terms / 2 if fitted.is_angle else terms
    by_feature = pd.DataFrame(terms.T, index=fitted.features).groupby(level=0, sort=False).sum()
    rows = _frame(shop, f"from explanation_{place}")
    found = rows.pivot(index="feature", columns="the id", values="contribution").loc[by_feature.index]
    np.testing.assert_allclose(found, by_feature, rtol=1e-9, atol=1e-9)
    own, other = fitted.customers["distance_to_centroid"], fitted.customers["distance_to_second_centroid"]
    difference = other - own if fitted.is_angle else other**2 - own**2
    np.testing.assert_allclose(found.sum(), difference, rtol=1e-9, atol=1e-9)
    if not fitted.is_angle:
        centroids = _frame(shop, f"from {name}__centroids").set_index(["segment_id", "feature"])["centroid"]
        for segment, column in (("segment_id", "centroid"), ("second_segment_id", "second_centroid")):
            expected = centroids.loc[list(zip(rows[segment], rows["feature"], strict=True))].to_numpy()
            np.testing.assert_allclose(rows[column].astype(float), expected.astype(float), rtol=1e-9, atol=1e-12)


def test_a_customer_is_explained_by_values_in_their_own_unit_largest_contribution_first(shop: Consumer) -> None:
    rows = _frame(shop, "from why")
    assert list(dict.fromkeys(rows["the id"])) == [5, 8]
    for _, of_customer in rows.groupby("the id"):
        assert of_customer["contribution"].is_monotonic_decreasing
    [customer] = _frame(shop, 'from mixed where "the id" = 8').to_dict("records")
    values = rows[rows["the id"] == 8].set_index("feature")["value"]
    assert values["spend"] == customer["spend"]
    assert values["revenue"] == customer["revenue"]
    assert values["is_member"] == customer["is_member"]
    assert [values[f"colour={colour}"] for colour in ("red", "green")] == [
        customer["colour"] == "red",
        customer["colour"] == "green",
    ]
    assert np.isnan(values["taste"])
    missing = rows[rows["the id"] == 5].set_index("feature").loc["visits"]
    assert np.isnan(missing["value"])
    assert np.isfinite(missing["contribution"])


def test_the_main_reason_is_the_largest_contribution_in_words(shop: Consumer) -> None:
    for name, place in (("mixed", 1), ("angle", 2)):
        rows = _frame(
            shop,
            f'select "the id", arg_max(feature, contribution) as feature from explanation_{place} group by all',
        ).set_index("the id")
        customers = _frame(shop, f"from {name} where segment_id is not null").set_index("the id")
        for feature, reason in zip(rows["feature"], customers.loc[rows.index]["main_reason"], strict=True):
            label = str(feature).replace("_", " ")
            assert reason.removeprefix("in proportion, ").removeprefix("not ").startswith(label), (feature, reason)
    texts = {text for (text,) in shop.query("select distinct main_reason from mixed")}
    assert all(text.count(" ") >= 5 for text in texts)
    assert shop.query("select distinct main_reason from one") == [(None,)]


def test_a_reason_says_the_numbers_of_both_centroids(shop: Consumer) -> None:
    rows = _frame(
        shop,
        'select m.main_reason, e.* from mixed as m inner join explanation_1 as e using ("the id") '
        "where e.feature = 'spend' and starts_with(m.main_reason, 'spend of')",
    )
    assert len(rows) > 20
    for row in rows.itertuples():
        values = [np.sign(x) * np.floor(abs(x) + 0.5) + 0 for x in (row.value, row.centroid, row.second_centroid)]
        assert row.main_reason == "spend of {:.0f} is nearer to {:.0f} than to {:.0f}".format(*values)


def test_representatives_are_the_nearest(shop: Consumer) -> None:
    rows = _frame(shop, "from plain where segment_id is not null").astype({"the id": str})
    expected = rows.sort_values(["segment_id", "distance_to_centroid", "the id"]).groupby("segment_id").head(3)
    found = _frame(shop, "from representatives")
    assert list(found["the id"].astype(str)) == list(expected["the id"])
    assert list(found["place"]) == [1, 2, 3] * 3


def test_lookalikes_are_the_nearest_of_the_others(shop: Consumer) -> None:
    fitted = Fitted(shop, "angle")
    others = pd.Series(fitted.distances[:, 1], fitted.customers.index)[fitted.labels != 1].sort_values()
    found = _frame(shop, "from lookalikes")
    assert list(found["the id"]) == list(others.index[:20])
    np.testing.assert_allclose(found["distance"], others[:20], rtol=1e-9)
    assert (found["segment_id"] == fitted.customers.loc[found["the id"]]["segment_id"].to_numpy()).all()


def _numbers(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows[column].astype("datetime64[us]").astype("int64") if column == "seen_on" else rows[column].astype(float)


@pytest.mark.parametrize(("place", "name", "first", "second"), [(0, "plain", 1, 3), (1, "mixed", 3, 1)])
def test_differences_are_cohens_and_cramers(shop: Consumer, place: int, name: str, first: int, second: int) -> None:
    rows = _frame(shop, f"from {name} where segment_id in ({first}, {second})")
    if name == "mixed":  # a weight is a number of identical customers
        rows = rows.loc[rows.index.repeat(rows["times"])]
    found = _frame(shop, f"from differences_{place}").set_index("column_name")
    is_first = rows["segment_id"] == first
    for column in [*NUMBERS, "seen_on"]:
        values = _numbers(rows, column)
        one, other = values[is_first].dropna(), values[~is_first].dropna()
        n, m = len(one), len(other)
        pooled = np.sqrt(((n - 1) * one.var() + (m - 1) * other.var()) / (n + m - 2))
        assert found.loc[column, "measure"] == "cohens_d"
        assert found.loc[column, "effect_size"] == pytest.approx((one.mean() - other.mean()) / pooled, rel=1e-9)
        known = values.notna()
        correlation = np.corrcoef(values[known], is_first[known])[0, 1]
        assert found.loc[column, "association"] == pytest.approx(abs(correlation), rel=1e-7)
        if column != "seen_on":
            assert found.loc[column, "first_mean"] == pytest.approx(one.mean(), rel=1e-9)
    for column in ("colour", "is_member", "name"):
        table = pd.crosstab(rows[column], is_first)
        n, k = table.to_numpy().sum(), len(table)
        contingency = chi2_contingency(table, correction=False).statistic / n
        corrected = max(0, contingency - (k - 1) / (n - 1))
        smaller = min(k - (k - 1) ** 2 / (n - 1), 2 - 1 / (n - 1)) - 1
        expected = np.sqrt(corrected / smaller) if smaller > 1e-9 else np.nan
        assert found.loc[column, "measure"] == "cramers_v"
        assert found.loc[column, "effect_size"] == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)
        shares = table / table.sum()
        if column != "name":
            value = (shares[True] - shares[False]).abs().idxmax()
            shown = str(found.loc[column, "value"])
            assert (shares[True] - shares[False]).abs()[
                value if column == "colour" else shown == "true"
            ] == pytest.approx(abs(found.loc[column, "first_share"] - found.loc[column, "second_share"]))
    single = rows[~rows.index.duplicated()]
    for column in found.index:
        of_first = single[single["segment_id"] == first][column]
        assert found.loc[column, "first_n"] == of_first.notna().sum()
        assert found.loc[column, "first_n_missing"] == of_first.isna().sum()
    assert found["association"].is_monotonic_decreasing or found["association"].dropna().is_monotonic_decreasing
    assert set(found[found["is_feature"]].index) == set(KINDS[name]["features"]) - {"taste"}


@pytest.mark.parametrize(("place", "name"), list(enumerate(KINDS))[:3])
def test_the_page_says_what_the_macros_say(shop: Consumer, place: int, name: str) -> None:
    data = read_report_data(shop.database, name)
    assert data.explanations is not None
    assert len(data.explanations.of) == len(data.customers)
    probabilities = _by_customer(shop, f'select "the id", segment_id, probability from memberships_{place}')
    contributions = _by_customer(shop, f'select "the id", feature, contribution from explanation_{place}')
    labels = dict(shop.query(f"select distinct feature, label from {name}__profiles"))
    for customer, of in data.explanations.of.items():
        said, terms = probabilities[customer], contributions[customer]
        largest = max(map(abs, terms.values()))
        expected = {segment: share for segment, share in said.items() if share >= 0.005}
        assert len(of.probabilities) == min(3, len(expected))
        nearest = sorted(expected, key=lambda segment: -said[segment])[:3]
        assert [segment for segment, _ in of.probabilities] == nearest
        assert dict(of.probabilities) == pytest.approx({segment: said[segment] for segment, _ in of.probabilities})
        found = {data.explanations.features[one.feature].label: one.contribution for one in of.reasons}
        by_label = {labels[feature]: term for feature, term in terms.items()}
        strongest = sorted(map(abs, terms.values()), reverse=True)[:5]
        assert found == pytest.approx({label: by_label[label] for label in found}, abs=1e-9)
        assert list(map(abs, found.values())) == pytest.approx([one for one in strongest if one >= 0.05 * largest])


@pytest.mark.parametrize(("place", "name", "first", "second"), [(0, "plain", 1, 3), (1, "mixed", 3, 1)])
def test_the_page_has_the_effect_sizes_of_the_macro(
    shop: Consumer, place: int, name: str, first: int, second: int
) -> None:
    differences = read_report_data(shop.database, name).differences
    assert differences is not None
    of_pair = differences.pairs[min(first, second), max(first, second)]
    sign = 1 if first < second else -1
    labels = [differences.columns[one.column].label for one in of_pair]
    found = {
        label: one.effect_size * (1 if differences.columns[one.column].is_text else sign)
        for label, one in zip(labels, of_pair, strict=True)
    }
    by_macro = shop.query(f"select column_name, effect_size from differences_{place} where effect_size is not null")
    expected = {column.replace("_", " "): effect for column, effect in by_macro}
    assert found == pytest.approx({label: expected[label] for label in found}, abs=1e-9)
    assert labels == [column.replace("_", " ") for column, _ in by_macro if column.replace("_", " ") in labels]
    # The page hasn't columns whose texts are nearly all different.
    assert set(labels) == set(expected) - {"name"}


def _by_customer(shop: Consumer, query: str) -> dict[str, dict[Any, float]]:
    found: dict[str, dict[Any, float]] = {}
    for customer, key, value in shop.query(query):
        found.setdefault(str(customer), {})[key] = value
    return found


def test_threads_and_the_order_of_rows_change_no_bit(shop: Consumer, tmp_path: Path) -> None:
    copy = Consumer(shutil.copytree(shop.path, tmp_path / "shop", symlinks=True))
    copy.write("profiles.yml", PROFILE.format(database=copy.database.name).replace("threads: 2", "threads: 1"))
    copy.database.unlink()
    copy.write("models/customers.sql", CUSTOMERS + "order by hash(i)")
    result = copy.dbt("build")
    assert result.returncode == 0, result.stdout
    left_out = "segment_changed_at"
    for table in ["plain", "mixed", "angle"]:
        query = f"select * exclude ({left_out}) from {table} order by all"
        assert copy.query(query) == shop.query(query)
    for model, calls in MODELS.items():
        for place in range(len(calls)):
            query = f"from {_name(model, place)} order by all"
            assert list(map(repr, copy.query(query))) == list(map(repr, shop.query(query)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("memberships(ref('plain'), top_n=0)", "setting top_n is 0: set it to a whole number of 1 or more."),
        (
            "memberships(ref('plain'), min_probability=2)",
            "setting min_probability is 2: set it to a number from 0 to 1.",
        ),
        ("explain(ref('plain'), {})", "setting id is {}: give the id of a customer, a list of ids, or none for all."),
        ("representatives(ref('plain'), n='five')", 'setting n is "five": set it to a whole number of 1 or more.'),
        ("lookalikes(ref('plain'), 9)", "setting segment_id is 9: plain has no such segment; choose from 1, 2, 3."),
        ("differences(ref('plain'), 1, 1)", "setting second is 1: it is the first segment; choose another one."),
        ("differences(ref('customers'), 1, 2)", "isn't a segmentation, because there is no table customers__versions"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(shop: Consumer, call: str, message: str) -> None:
    result = shop.dbt("show", "--inline", f"{{{{ mallard.{call} }}}}")
    assert result.returncode != 0
    assert f"mallard: {message}" in result.stdout or message in result.stdout


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ({"contamination": 0.6}, "setting contamination is 0.6: set it to a number from 0 to 0.5."),
        ({"max_distance": 0}, "setting max_distance is 0: set it to a number above 0, such as 3."),
        ({"main_reason": "yes"}, 'setting main_reason is "yes": set it to true or to false.'),
    ],
)
def test_settings_are_checked(shop: Consumer, setting: dict[str, Any], remedy: str, tmp_path: Path) -> None:
    copy = Consumer(shutil.copytree(shop.path, tmp_path / "shop", symlinks=True))
    copy.write_segmentation("bad", "select * from {{ ref('customers') }}", id="the id", publish=False, **setting)
    result = copy.dbt("build", "--select", "bad")
    assert result.returncode != 0
    assert remedy in result.stdout
    assert "Traceback" not in result.stdout


def test_later_builds_score_by_the_radii_of_the_version(shop: Consumer, tmp_path: Path) -> None:
    copy = Consumer(shutil.copytree(shop.path, tmp_path / "shop", symlinks=True))
    before = shop.query('select "the id", normalized_distance from plain order by 1')
    copy.execute('insert into customers select * replace (9999 as "the id", 110 as spend) from customers limit 1')
    result = copy.dbt("build", "--select", "plain", "scored_0")
    assert "plain: nothing to fit" in result.stdout
    assert copy.query(f'select * exclude ({ADDED_LAST}) from plain order by "the id"') == copy.query(
        'from scored_0 order by "the id"'
    )
    after = copy.query('select "the id", normalized_distance from plain order by 1')
    assert after[:-1] == before
    assert copy.query('select segment_id, status_reason from plain where "the id" = 9999') == [
        (None, "too far from every segment")
    ]
    copy.write_segmentation(
        "plain",
        "select * from {{ ref('customers') }}",
        id="the id",
        publish=False,
        **KINDS["plain"] | {"max_distance": None, "contamination": None},
    )
    result = copy.dbt("build", "--select", "plain")
    assert "setting max_distance was 1.9 and is null" in result.stdout
    assert {"normalized_distance", "is_anomaly"}.isdisjoint(_columns(copy, "plain"))
    moved = copy.query(
        "select part, kind, sum(n_customers) from plain__transitions where build = 3 and from_segment_id is null "
        "group by all order by all"
    )
    assert ("redefinition", "moved") in {row[:2] for row in moved}
    assert ("behaviour", "moved") not in {row[:2] for row in moved}
