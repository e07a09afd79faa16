"""How one thing differs between two passes over the customers."""

from __future__ import annotations

from typing import NamedTuple

from mallard.lifecycle.chance import normal

ALPHA = 0.001
"""How rarely each test finds a change where there is none."""


class Change(NamedTuple):
    """How one thing differs from what it was.

    Attributes:
        measure: what is compared, as in the table __drift.
        size: how large the change is, in the unit of its bound; None if it isn't known, as where nobody is compared.
        p_value: how probable a change as large as this is, if nothing changed; None if it isn't known.
        bound: from what size on it matters; None for a measure that only informs.
        before: what it was; None for a measure of the change alone.
        value: what it is now; None for a measure of the change alone.
        segment: index of the segment; None for all customers.
        feature: index of the feature.
    """

    measure: str
    size: float | None
    p_value: float | None
    bound: float | None = None
    before: float | None = None
    value: float | None = None
    segment: int | None = None
    feature: int | None = None

    @property
    def is_significant(self) -> bool | None:
        """Whether it is no chance; None if that isn't known."""
        return None if self.p_value is None else self.p_value < ALPHA

    @property
    def is_material(self) -> bool | None:
        """Whether it is large enough to matter, and no chance; None without a bound."""
        if self.bound is None or self.size is None:
            return None
        return self.size >= self.bound and bool(self.is_significant)


def two_sided(difference: float, variance: float) -> float:
    """How probable a difference as large as this is, if chance has this variance."""
    if difference == 0:
        return 1.0
    return 2 * normal(abs(difference) / variance**0.5) if variance > 0 else 0.0
