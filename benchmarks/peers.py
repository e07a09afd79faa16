"""The whole job as an analyst would write it: read, scale, try every k, choose, write the labels back."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.databases import create
from benchmarks.datasets import Dataset
from benchmarks.plan import CACHE

Floats = NDArray[np.float32]


class Fit(NamedTuple):
    """Centroids in scaled units, the inertia to choose k by, and a function that returns the labels, from 0."""

    centroids: Floats
    inertia: float
    labels: Callable[[], NDArray[Any]]


class Peer(NamedTuple):
    """Another implementation of K-means.

    Attributes:
        name: its name, with the settings that matter.
        module: the module that has to be installed.
        fit: function that partitions scaled features, given k and a seed.
        share: the peer gets one of this many rows, because all rows would take too long, and its seconds are multiplied
            by this number.
    """

    name: str
    module: str
    fit: Callable[[Floats, int, int], Fit]
    share: int = 1

    @property
    def description(self) -> str:
        return self.name if self.share == 1 else f"{self.name} (extrapolated from 1/{self.share} of the rows)"

    @property
    def is_installed(self) -> bool:
        return find_spec(self.module) is not None


def sklearn_auto(features: Floats, k: int, seed: int) -> Fit:
    from sklearn.cluster import KMeans

    return _of_sklearn(KMeans(k, n_init="auto", random_state=seed), features)


def sklearn_10(features: Floats, k: int, seed: int) -> Fit:
    from sklearn.cluster import KMeans

    return _of_sklearn(KMeans(k, n_init=10, random_state=seed), features)


def sklearn_minibatch(features: Floats, k: int, seed: int) -> Fit:
    from sklearn.cluster import MiniBatchKMeans

    return _of_sklearn(MiniBatchKMeans(k, n_init="auto", batch_size=4096, random_state=seed), features)


def sklearnex_auto(features: Floats, k: int, seed: int) -> Fit:
    from sklearnex.cluster import KMeans

    return _of_sklearn(KMeans(k, n_init="auto", random_state=seed), features)


def faiss_1(features: Floats, k: int, seed: int) -> Fit:
    return _of_faiss(features, k, seed, n_init=1)


def faiss_10(features: Floats, k: int, seed: int) -> Fit:
    return _of_faiss(features, k, seed, n_init=10)


SKLEARN_AUTO = Peer('scikit-learn KMeans, n_init="auto"', "sklearn", sklearn_auto)
SKLEARN_10 = Peer("scikit-learn KMeans, n_init=10", "sklearn", sklearn_10, share=10)
SKLEARNEX = Peer('scikit-learn-intelex KMeans, n_init="auto"', "sklearnex", sklearnex_auto)
PEERS = (
    SKLEARN_AUTO,
    SKLEARN_10,
    Peer("scikit-learn MiniBatchKMeans, batches of 4,096", "sklearn", sklearn_minibatch, share=10),
    SKLEARNEX,
    Peer("faiss Kmeans, nredo=1", "faiss", faiss_1),
    Peer("faiss Kmeans, nredo=10", "faiss", faiss_10, share=10),
)


def whole_job(dataset: Dataset, n_clusters: tuple[int, int], peer: Peer, seed: int) -> dict[str, Any]:
    """Do the whole job once, with float32 features, with which every peer is fastest.

    Returns:
        Seconds without imports, and the centroids of every k in the units of the table.
    """
    import pyarrow as pa
    from kneed import KneeLocator
    from sklearn.preprocessing import StandardScaler

    peer.fit(np.random.RandomState(0).normal(size=(100, 2)).astype(np.float32), 2, 0)  # imports the peer first
    with create(CACHE / "peer.duckdb", source=dataset.path) as connection:
        started = time.perf_counter()
        columns = connection.execute(
            f"select * from source.customers where customer_id <= {dataset.n_rows // peer.share}"
        ).fetchnumpy()
        rows = np.column_stack([columns[feature].astype(np.float32) for feature in dataset.features])
        scaler = StandardScaler()
        scaled = scaler.fit_transform(rows)
        fits = {k: peer.fit(scaled, k, seed) for k in range(n_clusters[0], n_clusters[1] + 1)}
        knee = KneeLocator([*fits], [fit.inertia for fit in fits.values()], curve="convex", direction="decreasing").knee
        labels = fits[knee or n_clusters[1]].labels()
        labelled = pa.table({**columns, "segment_id": labels.astype(np.int32) + 1})
        connection.register("labelled", labelled)
        connection.execute("create table customer_labels as select * from labelled")
        seconds = time.perf_counter() - started
    return {
        "seconds": seconds * peer.share,
        "centroids": {k: scaler.inverse_transform(fit.centroids).tolist() for k, fit in fits.items()},
    }


def _of_sklearn(model: Any, features: Floats) -> Fit:
    model.fit(features)
    return Fit(model.cluster_centers_, model.inertia_, lambda: model.labels_)


def _of_faiss(features: Floats, k: int, seed: int, n_init: int) -> Fit:
    import faiss

    # By default, faiss samples 256 rows per cluster.
    model = faiss.Kmeans(
        features.shape[1], k, niter=25, nredo=n_init, seed=seed + 1, max_points_per_centroid=len(features)
    )
    model.train(features)
    return Fit(model.centroids, float(model.obj[-1]), lambda: model.index.search(features, 1)[1].ravel())
