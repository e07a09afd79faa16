"""Texts from data, made fit to be shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BIDI_CONTROLS = frozenset(
    "\N{ARABIC LETTER MARK}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
    "\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}"
    "\N{LEFT-TO-RIGHT ISOLATE}\N{RIGHT-TO-LEFT ISOLATE}\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"
)
"""Characters that change the order of the text around them, and can make it say something else."""


def plain(text: str) -> str:
    """A text on one line, without characters that terminals, browsers or XML take for something else than text.

    Whitespace of all kinds becomes a space, and each other such character becomes a visible sign.
    """
    return "".join(
        " " if letter.isspace() else REPLACEMENT if _is_no_text(letter) else letter for letter in text
    ).strip()


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def in_list(name: str) -> str:
    """A name beside others: in quotation marks if it has a comma that would seem to end it."""
    return f'"{name}"' if "," in name else name


def distinct(labels: Iterable[str]) -> list[str]:
    """The labels, with numbers after those that came before."""
    found: list[str] = []
    for label in labels:
        number, candidate = 1, label
        while candidate in found:
            number += 1
            candidate = f"{label} ({number})"
        found.append(candidate)
    return found


def _is_no_text(letter: str) -> bool:
    """Whether a character is a control character, half of one, or one that Unicode guarantees to mean nothing."""
    code = ord(letter)
    is_nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return letter in BIDI_CONTROLS or is_nothing or unicodedata.category(letter) in ("Cc", "Cs")
