"""Names and values in SQL syntax. The macros in `macros/text` define the same; a test compares the two."""

from __future__ import annotations


def quoted(identifier: str) -> str:
    """An identifier in quotation marks, whatever characters it contains."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def double(value: float) -> str:
    """A DOUBLE with all digits of the number."""
    return f"cast('{value!r}' as double)"


def folded(identifier: str) -> str:
    """A form that is equal for identifiers that DuckDB treats as equal: it ignores the case of ASCII letters only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in identifier)
