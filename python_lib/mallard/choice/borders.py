"""Borders between neighbouring clusters: is there a valley, with clearly fewer customers than inside either?

Two neighbouring groups are two if few customers are at the border between them. Where K-means cuts one group in two,
the border runs along its crest. Relatives: C. Hennig, "Methods for merging Gaussian mixture components", 2010, doi
10.1007/s11634-010-0058-3 (dips between two components), and A. Kalogeratos and A. Likas, "Dip-means", NIPS 2012 (no dip
within a cluster).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mallard.choice.grids import Grid, Smeared
from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, Labels, WeightedPoints

FEWEST, SMALLEST_SHARE = 5.0, 0.005
"""Clusters with fewer customers, or a smaller share of them, are no groups: a few outliers always have a valley before
them."""
PULL = 2.75
"""How far K-means draws a customer towards its own centroid, in units of its leverage: about 1 / (1 - 2 / pi), by which
cutting a normal distribution in two amplifies the pull."""
WINDOW = 0.25
"""Width of a border, as a fraction of the distance between the centroids."""
PLACES = np.linspace(-0.25, 0.25, 21)
"""Where the valley is looked for: between groups of different size, it isn't half way."""
NARROWEST = 0.05
"""Least width of a side, in the same unit."""
FINEST = 0.01
"""Least width that a customer is spread over, in the same unit."""
BINS = np.linspace(-1.0, 1.0, 41)
"""Bounds of the stretches of a profile: the centroids are at -1/2 and 1/2."""
QUARTILES = np.array([0.25, 0.5, 0.75])
FINE = np.linspace(-2.0, 2.0, 801)
"""Places between which quartiles are interpolated."""
ROUNDING = 1e-9


class Border(NamedTuple):
    """The border between two neighbouring clusters.

    Attributes:
        first, second: indices of the clusters.
        depth: density at the border as a fraction of that inside the cluster where it is lower; below 1 in a valley.
        significance: by how many standard errors there are fewer customers at the border than if the density of the
            border and of the side were one.
        n_border: customers at the border.
        n_inside: customers in a stretch of the same width inside each cluster.
        profile: customers in 40 stretches of the line through the two centroids, shape (40,), see `BINS`.
    """

    first: int
    second: int
    depth: float
    significance: float
    n_border: float
    n_inside: tuple[float, float]
    profile: Floats


@dataclass(frozen=True)
class Cells:
    """Points in the cells of their nearest centroids.

    Attributes:
        squared: squared distance of each point to each centroid, shape (n_clusters, n_points).
        labels: nearest centroid of each point, shape (n_points,).
        sizes: customers in each cell, shape (n_clusters,).
    """

    points: WeightedPoints
    centroids: Floats
    squared: Floats
    labels: Labels
    sizes: Floats

    @classmethod
    def of(cls, points: WeightedPoints, centroids: Floats) -> Cells:
        squared = squared_distances(centroids, points.coordinates)
        labels = squared.argmin(axis=0)
        sizes = np.bincount(labels, points.weights, len(centroids)).astype(np.float64)
        return cls(points, centroids, squared, labels, sizes)

    @property
    def groups(self) -> Labels:
        """The clusters that are large enough to be groups."""
        return np.flatnonzero(self.sizes >= max(FEWEST, SMALLEST_SHARE * self.points.total_weight))


def borders(cells: Cells, grid: Grid) -> list[Border]:
    """The borders between all neighbours that are large enough to be groups."""
    groups = set(cells.groups.tolist())
    pairs = [pair for pair in neighbours(cells.centroids) if groups.issuperset(pair)]
    found = (_border(cells, *pair, grid) for pair in pairs)
    return [border for border in found if border is not None]


def neighbours(centroids: Floats) -> list[tuple[int, int]]:
    """Pairs of clusters to whose midpoint no other centroid is nearer.

    K. Gabriel and R. Sokal, "A new statistical approach to geographic variation analysis", 1969, doi 10.2307/2412323.
    """
    first, second = np.triu_indices(len(centroids), 1)
    middle = (centroids[first] + centroids[second]) / 2
    to_all = squared_distances(middle, centroids)
    rows = np.arange(len(first))
    own = to_all[rows, first]
    to_all[rows, first] = to_all[rows, second] = np.inf
    is_near = to_all.min(axis=1, initial=np.inf) >= own
    return list(zip(first[is_near].tolist(), second[is_near].tolist(), strict=True))


