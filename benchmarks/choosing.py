"""Ways to choose the number of segments, of Mallard and of others, given the best partitions for every k."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.groups import Floats, Known

MOST_CLUSTERS = 18
N_ROWS = 500
"""Rows that costly criteria see."""
N_REFERENCES = 5
STRONG = 0.8
"""Prediction strength of groups, as its authors have it: 0.8 to 0.9."""

Labels = NDArray[np.int64]


class Sweep(NamedTuple):
    """The best partitions for every k.

    Attributes:
        inertia: for every k.
        centroids: for every k.
        n_rows: number of rows in the table.
        rows: at most `N_ROWS` of them.
    """

    inertia: Mapping[int, float]
    centroids: Mapping[int, Floats]
    n_rows: int
    rows: Floats

    @classmethod
    def of(cls, centroids: Mapping[int, Floats], inertia: Mapping[int, float], known: Known) -> Sweep:
        drawn = np.random.default_rng(0).choice(
            len(known.rows), min(N_ROWS, len(known.rows)), replace=False, p=known.weights / known.weights.sum()
        )
        return cls(inertia, centroids, int(known.weights.sum()), known.rows[drawn])

    @property
    def n_features(self) -> int:
        return self.rows.shape[1]

    @property
    def values(self) -> Floats:
        return np.array(list(self.inertia.values()))

    def labels(self, k: int) -> Labels:
        return np.asarray(np.argmin(((self.rows[:, None] - self.centroids[k]) ** 2).sum(axis=2), axis=1))


@contextmanager
def in_duckdb(rows: Floats, weights: Floats) -> Iterator[Any]:
    """The rows as customers of the library."""
    import duckdb
    import pyarrow as pa

    from mallard.engines.duckdb.rows import DuckDBRows, rows_in_order

    names = [f"x{i}" for i in range(rows.shape[1])]
    columns = {name: column for name, column in zip(names, rows.T, strict=True)}
    with duckdb.connect() as connection:
        relation = connection.from_arrow(pa.table({**columns, "weight": weights}))
        with rows_in_order(relation):
            yield DuckDBRows(relation, names, "weight")


def searched(known: Known, n_clusters: range, n_init: int = 10) -> tuple[dict[int, Any], Any]:
    """The best partitions of a table, and what the evidence looks at."""
    from mallard.choice.sketch import Sketch
    from mallard.inputs.settings import Settings
    from mallard.kmeans.compress import compress
    from mallard.kmeans.search import Search

    with in_duckdb(known.rows, known.weights) as customers:
        compression = compress(customers, "auto", Settings.max_points, 0)
        fits = Search(n_init=n_init).best_fits(compression.points, n_clusters, np.random.RandomState(0))
        return fits, Sketch.of(customers, compression, 0)


def _elbow(sweep: Sweep) -> int:
    from mallard.choice.elbow import find_elbow

    return find_elbow(sweep.inertia) or 1


def _kneed(sweep: Sweep) -> int:
    from kneed import KneeLocator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        knee = KneeLocator(list(sweep.inertia), sweep.values, curve="convex", direction="decreasing").knee
    return int(knee or 1)


def _best(score: Callable[[Floats, Labels], float], sweep: Sweep) -> int:
    """k with the highest score."""
    labels = {k: sweep.labels(k) for k in range(2, MOST_CLUSTERS + 1)}
    return max((k for k in labels if len(np.unique(labels[k])) > 1), key=lambda k: score(sweep.rows, labels[k]))


def _silhouette(sweep: Sweep) -> int:
    from sklearn.metrics import silhouette_score

    return _best(silhouette_score, sweep)


def _calinski_harabasz(sweep: Sweep) -> int:
    from sklearn.metrics import calinski_harabasz_score

    return _best(calinski_harabasz_score, sweep)


def _davies_bouldin(sweep: Sweep) -> int:
    from sklearn.metrics import davies_bouldin_score

    return _best(lambda rows, labels: -davies_bouldin_score(rows, labels), sweep)


def _krzanowski_lai(sweep: Sweep) -> int:
    """Krzanowski and Lai 1988, doi 10.2307/2531893."""
    k = np.arange(1, MOST_CLUSTERS + 1)
    scaled = k ** (2 / sweep.n_features) * sweep.values
    differences = scaled[:-1] - scaled[1:]
    return 2 + int(np.argmax(np.abs(differences[:-1] / differences[1:])))


def _jump(sweep: Sweep) -> int:
    """Sugar and James 2003, doi 10.1198/016214503000000666."""
    distortion = sweep.values / (sweep.n_rows * sweep.n_features)
    transformed = np.concatenate([[0.0], distortion ** (-sweep.n_features / 2)])
    return 1 + int(np.argmax(np.diff(transformed)))


def _gap(sweep: Sweep) -> int:
    """Tibshirani, Walther and Hastie 2001, doi 10.1111/1467-9868.00293: the first k within a standard error."""
    from sklearn.cluster import KMeans

    random, ks = np.random.default_rng(0), range(1, MOST_CLUSTERS + 1)
    lowest, highest = sweep.rows.min(axis=0), sweep.rows.max(axis=0)

    def logs(rows: Floats) -> Floats:
        return np.log([KMeans(k, n_init=1, random_state=0).fit(rows).inertia_ for k in ks])

    references = np.array([logs(random.uniform(lowest, highest, sweep.rows.shape)) for _ in range(N_REFERENCES)])
    gaps = references.mean(axis=0) - logs(sweep.rows)
    errors = references.std(axis=0) * np.sqrt(1 + 1 / N_REFERENCES)
    return next((k for k in ks[:-1] if gaps[k - 1] >= gaps[k] - errors[k]), MOST_CLUSTERS)


def _prediction_strength(sweep: Sweep) -> int:
    """Tibshirani and Walther 2005, doi 10.1198/106186005X59243: the largest k of at least this strength."""
    from sklearn.cluster import KMeans

    order = np.random.default_rng(0).permutation(len(sweep.rows))
    halves = sweep.rows[order[::2]], sweep.rows[order[1::2]]

    def strength(k: int) -> float:
        train, test = (KMeans(k, n_init=2, random_state=0).fit(half) for half in halves)
        predicted, own = train.predict(halves[1]), test.labels_
        shares = []
        for cluster in range(k):
            mine = predicted[own == cluster]
            n = len(mine)
            same = np.bincount(mine)
            shares.append((same * (same - 1)).sum() / (n * (n - 1)) if n > 1 else 1.0)
        return float(min(shares))

    return max((k for k in range(2, MOST_CLUSTERS + 1) if strength(k) >= STRONG), default=1)


def _mixture(sweep: Sweep) -> int:
    """The lowest BIC of Gaussian mixtures with full covariances."""
    from sklearn.mixture import GaussianMixture

    ks = range(1, min(MOST_CLUSTERS, len(sweep.rows) // (2 * sweep.n_features)) + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return min(ks, key=lambda k: GaussianMixture(k, random_state=0, reg_covar=1e-4).fit(sweep.rows).bic(sweep.rows))


def _hdbscan(sweep: Sweep) -> int:
    from sklearn.cluster import HDBSCAN

    labels = HDBSCAN(min_cluster_size=max(5, len(sweep.rows) // 100), copy=True).fit(sweep.rows).labels_
    return max(1, int(labels.max()) + 1)


CRITERIA: dict[str, Callable[[Sweep], int]] = {
    "elbow (Mallard)": _elbow,
    "elbow by kneed": _kneed,
    "highest silhouette": _silhouette,
    "Calinski-Harabasz": _calinski_harabasz,
    "Davies-Bouldin": _davies_bouldin,
    "Krzanowski-Lai": _krzanowski_lai,
    "jump": _jump,
    "gap statistic": _gap,
    f"prediction strength {STRONG}": _prediction_strength,
    "Gaussian mixture, BIC": _mixture,
    "HDBSCAN": _hdbscan,
}
"""The number of groups by each criterion, 1 where it says that there are none."""
