"""What came of a part of the campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figures:
    """Figures of a part, and what it found.

    Attributes:
        rows: what was counted or measured, by what it is.
        faults: a line for each promise that wasn't kept.
    """

    rows: Mapping[str, object]
    faults: Sequence[str] = field(default_factory=list)
