from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

SCRIPT = """
import os

n_threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
if n_threads == 1 and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import duckdb
import numpy as np
import pyarrow as pa
from mallard.choice import sketch
from mallard.flow import segment
from mallard.kmeans.assignment import assign_rows
from mallard.kmeans.distances import nearest
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.kmeans.lloyd import lloyd
from mallard.choice.silhouette import silhouette_samples
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.search import Search
from mallard.inputs.settings import Settings
from numpy.random import RandomState

rng = np.random.default_rng(0)

def bits(what, *arrays):
    print(what, *(value.hex() for array in arrays for value in np.ravel(array).astype(float).tolist()))

def in_duckdb(rows):
    connection = duckdb.connect(config={"threads": n_threads})
    customers = pa.table({f"x{i}": np.ascontiguousarray(feature) for i, feature in enumerate(rows.T)})
    connection.execute("create table customers as from customers")
    return DuckDBRows(connection.table("customers"), customers.column_names)

def search(what, points, n_clusters):
    for k, fit in Search().best_fits(points, n_clusters, RandomState(0)).items():
        bits(f"{what}, k = {k}", fit.centroids, fit.inertia, fit.n_iter)
        if k > 1:
            labels, _ = nearest(points.coordinates, fit.centroids)
            bits(f"{what}, k = {k}, silhouettes", silhouette_samples(points, labels[None]))

search("mall", WeightedPoints.from_rows(MALL_ROWS), range(1, 11))
search("many points", WeightedPoints.from_rows(rng.normal(size=(3000, 3)), rng.random(3000)), [2, 5])

rows = rng.normal(size=(3000, 20))
points = WeightedPoints.from_rows(rows, rng.random(3000))
found = lloyd(points, rows[:400].reshape(10, 40, 20), max_iter=300, tol=0.0)
for fit in found:
    bits("large products", *fit)
labels = np.array([nearest(points.coordinates, fit.centroids)[0] for fit in found[:2]])
bits("large products, silhouettes", silhouette_samples(points, labels))
for assignment in assign_rows(in_duckdb(rows), rows.mean(axis=0), [fit.centroids for fit in found]):
    bits("large products, assignment", *assignment)

sketch.DRAWN = 1000
for n_features in (2, 5):
    rows = rng.normal(size=(280_000, n_features)) + 3 * rng.integers(0, 3, (280_000, 1))
    settings = Settings(max_clusters=5, compression="coreset", max_points=2000)
    segmented = segment(in_duckdb(rows), [str(i) for i in range(n_features)], settings)
    points = segmented.compression.points
    bits(f"lossy, {n_features} features", points.coordinates, points.weights)
    bits(f"lossy, {n_features} features, stability", segmented.stability)
    for k, partition in segmented.partitions.items():
        bits(f"lossy, {n_features} features, k = {k}", partition.fit.centroids, partition.fit.inertia)
        bits(f"lossy, {n_features} features, k = {k}, assignment", partition.fit.n_iter, *partition.assignment)
        borders = partition.evidence.borders
        bits(f"lossy, {n_features} features, k = {k}, borders", *(of for border in borders for of in border[2:]))
        if k > 1:
            quality = partition.quality
            bits(f"lossy, {n_features} features, k = {k}, quality", *quality.silhouette, quality.davies_bouldin)
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit(run_python: Callable[..., str], mall: dict[str, np.ndarray]) -> None:
    script = SCRIPT.replace("MALL_ROWS", repr(mall["standardised"].tolist()))

    def with_threads(n_threads: str) -> list[str]:
        return run_python(script, TF_NUM_INTRAOP_THREADS=n_threads, TF_NUM_INTEROP_THREADS=n_threads).splitlines()

    with ThreadPoolExecutor() as side_by_side:
        one, four = side_by_side.map(with_threads, ("1", "4"))
    assert len(one) == (10 + 9) + (2 + 2) + (10 + 1 + 10) + 2 * (1 + 1 + 5 + 5 + 5 + 4)
    assert [line[:40] for line, other in zip(one, four, strict=True) if line != other] == []
