"""Every algorithm at every number of clusters, measured alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from mallard import progress
from mallard.algorithms.measures import NOISE, Measures, measured
from mallard.algorithms.register import ALGORITHMS, Algorithm
from mallard.algorithms.resamples import stabilities
from mallard.algorithms.run import Run, run
from mallard.algorithms.settings import ComparisonSettings
from mallard.kmeans.points import Floats, Labels


class Compared(NamedTuple):
    """An algorithm at a number of clusters.

    Attributes:
        algorithm: its name.
        n_clusters: the number of clusters that was asked for.
        parameter: what it was told, such as "n_clusters=5".
        measures: of the partition; None if there is none.
        stability: see `mallard.algorithms.resamples`; None for fewer than two clusters, and if it wasn't measured.
        adjusted_rand_index: agreement with the segments; None if there are none.
        can_score_in_sql: whether SQL could give new rows their clusters.
        rows_used: number of rows that were clustered.
        seconds: how long that took; None if it failed.
        message: why it failed, or what the algorithm warned of.
    """

    algorithm: str
    n_clusters: int
    parameter: str
    measures: Measures | None
    stability: float | None
    adjusted_rand_index: float | None
    can_score_in_sql: bool
    rows_used: int
    seconds: float | None
    message: str | None


def compare(rows: Floats, segments: Labels | None, settings: ComparisonSettings) -> list[Compared]:
    """Compare the algorithms of the settings. Sums of scikit-learn depend on the number of threads, so it has one.

    Args:
        rows: in an order that has nothing to do with what they are, shape (n_rows, n_features): an algorithm that can't
            take all of them takes the first.
        segments: the segment of every row, shape (n_rows,); None if there are none.
    """
    tried = settings.tried(None if segments is None else len(np.unique(segments)))
    with threadpool_limits(1):
        return [
            compared
            for name in settings.chosen
            for compared in _compared(name, *_in_order(rows, segments, ALGORITHMS[name]), tried, settings)
        ]


def _in_order(rows: Floats, segments: Labels | None, algorithm: Algorithm) -> tuple[Floats, Labels | None]:
    """As many rows as the algorithm can take, in lexicographic order."""
    few = rows[: algorithm.most_rows] + 0.0  # turns -0.0 into 0.0, which it equals
    order = np.lexsort(few.T[::-1])
    return few[order], None if segments is None else segments[: algorithm.most_rows][order]


def _compared(
    name: str, rows: Floats, segments: Labels | None, tried: range, settings: ComparisonSettings
) -> Iterator[Compared]:
    algorithm, seed = ALGORITHMS[name], settings.random_state
    progress.begin(f"comparing algorithms: {name}")
    values = tried if algorithm.grid is None else algorithm.grid(len(rows))
    runs = {value: run(algorithm, value, rows, seed) for value in values}
    chosen = {k: k if algorithm.grid is None else min(runs, key=lambda value: _distance(runs[value], k)) for k in tried}
    partitions = {value: labels for value in chosen.values() if (labels := runs[value].labels) is not None}
    measures = {value: measured(rows, labels) for value, labels in partitions.items()}
    several = {value: labels for value, labels in partitions.items() if measures[value].clusters_found > 1}
    stable = stabilities(algorithm, several, rows, settings.n_resamples, seed) if several else {}
    for k, value in chosen.items():
        labels, seconds, message = runs[value]
        yield Compared(
            algorithm=name,
            n_clusters=k,
            parameter=f"{algorithm.parameter}={value}",
            measures=measures.get(value),
            stability=stable.get(value),
            adjusted_rand_index=None if labels is None or segments is None else adjusted_rand_score(segments, labels),
            can_score_in_sql=algorithm.can_score_in_sql,
            rows_used=len(rows),
            seconds=seconds,
            message=message,
        )


def _distance(of: Run, n_clusters: int) -> tuple[float, float]:
    """How far a run is from a number of clusters; of two as near, the one with less noise comes first."""
    if of.labels is None:
        return np.inf, np.inf
    is_noise = of.labels == NOISE
    return abs(len(np.unique(of.labels[~is_noise])) - n_clusters), float(np.mean(is_noise))
