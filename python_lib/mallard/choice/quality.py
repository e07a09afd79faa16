"""Quality of partitions: silhouettes and indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mallard import progress
from mallard.choice.indices import calinski_harabasz_score, davies_bouldin_score
from mallard.choice.silhouette import Silhouette, estimated_silhouettes, exact_silhouette, silhouette_samples
from mallard.choice.sketch import Sketch
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.distances import nearest
from mallard.kmeans.fit import Fit
from mallard.kmeans.metric import Metric
from mallard.kmeans.points import Floats, Labels

Assigned = Mapping[int, tuple[Fit, Assignment]]
"""For every k: the centroids, and the assignment of all customers to them."""


@dataclass(frozen=True)
class Quality:
    """Quality of a partition.

    Attributes:
        silhouette: of all customers and of each segment, exact or estimated.
        davies_bouldin: lower is better; None if it isn't defined for the metric.
        calinski_harabasz: higher is better; None if it isn't defined for the metric.
    """

    silhouette: Silhouette
    davies_bouldin: float | None
    calinski_harabasz: float | None

    @property
    def mean_silhouette(self) -> float | None:
        """Mean silhouette of all customers; None if it is unknown."""
        return None if np.isnan(self.silhouette.mean) else self.silhouette.mean


def judge(sketch: Sketch, assigned: Assigned, metric: Metric, random_state: int) -> dict[int, Quality]:
    """Quality of every partition for which it is defined: not for k = 1, nor if every customer is a segment."""
    defined = {k: of_k for k, of_k in assigned.items() if 1 < k < sketch.points.total_weight}
    if not defined:
        return {}
    progress.begin("measuring silhouettes")
    silhouettes = _silhouettes(sketch, defined, metric, random_state)
    return {
        k: Quality(
            silhouette=silhouettes[k],
            davies_bouldin=davies_bouldin_score(fit.centroids, assignment) if metric.has_indices else None,
            calinski_harabasz=calinski_harabasz_score(fit.centroids, assignment) if metric.has_indices else None,
        )
        for k, (fit, assignment) in defined.items()
    }


def _silhouettes(sketch: Sketch, assigned: Assigned, metric: Metric, random_state: int) -> dict[int, Silhouette]:
    """Silhouettes from one pass over the distances: between all points if they are few, else between a sample."""
    points = sketch.points
    if sketch.drawn is None:
        labels = _labels(points.coordinates, assigned)
        samples = silhouette_samples(points, labels, metric)
        return {k: exact_silhouette(points, *of_k) for k, *of_k in zip(assigned, samples, labels, strict=True)}
    counts = [assignment.counts for _, assignment in assigned.values()]
    labels = _labels(sketch.drawn, assigned)
    return dict(zip(assigned, estimated_silhouettes(sketch.drawn, labels, counts, random_state, metric), strict=True))


def _labels(coordinates: Floats, assigned: Assigned) -> Labels:
    """Labels in every partition, shape (n_partitions, n_points)."""
    return np.array([nearest(coordinates, fit.centroids)[0] for fit, _ in assigned.values()])
