"""What a fit knows of the version before. Doesn't import TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mallard.kmeans.points import Floats


class Earlier(NamedTuple):
    """What a fit starts from besides the customers.

    Attributes:
        centroids: in the scale of today, shape (n_clusters, n_features).
        candidate: the number of groups that the evidence of the fit before asked for in vain; None if it didn't.
        tolerance: a partition that is nearly as before is taken if its inertia is larger by this fraction at most.
    """

    centroids: Floats
    candidate: int | None
    tolerance: float

    @property
    def n_clusters(self) -> int:
        return len(self.centroids)
