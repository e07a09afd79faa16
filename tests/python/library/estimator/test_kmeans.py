from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from mallard import KMeans

CHECK_ESTIMATOR = """
import json, warnings
from mallard import KMeans
from sklearn.utils.estimator_checks import check_estimator

warnings.simplefilter("ignore")
results = check_estimator(KMeans(), on_fail=None, on_skip=None)
print(json.dumps([[result["check_name"], result["status"], repr(result["exception"])] for result in results]))
"""


def _rows(seed: int = 0, n_rows: int = 200, n_features: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def _directions(seed: int = 0) -> np.ndarray:
    """Rows of any length around four directions."""
    rng = np.random.default_rng(seed)
    around = np.repeat([[1.0, 0.0, 0.0], [0.0, 1.0, 0.2], [0.3, 0.0, 1.0], [-1.0, -1.0, 0.0]], 40, axis=0)
    return (around + rng.normal(scale=0.15, size=(160, 3))) * rng.uniform(0.1, 50, (160, 1))


@pytest.mark.slow
def test_every_check_of_scikit_learn_passes_and_none_is_skipped(run_python: Callable[..., str]) -> None:
    results = json.loads(run_python(CHECK_ESTIMATOR, SCIPY_ARRAY_API="1"))
    assert len(results) > 40
    assert [result for result in results if result[1] != "passed"] == []


@pytest.mark.parametrize("seed", range(5))
def test_from_given_centroids_it_fits_what_scikit_learn_does(seed: int) -> None:
    rows = _rows(seed)
    weights = np.random.default_rng(seed).random(200)
    expected = SklearnKMeans(7, init=rows[:7], n_init=1, tol=0.0).fit(rows, sample_weight=weights)
    found = KMeans(7, init=rows[:7]).fit(rows, sample_weight=weights)
    np.testing.assert_allclose(found.cluster_centers_, expected.cluster_centers_, rtol=1e-10)
    np.testing.assert_array_equal(found.labels_, expected.labels_)
    assert found.inertia_ == pytest.approx(expected.inertia_, rel=1e-12)
    new = _rows(seed + 100)
    np.testing.assert_array_equal(found.predict(new), expected.predict(new))
    np.testing.assert_allclose(found.transform(new), expected.transform(new), rtol=1e-10)
    assert found.score(new) == pytest.approx(expected.score(new), rel=1e-12)


def test_given_centroids_keep_their_order() -> None:
    found = KMeans(2, init=[[9.0], [0.0]]).fit([[0.0], [1.0], [8.0], [9.0]])
    np.testing.assert_allclose(found.cluster_centers_, [[8.5], [0.5]], rtol=1e-15)
    assert found.labels_.tolist() == [1, 1, 0, 0]
    assert found.inertia_ == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("n_clusters", range(1, 11))
def test_the_best_inertia_known_of_the_mall_data_is_reached(
    mall: dict[str, np.ndarray], best_known: dict[str, dict[int, dict[str, Any]]], n_clusters: int
) -> None:
    known = best_known["raw"][n_clusters]
    for seed in range(3):
        found = KMeans(n_clusters, random_state=seed).fit(mall["raw"])
        assert found.inertia_ == pytest.approx(known["inertia"], rel=1e-9)
        assert sorted(np.bincount(found.labels_).tolist(), reverse=True) == known["sizes_sorted"]
        assert found.cluster_centers_.tolist() == sorted(found.cluster_centers_.tolist())


def test_sample_weights_are_repeated_rows() -> None:
    rows = _rows(1, 100, 2)
    weights = np.random.default_rng(2).integers(0, 5, 100)
    weighted = KMeans(4, random_state=0).fit(rows, sample_weight=weights)
    repeated = KMeans(4, random_state=0).fit(np.repeat(rows, weights, axis=0))
    np.testing.assert_array_equal(weighted.cluster_centers_, repeated.cluster_centers_)
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_, rel=1e-13)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_row_order_changes_no_bit_of_the_centroids(metric: str) -> None:
    rows, weights = np.round(_rows(3, 300, 2), 1) + 0.05, np.random.default_rng(3).random(300)
    shuffled = np.random.default_rng(4).permutation(300)
    first = KMeans(5, random_state=0, metric=metric).fit(rows, sample_weight=weights)
    second = KMeans(5, random_state=0, metric=metric).fit(rows[shuffled], sample_weight=weights[shuffled])
    assert second.cluster_centers_.tobytes() == first.cluster_centers_.tobytes()
    np.testing.assert_array_equal(second.labels_, first.labels_[shuffled])


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_labels_are_those_of_predict_and_of_the_smallest_distance(metric: str) -> None:
    rows = _directions()
    model = KMeans(6, random_state=0, metric=metric)
    labels = model.fit_predict(rows)
    assert labels.dtype == np.int32
    assert len(set(labels.tolist())) == 6
    np.testing.assert_array_equal(model.labels_, labels)
    np.testing.assert_array_equal(model.predict(rows), labels)
    np.testing.assert_array_equal(model.transform(rows).argmin(axis=1), labels)
    np.testing.assert_array_equal(model.fit_transform(rows), model.transform(rows))


