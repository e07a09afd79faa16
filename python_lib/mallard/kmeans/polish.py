"""Lloyd iterations over any number of rows, from where fits of few points that stood for them ended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mallard import progress
from mallard.kmeans.assignment import Assignment, assign_rows
from mallard.kmeans.points import Floats, Rows
from mallard.kmeans.search import Fit

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

    Each pass over the rows serves all fits that still move. By how much a move lowers the inertia at the least is
    known before it is made: by the weight of each cluster times the squared way of its centroid; on the sphere, by the
    length of the sum of its rows times that.

    Args:
        rows: all customers, or points that stand for them.
        origin: somewhere amid them, shape (n_features,).
        max_iter: passes, at most.
        tol: the centroids rest once moving them would lower the inertia by no more than this share of it.
        spherical: keep the centroids on the unit sphere, where the rows are.

    Returns:
        For every k the fit, its centroids in the order they had, and the assignment of all rows to exactly these.
    """
    done: dict[int, tuple[Fit, Assignment]] = {}
    moving = dict(fits)
    for iteration in range(1, max_iter + 1):
        progress.begin(f"pass {iteration} over {len(rows):,} rows, k = {', '.join(map(str, moving))}")
        assignments = assign_rows(rows, origin, [fit.centroids for fit in moving.values()])
        for (k, fit), assignment in zip(list(moving.items()), assignments, strict=True):
            pulls = np.linalg.norm(assignment.sums, axis=1) if spherical else assignment.counts
            with np.errstate(invalid="ignore"):
                moved = np.where(pulls[:, None] > 0, assignment.sums / pulls[:, None], fit.centroids)
            gain = np.sum(pulls[:, None] * (moved - fit.centroids) ** 2)
            inertia = float(np.sum(assignment.inertia))
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
