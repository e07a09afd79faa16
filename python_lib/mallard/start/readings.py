"""What texts are: numbers, dates in some format, or nothing else than text."""

from __future__ import annotations

import re

from mallard.engines.duckdb.database import Database
from mallard.sql.text import literal

DAY = "%Y%m%d"
"""How dates are written as whole numbers."""
FORMATS = [
    f"{day}{clock}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d-%b-%Y")
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
]
"""How dates are written as text; those that DuckDB casts to a moment need none."""
LIKE_A_DATE = re.compile(r"\d{1,4}[-/.]\w{1,3}[-/.]\d{2,4}")


def read_texts(database: Database, table: str, value: str, n_known: int, is_seed: bool) -> tuple[str, list[str]]:
    """The family of a column of texts and, if they are moments, their formats.

    Args:
        value: SQL of a text.
        n_known: number of rows that have one.
        is_seed: whether dbt will load them as what they look like, and they are no text any more.
    """
    tried = {
        "whole": rf"nullif(regexp_matches({value}, '^[+-]?\d+$'), false)",
        "number": f"try_cast({value} as double)",
        "boolean": f"nullif(lower({value}) in ('true', 'false'), false)",
        "moment": rf"nullif(regexp_matches({value}, '^\d{{4}}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?$'), false)",
        "": f"try_cast({value} as timestamp)",
    }
    fits = _that_fit(database, table, tried, n_known)
    as_seed = [family for family in fits if family] if is_seed else []
    if as_seed:
        return as_seed[0], []
    if "number" in fits:
        return "numerals", []
    if "" in fits:
        return "text", [""]
    [(example,)] = database.tuples(f"select any_value({value}) from {table}")
    if not LIKE_A_DATE.match(example):
        return "text", []
    formats = {form: f"try_strptime({value}, {literal(form)})" for form in FORMATS}
    return "text", _that_fit(database, table, formats, n_known)


def day_formats(database: Database, table: str, value: str, n_known: int) -> list[str]:
    """The format of whole numbers, if they are days such as 20260131."""
    digits = f"cast({value} as varchar)"
    tried = {DAY: f"try_strptime(case when length({digits}) = 8 then {digits} end, '{DAY}')"}
    return _that_fit(database, table, tried, n_known)


def _that_fit(database: Database, table: str, tried: dict[str, str], n_known: int) -> list[str]:
    """The names of the expressions that have a value wherever the column has one."""
    counts = ", ".join(f"count({expression})" for expression in tried.values())
    [counted] = database.tuples(f"select {counts} from {table}")
    return [name for name, count in zip(tried, counted, strict=True) if count == n_known]
