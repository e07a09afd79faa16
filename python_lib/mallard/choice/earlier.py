"""The segments of the version before, for a fit that changes no more than it has to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import RandomState

from mallard.choice.evidence import Evidence, Support
from mallard.choice.selection import Selection
from mallard.choice.version_before import Earlier
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.search import Search
from mallard.kmeans.seeding import sample

N_STARTS = 3
"""Starts with one centroid more, each at another point."""


def kept_where_as_good(
    found: dict[int, Fit], points: WeightedPoints, search: Search, earlier: Earlier, random_state: int
) -> dict[int, Fit]:
    """The partitions that were found; those near the earlier one in their place where they are nearly as good."""
    kept = dict(found)
    for k in (earlier.n_clusters - 1, earlier.n_clusters, earlier.n_clusters + 1):
        if k in found:
            fits = [search.fit_from(points, start) for start in _starts(points, earlier.centroids, k, random_state)]
            nearest = min(fits, key=lambda fit: fit.inertia)
            if nearest.inertia <= (1 + earlier.tolerance) * found[k].inertia:
                kept[k] = nearest.in_order()
    return kept


def _starts(points: WeightedPoints, centroids: Floats, k: int, random_state: int) -> list[Floats]:
    """Starts near the earlier centroids: these, these and one more, or these but one."""
    if k == len(centroids):
        return [centroids]
    if k > len(centroids):
        more = sample(points, N_STARTS, RandomState(random_state)).coordinates
        return [np.vstack([centroids, row]) for row in more]
    return [np.delete(centroids, left_out, axis=0) for left_out in range(len(centroids)) if k > 0]


def kept_number(
    selection: Selection, evidence: Mapping[int, Evidence], earlier: Earlier, are_slices: bool
) -> Selection:
    """The selection, or the number of segments of before where there isn't enough to speak against it.

    Every border of another number has to be a clear valley, or it has to be chosen at two fits in a row. A cloud has no
    number of its own, so that another number of slices is nothing to change for.

    Args:
        are_slices: whether the selection is a number of slices.
    """
    chosen, before = selection.n_clusters, earlier.n_clusters
    is_clear = chosen == selection.natural and evidence[chosen].support is Support.CLEAR
    if chosen == before or before not in evidence or is_clear or chosen == earlier.candidate:
        return selection
    candidate = None if are_slices else chosen
    _, _, said = selection.reason.partition(": ")
    reason = f"k = {before}, as in the version before: {said}"
    if candidate is not None:
        reason += f" The next build with other data looks again whether k = {candidate} is better."
    return replace(selection, n_clusters=before, reason=reason, candidate=candidate)
