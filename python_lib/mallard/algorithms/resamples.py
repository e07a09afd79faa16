"""Stability of an algorithm: does it make the same clusters of a part of the rows?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import RandomState
from sklearn.metrics import adjusted_rand_score

from mallard.algorithms.register import Algorithm
from mallard.algorithms.run import labels_of
from mallard.kmeans.points import Floats, Labels

SHARE = 0.8
"""Share of the rows in a resample, which are drawn without putting any back: equal rows would count as dense places."""


def stabilities(
    algorithm: Algorithm, partitions: Mapping[int, Labels], rows: Floats, n_resamples: int, random_state: int
) -> dict[int, float]:
    """Mean adjusted Rand index of the clusters of all rows and those of a resample, over the rows of the resample.

    1: the same; 0: as alike as by chance. Noise counts as a cluster.

    Args:
        partitions: what the algorithm made of all rows, shape (n_rows,), by the value of its parameter.

    Returns:
        By that value, without those with which the algorithm fails on a resample.
    """
    draws = RandomState(random_state)
    similarities: dict[int, list[float]] = {value: [] for value in partitions}
    for _ in range(n_resamples):
        drawn = np.sort(draws.choice(len(rows), max(1, round(SHARE * len(rows))), replace=False))
        for value, again in labels_of(algorithm, list(partitions), rows[drawn], random_state).items():
            similarities[value].append(adjusted_rand_score(partitions[value][drawn], again))
    return {value: float(np.mean(of)) for value, of in similarities.items() if 0 < len(of) == n_resamples}
