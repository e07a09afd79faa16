"""What a search returns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mallard.kmeans.points import Floats, Labels


class Fit(NamedTuple):
    """A partition, given by its centroids.

    Attributes:
        centroids: shape (n_clusters, n_features).
        inertia: weighted sum of squared distances to the nearest centroid (also called WSS or WCSS).
        n_iter: number of iterations of the Lloyd run that ended here.
        converged: whether the centroids of that run came to rest before `max_iter`.
    """

    centroids: Floats
    inertia: float
    n_iter: int
    converged: bool

    @property
    def order(self) -> Labels:
        """Indices that sort the centroids lexicographically: by the first feature, then by the second, and so on."""
        return np.lexsort(self.centroids.T[::-1])

    def in_order(self) -> Fit:
        """The centroids in lexicographic order."""
        return self._replace(centroids=self.centroids[self.order])

    def shifted(self, by: Floats) -> Fit:
        return self._replace(centroids=self.centroids + by)
