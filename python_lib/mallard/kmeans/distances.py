"""Squared Euclidean distances that keep their digits where points are close."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from mallard.kmeans.points import Floats, Labels
from mallard.stopping import seam

PAIRS_PER_BLOCK = 2**17
"""Pairs of points in a block: 1 MB of float64. Fixed, so that results don't depend on the machine."""


def blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Cut the rows into blocks of about `PAIRS_PER_BLOCK` pairs with the columns."""
    size = max(1, PAIRS_PER_BLOCK // n_columns)
    return (slice(start, start + size) for start in range(0, n_rows, size))


def squared_distances(x: Floats, y: Floats) -> Floats:
    """Sum of (x - y)^2 over the features, one after the other.

    The SQL that scores customers adds the same terms in the same order. The product form |x|^2 + |y|^2 - 2 x.y is
    faster, but it loses all digits where x and y are close.

    Args:
        x: shape (n, n_features).
        y: shape (m, n_features).

    Returns:
        Shape (n, m).
    """
    squared = np.empty((len(x), len(y)))
    for block in blocks(len(x), max(1, len(y))):
        seam()
        cdist(x[block], y, "sqeuclidean", out=squared[block])
    return squared


def nearest(coordinates: Floats, centroids: Floats) -> tuple[Labels, Floats]:
    """Nearest centroid of every point; on a tie, the first.

    Args:
        coordinates: shape (n_points, n_features).
        centroids: shape (n_clusters, n_features).

    Returns:
        Labels and squared distances, both of shape (n_points,).
    """
    labels = np.empty(len(coordinates), dtype=np.int64)
    squared = np.empty(len(coordinates))
    for block in blocks(len(coordinates), len(centroids)):
        distances = squared_distances(coordinates[block], centroids)
        labels[block] = distances.argmin(axis=1)
        squared[block] = distances.min(axis=1)
    return labels, squared
