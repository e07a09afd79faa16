"""Polish: Lloyd iterations over all rows, starting from fits on the few points that represent them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mallard import progress
from mallard.kmeans.assignment import Assignment, assign_rows
from mallard.kmeans.fit import Fit
from mallard.kmeans.points import Floats, Rows

POLISH_TOL = 3e-5


def polish(
    rows: Rows,
    origin: Floats,
    fits: Mapping[int, Fit],
    max_iter: int,
    tol: float = POLISH_TOL,
    spherical: bool = False,
) -> dict[int, tuple[Fit, Assignment]]:
    """Move the centroids of every fit to the means of their rows until that hardly lowers the inertia.

    Each pass over the rows serves all fits that still move. A lower bound on the gain of a move is known in advance:
    the sum over the clusters of their weight times the squared shift of their centroid. On the sphere, the length of
    the sum of the rows replaces the weight.

    Args:
        rows: all customers, or points that represent them.
        origin: a point near the centre of the rows, shape (n_features,).
        max_iter: maximum number of passes.
        tol: the centroids rest when a move would lower the inertia by at most this fraction of it.
        spherical: keep the centroids on the unit sphere, where the rows are.

    Returns:
        For every k: the fit, with its centroids in their previous order, and the assignment of all rows to exactly
        these centroids.
    """
    done: dict[int, tuple[Fit, Assignment]] = {}
    moving = dict(fits)
    for iteration in range(1, max_iter + 1):
        progress.begin(f"moving the centroids, pass {iteration} over {len(rows):,} rows")
        assignments = assign_rows(rows, origin, [fit.centroids for fit in moving.values()])
        for (k, fit), assignment in zip(list(moving.items()), assignments, strict=True):
            pulls = np.linalg.norm(assignment.sums, axis=1) if spherical else assignment.counts
            with np.errstate(invalid="ignore"):
                moved = np.where(pulls[:, None] > 0, assignment.sums / pulls[:, None], fit.centroids)
            gain = np.sum(pulls[:, None] * (moved - fit.centroids) ** 2)
            inertia = assignment.total_inertia
            rests = gain <= tol * inertia
            if rests or iteration == max_iter:
                n_iter = fit.n_iter + iteration - 1
                done[k] = Fit(fit.centroids, inertia, n_iter, bool(rests)), assignment
                del moving[k]
            else:
                moving[k] = fit._replace(centroids=moved)
        if not moving:
            break
    return {k: done[k] for k in fits}
