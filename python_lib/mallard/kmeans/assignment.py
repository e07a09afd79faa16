"""E-step over any number of rows: the interface between the data, wherever they are, and the algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from mallard import progress
from mallard.kmeans.blocks import MIN_BLOCKS, Blocks, block_size
from mallard.kmeans.e_step import FEW_FEATURES
from mallard.kmeans.lloyd import assign
from mallard.kmeans.points import ChunkedRows, Floats, Labels, Rows, WeightedPoints


class Assignment(NamedTuple):
    """Sums over the rows of each cluster; additive over any partition of the rows.

    Attributes:
        counts: sum of the weights of the rows, shape (n_clusters,).
        sums: weighted sum of the rows, shape (n_clusters, n_features).
        inertia: weighted sum of squared distances to the centroid, shape (n_clusters,).
        distances: weighted sum of distances to the centroid, shape (n_clusters,).
    """

    counts: Floats
    sums: Floats
    inertia: Floats
    distances: Floats

    @property
    def total_inertia(self) -> float:
        """Inertia of all clusters together."""
        return float(np.sum(self.inertia))

    @classmethod
    def of_labels(cls, points: WeightedPoints, labels: Labels, centroids: Floats) -> Assignment:
        """Compute the sums for points that are already assigned.

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


@runtime_checkable
class AddedRows(Rows, Protocol):
    """Customers who stay where they are: only what is added up comes from there."""

    def assigned(self, runs: Sequence[Floats]) -> list[Assignment]:
        """Assign every row to its nearest centroid (on a tie, the first) and add up, for each run.

        Args:
            runs: the centroids of each run, shape (n_clusters, n_features).
        """


def assign_rows(rows: Rows, origin: Floats, runs: Sequence[Floats]) -> list[Assignment]:
    """Assign every row to its nearest centroid (on a tie, the first) and add up, for several runs in one pass.

    Args:
        origin: a point near the centre of the rows, where products keep the most digits, shape (n_features,).
        runs: the centroids of each run, shape (n_clusters, n_features).
    """
    if isinstance(rows, AddedRows):
        return rows.assigned(runs)
    assert isinstance(rows, ChunkedRows)  # there are no others
    if rows.n_features <= FEW_FEATURES:
        origin = np.zeros_like(origin)  # no products here: distances are bit-identical to those of SQL
    size = block_size(rows.n_features, max(map(len, runs)))
    chunk = MIN_BLOCKS * size
    blocks = (Blocks.of(x - origin[:, None], weights, size, MIN_BLOCKS) for x, weights in rows.chunks(chunk))
    progress.consists_of(-(-len(rows) // chunk))
    totals = assign(blocks, [centroids - origin for centroids in runs])
    return [_moved_back(total, origin) for total in totals]


def _moved_back(total: Floats, origin: Floats) -> Assignment:
    counts, inertia, distances = total[:, -3:].T
    return Assignment(counts, total[:, :-3] + counts[:, None] * origin, inertia, distances)
