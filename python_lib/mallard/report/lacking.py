"""Which columns a feature is made of that a table lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mallard.sql.text import folded

TOKEN = re.compile(r"""'(?:[^']|'')*'|"((?:[^"]|"")*)\"""")
"""A literal, or an identifier in quotation marks."""


def lacking_columns(expression: str, columns: Iterable[str]) -> list[str]:
    """The columns that an expression in SQL names in quotation marks and a table doesn't have, each once."""
    there = set(map(folded, columns))
    named = [token[1].replace('""', '"') for token in TOKEN.finditer(expression) if token[1] is not None]
    return [name for name in dict.fromkeys(named) if folded(name) not in there]
