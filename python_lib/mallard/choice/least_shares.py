"""The least share that a segment may have, of the customers and of what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mallard.kmeans.assignment import assign_rows
from mallard.kmeans.compress import Customers
from mallard.kmeans.distances import nearest
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.search import Search


class Worth(NamedTuple):
    """The customers once more, each weighted by what it is worth.

    Attributes:
        gains: weighted by their worth if that is above 0, and by 0 otherwise.
        losses: weighted by what is below 0; None if nothing is.
    """

    gains: Customers
    losses: Customers | None = None

    def by_segment(self, origin: Floats, centroids: Mapping[int, Floats]) -> dict[int, Floats]:
        """What the customers nearest to each centroid are worth together, for every k in one pass.

        Args:
            origin: see `mallard.kmeans.assignment.assign_rows`.
            centroids: for every k, shape (k, n_features).

        Returns:
            For every k, shape (k,).
        """
        runs = list(centroids.values())
        sums = [of.counts for of in assign_rows(self.gains, origin, runs)]
        if self.losses is not None:
            lost = assign_rows(self.losses, origin, runs)
            sums = [gained - of.counts for gained, of in zip(sums, lost, strict=True)]
        return dict(zip(centroids, sums, strict=True))


class Bound(NamedTuple):
    """A setting that says how little a segment may have.

    Attributes:
        setting: its name.
        least: the least share.
        of: what it is a share of.
        amounts: for every k, what each segment has of that, shape (k,).
    """

    setting: str
    least: float
    of: str
    amounts: Mapping[int, Floats]

    def too_small(self, shows_share: bool) -> dict[int, str]:
        """The numbers of segments that leave one with less, each with what to say of it.

        Args:
            shows_share: whether to say how much the smallest has.
        """
        least = {k: float(np.min(shares(amounts))) for k, amounts in self.amounts.items()}
        return {k: self._said(share, shows_share) for k, share in least.items() if share < self.least}

    def _said(self, share: float, shows_share: bool) -> str:
        if shows_share:
            return f"its smallest segment has {share:.1%} of {self.of}, and {self.setting} is {self.least:.3g}"
        return f"its smallest segment has less of {self.of} than {self.setting} asks for, {self.least:.3g}"


def shares(amounts: Floats) -> Floats:
    """What each segment has of the sum, which is above 0."""
    return amounts / np.sum(amounts)


def with_large_clusters(
    found: Mapping[int, Fit], larger: Mapping[int, Fit], points: WeightedPoints, search: Search, least: float
) -> dict[int, Fit]:
    """The best partitions whose clusters are all large enough, in place of those that have a smaller one.

    Small clusters are given up: Lloyd's algorithm goes on from the other centroids of a partition of more clusters, so
    that their points join those that are nearest. Not for every k there is such a partition.

    Args:
        found: the partition for every k.
        larger: partitions from which clusters can be given up, by their number of clusters.
        least: the least share of the weight.
    """
    large = {k: fit.centroids[_shares(points, fit) >= least] for k, fit in larger.items()}
    merged = {}
    for k, fit in found.items():
        if has_small_cluster(points, fit, least):
            starts = [centroids for n, centroids in large.items() if n > k and len(centroids) == k]
            ends = [search.fit_from(points, start) for start in starts]
            ends = [end for end in ends if not has_small_cluster(points, end, least)]
            if ends:
                merged[k] = min(ends, key=lambda end: end.inertia).in_order()
    return merged


def has_small_cluster(points: WeightedPoints, fit: Fit, least: float) -> bool:
    """Whether a cluster of a partition has less than this share of the weight."""
    return bool(np.min(_shares(points, fit)) < least)


def _shares(points: WeightedPoints, fit: Fit) -> Floats:
    labels, _ = nearest(points.coordinates, fit.centroids)
    return shares(np.bincount(labels, points.weights, len(fit.centroids)).astype(np.float64))
