"""Distance measures: what K-means, its metrics and its error messages need to know about each.

The macro `mallard._metric` defines the same for SQL; a test compares the two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mallard.kmeans.points import Floats, Labels, WeightedPoints

if TYPE_CHECKING:
    from mallard.kmeans.distance_sums import DistanceSums


class Metric(ABC):
    """A distance that K-means minimises as squared Euclidean distance between prepared rows.

    Attributes:
        name: value of the setting `metric`.
        spherical: whether rows and centroids are unit vectors.
        has_indices: whether the Davies-Bouldin and Calinski-Harabasz indices are defined.
        no_customers: message if the metric leaves no customer to cluster; None if it never does.
    """

    name: ClassVar[str]
    spherical: ClassVar[bool]
    has_indices: ClassVar[bool]
    no_customers: ClassVar[str | None]

    @abstractmethod
    def prepare(self, rows: Floats) -> Floats:
        """The rows in the form that the metric compares, shape (n_rows, n_features).

        Raises:
            ValueError: the metric can't compare a row.
        """

    @abstractmethod
    def distance(self, squared: Floats) -> Floats:
        """Distances between prepared rows, from their squared Euclidean distances."""

    @abstractmethod
    def inertia(self, squared: Floats) -> Floats:
        """Contributions of prepared rows to the inertia, from their squared Euclidean distances to the centroids."""

    @abstractmethod
    def distance_sums(self, points: WeightedPoints, groups: Labels) -> DistanceSums:
        """A function that sums the distances from given points to the members of each group.

        Args:
            groups: the group of each point, shape (n_points,), without gaps.
        """

    @abstractmethod
    def missing(self, feature: str) -> str:
        """What a prepared row lacks if a feature has no value, as words for a message."""


class Euclidean(Metric):
    """Straight-line distance."""

    name = "euclidean"
    spherical = False
    has_indices = True
    no_customers = None

    def prepare(self, rows: Floats) -> Floats:
        return rows

    def distance(self, squared: Floats) -> Floats:
        return np.sqrt(squared)

    def inertia(self, squared: Floats) -> Floats:
        return squared

    def distance_sums(self, points: WeightedPoints, groups: Labels) -> DistanceSums:
        from mallard.kmeans.distance_sums import euclidean_sums  # deferred: imports TensorFlow

        return euclidean_sums(points, groups)

    def missing(self, feature: str) -> str:
        return f"the feature {feature}"


class Cosine(Metric):
    """1 - the cosine of the angle between two rows.

    Between unit vectors, it is half the squared Euclidean distance, so K-means on the unit sphere minimises it
    (I. Dhillon and D. Modha 2001, doi 10.1023/A:1007612920971).
    """

    name = "cosine"
    spherical = True
    has_indices = False
    no_customers = "no {} has a direction, because every feature is 0; choose euclidean"

    def prepare(self, rows: Floats) -> Floats:
        largest = np.abs(rows).max(axis=1, keepdims=True)
        if not largest.all():
            raise ValueError(
                f"row {int(np.argmin(largest))} is all zeros: metric='cosine' needs rows with a direction."
            )
        rows = rows / largest  # so that no square overflows or vanishes
        lengths: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / lengths

    def distance(self, squared: Floats) -> Floats:
        return squared / 2

    def inertia(self, squared: Floats) -> Floats:
        return squared / 2

    def distance_sums(self, points: WeightedPoints, groups: Labels) -> DistanceSums:
        from mallard.kmeans.distance_sums import cosine_sums

        return cosine_sums(points, groups)

    def missing(self, feature: str) -> str:
        return "a direction"


EUCLIDEAN = Euclidean()
METRICS: dict[str, Metric] = {metric.name: metric for metric in (EUCLIDEAN, Cosine())}
"""Metrics by the value of the setting `metric`."""
