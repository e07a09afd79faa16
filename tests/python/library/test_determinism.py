from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

SCRIPT = """
import numpy as np
from mallard.distances import nearest
from mallard.metrics import silhouette_samples
from mallard.points import WeightedPoints
from mallard.search import Search
from numpy.random import RandomState

def report(points, n_clusters):
    for k, fit in Search().best_fits(points, n_clusters, RandomState(0)).items():
        print(k, fit.n_iter, fit.inertia.hex(), *(value.hex() for value in fit.centroids.ravel().tolist()))
        if k > 1:
            labels, _ = nearest(points.coordinates, fit.centroids)
            print(*(value.hex() for value in silhouette_samples(points, labels[None]).ravel().tolist()))

report(WeightedPoints.from_rows(MALL_ROWS), range(1, 11))
rng = np.random.default_rng(0)
report(WeightedPoints.from_rows(rng.normal(size=(3000, 3)), rng.random(3000)), [2, 5])
"""


def test_the_number_of_threads_changes_no_bit(run_python: Callable[..., str], mall: dict[str, np.ndarray]) -> None:
    script = SCRIPT.replace("MALL_ROWS", repr(mall["standardised"].tolist()))

    def with_threads(n_threads: str) -> str:
        return run_python(script, TF_NUM_INTRAOP_THREADS=n_threads, TF_NUM_INTEROP_THREADS=n_threads)

    with ThreadPoolExecutor() as side_by_side:
        one, four = side_by_side.map(with_threads, ("1", "4"))
    assert len(one.splitlines()) == 10 + 9 + 2 + 2
    assert four == one
