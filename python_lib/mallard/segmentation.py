"""The whole analysis: every k, its metrics, the choice, and the names of the segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from mallard import progress
from mallard.assignment import Assignment
from mallard.compress import Compression, Customers, compress
from mallard.distances import nearest
from mallard.errors import MallardError
from mallard.metrics import (
    Silhouette,
    calinski_harabasz_score,
    davies_bouldin_score,
    estimated_silhouettes,
    exact_silhouette,
    silhouette_samples,
)
from mallard.naming import name_segments
from mallard.points import Floats, Labels, WeightedPoints
from mallard.polish import polish
from mallard.search import Fit, Search
from mallard.selection import Selection, select
from mallard.settings import ClusterSettings

FINER = 16
"""A coreset of so many times as many points brings the centroids near to where they rest on all customers."""
FINER_TOL = 3e-6
"""A pass over these takes next to nothing, one over all customers that it saves may take long."""
EXACT_SILHOUETTE_POINTS = 20_000
"""With more points than these the silhouette is estimated: it needs the distances between all pairs."""
SILHOUETTE_SAMPLE = 10_000
"""Customers that are drawn to estimate it."""
ROUNDING = 1e-12
"""A feature that varies by no more than this share of its size varies by rounding."""
LENGTH_TOL = 1e-6
"""How far from 1 a customer's length may be for cosine distances."""


@dataclass(frozen=True)
class Quality:
    """What `mallard.metrics` says of a partition.

    Attributes:
        silhouette: of all customers and of each segment, exact or estimated.
        davies_bouldin: the lower the better; None for cosine distances, of which it isn't defined.
        calinski_harabasz: the higher the better; None likewise.
    """

    silhouette: Silhouette
    davies_bouldin: float | None
    calinski_harabasz: float | None


@dataclass(frozen=True)
class Partition:
    """One k and all that is known of it.

    Attributes:
        fit: the centroids and how they were found.
        assignment: of all customers to these centroids; its inertia is by the metric, for cosine the sum of 1 - cos.
        names: of the segments.
        quality: None where it isn't defined: for k = 1, and where every customer is a segment.
    """

    fit: Fit
    assignment: Assignment
    names: list[str]
    quality: Quality | None


@dataclass(frozen=True)
class Segmentation:
    """Every partition tried, the one chosen, and what they were found on.

    Attributes:
        partitions: by their number of segments.
        selection: which of them, and why.
        compression: the points that were clustered.
        metric: "euclidean" or "cosine".
    """

    partitions: dict[int, Partition]
    selection: Selection
    compression: Compression
    metric: str


def segment(
    customers: Customers, features: Sequence[str], settings: ClusterSettings, starts: Floats | None = None
) -> Segmentation:
    """Try every k and choose one; or move given centroids to where they rest.

    Args:
        features: the names of the features of the customers, in order.
        starts: the given centroids, which keep their order, shape (n_clusters, n_features).

    Raises:
        MallardError: the customers can't be clustered as the settings say.
    """
    _check_customers(customers, features, settings)
    progress.begin("compressing the customers")
    compression = compress(customers, settings)
    points = compression.points
    tried = _tried(compression, features, settings, starts)
    progress.begin(f"trying k = {tried[0]} to {tried[-1]} on {len(points):,} points")
    is_cosine = settings.metric == "cosine"
    search = Search(init=settings.init, n_init=settings.n_init, spherical=is_cosine)
    if starts is None:
        fits = search.best_fits(points, tried, RandomState(settings.random_state))
    else:
        fits = {len(starts): search.fit_from(points, starts)}
    if compression.is_lossless:
        assigned = {k: (fit, _assign_points(points, fit.centroids)) for k, fit in fits.items()}
    else:
        progress.begin("compressing the customers once more, into finer points")
        finer = customers.coreset(FINER * settings.max_points, settings.random_state)
        nearly = polish(finer, points.mean, fits, search.max_iter, FINER_TOL, is_cosine)
        nearly_fits = {k: fit for k, (fit, _) in nearly.items()}
        assigned = polish(customers, points.mean, nearly_fits, search.max_iter, spherical=is_cosine)
        if starts is None:
            assigned = {
                k: (fit.in_order(), assignment.reordered(fit.order)) for k, (fit, assignment) in assigned.items()
            }
    if is_cosine:
        assigned = {k: (fit, _by_cosine(assignment)) for k, (fit, assignment) in assigned.items()}
    qualities = _qualities(customers, compression, assigned, settings)
    partitions = {
        k: Partition(fit, assignment, _names(points, fit.centroids, settings.words(features)), qualities.get(k))
        for k, (fit, assignment) in assigned.items()
    }
    selection = select(
        settings.rule if starts is None else len(starts),
        list(partitions),
        [float(np.sum(partition.assignment.inertia)) for partition in partitions.values()],
        [_silhouette_of(partition) for partition in partitions.values()],
        estimated=any(quality.silhouette.standard_error is not None for quality in qualities.values()),
    )
    return Segmentation(partitions, selection, compression, settings.metric)


def _silhouette_of(partition: Partition) -> float | None:
    if partition.quality is None or np.isnan(partition.quality.silhouette.mean):
        return None
    return partition.quality.silhouette.mean


def _by_cosine(assignment: Assignment) -> Assignment:
    """Between vectors of unit length 1 - cos is half the squared distance."""
    return assignment._replace(inertia=assignment.inertia / 2)


