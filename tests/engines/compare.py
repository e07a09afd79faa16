"""Compares the tables and views of a project as it was built on DuckDB and on Spark.

`python tests/engines/compare.py DATABASE FOLDER` reads a DuckDB file, and what `export.py` wrote of the project on
Spark into a folder. It says of every table whether the two are equal to the last bit, equal to 1e-9, or different. It
ends with 1 if one is different, or there on one side only.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

TOLERANCE = 1e-9
"""By which a number may differ, as a share of its size."""
OF_A_RUN = re.compile(
    "built_at|fitted_at|segment_changed_at|run_id|.*seconds|library|dbt_.*|n_iter|.*_fingerprint|rule_sql"
)
"""Columns that tell of the run, and not of the customers. The last bit of a quantile, which is the engine's own, can
change the number of iterations; fingerprints are of the engine's own hash and types, and
rules in its own SQL."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
"""In texts such as JSON."""
SIMPLER_WORDS = {'"hugeint"': '"decimal"', '"array"': '"list"'}
"""Types in settings."""
SIMPLER = {"DECIMAL(38,0)": "HUGEINT", "DECIMAL(20,0)": "UBIGINT", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}
"""Types of columns on Spark for which it lacks DuckDB's; also, lists have no size, and decimals other digits."""
IDENTICAL, EQUAL, DIFFERENT = "identical", f"equal to {TOLERANCE:g}", "different"


@dataclass(frozen=True)
class Table:
    """Columns with their types, in order, and rows."""

    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]


def duckdb_tables(database: Path) -> dict[str, Table]:
    """All tables and views of a DuckDB file's main schema by their names."""
    with duckdb.connect(database, read_only=True) as connection:
        names = connection.execute("select table_name from information_schema.tables where table_schema = 'main'")
        return {name: _table(connection, _quoted(name)) for (name,) in names.fetchall()}


def exported_tables(folder: Path) -> dict[str, Table]:
    """All Parquet files of a folder by their names."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return {
            file.stem: _table(connection, "read_parquet('" + str(file).replace("'", "''") + "')")
            for file in folder.glob("*.parquet")
        }


def differences(ours: Mapping[str, Table], theirs: Mapping[str, Table]) -> dict[str, tuple[str, str]]:
    """What the comparison of each table came to, and its first difference in words, by the name of the table."""
    found = {name: (DIFFERENT, "on DuckDB only" if name in ours else "on Spark only") for name in ours.keys() ^ theirs}
    return found | {name: compare(ours[name], theirs[name]) for name in ours.keys() & theirs}


def compare(ours: Table, theirs: Table) -> tuple[str, str]:
    """What the comparison of a table came to, and its first difference in words.

    Rows belong together by their order, in which numbers count with six digits.
    """
    if [name for name, _ in ours.columns] != [name for name, _ in theirs.columns]:
        return DIFFERENT, f"columns {ours.columns} and {theirs.columns}"
    kept = [place for place, (name, _) in enumerate(ours.columns) if not OF_A_RUN.fullmatch(name)]
    for place in kept:
        (name, kind), (_, other) = ours.columns[place], theirs.columns[place]
        if _simpler(kind) != _simpler(other):
            return DIFFERENT, f"{name} is {kind} and {other}"
    if len(ours.rows) != len(theirs.rows):
        return DIFFERENT, f"{len(ours.rows)} and {len(theirs.rows)} rows"
    found, said = IDENTICAL, ""
    for row, its in zip(_in_order(ours.rows, kept), _in_order(theirs.rows, kept), strict=True):
        for place, value, with_ in zip(kept, row, its, strict=True):
            outcome = _outcome(value, with_)
            if outcome == DIFFERENT or (outcome == EQUAL and found == IDENTICAL):
                found, said = outcome, f"{ours.columns[place][0]} is {_short(value)} and {_short(with_)}"
            if found == DIFFERENT:
                return found, said
    return found, said


def _table(connection: duckdb.DuckDBPyConnection, source: str) -> Table:
    described = connection.execute(f"describe select * from {source}").fetchall()
    rows = connection.execute(f"select * from {source}").fetchall()
    return Table([(name, kind) for name, kind, *_ in described], rows)


def _simpler(kind: str) -> str:
    kind = re.sub(r"\[\d+\]", "[]", SIMPLER.get(kind, kind))
    return re.sub(r"DECIMAL\(\d+,", "DECIMAL(", kind)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _in_order(rows: Sequence[tuple[Any, ...]], kept: Sequence[int]) -> list[list[Any]]:
    return sorted(([_plain(row[place]) for place in kept] for row in rows), key=_key)


def _plain(value: Any) -> Any:
    """Equal values in equal types."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str):
        for word, simpler in SIMPLER_WORDS.items():
            value = value.replace(word, simpler)
    return list(map(_plain, value)) if isinstance(value, list | tuple) else value


def _key(row: list[Any]) -> str:
    return repr([f"{value:.6g}" if isinstance(value, float) else value for value in row if not isinstance(value, list)])


def _outcome(value: Any, other: Any) -> str:
    if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
        outcomes = {_outcome(one, another) for one, another in zip(value, other, strict=True)}
        return next((worst for worst in (DIFFERENT, EQUAL) if worst in outcomes), IDENTICAL)
    if isinstance(value, float) and isinstance(other, float):
        if value == other or (math.isnan(value) and math.isnan(other)):
            return IDENTICAL
        return EQUAL if math.isclose(value, other, rel_tol=TOLERANCE) else DIFFERENT
    if value == other and type(value) is type(other):
        return IDENTICAL
    if isinstance(value, str) and isinstance(other, str) and NUMBER.sub("", value) == NUMBER.sub("", other):
        pairs = zip(NUMBER.findall(value), NUMBER.findall(other), strict=True)
        return EQUAL if all(math.isclose(float(a), float(b), rel_tol=TOLERANCE) for a, b in pairs) else DIFFERENT
    return DIFFERENT


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path, help="file that dbt-duckdb built")
    parser.add_argument("folder", type=Path, help="Parquet files of the tables that Spark built")
    arguments = parser.parse_args()
    found = differences(duckdb_tables(arguments.database), exported_tables(arguments.folder))
    for name, (outcome, said) in sorted(found.items()):
        print(f"{outcome}: {name}" + (f": {said}" if said else ""))
    counts = Counter(outcome for outcome, _ in found.values())
    print(", ".join(f"{counts[outcome]} {outcome}" for outcome in (IDENTICAL, EQUAL, DIFFERENT)))
    return int(counts[DIFFERENT] > 0)


if __name__ == "__main__":
    sys.exit(main())
