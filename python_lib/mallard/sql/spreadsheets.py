"""Tables as CSV that spreadsheets show and never run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mallard.labels import REPLACEMENT
from mallard.sql.text import literal, quoted

INVISIBLE = "[\x01-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
"""What spreadsheets skip at the beginning of a cell: blanks, and characters that show nothing."""
FORMULA = f"\\A(?:[\t\r\n]|{INVISIBLE}*[=+@\uff1d\uff0b\uff0d\uff20-])"
"""How a text begins that a spreadsheet would run, as OWASP has it; the last four are = + - @ in full width."""
PLAIN = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "BIGNUM", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS",
    "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
"""Types that nobody can write a formula in. A minus before a number is no formula."""
NESTED = re.compile(r".*\]|(STRUCT|TUPLE|MAP|UNION)\b.*|VARIANT", re.DOTALL)
"""Types that become JSON."""


def spreadsheet_columns_sql(kinds: Mapping[str, str], mark: str = "") -> str:
    """A select list in which no text begins as a formula does, and lists, vectors and structs are JSON.

    Args:
        kinds: the type of each column, as DuckDB describes it.
        mark: what the first heading begins with.
    """
    headings = [_heading(name) for name in kinds]
    headings[0] = mark + headings[0]
    cells = (_cell(quoted(name), kind) for name, kind in kinds.items())
    return ", ".join(f"{cell} as {quoted(heading)}" for cell, heading in zip(cells, headings, strict=True))


def _cell(value: str, kind: str) -> str:
    if kind.partition("(")[0] in PLAIN and not kind.endswith("]"):
        return value
    text = f"cast({f'to_json({value})' if NESTED.fullmatch(kind) else value} as varchar)"
    text = f"replace({text}, chr(0), '{REPLACEMENT}')"  # readers of CSV take NUL for the end
    return f"case when regexp_matches({text}, {literal(FORMULA)}) then '''' || {text} else {text} end"


def _heading(name: str) -> str:
    return f"'{name}" if re.match(FORMULA, name) else name