def _check_customers(customers: Customers, features: Sequence[str], settings: ClusterSettings) -> None:
    if not len(customers) and settings.metric == "cosine":
        raise settings.refusal("metric", "no customer has a direction, since all features are 0; choose euclidean")
    if not len(customers):
        raise MallardError(
            "there are no customers to segment: the table of features has no row; look at what the models before it "
            "leave out."
        )
    for feature, n_missing in zip(features, customers.n_missing, strict=True):
        if 0 < n_missing < len(customers):
            raise MallardError(
                f"feature {feature} is missing for {n_missing:,} of {len(customers):,} customers: fill it in or leave "
                "them out before it is scaled."
            )
        if n_missing:
            raise MallardError(
                f"feature {feature} can't be scaled, because it varies too little among the {len(customers):,} "
                "customers (its spread is 0): leave it out of features, or give it another scale."
            )
    if customers.n_without_weight:
        raise settings.no_weights(customers.n_without_weight, len(customers))
    if settings.metric == "cosine":
        lengths = customers.lengths()
        if max(abs(length - 1) for length in lengths) > LENGTH_TOL:
            raise settings.refusal(
                "metric",
                f"it compares directions, of length 1, and the customers have lengths from {lengths[0]:g} to "
                f"{lengths[1]:g}; make directions of their features with the macro mallard.directions",
            )


def _tried(
    compression: Compression, features: Sequence[str], settings: ClusterSettings, starts: Floats | None
) -> range:
    """The values of k to try: those that the settings name, or as many of the default ones as there can be."""
    n_distinct = len(np.unique(compression.points.coordinates, axis=0))
    if starts is not None:
        return _tried_from(starts, n_distinct, settings)
    tried = settings.tried
    if settings.max_clusters is None and settings.n_clusters == "auto":
        tried = range(tried.start, min(tried.stop, n_distinct + 1))
    if not tried or tried[-1] > n_distinct:
        name = "n_clusters" if settings.n_clusters != "auto" else "max_clusters" if tried else "min_clusters"
        raise settings.refusal(
            name,
            f"the {compression.n_customers:,} customers have only {n_distinct:,} different combinations of "
            f"{', '.join(features)}; set it to {n_distinct:,} or less",
        )
    return tried


def _tried_from(starts: Floats, n_distinct: int, settings: ClusterSettings) -> range:
    for name in ("n_clusters", "min_clusters", "max_clusters"):
        if getattr(settings, name) not in ("auto", None, len(starts)):
            raise settings.refusal(
                name, f"init gives {len(starts)} centroids, so no other number is tried; leave it out"
            )
    if len(starts) > n_distinct:
        raise settings.refusal(
            "init", f"it gives {len(starts)} centroids, and only {n_distinct} of the customers differ; give fewer"
        )
    return range(len(starts), len(starts) + 1)


def _assign_points(points: WeightedPoints, centroids: Floats) -> Assignment:
    labels, _ = nearest(points.coordinates, centroids)
    return Assignment.of_labels(points, labels, centroids)


def _names(points: WeightedPoints, centroids: Floats, words: list[str]) -> list[str]:
    deviation = points.standard_deviation
    varies = deviation > ROUNDING * np.abs(points.mean)
    z_scores = np.where(varies, (centroids - points.mean) / np.where(varies, deviation, 1.0), 0.0)
    return name_segments(z_scores, words)


def _qualities(
    customers: Customers,
    compression: Compression,
    assigned: dict[int, tuple[Fit, Assignment]],
    settings: ClusterSettings,
) -> dict[int, Quality]:
    defined = {k: of_k for k, of_k in assigned.items() if 1 < k < compression.points.total_weight}
    silhouettes = _silhouettes(customers, compression, defined, settings)
    if settings.metric == "cosine":
        return {k: Quality(silhouettes[k], None, None) for k in defined}
    return {
        k: Quality(
            silhouette=silhouettes[k],
            davies_bouldin=davies_bouldin_score(fit.centroids, assignment),
            calinski_harabasz=calinski_harabasz_score(fit.centroids, assignment),
        )
        for k, (fit, assignment) in defined.items()
    }


def _silhouettes(
    customers: Customers,
    compression: Compression,
    assigned: dict[int, tuple[Fit, Assignment]],
    settings: ClusterSettings,
) -> dict[int, Silhouette]:
    """Of several partitions, from one pass over the distances: between all points if that can be done, else of some."""
    if not assigned:
        return {}
    progress.begin("measuring silhouettes")
    points = compression.points
    if compression.is_lossless and len(points) <= EXACT_SILHOUETTE_POINTS:
        labels = _labels(points.coordinates, assigned)
        samples = silhouette_samples(points, labels, settings.metric)
        return {k: exact_silhouette(points, *of_k) for k, *of_k in zip(assigned, samples, labels, strict=True)}
    drawn = customers.even_sample(SILHOUETTE_SAMPLE, settings.random_state)
    counts = [assignment.counts for _, assignment in assigned.values()]
    labels = _labels(drawn, assigned)
    estimates = estimated_silhouettes(drawn, labels, counts, settings.random_state, settings.metric)
    return dict(zip(assigned, estimates, strict=True))


def _labels(coordinates: Floats, assigned: dict[int, tuple[Fit, Assignment]]) -> Labels:
    """Of every partition, shape (n_partitions, n_points)."""
    return np.array([nearest(coordinates, fit.centroids)[0] for fit, _ in assigned.values()])