def test_transform_gives_euclidean_distances_and_the_inertia_is_the_sum_of_their_squares() -> None:
    rows, weights = _rows(5), np.random.default_rng(5).random(200)
    model = KMeans(5, random_state=0).fit(rows, sample_weight=weights)
    distances = cdist(rows, model.cluster_centers_)
    np.testing.assert_allclose(model.transform(rows), distances, rtol=1e-13)
    assert model.inertia_ == pytest.approx(np.sum(weights * distances.min(axis=1) ** 2), rel=1e-13)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_the_score_is_the_inertia_with_its_sign_turned(metric: str) -> None:
    rows, weights = _directions(), np.random.default_rng(6).random(160)
    model = KMeans(3, random_state=0, metric=metric).fit(rows, sample_weight=weights)
    assert model.inertia_ > 0
    assert model.score(rows, sample_weight=weights) == pytest.approx(-model.inertia_, rel=1e-13)
    assert model.score(rows) == pytest.approx(model.score(rows[:100]) + model.score(rows[100:]), rel=1e-13)


def test_float32_in_is_float32_out() -> None:
    rows = _rows(7).astype(np.float32)
    single = KMeans(4, random_state=0).fit(rows)
    double = KMeans(4, random_state=0).fit(rows.astype(np.float64))
    assert single.cluster_centers_.dtype == np.float32
    assert single.transform(rows).dtype == np.float32
    np.testing.assert_array_equal(single.cluster_centers_, double.cluster_centers_.astype(np.float32))
    np.testing.assert_array_equal(single.labels_, double.labels_)


def test_integers_are_clustered_as_float64(mall: dict[str, np.ndarray]) -> None:
    whole = KMeans(5, random_state=0).fit(mall["raw"].astype(int))
    assert whole.cluster_centers_.dtype == np.float64
    np.testing.assert_array_equal(whole.cluster_centers_, KMeans(5, random_state=0).fit(mall["raw"]).cluster_centers_)


def test_an_offset_far_from_the_origin_changes_no_label(mall: dict[str, np.ndarray]) -> None:
    near = KMeans(6, random_state=0).fit(mall["raw"])
    far = KMeans(6, random_state=0).fit(mall["raw"] + 1e6)
    np.testing.assert_array_equal(far.labels_, near.labels_)
    np.testing.assert_allclose(far.cluster_centers_ - 1e6, near.cluster_centers_, atol=1e-8)
    assert far.inertia_ == pytest.approx(near.inertia_, rel=1e-9)


