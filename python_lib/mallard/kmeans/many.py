"""Many clusters: move many misplaced centroids at once, for as long as that helps.

As in B. Fritzke, "Breathing k-means", 2020, arXiv 2006.15666, the partition changes in many places at once. Here a
centroid that is hardly missed moves straight to a cluster that gains from two.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mallard.kmeans.changes import Changes, changes
from mallard.kmeans.distances import squared_distances
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.racing import Finish, Track

MANY_CLUSTERS = 24
"""From this many clusters on, a partition differs from the best in several places at once."""
SHARE_MOVED = 5
"""At first, up to one of this many centroids moves."""
WORTH = 0.7
"""A centroid moves if that gains this fraction of what it loses: Lloyd's algorithm makes up for the rest."""
WORTH_ALONE = 0.35
"""The same for the only one that moves."""
FAILURES = 6
"""A search ends after so many moves of one centroid in vain."""
ROUGH_TOL, TOL, FINE_TOL = 1e-3, 1e-4, 1e-5
"""Tolerances of the first race, of those after many moves, and of those after one, which changes little."""


def improved(track: Track, sketch: WeightedPoints, total_weight: float, start: Floats) -> Finish:
    """Where a search from a start ends.

    Args:
        sketch: a sample of the points.
        total_weight: weight of all points.
        start: shape (n_clusters, n_features).
    """
    [best] = track.race([start], tol=ROUGH_TOL)
    n_moves, n_failures = max(1, len(start) // SHARE_MOVED), 0
    of_best = changes(sketch, best.centroids, total_weight)
    while n_failures < FAILURES:
        moves = _separate_moves(best.centroids, of_best)[:n_moves] if n_moves > 1 else []
        n_moves = len(moves)
        if n_moves <= 1:
            n_moves, moves = 1, _single_moves(of_best)[n_failures : n_failures + 1]
            if not moves:
                break
        tol = TOL if n_moves > 1 else FINE_TOL
        [end] = track.race([_moved(best.centroids, of_best, moves)], tol=tol)
        if end.inertia < best.inertia * (1 - tol / 10):
            best, n_failures = replace(end, n_iter=best.n_iter + end.n_iter), 0
            of_best = changes(sketch, best.centroids, total_weight)
        elif n_moves > 1:
            n_moves //= 2
        else:
            n_failures += 1
    return best


def _separate_moves(centroids: Floats, of_best: Changes) -> list[tuple[int, int]]:
    """Pairs of a centroid to leave out and a cluster to split, the most promising first; no two are neighbours."""
    squared = squared_distances(centroids, centroids)
    np.fill_diagonal(squared, np.inf)
    neighbour = squared.argmin(axis=1)
    touched = np.zeros(len(centroids), dtype=bool)
    splits = iter(np.argsort(-of_best.gains, kind="stable").tolist())
    moves = []
    for out in np.argsort(of_best.losses, kind="stable").tolist():
        if touched[out] or touched[neighbour[out]]:
            continue
        split = next((i for i in splits if not touched[i] and i not in (out, neighbour[out])), None)
        if split is None or of_best.gains[split] < WORTH * of_best.losses[out]:
            break
        touched[[out, neighbour[out], split]] = True
        moves.append((out, split))
    return moves


def _single_moves(of_best: Changes) -> list[tuple[int, int]]:
    """Pairs of a centroid to leave out and a cluster to split, the most promising first."""
    costs = of_best.losses[:, None] - of_best.gains
    costs[of_best.gains < WORTH_ALONE * of_best.losses[:, None]] = np.inf
    np.fill_diagonal(costs, np.inf)
    places = np.argsort(costs, axis=None, kind="stable")[:FAILURES]
    pairs = (divmod(i, len(costs)) for i in places.tolist())
    return [(out, split) for out, split in pairs if costs[out, split] < np.inf]


def _moved(centroids: Floats, of_best: Changes, moves: list[tuple[int, int]]) -> Floats:
    moved = centroids.copy()
    for out, split in moves:
        moved[split], moved[out] = of_best.halves[:, split]
    return moved
