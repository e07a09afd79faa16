"""What drifted, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.figures import figure, percent
from mallard.lifecycle.change import Change

BY_WHAT_IT_TELLS = ("feature mean", "means", "spread", "shares")
"""The tests, those first that say more of why customers drifted."""


def foremost(changes: Sequence[Change]) -> Change:
    """The change to speak of: of the test that tells most, the largest."""
    return min(changes, key=lambda change: (BY_WHAT_IT_TELLS.index(change.measure), -(change.size or 0.0)))


def described(change: Change, features: Sequence[str], version: int, many: str) -> str:
    """What changed since a version, and how much.

    Args:
        change: of one of the four tests.
        features: names of the features.
        many: what the customers are called.
    """
    size, since = change.size or 0.0, f"since version {version}"
    if change.measure == "feature mean":
        return f"the mean of {features[change.feature or 0]} moved by {figure(size)} standard deviations {since}"
    if change.measure == "means":
        return f"{many} moved inside the segments {since}, so that a new fit would lower inertia by {percent(size)}"
    if change.measure == "spread":
        return f"mean squared distances to the centroids became {figure(size)} times as large {since}"
    return f"{percent(size)} of the {many} would have to change segment for shares as they were {since}"
