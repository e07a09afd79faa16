"""Evidence of groups: how many there are, if every border between them is a valley.

Cutting a group in two shows a crest at the new border, and merging two leaves valleys elsewhere. So the most groups at
which every border is a valley are the groups that there are. Where some borders are faint, because they have few
customers, the bend of the inertia curve helps: the number of groups is where one more cluster stops paying. These are
two looks at the same data, one at the borders and one at the insides.

S. Dolnicar and F. Leisch, "Evaluation of structure and reproducibility of cluster solutions using the bootstrap", 2010,
doi 10.1007/s11002-009-9083-4, call such segments natural.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np

from mallard.choice.borders import Border, Cells, borders
from mallard.choice.elbow import bends
from mallard.choice.sketch import Sketch
from mallard.kmeans.parallel import each
from mallard.kmeans.points import Floats, Labels

DEEPEST_CREST = 0.85
"""Most depth of a valley: the density at the border as a fraction of that inside."""
LEAST, FOR_ONE = 1.2, 1.6
"""Least significance of the faintest of many borders, and how much more it takes of a single one. All have to pass, so
that many borders are less likely to pass by chance than one."""
SEPARATE = 2.0
"""Least significance of a valley in a partition that isn't one of groups."""
DOUBTFUL = 2.5
"""Borders of more significance than this are no matter of chance, so that only the others count as many."""
BEND_COUNTS, MOST_BEND = 1.5, 2.0
"""What a unit of the logarithm of the bend adds to the significance, and how many units count."""
PAYS = 1.3
"""Where the curve bends less than this, one more cluster gains nearly as much as the last one did."""


class Support(IntEnum):
    """How well the borders of a partition are supported."""

    NONE = 0
    """Some border isn't a valley."""
    FAINT = 1
    """Every border is a valley, though some are too faint without the bend of the inertia curve."""
    CLEAR = 2
    """Every border is a valley by itself."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for the clusters of a partition.

    Attributes:
        borders: between all neighbours that are large enough to be groups.
        labels: the cluster of each point.
        sizes: weight of each cluster, shape (n_clusters,).
        large: the clusters that are large enough to be groups.
        bend: of the inertia curve; None if it isn't known.
    """

    borders: list[Border]
    labels: Labels
    sizes: Floats
    large: Labels
    bend: float | None = None

    @property
    def depth(self) -> float | None:
        """Of the border that is least of a valley; None without borders."""
        return max((border.depth for border in self.borders), default=None)

    @property
    def significance(self) -> float | None:
        """Of the faintest border; None without borders."""
        return min((border.significance for border in self.borders), default=None)

    @cached_property
    def support(self) -> Support:
        depth, significance = self.depth, self.significance
        if depth is None or significance is None or depth > DEEPEST_CREST:
            return Support.NONE
        n_doubtful = sum(border.significance < DOUBTFUL for border in self.borders)
        needed = LEAST + FOR_ONE / max(1, n_doubtful)
        with_bend = significance
        if self.bend is not None:
            with_bend += BEND_COUNTS * float(np.clip(np.log(max(self.bend, 1e-9)), -MOST_BEND, MOST_BEND))
        if with_bend < needed:
            return Support.NONE
        return Support.CLEAR if significance >= needed else Support.FAINT

    def is_separate(self, border: Border) -> bool:
        """Whether a border is a valley: one of a partition of groups, or one by itself."""
        if self.support > Support.NONE:
            return True
        return border.depth <= DEEPEST_CREST and border.significance >= SEPARATE

    def parents(self, coarser: Evidence, weights: Floats) -> Floats:
        """Weight of the customers that each cluster has from each cluster of a partition of fewer.

        Args:
            weights: of the points, shape (n_points,).

        Returns:
            Shape (n_clusters, n_clusters of the other partition).
        """
        shape = len(self.sizes), len(coarser.sizes)
        pairs = self.labels * shape[1] + coarser.labels
        return np.bincount(pairs, weights, shape[0] * shape[1]).astype(np.float64).reshape(shape)

    @property
    def n_groups(self) -> int:
        """Number of groups that the borders tell apart: clusters count as one across a border that is no valley."""
        if self.support > Support.NONE:
            return len(self.large)
        group = np.arange(len(self.sizes))
        for border in self.borders:
            if not self.is_separate(border):
                group[group == group[border.second]] = group[border.first]
        return max(1, len(np.unique(group[self.large])))


def weigh(sketch: Sketch, centroids: Mapping[int, Floats]) -> dict[int, Evidence]:
    """The evidence for every k, without the bends.

    Args:
        centroids: for every k, shape (k, n_features).
    """

    def of_one(of_k: Floats) -> Evidence:
        cells = Cells.of(sketch.few, of_k)
        return Evidence(borders(cells, sketch.grid), cells.labels, cells.sizes, cells.groups)

    return dict(zip(centroids, each(of_one, list(centroids.values())), strict=True))


def with_bends(evidence: Mapping[int, Evidence], inertia: Mapping[int, float]) -> dict[int, Evidence]:
    """The evidence for every k, with the bends of the inertia curve.

    Args:
        inertia: for every k.
    """
    bend = bends(inertia)
    return {k: replace(of_k, bend=bend.get(k)) for k, of_k in evidence.items()}


def natural(evidence: Mapping[int, Evidence]) -> int | None:
    """The smallest k with the most groups among those at which every border is a valley; None if there is none."""
    supported = {k: len(of.large) for k, of in evidence.items() if of.support > Support.NONE}
    return max(supported, key=lambda k: (supported[k], -k), default=None)


def goes_on(evidence: Mapping[int, Evidence]) -> bool:
    """Whether there may be more groups than clusters were tried: one more than the best k would pay as well."""
    best = natural(evidence)
    return best is not None and (evidence[best].bend or 0.0) < PAYS
