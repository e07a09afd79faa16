"""How probable the segments of a customer are, and which features speak for the own one.

The formulas are those of the macros `mallard.memberships` and `mallard.explain`, where their sources stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mallard.engines.duckdb.database import Database
from mallard.kmeans.metric import METRICS
from mallard.kmeans.points import Floats, Labels
from mallard.report.data import ExplainedFeature, Explanation, Feature, Reason, Row, Value
from mallard.report.vectors import Vector
from mallard.report.version import FittedVersion
from mallard.tables.find import SegmentationTables

LIKELIEST, LEAST_PROBABLE = 3, 0.005
"""How many segments of a customer are said, and the least probability of one that is."""
STRONGEST, WEAKEST = 5, 0.05
"""How many features of a customer are said, and how much they say at least, as a share of what the first says."""
NEARLY = 1e-6
"""How near to 0 or 1 a value is that is one of them; another one was filled in."""


@dataclass(frozen=True)
class Centroids:
    """Where the segments are, in the space in which distances are measured.

    Attributes:
        segments: ids, in order.
        scaled: centroids in scaled units, shape (n_segments, n_coordinates).
        widths: number of coordinates of each feature.
        metric: name of the distance.
        variance: of each coordinate within the segments; None if it isn't known.
    """

    segments: Sequence[int]
    scaled: Floats
    widths: Sequence[int]
    metric: str
    variance: float | None

    @property
    def starts(self) -> list[int]:
        """The first coordinate of each feature."""
        return [sum(self.widths[:place]) for place in range(len(self.widths))]

    def squared_distances(self, customers: Floats) -> Floats:
        """From customers, shape (n_customers, n_coordinates), to centroids: shape (n_customers, n_segments)."""
        return np.stack([((customers - centroid) ** 2).sum(axis=1) for centroid in self.scaled], axis=1)

    def probabilities(self, squared_distances: Floats) -> Floats:
        """Of the segments for each customer, shape (n_customers, n_segments)."""
        further = squared_distances - squared_distances.min(axis=1, keepdims=True)
        likelihoods = np.exp(-further / (2 * self.variance)) if self.variance else (further == 0).astype(float)
        shares: Floats = likelihoods / likelihoods.sum(axis=1, keepdims=True)
        return shares

    def contributions(self, customers: Floats, own: Labels, other: Labels) -> Floats:
        """How much each feature speaks for one centroid against another, shape (n_customers, n_features).

        Args:
            own, other: places of the two centroids of each customer.
        """
        terms = (customers - self.scaled[other]) ** 2 - (customers - self.scaled[own]) ** 2
        sums: Floats = np.add.reduceat(terms, self.starts, axis=1)
        return sums / 2 if METRICS[self.metric].spherical else sums


def variance_within(
    version: FittedVersion | None, inertia: float | None, n_customers: int, n_coordinates: int, metric: str
) -> float | None:
    """The variance of each coordinate within the segments; None if nobody knows it.

    Args:
        version: None for a segmentation without history.
        inertia: of its customers, if each counts once; None otherwise.
        n_coordinates: of the space in which distances are measured; directions have one less.
    """
    spherical = METRICS[metric].spherical
    if version is not None:
        squared_distances, weight = version.squared_distances, version.weight
    elif inertia is not None and n_customers:
        squared_distances, weight = inertia * (2 if spherical else 1), float(n_customers)
    else:
        return None
    return squared_distances / weight / max(1, n_coordinates - spherical)


def explained_features(
    features: Sequence[Feature],
    vectors: Sequence[Vector],
    shown: Sequence[Feature],
    positions: Mapping[str, dict[int, float | None]],
) -> list[ExplainedFeature]:
    """What the reasons of customers speak of: all features, numbers first, as in scaled units.

    Args:
        features: those that are numbers.
        positions: the centroid of each segment in the unit of a feature, by the feature's name.
    """
    keys = {feature.key for feature in shown}
    numbers = [
        ExplainedFeature(
            label=feature.label,
            key=feature.key if feature.key in keys else None,
            is_share=feature.is_share,
            is_vector=False,
            centroids=positions[feature.name],
        )
        for feature in features
    ]
    return numbers + [ExplainedFeature(vector.name, None, False, True, {}) for vector in vectors]


def centroids_in_units(database: Database, tables: SegmentationTables) -> dict[str, dict[int, float | None]]:
    """The centroid of each segment in the unit of each feature that is a number, by the feature's name and its id."""
    found: dict[str, dict[int, float | None]] = {}
    for feature, segment, centroid in database.tuples(
        f"select feature, segment_id, centroid from {tables.beside['centroids']} where scaled_centroid_vector is null"
    ):
        found.setdefault(feature, {})[segment] = centroid
    return found


