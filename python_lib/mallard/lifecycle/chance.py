"""How probable it is that chance alone goes so far.

By scipy.special: to import scipy.stats takes a build without a fit longer than to look for drift.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, chdtri, gammaln, ndtr


def chi_squared(statistic: float, freedom: int) -> float:
    """That a chi-squared variable with so many degrees of freedom is larger."""
    return float(chdtrc(freedom, statistic))


def chi_squared_bound(probability: float, freedom: int) -> float:
    """What a chi-squared variable with so many degrees of freedom exceeds with this probability."""
    return float(chdtri(freedom, probability))


def normal(deviation: float) -> float:
    """That a standard normal variable is larger."""
    return float(ndtr(-deviation))


def hypergeometric(found: int, drawn: int, marked: int, total: int) -> float:
    """That at least so many are found among those drawn without replacement.

    Args:
        found: how many marked ones were drawn.
        drawn: how many were drawn.
        marked: how many there are.
        total: how many there are with those that aren't marked.
    """
    more = np.arange(max(found, 0, drawn + marked - total), min(drawn, marked) + 1)
    logarithms = _ways(marked, more) + _ways(total - marked, drawn - more) - _ways(total, np.array(drawn))
    return min(1.0, float(np.exp(logarithms).sum()))


def _ways(n: int, k: np.ndarray) -> np.ndarray:
    """Logarithm of the number of ways to choose k of n."""
    ways: np.ndarray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return ways