def test_fewer_distinct_rows_than_clusters_are_warned_of() -> None:
    rows = np.repeat([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 4, axis=0)
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(3\) found smaller than n_clusters \(5\)"):
        model = KMeans(5, random_state=0).fit(rows)
    assert model.cluster_centers_.shape == (5, 2)
    assert np.unique(model.cluster_centers_, axis=0).tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert len(set(model.labels_.tolist())) == 3
    assert model.inertia_ == 0.0


def test_as_many_distinct_rows_as_clusters_are_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = KMeans(3, random_state=0).fit([[1.0], [5.0], [9.0], [5.0]])
    assert model.labels_.tolist() == [0, 1, 2, 1]


def test_tolerance_is_a_share_of_the_mean_variance() -> None:
    """The squared shifts add up to 1, 0.5 and 0; the variance of 0, 1, 2, 3 is 1.25."""
    rows, start = [[0.0], [1.0], [2.0], [3.0]], [[0.0], [1.0]]
    n_iter = {tol: KMeans(2, init=start, tol=tol).fit(rows).n_iter_ for tol in (0.0, 0.39, 0.41, 0.79, 0.81)}
    assert n_iter == {0.0: 3, 0.39: 3, 0.41: 2, 0.79: 2, 0.81: 1}


def test_max_iter_stops_a_run_from_given_centroids() -> None:
    model = KMeans(2, init=[[0.0], [1.0]], max_iter=1).fit([[0.0], [1.0], [2.0], [3.0]])
    np.testing.assert_allclose(model.cluster_centers_, [[0.0], [2.0]], atol=1e-15)
    assert model.n_iter_ == 1


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_the_same_seed_gives_the_same_bits(init: str) -> None:
    rows = _rows(8, 600)
    first, second = (KMeans(3, init=init, n_init=2, random_state=3).fit(rows) for _ in range(2))
    assert first.cluster_centers_.tobytes() == second.cluster_centers_.tobytes()
    assert first.inertia_ == second.inertia_


def test_cosine_looks_at_directions_only() -> None:
    rows = _directions()
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    of_rows = KMeans(4, random_state=0, metric="cosine").fit(rows)
    of_units = KMeans(4, random_state=0, metric="cosine").fit(units)
    np.testing.assert_array_equal(of_rows.labels_, np.repeat(of_rows.labels_[::40], 40))
    np.testing.assert_array_equal(of_units.labels_, of_rows.labels_)
    np.testing.assert_allclose(of_units.cluster_centers_, of_rows.cluster_centers_, rtol=1e-12)
    sums = np.array([units[of_rows.labels_ == cluster].sum(axis=0) for cluster in range(4)])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    np.testing.assert_allclose(of_rows.cluster_centers_, sums / lengths, rtol=1e-12)
    assert of_rows.inertia_ == pytest.approx(160 - lengths.sum(), rel=1e-10)


def test_cosine_distances_are_those_of_scipy() -> None:
    rows, weights = _directions(1), np.random.default_rng(1).random(160)
    model = KMeans(5, random_state=0, metric="cosine").fit(rows, sample_weight=weights)
    expected = cdist(rows, model.cluster_centers_, "cosine")
    np.testing.assert_allclose(model.transform(rows), expected, rtol=1e-9, atol=1e-14)
    assert model.inertia_ == pytest.approx(np.sum(weights * expected.min(axis=1)), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_cosine_finds_the_best_of_all_partitions_of_a_few_rows(seed: int) -> None:
    rows = _rows(seed, 9, 2)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    lengths = [
        sum(np.linalg.norm(units[np.array(labels) == cluster].sum(axis=0)) for cluster in range(3))
        for labels in product(range(3), repeat=9)
    ]
    model = KMeans(3, random_state=seed, metric="cosine").fit(rows)
    assert model.inertia_ == pytest.approx(9 - max(lengths), rel=1e-10)


def test_given_centroids_need_not_have_unit_length_for_cosine() -> None:
    model = KMeans(2, init=[[5.0, 0.0], [0.0, 0.1]], metric="cosine").fit([[3.0, 1.0], [3.0, -1.0], [1.0, 9.0]])
    np.testing.assert_allclose(model.cluster_centers_, [[1.0, 0.0], np.array([1.0, 9.0]) / np.sqrt(82)], atol=1e-15)
    assert model.labels_.tolist() == [0, 0, 1]


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_only_the_direction_counts_however_long_a_row_is(size: float) -> None:
    model = KMeans(1, metric="cosine").fit(np.array([[size, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(model.cluster_centers_, [[0.5**0.5, 0.5**0.5]], rtol=1e-15)


def test_a_row_of_zeros_has_no_direction() -> None:
    rows = _directions()
    model = KMeans(2, random_state=0, metric="cosine").fit(rows)
    zeros = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    message = "row 1 is all zeros: metric='cosine' needs rows with a direction"
    with pytest.raises(ValueError, match=message):
        model.predict(zeros)
    with pytest.raises(ValueError, match=message):
        KMeans(1, metric="cosine").fit(zeros)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"n_clusters": 0},
            "The 'n_clusters' parameter of KMeans must be a str among {'auto'} or an int in the",
        ),
        ({"n_clusters": 2.5}, "The 'n_clusters' parameter of KMeans must be"),
        ({"init": "furthest"}, "The 'init' parameter of KMeans must be"),
        ({"n_init": 0}, "The 'n_init' parameter of KMeans must be"),
        ({"max_iter": 0}, "The 'max_iter' parameter of KMeans must be"),
        ({"tol": -0.1}, "The 'tol' parameter of KMeans must be"),
        ({"random_state": "seed"}, "The 'random_state' parameter of KMeans must be"),
        ({"metric": "manhattan"}, "The 'metric' parameter of KMeans must be"),
        ({"n_clusters": 5}, "n_samples=4 should be >= n_clusters=5"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KMeans(**{"n_clusters": 2, **parameters}).fit(_rows(0, 4, 2))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_rows_that_are_not_finite_are_refused(value: float) -> None:
    rows = _rows(0, 10, 2)
    model = KMeans(2, random_state=0).fit(rows)
    rows[3, 1] = value
    with pytest.raises(ValueError, match="Input X contains"):
        KMeans(2).fit(rows)
    with pytest.raises(ValueError, match="Input X contains"):
        model.predict(rows)


def test_weights_that_make_no_sense_are_refused() -> None:
    rows = _rows(0, 3, 2)
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        KMeans(2).fit(rows, sample_weight=[1.0, -1.0, 1.0])
    with pytest.raises(ValueError, match="Input sample_weight contains NaN"):
        KMeans(2).fit(rows, sample_weight=[1.0, np.nan, 1.0])
    with pytest.raises(ValueError, match="zero"):
        KMeans(2).fit(rows, sample_weight=[0.0, 0.0, 0.0])


def test_a_model_must_be_fitted_first() -> None:
    for method in (KMeans().predict, KMeans().transform, KMeans().score):
        with pytest.raises(NotFittedError, match="This KMeans instance is not fitted yet"):
            method([[1.0]])


def test_the_names_of_a_data_frame_are_kept_and_checked(mall: dict[str, np.ndarray]) -> None:
    frame = pd.DataFrame(mall["raw"], columns=["income", "spending"])
    model = KMeans(3, random_state=0).fit(frame)
    assert model.feature_names_in_.tolist() == ["income", "spending"]
    assert model.n_features_in_ == 2
    np.testing.assert_array_equal(model.predict(frame), model.labels_)
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        model.predict(frame.rename(columns={"income": "age"}))
    with pytest.raises(ValueError, match="X has 3 features, but KMeans is expecting 2 features"):
        KMeans(3, random_state=0).fit(mall["raw"]).predict(_rows())


def test_the_features_out_are_numbered_clusters(mall: dict[str, np.ndarray]) -> None:
    model = KMeans(3, random_state=0).fit(mall["raw"])
    assert model.get_feature_names_out().tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    frame = model.set_output(transform="pandas").transform(mall["raw"])
    assert frame.columns.tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    assert frame.shape == (200, 3)


@pytest.mark.parametrize("offset", [0.0, 1e12, 1e14, 1e15])
def test_the_inertia_is_that_of_the_partition_however_far_from_zero(offset: float) -> None:
    spread = np.random.RandomState(0).rand(60, 3)
    rows = np.column_stack([spread, offset + spread[:, 0]])
    found = KMeans(4, random_state=0).fit(rows)
    centred = rows - rows[0]
    members = [centred[found.labels_ == label] for label in range(4)]
    expected = sum(float(((of_label - of_label.mean(axis=0)) ** 2).sum()) for of_label in members)
    assert found.inertia_ == pytest.approx(expected, rel=1e-9)
