"""How people say that a feature is high or low: few days since the last order are "recent", many "lapsed"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mallard import kinds
from mallard.kinds import kind_of

WEAK, CLEAR, STRONG = 0.25, 0.5, 1.5
"""How many standard deviations from everybody's mean a segment has to be for each phrase."""
MOST, SOME, HARDLY_ANY = 0.5, 0.2, 0.02
"""Bounds of the shares that phrases tell apart."""
LONGEST = 30
"""Most letters of a label or category in a name."""
SHORTEST_VALUE = 3
"""A shorter category says nothing without its column."""
MEANINGLESS = {"yes", "no", "true", "false", "none", "null", "other", "others", "unknown", "n/a"}
"""Nor do these."""


class Trait(NamedTuple):
    """A feature, as names see it.

    Attributes:
        label: what people call it.
        column: the column that it comes from, if it is 0 or 1, so that its mean is a share; None for other numbers.
    """

    label: str
    column: str | None = None

    @property
    def is_share(self) -> bool:
        return self.column is not None


class Phrases(NamedTuple):
    """What is said of a low and of a high mean: little, clearly and very much so."""

    low: tuple[str, str, str]
    high: tuple[str, str, str]

    def of(self, z_score: float) -> str | None:
        """The phrase for a z-score; None if it is too small to be said."""
        words = self.high if z_score > 0 else self.low
        levels = {STRONG: words[2], CLEAR: words[1], WEAK: words[0]}
        return next((phrase for least, phrase in levels.items() if abs(z_score) >= least), None)


OF_KINDS = {
    kinds.TENURE: Phrases(
        ("rather new", "new", "very new"), ("rather long-standing", "long-standing", "very long-standing")
    ),
    kinds.ABSENCE: Phrases(("rather recent", "recent", "very recent"), ("rather lapsed", "lapsed", "long lapsed")),
    kinds.GAP: Phrases(
        ("rather frequent", "frequent", "very frequent"), ("rather infrequent", "infrequent", "very infrequent")
    ),
    kinds.FREQUENCY: Phrases(
        ("rather infrequent", "infrequent", "very infrequent"), ("rather frequent", "frequent", "very frequent")
    ),
    kinds.AGE: Phrases(("slightly younger", "younger", "much younger"), ("slightly older", "older", "much older")),
}
"""What is said of usual features in place of their label."""
COUNT = re.compile(
    r"^(?:n|num|number of|count of) (.+)$|"
    r"^(.*\b(?:orders|purchases|transactions|invoices|bookings|visits|sessions|logins|trips|stays|returns|complaints|tickets|"
    r"items|products|clicks|opens|downloads|reviews|posts|comments|likes|followers|friends|calls))$",
    re.IGNORECASE,
)
"""Labels of what is counted, with the word for it."""


def phrases_of(labels: Sequence[str]) -> list[Phrases]:
    """What to say of each feature. Where two would be called the same, their labels tell them apart."""
    found = [kind_of(label) for label in labels]
    n_of_kind = Counter(found)
    return [
        OF_KINDS[kind] if kind in OF_KINDS and n_of_kind[kind] == 1 else _of_label(label)
        for kind, label in zip(found, labels, strict=True)
    ]


def _of_label(label: str) -> Phrases:
    label = short(label)
    counted = COUNT.match(label)
    if counted is None:
        return Phrases(
            (f"rather low {label}", f"low {label}", f"very low {label}"),
            (f"rather high {label}", f"high {label}", f"very high {label}"),
        )
    what = counted[1] or counted[2]
    return Phrases(
        (f"rather few {what}", f"few {what}", f"very few {what}"),
        (f"rather many {what}", f"many {what}", f"very many {what}"),
    )


def phrase_of_share(label: str, z_score: float, share: float) -> str | None:
    """What to say of a feature of 0 and 1; None if there is nothing to say.

    Args:
        label: what those are called who have it.
        share: of the segment that has it; NaN if it isn't known.
    """
    if abs(z_score) < WEAK:
        return None
    of = short(re.sub(r"^is ", "", label))
    slightly = "slightly " if abs(z_score) < CLEAR else ""
    if z_score > 0:
        return f"mostly {of}" if share >= MOST and not slightly else f"{slightly}more often {of}"
    if share < SOME and not slightly:
        return f"not {of}" if share < HARDLY_ANY else f"rarely {of}"
    return f"{slightly}less often {of}"


def called(column: str, value: str) -> str:
    """What those are called who have a category: the category alone, if that is enough.

    Args:
        column: what people call its column.
    """
    if not value.strip():
        return f"{column} (empty)"
    if len(value) < SHORTEST_VALUE or value.lower() in MEANINGLESS or not any(map(str.isalpha, value)):
        return f"{column} {value}"
    return value


def short(text: str) -> str:
    """A text that fits into a name."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
