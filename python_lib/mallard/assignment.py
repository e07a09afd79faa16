"""E-step over rows of any number: the seam between the data, wherever they are, and the algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mallard import kernels, parallel, progress
from mallard._tensorflow import tf
from mallard.blocks import Blocks, block_size
from mallard.lloyd import CLUSTERS_STEP, stack_runs
from mallard.points import Floats, Labels, Rows, WeightedPoints

ROWS_PER_CALL = 2**17
"""Rows that a core takes at a time."""


class Assignment(NamedTuple):
    """What the rows of each cluster add up to; additive over any partition of the rows.

    Attributes:
        counts: rows, shape (n_clusters,).
        sums: sum of the rows, shape (n_clusters, n_features).
        inertia: sum of squared distances to the centroid, shape (n_clusters,).
        distances: sum of distances to the centroid, shape (n_clusters,).
    """

    counts: Floats
    sums: Floats
    inertia: Floats
    distances: Floats

    @classmethod
    def of_labels(cls, points: WeightedPoints, labels: Labels, centroids: Floats) -> Assignment:
        """What points add up to that are assigned already.

        Args:
            labels: shape (n_points,).
            centroids: shape (n_clusters, n_features).
        """
        squared = np.sum((points.coordinates - centroids[labels]) ** 2, axis=1)

        def add_up(values: Floats) -> Floats:
            return np.bincount(labels, points.weights * values, len(centroids)).astype(np.float64)

        return cls(
            counts=add_up(np.ones(len(points))),
            sums=np.column_stack([add_up(feature) for feature in points.coordinates.T]),
            inertia=add_up(squared),
            distances=add_up(np.sqrt(squared)),
        )

    @property
    def means(self) -> Floats:
        """Mean of the rows of each cluster, shape (n_clusters, n_features)."""
        return self.sums / self.counts[:, None]

    def reordered(self, order: Labels) -> Assignment:
        return Assignment(*(values[order] for values in self))


class Assigner:
    """Assigns all rows to the nearest centroids, as often as it is asked to.

    Args:
        rows: where they come from.
        origin: somewhere amid the rows, shape (n_features,).
        cache_bytes: memory that may be taken to keep them for the next pass; if it is too little they are read again.
    """

    def __init__(self, rows: Rows, origin: Floats, cache_bytes: int) -> None:
        self._rows = rows
        self._origin = np.zeros_like(origin) if len(origin) <= kernels.FEW_FEATURES else origin
        self._may_cache = len(rows) * (rows.n_features + 2) * 8 <= cache_bytes
        self._cached: dict[int, list[Blocks]] = {}

    def assign(self, runs: Sequence[Floats]) -> list[Assignment]:
        """Give every row to its nearest centroid, the first of them at a tie, and add up, for several runs in one pass.

        Args:
            runs: the centroids of each, shape (n_clusters, n_features).
        """
        n_features = runs[0].shape[1]
        n_clusters = _rounded_up(max(map(len, runs)))
        padded = np.full((_rounded_up(len(runs)), n_clusters, n_features), np.nan)
        padded[: len(runs), : max(map(len, runs))] = stack_runs(runs) - self._origin
        batch, n_runs = tf.constant(padded), tf.constant(len(runs))

        progress.expect(len(self._rows))

        def assign_chunk(blocks: Blocks) -> Floats:
            totals: Floats = kernels.assign(blocks, batch, n_runs).numpy()
            return totals

        chunks = self._blocks(block_size(n_clusters * (n_features + 3)))
        totals = np.zeros((*padded.shape[:2], n_features + 3))
        for found in parallel.stream(assign_chunk, chunks):
            totals += found
            progress.advance(int(np.sum(found[0, :, -3])))
        return [self._assignment(of_run[:k]) for k, of_run in zip(map(len, runs), totals, strict=False)]

    def _assignment(self, totals: Floats) -> Assignment:
        counts, inertia, distances = totals[:, -3:].T
        return Assignment(counts, totals[:, :-3] + counts[:, None] * self._origin, inertia, distances)

    def _blocks(self, size: int) -> Iterator[Blocks]:
        if size in self._cached:
            yield from self._cached[size]
            return
        kept: list[Blocks] = []
        for features in self._rows.chunks(ROWS_PER_CALL):
            blocks = Blocks.of_features(features - self._origin[:, None], 1.0, size, ROWS_PER_CALL)
            if self._may_cache:
                kept.append(blocks)
            yield blocks
        if self._may_cache:
            self._cached = {size: kept}


def _rounded_up(number: int) -> int:
    """So that one compilation serves many."""
    return -(-number // CLUSTERS_STEP) * CLUSTERS_STEP
