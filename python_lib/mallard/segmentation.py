"""The whole analysis: every k, its metrics, the choice, and the names of the segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from mallard.distances import nearest
from mallard.errors import MallardError
from mallard.metrics import calinski_harabasz_score, cluster_sums, davies_bouldin_score, silhouette_samples
from mallard.naming import name_segments
from mallard.points import Floats, Labels, WeightedPoints
from mallard.search import Fit, Search
from mallard.selection import Selection, select
from mallard.settings import Settings


@dataclass(frozen=True)
class Quality:
    """What `mallard.metrics` says of a partition.

    Attributes:
        silhouettes: mean silhouette of each segment, shape (n_clusters,).
        silhouette: mean silhouette of all customers.
        davies_bouldin: the lower the better.
        calinski_harabasz: the higher the better.
    """

    silhouettes: Floats
    silhouette: float
    davies_bouldin: float
    calinski_harabasz: float


@dataclass(frozen=True)
class Partition:
    """One k and all that is known of it.

    Attributes:
        fit: the centroids and how they were found.
        sizes: customers in each segment, shape (n_clusters,).
        inertia: of each segment, shape (n_clusters,).
        names: of the segments.
        quality: None where it isn't defined: for k = 1, and where every customer is a segment.
    """

    fit: Fit
    sizes: Floats
    inertia: Floats
    names: list[str]
    quality: Quality | None


def segment(points: WeightedPoints, settings: Settings) -> tuple[dict[int, Partition], Selection]:
    """Try every k and choose one.

    Raises:
        MallardError: the points can't be clustered as the settings say.
    """
    _check(points, settings)
    search = Search(n_init=settings.n_init)
    fits = search.best_fits(points, settings.n_clusters, RandomState(settings.random_state))
    labels = {k: nearest(points.coordinates, fit.centroids)[0] for k, fit in fits.items()}
    qualities = _qualities(points, {k: labels[k] for k in fits if 1 < k < points.total_weight})
    partitions = {k: _partition(points, fit, labels[k], settings.words(), qualities.get(k)) for k, fit in fits.items()}
    return partitions, select(
        settings.selection,
        list(partitions),
        [float(np.sum(partition.inertia)) for partition in partitions.values()],
        [partition.quality.silhouette if partition.quality else None for partition in partitions.values()],
    )


def _check(points: WeightedPoints, settings: Settings) -> None:
    if not len(points):
        raise MallardError(
            "there are no customers to segment: the seed mall_customers is empty or all its rows were rejected; "
            "stg_mall__rejected_customers has the reasons."
        )
    for feature, column in zip(settings.features, points.coordinates.T, strict=True):
        if np.isnan(column).any():
            raise settings.refusal(
                "features",
                f"'{feature}' can't be scaled with mallard_scaling '{settings.scaling}', because it varies too little "
                f"among the {points.total_weight:.0f} customers (its spread is 0); remove it or choose another scaling",
            )
    if settings.max_clusters > len(points):
        raise settings.refusal(
            "max_clusters",
            f"the {points.total_weight:.0f} customers have only {len(points)} different combinations of "
            f"{', '.join(settings.features)}; set it to {len(points)} or less",
        )


def _partition(
    points: WeightedPoints, fit: Fit, labels: Labels, words: list[str], quality: Quality | None
) -> Partition:
    squared = np.sum((points.coordinates - fit.centroids[labels]) ** 2, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z_scores = np.nan_to_num((fit.centroids - points.mean) / points.standard_deviation)
    return Partition(
        fit=fit,
        sizes=cluster_sums(points.weights, labels),
        inertia=cluster_sums(points.weights * squared, labels),
        names=name_segments(z_scores, words),
        quality=quality,
    )


def _qualities(points: WeightedPoints, labels: dict[int, Labels]) -> dict[int, Quality]:
    """The quality of several partitions, from one pass over the distances."""
    if not labels:
        return {}
    silhouettes = silhouette_samples(points, np.array(list(labels.values())))
    return {
        k: Quality(
            silhouettes=cluster_sums(points.weights * samples, row) / cluster_sums(points.weights, row),
            silhouette=float(np.sum(points.weights * samples) / points.total_weight),
            davies_bouldin=davies_bouldin_score(points, row),
            calinski_harabasz=calinski_harabasz_score(points, row),
        )
        for (k, row), samples in zip(labels.items(), silhouettes, strict=True)
    }
