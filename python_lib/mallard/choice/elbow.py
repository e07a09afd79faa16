"""The elbow of the inertia curve: where one more cluster stops paying."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

CLEAR = 1.8
"""Least bend of an elbow. Noise bends the curve too, by less than this in four of five tables."""
TINY = 1e-12
"""Inertia is taken for at least this fraction of that of the fewest clusters, because 0 has no logarithm."""


def bends(inertia: Mapping[int, float]) -> dict[int, float]:
    """How sharply the inertia curve bends at every k: what the last cluster gained, over what the next one gains.

    A gain is the logarithm of the factor by which inertia falls, in units of that of noise. Inertia of noise in d
    dimensions falls as k^(-2/d) (W. Krzanowski and Y. Lai, "A criterion for determining the number of groups in a data
    set using sum-of-squares clustering", 1988, doi 10.2307/2531893), so that its gains are in proportion to
    log(k / (k - 1)), and its bends near 1, whatever d is. On the plain curve, the first gains are the largest whatever
    the data are.

    Args:
        inertia: inertia for each k.

    Returns:
        The bend for every k whose two neighbours were tried too.
    """
    if not inertia:
        return {}
    least = TINY * max(inertia.values())
    logs = {k: np.log(max(value, least, np.finfo(float).tiny)) for k, value in inertia.items()}
    gains = {k: (logs[k - 1] - logs[k]) / np.log(k / (k - 1)) for k in logs if k - 1 in logs and k > 1}
    return {k: float(gain / max(gains[k + 1], TINY)) for k, gain in gains.items() if k + 1 in gains}


def find_elbow(inertia: Mapping[int, float], among: Collection[int] | None = None) -> int | None:
    """k where the inertia curve bends most; None if it bends nowhere as clearly as `CLEAR`.

    Args:
        inertia: inertia for each k.
        among: the k that count. Default: all.
    """
    found = {k: bend for k, bend in bends(inertia).items() if among is None or k in among}
    sharpest = max(found, key=lambda k: found[k], default=None)
    return sharpest if sharpest is not None and found[sharpest] >= CLEAR else None
