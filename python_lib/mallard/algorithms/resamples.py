"""Stability of an algorithm: does it make the same clusters of a part of the rows?"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from sklearn.metrics import adjusted_rand_score

from mallard.algorithms.register import Algorithm
from mallard.algorithms.run import run
from mallard.kmeans.points import Floats, Labels

SHARE = 0.8
"""Share of the rows in a resample, which are drawn without putting any back: equal rows would count as dense places."""


def stability(
    algorithm: Algorithm, value: int, rows: Floats, labels: Labels, n_resamples: int, random_state: int
) -> float | None:
    """Mean adjusted Rand index of the clusters of all rows and those of a resample, over the rows of the resample.

    1: the same; 0: as alike as by chance. Noise counts as a cluster. None if the algorithm fails on a resample.

    Args:
        labels: what the algorithm made of all rows, shape (n_rows,).
    """
    draws = RandomState(random_state)
    similarities = []
    for _ in range(n_resamples):
        drawn = np.sort(draws.choice(len(rows), max(1, round(SHARE * len(rows))), replace=False))
        again = run(algorithm, value, rows[drawn], random_state).labels
        if again is None:
            return None
        similarities.append(adjusted_rand_score(labels[drawn], again))
    return float(np.mean(similarities)) if similarities else None
