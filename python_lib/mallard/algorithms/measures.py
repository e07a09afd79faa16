"""What a partition is worth, whatever algorithm made it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mallard.choice.indices import calinski_harabasz_score, davies_bouldin_score
from mallard.choice.silhouette import silhouette_samples
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats, Labels, WeightedPoints

NOISE = -1


class Measures(NamedTuple):
    """Measures of the rows that are in a cluster; None where they aren't defined.

    Attributes:
        clusters_found: number of clusters.
        noise_share: share of the rows that are in none.
        inertia: sum of squared distances of the rows to the means of their clusters.
        silhouette: mean silhouette.
        davies_bouldin: lower is better.
        calinski_harabasz: higher is better.
    """

    clusters_found: int
    noise_share: float
    inertia: float | None = None
    silhouette: float | None = None
    davies_bouldin: float | None = None
    calinski_harabasz: float | None = None


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def measured(rows: Floats, labels: Labels) -> Measures:
    """Measure a partition.

    Args:
        rows: in lexicographic order, shape (n_rows, n_features).
        labels: -1 for noise, shape (n_rows,).
    """
    members = labels != NOISE
    found, clusters = np.unique(labels[members], return_inverse=True)
    of_all = Measures(len(found), float(np.mean(~members)))
    if not len(found):
        return of_all
    points = WeightedPoints(rows[members], np.ones(len(clusters)))
    means = Assignment.of_labels(points, clusters, np.zeros((len(found), points.n_features))).means
    assignment = Assignment.of_labels(points, clusters, means)
    of_all = of_all._replace(inertia=_finite(assignment.total_inertia))
    if not 1 < len(found) < len(points):
        return of_all
    return of_all._replace(
        silhouette=_finite(np.mean(silhouette_samples(points, clusters[None])[0])),
        davies_bouldin=_finite(davies_bouldin_score(means, assignment)),
        calinski_harabasz=_finite(calinski_harabasz_score(means, assignment)),
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
