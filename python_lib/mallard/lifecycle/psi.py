"""The population stability index of the segments, with a bound that knows how many customers there are.

Its usual bounds, 0.1 and 0.25, don't: chance alone exceeds them among a few hundred customers, and among a million even
a large change stays below. If nothing changed, the index is about (1/n + 1/m) times a chi-squared variable with one
degree of freedom less than there are segments (Yurdakul and Naranjo, 2020; Potgieter and others, arXiv 2307.11878).
"""

from __future__ import annotations

import numpy as np

from mallard.lifecycle.chance import chi_squared, chi_squared_bound
from mallard.lifecycle.change import ALPHA, Change
from mallard.lifecycle.overlap import NO_OVERLAP, Overlap
from mallard.lifecycle.passes import Pass

HALF = 0.5
"""Customers added to each segment, because the index of an empty one would be infinite."""


def psi(before: Pass, now: Pass, overlap: Overlap = NO_OVERLAP) -> Change:
    """How far the shares of the segments are from what they were.

    Args:
        before: an earlier pass, by the same version.
        now: the pass over the customers of today.
        overlap: of the two.
    """
    is_known = before.counts + now.counts > 0
    then, today = ((of.shares * of.effective_total)[is_known] + HALF for of in (before, now))
    by_chance = overlap.phi_of_shares * (1 / before.effective_total + 1 / now.effective_total)
    then, today = then / then.sum(), today / today.sum()
    index = float(((today - then) * np.log(today / then)).sum())
    freedom = max(int(is_known.sum()) - 1, 1)
    return Change("psi", index, chi_squared(index / by_chance, freedom), by_chance * chi_squared_bound(ALPHA, freedom))
