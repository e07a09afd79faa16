"""A fit on batches ends where a fit on all rows does."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.exceptions import NotFittedError

from mallard import KMeans
from mallard.kmeans import reservoir

MOST_EXCESS = 1e-3


def _blobs(n_rows: int = 20_000) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.choice(rng.normal(size=(8, 2)) * 4, n_rows) + rng.normal(size=(n_rows, 2))


def _uniform() -> np.ndarray:
    return np.random.default_rng(1).random((20_000, 2))


def _heavy_tails() -> np.ndarray:
    return np.random.default_rng(2).standard_t(2.5, (20_000, 2))


def _in_batches(model: KMeans, rows: np.ndarray, n_batches: int, weights: np.ndarray | None = None) -> KMeans:
    for some in np.array_split(np.arange(len(rows)), n_batches):
        model.partial_fit(rows[some], sample_weight=None if weights is None else weights[some])
    return model


def _inertia(rows: np.ndarray, centroids: np.ndarray, weights: np.ndarray) -> float:
    return float(np.sum(weights * cdist(rows, centroids, "sqeuclidean").min(axis=1)))


@pytest.mark.parametrize(("n_batches", "metric"), [(9, "euclidean"), (300, "euclidean"), (9, "cosine")])
def test_with_room_for_all_rows_the_result_is_that_of_a_fit_on_them(n_batches: int, metric: str) -> None:
    rows, weights = _blobs(300), np.random.default_rng(3).integers(0, 4, 300).astype(float) + 0.5
    found = _in_batches(KMeans(5, random_state=0, metric=metric), rows, n_batches, weights)
    expected = KMeans(5, random_state=0, metric=metric).fit(rows, sample_weight=weights)
    assert found.cluster_centers_.tobytes() == expected.cluster_centers_.tobytes()
    assert (found.inertia_, found.n_iter_, found.n_clusters_) == (expected.inertia_, expected.n_iter_, 5)
    last = np.array_split(rows, n_batches)[-1]
    np.testing.assert_array_equal(found.labels_, expected.predict(last))
    np.testing.assert_array_equal(found.predict(rows), expected.labels_)


@pytest.mark.parametrize(
    ("rows", "is_weighted"),
    [(_blobs(), True), (_uniform(), False), (_heavy_tails(), True)],
    ids=["blobs", "uniform", "heavy tails"],
)
def test_points_in_place_of_rows_that_drift_cost_a_thousandth_at_most(
    monkeypatch: pytest.MonkeyPatch, rows: np.ndarray, is_weighted: bool
) -> None:
    monkeypatch.setattr(reservoir, "MOST_POINTS", 4000)
    rows = rows[np.argsort(rows[:, 0])]
    weights = np.random.default_rng(4).uniform(0.2, 3, len(rows)) if is_weighted else np.ones(len(rows))
    found = _in_batches(KMeans(4, random_state=0), rows, 100, weights)
    expected = KMeans(4, random_state=0).fit(rows, sample_weight=weights)
    inertia = _inertia(rows, found.cluster_centers_, weights)
    assert inertia <= expected.inertia_ * (1 + MOST_EXCESS)
    assert found.inertia_ == pytest.approx(inertia, rel=0.01)


def test_batches_may_be_smaller_than_the_number_of_clusters() -> None:
    model = KMeans(3, random_state=0).partial_fit([[1.0], [2.0]])
    assert not hasattr(model, "cluster_centers_")
    with pytest.raises(NotFittedError, match=r"n_samples=2 so far, and it should be >= n_clusters=3"):
        model.predict([[1.0]])
    model.partial_fit([[9.0]])
    assert model.cluster_centers_.tolist() == [[1.0], [2.0], [9.0]]
    assert model.labels_.tolist() == [2]


def test_a_batch_after_a_look_counts_too() -> None:
    rows = _blobs(400)
    looked_at = KMeans(4, random_state=0).partial_fit(rows[:200])
    assert looked_at.inertia_ > 0
    looked_at.partial_fit(rows[200:])
    expected = KMeans(4, random_state=0).fit(rows)
    assert looked_at.cluster_centers_.tobytes() == expected.cluster_centers_.tobytes()


def test_a_model_is_stored_between_batches() -> None:
    rows = _blobs(400)
    model = pickle.loads(pickle.dumps(KMeans(4, random_state=0).partial_fit(rows[:100])))
    model.partial_fit(rows[100:])
    np.testing.assert_array_equal(model.cluster_centers_, KMeans(4, random_state=0).fit(rows).cluster_centers_)


def test_the_rows_of_a_batch_are_the_callers_again() -> None:
    rows = _blobs(400)
    batch, model = np.empty((100, 2)), KMeans(4, random_state=0)
    for start in range(0, 400, 100):
        batch[:] = rows[start : start + 100]
        model.partial_fit(batch)
    batch[:] = 0.0
    expected = KMeans(4, random_state=0).fit(rows)
    np.testing.assert_array_equal(model.cluster_centers_, expected.cluster_centers_)
    np.testing.assert_array_equal(model.labels_, expected.labels_[300:])


def test_fit_begins_anew() -> None:
    rows = _blobs(300)
    model = _in_batches(KMeans(2, random_state=0), rows + 50, 3).fit(rows)
    np.testing.assert_array_equal(model.cluster_centers_, KMeans(2, random_state=0).fit(rows).cluster_centers_)


def test_batches_after_a_fit_begin_anew_and_say_so() -> None:
    rows = _blobs(300)
    model = KMeans(2, random_state=0).fit(rows + 50)
    with pytest.warns(UserWarning, match="partial_fit begins anew, because fit keeps no rows"):
        model.partial_fit(rows[:100])
    model.partial_fit(rows[100:])
    np.testing.assert_array_equal(model.cluster_centers_, KMeans(2, random_state=0).fit(rows).cluster_centers_)


@pytest.mark.parametrize(
    ("model", "batch", "message"),
    [
        (KMeans("auto"), [[1.0]], "partial_fit needs a number: set n_clusters to one"),
        (KMeans(0), [[1.0]], "The 'n_clusters' parameter of KMeans must be"),
        (KMeans(1).partial_fit([[1.0, 2.0]]), [[1.0]], "X has 1 features, but KMeans is expecting 2 features"),
        (KMeans(1), [[np.nan]], "Input X contains NaN"),
    ],
)
def test_a_batch_that_cannot_be_taken_in_is_refused(model: KMeans, batch: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.partial_fit(batch)


def test_a_refused_batch_leaves_the_model_as_it_was() -> None:
    model = KMeans(1, metric="cosine")
    with pytest.raises(ValueError, match="row 0 is all zeros"):
        model.partial_fit([[0.0, 0.0]])
    with pytest.raises(NotFittedError):
        model.predict([[1.0, 0.0]])
    model.partial_fit([[2.0, 0.0]])
    with pytest.raises(ValueError, match="row 0 is all zeros"):
        model.partial_fit([[0.0, 0.0]])
    assert model.cluster_centers_.tolist() == [[1.0, 0.0]]


def test_the_columns_of_data_frames_keep_their_names() -> None:
    frame = pd.DataFrame(_blobs(100), columns=["a", "b"])
    model = KMeans(2, random_state=0).partial_fit(frame[:50]).partial_fit(frame[50:])
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names should match"):
        model.partial_fit(frame.rename(columns={"a": "z"}))
