"""The algorithms that are compared: how each is made, how many rows it can take, and whether SQL could score by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.random import RandomState
from sklearn.cluster import (
    HDBSCAN,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    MiniBatchKMeans,
    SpectralClustering,
)
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.mixture import GaussianMixture

from mallard.kmeans.points import Floats, Labels

N_INIT = 5
"""Random starts for each algorithm of scikit-learn that has them; ours has its own default."""
BIRCH_THRESHOLD = 0.1
"""Radius of the balls that Birch makes first, as a fraction of the rows' root mean square distance to their mean."""
N_NEIGHBORS = 10
"""Neighbours by which spectral clustering connects rows."""
N_SIZES = 12
"""How many smallest sizes of a cluster HDBSCAN is tried with."""
FEWEST_MEMBERS = 3
"""The smallest of them: with two, every pair of neighbours is a cluster."""


class Algorithm(NamedTuple):
    """An algorithm.

    Attributes:
        make: makes an estimator with `fit_predict` from a value of its parameter, the rows, of shape (n_rows,
            n_features), and a seed.
        can_score_in_sql: whether arithmetic with constants (centroids, medoids, densities) gives a new row its cluster.
        most_rows: it takes no more, because its time or memory grows with their square; None if it takes any number.
        parameter: what `make` takes the value of.
        grid: the values to try for a number of rows, if the parameter isn't the number of clusters.
        at_once: the clusters of every row for several values of the parameter, where that takes less time.
    """

    make: Callable[[int, Floats, int], Any]
    can_score_in_sql: bool
    most_rows: int | None = None
    parameter: str = "n_clusters"
    grid: Callable[[int], list[int]] | None = None
    at_once: Callable[[Sequence[int], Floats, int], dict[int, Labels]] | None = None


class _KMeans(NamedTuple):
    """The search, with the method by which all algorithms run."""

    n_clusters: int
    seed: int

    def fit_predict(self, rows: Floats) -> Labels:
        return _kmeans_at_once([self.n_clusters], rows, self.seed)[self.n_clusters]


def _kmeans_at_once(several: Sequence[int], rows: Floats, seed: int) -> dict[int, Labels]:
    """One search serves them all."""
    from mallard.kmeans.distances import nearest
    from mallard.kmeans.points import WeightedPoints
    from mallard.kmeans.search import Search

    points = WeightedPoints.from_rows(rows)
    fits = Search().best_fits(points.shifted(-points.mean), several, RandomState(seed))
    return {k: nearest(rows - points.mean, fit.centroids)[0] for k, fit in fits.items()}


def _kmedoids(k: int, rows: Floats, seed: int) -> Any:
    from kmedoids import KMedoids

    return KMedoids(k, metric="euclidean", random_state=seed)


def _birch(k: int, rows: Floats, seed: int) -> Any:
    radius = BIRCH_THRESHOLD * np.sqrt(np.sum(np.var(rows, axis=0)))
    return Birch(n_clusters=k, threshold=max(float(radius), np.finfo(float).tiny))


def _spectral(k: int, rows: Floats, seed: int) -> Any:
    return SpectralClustering(
        k,
        affinity="nearest_neighbors",
        n_neighbors=min(N_NEIGHBORS, len(rows)),
        assign_labels="cluster_qr",
        random_state=seed,
    )


def _sizes(n_rows: int) -> list[int]:
    return [
        int(size)
        for size in np.unique(np.geomspace(FEWEST_MEMBERS, max(FEWEST_MEMBERS, n_rows // 4), N_SIZES, dtype=int))
    ]


ALGORITHMS = {
    "kmeans": Algorithm(lambda k, rows, seed: _KMeans(k, seed), True, at_once=_kmeans_at_once),
    "sklearn_kmeans": Algorithm(lambda k, rows, seed: SklearnKMeans(k, n_init=N_INIT, random_state=seed), True),
    "minibatch_kmeans": Algorithm(lambda k, rows, seed: MiniBatchKMeans(k, n_init=N_INIT, random_state=seed), True),
    "bisecting_kmeans": Algorithm(lambda k, rows, seed: BisectingKMeans(k, n_init=N_INIT, random_state=seed), True),
    "gaussian_mixture": Algorithm(
        lambda k, rows, seed: GaussianMixture(k, n_init=N_INIT, random_state=seed), True, parameter="n_components"
    ),
    "agglomerative_ward": Algorithm(lambda k, rows, seed: AgglomerativeClustering(k), False, 10_000),
    "agglomerative_average": Algorithm(
        lambda k, rows, seed: AgglomerativeClustering(k, linkage="average"), False, 10_000
    ),
    "birch": Algorithm(_birch, True, 10_000),
    "spectral": Algorithm(_spectral, False, 10_000),
    "hdbscan": Algorithm(
        lambda size, rows, seed: HDBSCAN(min_cluster_size=size, copy=True), False, 20_000, "min_cluster_size", _sizes
    ),
    "kmedoids": Algorithm(_kmedoids, True, 5_000),
}
"""By their names."""
NEED_A_PACKAGE = frozenset({"kmedoids"})
"""They run only where the setting names them: their packages don't come with Mallard."""
