"""How much of single customers a report shows, and what has to be hidden so that small groups can't be deduced."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

FEWEST = 5
"""Without rows, figures of fewer customers than this are hidden, unless a report says otherwise."""

Part = TypeVar("Part", bound=Hashable)


@dataclass(frozen=True)
class Disclosure:
    """How much of single customers a report shows.

    Attributes:
        ids: whether ids are shown; without them, rows are numbered.
        rows: whether there are rows of single customers; without them, charts show counts.
        suppress_below: groups of fewer customers have no figures.
    """

    ids: bool = True
    rows: bool = True
    suppress_below: int = 1

    def at_least(self, fewest: int | None) -> Disclosure:
        """The same where the tables hide figures of fewer customers than this; None if they hide none."""
        if fewest is None:
            return self
        return Disclosure(ids=False, rows=False, suppress_below=max(fewest, self.suppress_below))

    def hides(self, n_customers: int) -> bool:
        """Whether there are customers, but too few to show figures of."""
        return 0 < n_customers < self.suppress_below


def parts_to_hide(counts: Mapping[Part, Sequence[int]], suppress_below: int) -> set[Part]:
    """The parts of a whole whose figures have to be hidden, those of the fewest customers first.

    The figures of the whole are known. So the sum of what is hidden can be deduced: it must be of enough customers, and
    of more than one part.

    Args:
        counts: for each part, the number of its customers in each group; the groups are in the same order everywhere.
        suppress_below: groups of fewer customers are hidden.
    """
    disclosure = Disclosure(suppress_below=suppress_below)
    hidden = {part for part, of_part in counts.items() if any(map(disclosure.hides, of_part))}
    if hidden:
        for part in sorted(counts, key=lambda part: sum(counts[part])):
            sums = [sum(of_group) for of_group in zip(*(counts[one] for one in hidden), strict=True)]
            if len(hidden) > 1 and not any(map(disclosure.hides, sums)):
                break
            hidden.add(part)
    return hidden
