from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans import polish as module
from mallard.kmeans.assignment import Assignment, assign_rows
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, Rows
from mallard.kmeans.polish import POLISH_TOL, polish


def _rows(seed: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(3000, 2))


def _from(*starts: Floats) -> dict[int, Fit]:
    return {len(start): Fit(start, np.nan, 0, True) for start in starts}


def _lloyd_step(rows: Floats, centroids: Floats) -> Floats:
    labels = cdist(rows, centroids).argmin(axis=1)
    return np.array([rows[labels == cluster].mean(axis=0) for cluster in range(len(centroids))])


def _assert_assigned(rows: Floats, fit: Fit, assignment: Assignment) -> None:
    """The assignment is of all rows to exactly these centroids, in their order, and the inertia is its."""
    squared = cdist(rows, fit.centroids, "sqeuclidean")
    labels = squared.argmin(axis=1)
    np.testing.assert_array_equal(assignment.counts, np.bincount(labels, minlength=len(fit.centroids)))
    np.testing.assert_allclose(assignment.inertia, np.bincount(labels, squared.min(axis=1)), rtol=1e-12)
    assert fit.inertia == pytest.approx(squared.min(axis=1).sum(), rel=1e-12)


@pytest.mark.parametrize("n_clusters", [3, 8])
@pytest.mark.parametrize("seed", range(5))
def test_from_bad_centroids_it_goes_where_scikit_learn_goes(
    in_duckdb: Callable[..., DuckDBRows], seed: int, n_clusters: int
) -> None:
    rows = _rows(seed)
    expected = KMeans(n_clusters, init=rows[:n_clusters], n_init=1, tol=0.0).fit(rows)
    polished = polish(in_duckdb(rows), rows.mean(axis=0), _from(rows[:n_clusters]), 300, tol=1e-12)
    fit, assignment = polished[n_clusters]
    assert fit.inertia == pytest.approx(expected.inertia_, rel=1e-9)
    assert fit.converged
    np.testing.assert_allclose(fit.centroids, expected.cluster_centers_, atol=1e-6)
    _assert_assigned(rows, fit, assignment)


@pytest.mark.parametrize("seed", range(3))
def test_it_stops_as_soon_as_moving_the_centroids_would_gain_hardly_anything(
    in_duckdb: Callable[..., DuckDBRows], seed: int
) -> None:
    """The gain at the least is known: the customers of each cluster times the squared way to their mean."""
    rows = _rows(seed)
    fit, _ = polish(in_duckdb(rows), rows.mean(axis=0), _from(rows[:8]), 300)[8]

    centroids, gains = rows[:8], []
    while not gains or gains[-1] > POLISH_TOL:
        means = _lloyd_step(rows, centroids)
        squared = cdist(rows, centroids, "sqeuclidean")
        counts = np.bincount(squared.argmin(axis=1))
        gains.append(np.sum(counts * np.sum((means - centroids) ** 2, axis=1)) / squared.min(axis=1).sum())
        stopped_at, centroids = centroids, means
    np.testing.assert_allclose(fit.centroids, stopped_at, rtol=1e-9)
    assert fit.n_iter == len(gains) - 1
    assert fit.converged


def test_a_fit_at_rest_stays_as_it_is_and_gets_its_exact_inertia(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = _rows(0)
    centroids = KMeans(5, n_init=1, tol=0.0, random_state=0).fit(rows).cluster_centers_
    given = {5: Fit(centroids, 123.0, 17, False)}
    fit, assignment = polish(in_duckdb(rows), rows.mean(axis=0), given, 300)[5]
    assert fit.centroids.tobytes() == centroids.tobytes()
    assert (fit.n_iter, fit.converged) == (17, True)
    _assert_assigned(rows, fit, assignment)


@pytest.mark.parametrize("max_iter", [1, 2, 4])
def test_max_iter_counts_the_passes_and_what_still_moves_then_has_not_converged(
    in_duckdb: Callable[..., DuckDBRows], max_iter: int
) -> None:
    rows = _rows(1)
    expected = rows[:8]
    for _ in range(max_iter - 1):
        expected = _lloyd_step(rows, expected)
    fit, assignment = polish(in_duckdb(rows), rows.mean(axis=0), _from(rows[:8]), max_iter)[8]
    np.testing.assert_allclose(fit.centroids, expected, rtol=1e-12)
    assert (fit.n_iter, fit.converged) == (max_iter - 1, False)
    _assert_assigned(rows, fit, assignment)


def test_every_k_ends_as_it_would_alone_and_takes_part_in_no_pass_after_its_last(
    in_duckdb: Callable[..., DuckDBRows], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _rows(2)
    customers, origin = in_duckdb(rows), rows.mean(axis=0)
    at_rest = KMeans(2, n_init=1, tol=0.0, random_state=0).fit(rows).cluster_centers_
    starts = [rows[:8], at_rest, rows[:3]]
    alone = {len(start): polish(customers, origin, _from(start), 300)[len(start)][0] for start in starts}
    passes: list[list[int]] = []

    def noted(rows: Rows, origin: Floats, runs: Sequence[Floats]) -> list[Assignment]:
        passes.append([len(run) for run in runs])
        return assign_rows(rows, origin, runs)

    monkeypatch.setattr(module, "assign_rows", noted)
    together = polish(customers, origin, _from(*starts), 300)
    assert list(together) == [8, 2, 3]
    for k, (fit, assignment) in together.items():
        np.testing.assert_allclose(fit.centroids, alone[k].centroids, rtol=1e-12)
        assert (fit.n_iter, fit.converged) == (alone[k].n_iter, True)
        assert sum(k in of_pass for of_pass in passes) == fit.n_iter + 1
        _assert_assigned(rows, fit, assignment)
    assert len({fit.n_iter for fit, _ in together.values()}) == 3
