"""What works with scikit-learn's KMeans works with ours, and what it refuses is refused in its words."""

from __future__ import annotations

import inspect
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.cluster import kmeans_plusplus

from mallard import KMeans

ROWS = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0.0, 0.0], [4.0, 1.0], [0.0, 5.0]], 20, axis=0)
Function = Callable[..., np.ndarray]


def spread_rows(X: np.ndarray, n_clusters: int, random_state: np.random.RandomState) -> np.ndarray:
    return X[:: len(X) // n_clusters][:n_clusters]


def drawn_rows(X: np.ndarray, n_clusters: int, random_state: np.random.RandomState) -> np.ndarray:
    centroids: np.ndarray = kmeans_plusplus(X, n_clusters, random_state=random_state)[0]
    return centroids


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, Any]:
    """Some of the parameters of scikit-learn's KMeans, each with a value that it accepts."""
    n_clusters = draw(st.sampled_from([1, 3, 5]))
    values = {
        "init": st.sampled_from(["k-means++", "random", ROWS[:n_clusters], ROWS[:n_clusters].tolist(), drawn_rows]),
        "n_init": st.sampled_from(["auto", 1, 3]),
        "max_iter": st.sampled_from([100, 300]),
        "tol": st.sampled_from([0, 1e-4]),
        "verbose": st.sampled_from([0, False]),
        "random_state": st.sampled_from([0, 1, None, np.random.RandomState(0)]),
        "copy_x": st.booleans(),
        "algorithm": st.sampled_from(["lloyd", "elkan"]),
    }
    assert ["n_clusters", *values] == list(inspect.signature(SklearnKMeans).parameters)
    some = draw(st.sets(st.sampled_from(sorted(values))))
    return {"n_clusters": n_clusters, **{name: draw(values[name]) for name in sorted(some)}}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=25, deadline=None, derandomize=True)
@given(parameters())
def test_any_parameters_of_scikit_learn_give_a_fit_that_is_as_good(of_user: dict[str, Any]) -> None:
    before = ROWS.copy()
    expected, found = SklearnKMeans(**of_user).fit(ROWS.copy()), KMeans(**of_user).fit(ROWS)
    assert found.inertia_ <= expected.inertia_ * (1 + 1e-9)
    assert found.cluster_centers_.shape == expected.cluster_centers_.shape
    assert found.labels_.shape == expected.labels_.shape
    np.testing.assert_array_equal(ROWS, before)


def test_the_parameters_come_in_the_order_of_scikit_learn() -> None:
    of_sklearn = list(inspect.signature(SklearnKMeans).parameters.values())
    ours = list(inspect.signature(KMeans).parameters.values())[: len(of_sklearn)]
    assert [(of.name, of.kind) for of in ours] == [(of.name, of.kind) for of in of_sklearn]
    assert {
        of.name: (of.default, theirs.default)
        for of, theirs in zip(ours, of_sklearn, strict=True)
        if of.default != theirs.default
    } == {"tol": (0.0, 1e-4)}


@pytest.mark.parametrize("function", [spread_rows, drawn_rows])
def test_a_function_is_asked_for_the_centroids_that_scikit_learn_asks_it_for(function: Function) -> None:
    expected = SklearnKMeans(5, init=function, n_init=4, tol=0, random_state=3).fit(ROWS)
    found = KMeans(5, init=function, n_init=4, random_state=3).fit(ROWS)
    np.testing.assert_allclose(found.cluster_centers_, expected.cluster_centers_, rtol=1e-12)
    np.testing.assert_array_equal(found.labels_, expected.labels_)


def test_a_function_is_asked_ten_times_unless_n_init_says_otherwise() -> None:
    asked = []

    def counting(X: np.ndarray, n_clusters: int, random_state: np.random.RandomState) -> np.ndarray:
        asked.append(n_clusters)
        return X[:n_clusters]

    KMeans(3, init=counting).fit(ROWS)
    assert asked == [3] * 10
    KMeans(3, init=counting, n_init=2).fit(ROWS)
    assert len(asked) == 12


def _refusal(model: Any, X: Any) -> tuple[type[Exception], str]:
    with pytest.raises((ValueError, TypeError)) as refused:
        model.fit(X)
    return refused.type, str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"init": np.zeros((2, 2))},
        {"init": np.zeros((3, 5))},
        {"init": np.zeros(3)},
        {"init": [[0.0, 1.0], [2.0, np.nan], [1.0, 1.0]]},
        {"init": [[0.0, 1.0], [2.0, np.inf], [1.0, 1.0]]},
        {"init": lambda X, n_clusters, random_state: X[:2]},
        {"init": lambda X, n_clusters, random_state: X[:3, :1]},
        {"init": "furthest"},
        {"init": None},
        {"n_init": 0},
        {"n_init": "many"},
        {"max_iter": 0},
        {"tol": -1},
        {"verbose": "yes"},
        {"random_state": "seed"},
        {"copy_x": "yes"},
        {"algorithm": "full"},
        {"n_clusters": 61},
    ],
    ids=lambda wrong: re.sub(" at 0x[0-9a-f]+", "", str(wrong)),
)
def test_what_scikit_learn_refuses_is_refused_in_its_words(wrong: dict[str, Any]) -> None:
    of_user = {"n_clusters": 3, **wrong}
    assert _refusal(KMeans(**of_user), ROWS) == _refusal(SklearnKMeans(**of_user), ROWS)


@pytest.mark.parametrize("rows", [np.zeros(3), np.zeros((0, 2)), np.full((4, 2), np.nan), [["a", "b"]] * 4], ids=repr)
def test_rows_that_scikit_learn_refuses_are_refused_in_its_words(rows: Any) -> None:
    assert _refusal(KMeans(3), rows) == _refusal(SklearnKMeans(3), rows)


def test_several_restarts_from_given_centroids_are_warned_of_as_by_scikit_learn() -> None:
    def said(model: Any) -> list[tuple[type[Warning], str]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(ROWS)
        return [(warning.category, str(warning.message)) for warning in caught]

    of_user = {"n_clusters": 3, "init": ROWS[:3], "n_init": 10}
    assert said(KMeans(**of_user)) == said(SklearnKMeans(**of_user))
    assert [category for category, _ in said(KMeans(**of_user))] == [RuntimeWarning]
    assert said(KMeans(3, init=ROWS[:3])) == []


def test_sparse_rows_are_refused_as_by_estimators_of_scikit_learn_that_need_dense_ones() -> None:
    from sklearn.cluster import AgglomerativeClustering

    refused = _refusal(KMeans(3), csr_array(ROWS))
    assert refused == _refusal(AgglomerativeClustering(3), csr_array(ROWS))
    assert "Use '.toarray()'" in refused[1]


def test_verbose_says_in_words_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[1.0], [1.0], [2.0], [9.0]]
    KMeans(2, random_state=0).fit(rows)
    assert capsys.readouterr().out == ""
    model = KMeans(2, verbose=1, random_state=0).fit(rows)
    assert capsys.readouterr().out == (
        f"clustering 4 rows as 3 points into 2 clusters\ninertia 0.666667 after {model.n_iter_} iterations\n"
    )


def test_a_model_is_cloned_and_pickled() -> None:
    of_user = {"n_clusters": 3, "init": spread_rows, "algorithm": "elkan", "copy_x": False, "random_state": 4}
    model = KMeans(**of_user).fit(ROWS)
    copy = clone(model)
    assert not hasattr(copy, "cluster_centers_")
    assert {name: copy.get_params()[name] for name in of_user} == of_user
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(ROWS), model.labels_)
