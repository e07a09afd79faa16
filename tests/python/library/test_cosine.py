"""Segments by angles, against scikit-learn's figures of cosine distances and all partitions of a few customers."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn import metrics

from mallard import MallardError
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation


def _directions(n_rows: int, n_features: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(4, n_features))[rng.integers(0, 4, n_rows)] + 0.3 * rng.normal(size=(n_rows, n_features))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.mark.parametrize("compression", ["exact", "coreset"])
@pytest.mark.parametrize("n_features", [2, 5])
def test_the_figures_are_those_of_cosine_distances(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], n_features: int, compression: str
) -> None:
    rows = _directions(3000, n_features)
    found = segmented(
        in_duckdb(rows), metric="cosine", compression=compression, max_points=1000, min_clusters=2, max_clusters=5
    )
    assert found.metric.name == "cosine"
    for k, partition in found.partitions.items():
        centroids = partition.fit.centroids
        np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, rtol=1e-12)
        distances = cdist(rows, centroids, "cosine")
        labels = distances.argmin(axis=1)
        np.testing.assert_array_equal(partition.assignment.counts, np.bincount(labels, minlength=k))
        assert partition.assignment.inertia.sum() == pytest.approx(distances.min(axis=1).sum(), rel=1e-9)
        quality = partition.quality
        assert quality is not None
        assert (quality.davies_bouldin, quality.calinski_harabasz) == (None, None)
        samples = metrics.silhouette_samples(rows, labels, metric="cosine")
        tolerance = {"rel": 1e-9} if compression == "exact" else {"abs": 4 * (quality.silhouette.standard_error or 0)}
        assert quality.silhouette.mean == pytest.approx(samples.mean(), **tolerance)
        if compression == "exact":
            of_clusters = [samples[labels == cluster].mean() for cluster in range(k)]
            np.testing.assert_allclose(quality.silhouette.of_clusters, of_clusters, rtol=1e-9)


@pytest.mark.parametrize("n_features", [2, 5])
def test_few_points_lose_next_to_nothing(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], n_features: int
) -> None:
    customers = in_duckdb(_directions(20_000, n_features))
    given = {"metric": "cosine", "min_clusters": 2, "max_clusters": 4}
    exact, few = (
        segmented(customers, compression=compression, max_points=8000, **given) for compression in ("exact", "coreset")
    )
    for k, partition in exact.partitions.items():
        best = partition.assignment.inertia.sum()
        assert few.partitions[k].assignment.inertia.sum() == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_all_partitions_of_a_few_customers_is_found(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], seed: int
) -> None:
    """Of a cluster the sum of 1 - cos to its direction is its size less the length of the sum of its members."""
    rows = _directions(8, 3, seed)
    costs = [
        sum(
            np.sum(members) - np.linalg.norm(rows[members].sum(axis=0))
            for cluster in range(3)
            if (members := np.array(labels) == cluster).any()
        )
        for labels in itertools.product(range(3), repeat=8)
    ]
    partition = segmented(in_duckdb(rows), metric="cosine", n_clusters=3).partitions[3]
    assert partition.assignment.inertia.sum() == pytest.approx(min(costs), rel=1e-9)


def test_what_is_no_direction_is_refused(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation]
) -> None:
    customers = in_duckdb(np.array([[3.0, 4.0], [0.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(
        MallardError, match=r'metric is "cosine": it compares directions, which have length 1, .* from 1 to 5;'
    ):
        segmented(customers, metric="cosine")