def explain_rows(
    rows: Sequence[Row], scaled: Floats, centroids: Centroids, features: Sequence[ExplainedFeature]
) -> list[tuple[Row, Explanation]]:
    """Explain customers; those who have no second segment, or whose features aren't all known, are left out.

    Args:
        rows: with `segment`, and the values of shown features by their keys.
        scaled: their scaled features, shape (n_customers, n_coordinates).
        features: those of `explained_features`.
    """
    if len(centroids.segments) < 2 or centroids.variance is None:
        return []
    places = {segment: place for place, segment in enumerate(centroids.segments)}
    is_known = np.atleast_1d(np.isfinite(scaled).all(axis=1))
    customers = np.where(is_known[:, None], scaled, 0.0)
    own = np.array([places[row["segment"]] for row in rows], dtype=np.int64)
    squared = centroids.squared_distances(customers)
    others = squared.copy()
    others[np.arange(len(rows)), own] = np.inf
    second = others.argmin(axis=1) if len(rows) else own
    probabilities = centroids.probabilities(squared)
    contributions = centroids.contributions(customers, own, second)
    starts = centroids.starts
    unscaled = [
        _unscaled(feature, centroids.scaled[:, start], centroids.segments)
        for feature, start in zip(features, starts, strict=True)
    ]
    return [
        (
            row,
            Explanation(
                second=centroids.segments[second[i]],
                probabilities=_likeliest(probabilities[i], squared[i], centroids.segments),
                reasons=[
                    Reason(
                        feature,
                        _value(features[feature], row, scaled[i, starts[feature]], unscaled[feature]),
                        float(contributions[i, feature]),
                    )
                    for feature in _strongest(contributions[i])
                ],
            ),
        )
        for i, row in enumerate(rows)
        if is_known[i]
    ]


def _strongest(contributions: Floats) -> list[int]:
    """The places of the features that say most, the first of them first."""
    sizes = np.abs(contributions)
    return [
        place
        for place in np.argsort(-sizes, kind="stable")[:STRONGEST].tolist()
        if sizes[place] > 0 and sizes[place] >= WEAKEST * sizes.max()
    ]


def _likeliest(probabilities: Floats, squared: Floats, segments: Sequence[int]) -> list[tuple[int, float]]:
    """The likeliest segments with their probabilities, the nearest first."""
    order = np.argsort(squared, kind="stable")[:LIKELIEST].tolist()
    return [(segments[i], float(probabilities[i])) for i in order if probabilities[i] >= LEAST_PROBABLE]


def _value(feature: ExplainedFeature, row: Row, scaled: float, share_of: Callable[[float], float]) -> Value:
    """The value of a customer: None if it is missing, an empty text if the page doesn't have it."""
    if feature.is_share:
        share = share_of(scaled)
        return "" if np.isnan(share) else round(share) if abs(share - round(share)) < NEARLY else None
    return "" if feature.key is None else row[feature.key]


def _unscaled(feature: ExplainedFeature, of_segments: Floats, segments: Sequence[int]) -> Callable[[float], float]:
    """From scaled units to the unit of a share, along the line through two centroids; NaN if nobody knows it.

    Args:
        of_segments: the feature's place in the centroids, in scaled units, shape (n_segments,).
    """
    low, high = int(of_segments.argmin()), int(of_segments.argmax())
    start, end = (feature.centroids.get(segments[at]) for at in (low, high))
    if start is None or end is None or of_segments[low] == of_segments[high]:
        return lambda scaled: np.nan
    slope = (end - start) / (of_segments[high] - of_segments[low])
    return lambda scaled: float(start + (scaled - of_segments[low]) * slope)