def _border(cells: Cells, first: int, second: int, grid: Grid) -> Border | None:
    along = cells.centroids[second] - cells.centroids[first]
    length = float(np.sqrt(along @ along))
    if length == 0:
        return None
    rows, place = _column(cells, first, second, along)
    labels = cells.labels[rows]
    is_first = labels == first
    if is_first.all() or not is_first.any():
        return None
    weights = cells.points.weights[rows]
    copies = cells.points.total_weight / grid.n_independent
    leverage = copies * cells.squared[labels, rows] / (length**2 * cells.sizes[labels])
    place = np.where(is_first, np.minimum(place + PULL * leverage, 0), np.maximum(place - PULL * leverage, 0))
    back, forth = (ends / length for ends in grid.ends_along(along / length, rows))
    back, forth = np.maximum(back, FINEST / 2), np.maximum(forth, FINEST / 2)
    starts, ends = place - back, place + forth
    both = Smeared.of(starts, ends, weights)
    sides = [_Side.of(starts[mine], ends[mine], weights[mine]) for mine in (is_first, ~is_first)]
    between = PLACES.clip(min(0.0, sides[0].median), max(0.0, sides[1].median))
    n_border = max(0.0, float((both(between + WINDOW / 2) - both(between - WINDOW / 2)).min()))
    return Border(
        first,
        second,
        max((n_border + 0.5) / (side.inside + 0.5) for side in sides),
        min(side.significance(n_border, copies) for side in sides),
        n_border,
        (sides[0].inside, sides[1].inside),
        np.maximum(np.diff(both(BINS)), 0.0),
    )


class _Side(NamedTuple):
    """The customers on one side of a border.

    Attributes:
        half: half of their number: those between the quartiles.
        median: their median place.
        width: distance between the quartiles.
    """

    half: float
    median: float
    width: float

    @classmethod
    def of(cls, starts: Floats, ends: Floats, weights: Floats) -> _Side:
        total = float(weights.sum())
        low, median, high = np.interp(QUARTILES * total, Smeared.of(starts, ends, weights)(FINE), FINE)
        return cls(total / 2, float(median), max(NARROWEST, float(high - low)))

    @property
    def inside(self) -> float:
        """Customers in a window between the quartiles."""
        return WINDOW * self.half / self.width

    def significance(self, n_border: float, copies: float) -> float:
        """By how many standard errors there are fewer customers at the border than if the density were even.

        Args:
            copies: customers for each that is evidence of its own.
        """
        share, n_both = WINDOW / (WINDOW + self.width), n_border + self.half
        error = np.sqrt(max(n_both * share * (1 - share), 0.25) * copies)
        return float((share * n_both - n_border) / error)


def _column(cells: Cells, first: int, second: int, along: Floats) -> tuple[Labels, Floats]:
    """Points of two cells in the column along their centroids that lies in the cells all the way, and their places.

    A plain projection on the line through the centroids would show the shapes of the cells as valleys.

    Args:
        along: from the first centroid to the second, shape (n_features,).

    Returns:
        Indices of the points, and their places along the line: 0 on the border, -1/2 and 1/2 on the centroids.
    """
    rows = np.flatnonzero((cells.labels == first) | (cells.labels == second))
    length2 = float(along @ along)
    squared = cells.squared[:, rows]
    place = (squared[first] - squared[second]) / (2 * length2)
    leads = squared - squared[first]
    steps = 2 * (cells.centroids[first] - cells.centroids) @ along
    slack = -ROUNDING * length2
    # On the border, both cells are equally near, so neither leads; further on, a lead over the first moves along too.
    in_first = (leads - np.outer(steps, place + 0.5)).min(axis=0) >= slack
    leads_on_border = leads - np.outer(steps, place)
    leads_on_border[[first, second]] = 0
    on_border = leads_on_border.min(axis=0) >= slack
    in_second = leads - np.outer(steps, place - 0.5)
    in_second -= in_second[second].copy()
    keeps = in_first & on_border & (in_second.min(axis=0) >= slack)
    return rows[keeps], place[keeps]
