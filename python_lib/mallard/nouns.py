"""What a row of a segmentation is called: customers, products, ..."""

from __future__ import annotations

from typing import NamedTuple

IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women"}
"""Plurals that follow no rule, of words for whom a table may be about."""
HISSING = ("s", "x", "z", "ch", "sh")
VOWELS = "aeiou"


class Noun(NamedTuple):
    """A word for one of them, and for several."""

    one: str
    many: str


def noun(one: str) -> Noun:
    """A noun with its English plural, such as "company" and "companies"; the last of several words gets the ending."""
    *before, last = one.split()
    return Noun(one, " ".join([*before, _plural(last)]))


def _plural(word: str) -> str:
    if word.lower() in IRREGULAR:
        return IRREGULAR[word.lower()]
    if word.endswith("y") and word[-2:-1].lower() not in VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}es" if word.lower().endswith(HISSING) else f"{word}s"


CUSTOMER = noun("customer")
