"""One evaluator for all contestants: the inertia of their centroids over all rows, in standardised units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.databases import connect
from benchmarks.datasets import Dataset
from benchmarks.markdown import table

ROWS_AT_A_TIME = 2**16


class Partition(NamedTuple):
    """A contestant's centroids, in the units of the table."""

    contestant: str
    n_clusters: int
    centroids: Sequence[Sequence[float]]


def best_inertia(dataset: Dataset, partitions: Sequence[Partition]) -> Mapping[str, dict[int, float]]:
    """Lowest inertia of each contestant for each k."""
    names = dataset.features
    with connect(dataset.path, read_only=True) as connection:
        [scale] = connection.execute(
            f"select {', '.join(f'avg({name}), stddev_pop({name})' for name in names)} from customers"
        ).fetchall()
        mean, deviation = np.array(scale).reshape(-1, 2).T
        centroids = np.vstack([(np.array(partition.centroids) - mean) / deviation for partition in partitions])
        firsts = np.cumsum([0, *(len(partition.centroids) for partition in partitions)])[:-1]
        weight, grouping = ("count(*)", "group by all") if dataset.kind == "whole-number" else ("1", "")
        batches = connection.sql(
            f"select {', '.join(names)}, {weight} as weight from customers {grouping}"
        ).to_arrow_reader(ROWS_AT_A_TIME)
        total = np.zeros(len(partitions))
        for batch in batches:
            *features, weights = (column.to_numpy(zero_copy_only=False).astype(np.float64) for column in batch.columns)
            points = (np.column_stack(features) - mean) / deviation
            squared = (centroids**2).sum(axis=1)[:, None] - 2 * centroids @ points.T
            nearest = np.minimum.reduceat(squared, firsts, axis=0) + (points**2).sum(axis=1)
            total += nearest @ weights
    best: dict[str, dict[int, float]] = {}
    for partition, inertia in zip(partitions, total.tolist(), strict=True):
        of_contestant = best.setdefault(partition.contestant, {})
        of_contestant[partition.n_clusters] = min(inertia, of_contestant.get(partition.n_clusters, np.inf))
    return best


def inertia_table(inertia: Mapping[str, Mapping[str, float]]) -> str:
    """Inertia of each contestant for each k, whose numbers are texts."""
    numbers = sorted({k for of_k in inertia.values() for k in of_k}, key=int)
    rows = [(name, *(f"{of_k[k]:,.6g}" for k in numbers)) for name, of_k in inertia.items()]
    return table(("inertia at k =", *numbers), rows)
