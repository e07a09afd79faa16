"""A comparison of algorithms, against scikit-learn called on the same rows, and on shapes that are known."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, BisectingKMeans, MiniBatchKMeans, SpectralClustering
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.datasets import make_blobs, make_moons
from sklearn.mixture import GaussianMixture

from mallard.algorithms import register
from mallard.algorithms.compare import Compared, compare
from mallard.algorithms.register import ALGORITHMS, Algorithm
from mallard.algorithms.settings import ComparisonSettings
from mallard.algorithms.table import COMPARISON, comparison_table
from mallard.kmeans.points import Floats, Labels
from mallard.stopping import StoppedError


def _sorted(rows: Floats, truth: Labels) -> tuple[Floats, Labels]:
    order = np.lexsort(rows.T[::-1])
    return rows[order], truth[order]


@pytest.fixture(scope="module")
def blobs() -> tuple[Floats, Labels]:
    """Three groups that touch each other."""
    return _sorted(*make_blobs(150, 2, centers=3, cluster_std=1.6, random_state=3))


@pytest.fixture(scope="module")
def compared(blobs: tuple[Floats, Labels]) -> list[Compared]:
    rows, truth = blobs
    shuffled = np.random.default_rng(0).permutation(len(rows))
    return compare(rows[shuffled], truth[shuffled], ComparisonSettings(n_resamples=2))


def _of(compared: list[Compared], name: str, k: int) -> Compared:
    [found] = [row for row in compared if (row.algorithm, row.n_clusters) == (name, k)]
    return found


def test_there_is_a_row_for_every_algorithm_and_number(compared: list[Compared]) -> None:
    names = [name for name in ALGORITHMS if name != "kmedoids"]
    assert [(row.algorithm, row.n_clusters) for row in compared] == [(name, k) for name in names for k in (2, 3, 4)]
    assert all(row.message is None and row.rows_used == 150 and row.seconds for row in compared)


@pytest.mark.parametrize(
    ("name", "estimator"),
    [
        ("kmeans", SklearnKMeans(3, n_init=50, random_state=1)),
        ("sklearn_kmeans", SklearnKMeans(3, n_init=5, random_state=0)),
        ("minibatch_kmeans", MiniBatchKMeans(3, n_init=5, random_state=0)),
        ("bisecting_kmeans", BisectingKMeans(3, n_init=5, random_state=0)),
        ("gaussian_mixture", GaussianMixture(3, n_init=5, random_state=0)),
        ("agglomerative_ward", AgglomerativeClustering(3)),
        ("agglomerative_average", AgglomerativeClustering(3, linkage="average")),
        (
            "spectral",
            SpectralClustering(
                3, affinity="nearest_neighbors", n_neighbors=10, assign_labels="cluster_qr", random_state=0
            ),
        ),
    ],
)
def test_measures_are_those_of_scikit_learn(
    blobs: tuple[Floats, Labels], compared: list[Compared], name: str, estimator: Any
) -> None:
    rows, truth = blobs
    labels = estimator.fit_predict(rows)
    found = _of(compared, name, 3)
    assert found.measures is not None
    means = np.array([rows[labels == label].mean(axis=0) for label in range(3)])
    assert found.measures == pytest.approx(
        (
            3,
            0,
            np.sum((rows - means[labels]) ** 2),
            metrics.silhouette_score(rows, labels),
            metrics.davies_bouldin_score(rows, labels),
            metrics.calinski_harabasz_score(rows, labels),
        )
    )
    assert found.adjusted_rand_index == pytest.approx(metrics.adjusted_rand_score(truth, labels))


def test_hdbscan_leaves_noise_out_of_the_measures(blobs: tuple[Floats, Labels], compared: list[Compared]) -> None:
    rows, truth = blobs
    found = _of(compared, "hdbscan", 3)
    name, _, size = found.parameter.partition("=")
    labels = HDBSCAN(min_cluster_size=int(size), copy=True).fit_predict(rows)
    members = labels >= 0
    assert name == "min_cluster_size"
    assert found.measures is not None
    assert found.measures.clusters_found == labels.max() + 1
    assert found.measures.noise_share == pytest.approx(1 - members.mean())
    assert 0 < found.measures.noise_share < 1
    assert found.measures.silhouette == pytest.approx(metrics.silhouette_score(rows[members], labels[members]))
    assert found.adjusted_rand_index == pytest.approx(metrics.adjusted_rand_score(truth, labels))


def test_no_other_size_gives_hdbscan_a_number_of_clusters_that_is_nearer(
    blobs: tuple[Floats, Labels], compared: list[Compared]
) -> None:
    sizes = register._sizes(150)
    numbers = [HDBSCAN(min_cluster_size=size, copy=True).fit_predict(blobs[0]).max() + 1 for size in sizes]
    for k in (2, 3, 4):
        measures = _of(compared, "hdbscan", k).measures
        assert measures is not None
        assert abs(measures.clusters_found - k) == min(abs(number - k) for number in numbers)


def test_density_finds_moons_and_means_do_not() -> None:
    rows, truth = make_moons(300, noise=0.05, random_state=0)
    settings = ComparisonSettings(["kmeans", "spectral", "hdbscan"], min_clusters=2, max_clusters=2, n_resamples=0)
    agreement = {row.algorithm: row.adjusted_rand_index for row in compare(rows, truth, settings)}
    assert agreement["spectral"] == agreement["hdbscan"] == 1
    assert agreement["kmeans"] is not None
    assert agreement["kmeans"] < 0.5


def test_k_means_has_the_least_inertia(compared: list[Compared]) -> None:
    for k in (2, 3, 4):
        inertia = {
            row.algorithm: row.measures.inertia
            for row in compared
            if row.n_clusters == k and row.measures and row.measures.noise_share == 0 and row.measures.inertia
        }
        assert inertia["kmeans"] <= min(inertia.values()) * (1 + 1e-9)


def test_the_order_of_rows_and_another_run_change_nothing_but_seconds(
    blobs: tuple[Floats, Labels], compared: list[Compared]
) -> None:
    again = compare(*blobs, ComparisonSettings(n_resamples=2))
    assert [row._replace(seconds=None) for row in again] == [row._replace(seconds=None) for row in compared]


class _Stub:
    """An algorithm that does what it is told to."""

    def __init__(self, does: Any) -> None:
        self.does = does

    def fit_predict(self, rows: Floats) -> Any:
        if isinstance(self.does, BaseException):
            raise self.does
        return self.does(rows)


def _with(monkeypatch: pytest.MonkeyPatch, **does: Any) -> None:
    for name, of in does.items():
        monkeypatch.setitem(ALGORITHMS, name, Algorithm(lambda k, rows, seed, of=of: _Stub(of), False))


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (ValueError("no\nnumbers"), "no numbers"),
        (MemoryError("15 GiB"), "the memory ran out: lower max_rows"),
        (RuntimeError(), "RuntimeError"),
        (
            ModuleNotFoundError(name="kmedoids"),
            "the Python package kmedoids isn't installed here: pip install kmedoids",
        ),
    ],
)
def test_what_fails_has_its_message_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, blobs: tuple[Floats, Labels], failure: Exception, said: str
) -> None:
    _with(monkeypatch, fails=failure)
    settings = ComparisonSettings(["fails", "agglomerative_ward"], min_clusters=3, max_clusters=3)
    failed, other = compare(*blobs, settings)
    assert failed == Compared("fails", 3, "n_clusters=3", None, None, None, False, 150, None, said)
    assert other.measures is not None
    rows = comparison_table([failed, other]).to_pylist()
    assert [name for name, value in rows[0].items() if value is None] == [
        *COMPARISON.names[3:11],
        "seconds",
    ]


def test_who_stops_the_build_stops_the_comparison(
    monkeypatch: pytest.MonkeyPatch, blobs: tuple[Floats, Labels]
) -> None:
    _with(monkeypatch, fails=StoppedError())
    with pytest.raises(StoppedError):
        compare(*blobs, ComparisonSettings(["fails"]))


def test_too_few_rows_for_a_number_are_said_so_and_no_warning_is_shown() -> None:
    rows = np.array([[0.0], [1.0], [1.0], [5.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(rows, None, ComparisonSettings(min_clusters=2, max_clusters=6))
    assert len(found) == 5 * 10
    for row in found:
        assert (row.measures is None) == (row.seconds is None)
        assert row.measures is not None or row.message
    assert _of(found, "sklearn_kmeans", 6).message == "n_samples=4 should be >= n_clusters=6."
    assert "distinct clusters (3)" in (_of(found, "sklearn_kmeans", 4).message or "")


def test_stability_is_the_agreement_with_clusters_of_parts(
    monkeypatch: pytest.MonkeyPatch, blobs: tuple[Floats, Labels]
) -> None:
    draws = np.random.default_rng(0)
    _with(
        monkeypatch,
        same=lambda rows: (rows[:, 0] > 0).astype(int),
        chance=lambda rows: draws.integers(0, 3, len(rows)),
        one=lambda rows: np.zeros(len(rows), dtype=int),
        noise=lambda rows: np.full(len(rows), -1),
    )
    settings = ComparisonSettings(["same", "chance", "one", "noise"], 3, 3, n_resamples=20)
    same, chance, one, noise = compare(*blobs, settings)
    assert same.stability == 1
    assert chance.stability == pytest.approx(0, abs=0.02)
    assert (one.stability, noise.stability) == (None, None)
    assert one.measures is not None
    assert one.measures == (1, 0, pytest.approx(np.sum((blobs[0] - blobs[0].mean(axis=0)) ** 2)), None, None, None)
    assert noise.measures == (0, 1, None, None, None, None)


def test_an_algorithm_takes_no_more_rows_than_it_can(
    monkeypatch: pytest.MonkeyPatch, blobs: tuple[Floats, Labels]
) -> None:
    monkeypatch.setitem(ALGORITHMS, "spectral", ALGORITHMS["spectral"]._replace(most_rows=60))
    settings = ComparisonSettings(["spectral", "birch"], 2, 2, n_resamples=0)
    assert [row.rows_used for row in compare(*blobs, settings)] == [60, 150]


def test_medoids_are_rows_that_are_nearest_to_all_others_of_their_cluster() -> None:
    """The best two of six rows, of all pairs: each other row goes to the nearer one."""
    pytest.importorskip("kmedoids")
    rows = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [30.0]])
    pairs = [(a, b) for a in range(6) for b in range(a)]
    best = min(pairs, key=lambda pair: np.abs(rows - rows[list(pair)].T).min(axis=1).sum())
    truth = np.abs(rows - rows[list(best)].T).argmin(axis=1)
    settings = ComparisonSettings(["kmedoids"], 2, 2, n_resamples=1)
    [found] = compare(rows[::-1].copy(), truth[::-1].copy(), settings)
    assert (found.message, found.adjusted_rand_index, found.can_score_in_sql) == (None, 1, True)


def test_numbers_too_large_to_be_squared_are_no_reason_to_stop() -> None:
    rows = np.array([[0.0], [1e200], [2e200], [-1e200], [3e200], [5.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(rows, None, ComparisonSettings(min_clusters=2, max_clusters=2, n_resamples=1))
    assert len(found) == 10
    assert all(row.measures is None or row.measures.inertia is None for row in found)
