"""Names and values in SQL syntax. The macros in `macros/text` define the same; a test compares the two."""

from __future__ import annotations


def quoted(identifier: str) -> str:
    """An identifier in quotation marks, whatever characters it contains."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def exact_text(expression: str) -> str:
    """A value as text that is compared character by character, whatever the setting default_collation says."""
    return f"cast({expression} as varchar) collate posix"


NO_BREAK_SPACES = r"[\x{A0}\x{2007}\x{2009}\x{200B}\x{202F}\x{FEFF}]"
"""What spreadsheets, web pages and French habits put between digits, as a regular expression; some show nothing."""


def number(text: str) -> str:
    """The number in a text, with spaces around it and no-break spaces anywhere; null if there is none."""
    return f"try_cast(regexp_replace(trim({text}), '{NO_BREAK_SPACES}', '', 'g') as double)"


def double(value: float) -> str:
    """A DOUBLE with all digits of the number."""
    return f"cast('{value!r}' as double)"


def folded(identifier: str) -> str:
    """A form that is equal for identifiers that DuckDB treats as equal: it ignores the case of ASCII letters only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in identifier)
