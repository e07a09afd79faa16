"""Tables as they came out when they were last found right, and how tables of today differ from them.

`python tests/golden/tables.py SAMPLE INTEGRATION` stores the tables of two databases: that of the sample and that of
the integration project, both built before. Run it when their values are meant to change, and say in the commit why.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import duckdb

FOLDER = Path(__file__).parent
LEFT_OUT = {
    "sample": ("base_", "stg_", "int_", "mall_customers", "metricflow_", "segment_names"),
    "integration": (
        "community_activity",
        "community_customers",
        "community_reviews",
        "int_",
        "songs",
        "shop_customers",
        "song_guesses",
    ),
}
"""Tables whose names begin like this are seeds, or lead to others."""
OF_A_RUN = re.compile(
    "built_at|fitted_at|segment_changed_at|run_id|seconds|library|settings|scoring|moments|.*_fingerprint|dbt_.*|.*_since|.*_until"
)
"""Columns that tell of the run, or that have numbers inside texts, which the tolerance doesn't reach."""
TOLERANCE = 1e-11
"""Processors differ in the last digits."""

Tables = dict[str, dict[str, Any]]


def read_tables(database: Path, which: str) -> Tables:
    """Columns with their types, and rows in the order of their first columns, of every table that matters."""
    with duckdb.connect(database, read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where not internal order by table_name"
        ).fetchall()
        tables = {}
        for (name,) in names:
            if not name.startswith(LEFT_OUT[which]):
                table = '"' + name.replace('"', '""') + '"'
                described = connection.execute(f"describe {table}").fetchall()
                columns = [[column, kind] for column, kind, *_ in described if not OF_A_RUN.fullmatch(column)]
                selected = ", ".join('"' + column.replace('"', '""') + '"' for column, _ in columns)
                rows = [
                    list(map(_plain, row)) for row in connection.execute(f"select {selected} from {table}").fetchall()
                ]
                tables[name] = {"columns": columns, "rows": sorted(rows, key=_order)}
    return tables


def expected_tables(which: str) -> Tables:
    """The tables that are stored."""
    tables: Tables = json.loads((FOLDER / f"{which}.json").read_text("utf-8"))
    return tables


def differences(found: Tables, expected: Tables, tolerance: float = TOLERANCE) -> list[str]:
    """What differs, in words; numbers may differ by a share of their size, or of 1 if they are smaller."""
    said = [f"table {name} is {'new' if name in found else 'gone'}" for name in sorted(found.keys() ^ expected.keys())]
    for name in sorted(found.keys() & expected.keys()):
        ours, theirs = found[name], expected[name]
        if ours["columns"] != theirs["columns"]:
            said.append(f"{name}: columns {ours['columns']} instead of {theirs['columns']}")
        elif len(ours["rows"]) != len(theirs["rows"]):
            said.append(f"{name}: {len(ours['rows'])} rows instead of {len(theirs['rows'])}")
        else:
            said += [
                f"{name}: {row} instead of {other}"
                for row, other in zip(ours["rows"], theirs["rows"], strict=True)
                if not _alike(row, other, tolerance)
            ][:3]
    return said


def _alike(value: Any, other: Any, tolerance: float) -> bool:
    if isinstance(value, dict) and isinstance(other, dict):
        return list(value) == list(other) and _alike([*value.values()], [*other.values()], tolerance)
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(_alike(v, o, tolerance) for v, o in zip(value, other, strict=True))
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=tolerance, abs_tol=tolerance)
    return type(value) is type(other) and value == other


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(map(_plain, value))
    if isinstance(value, dict):
        return {key: _plain(of_key) for key, of_key in value.items()}
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _order(row: list[Any]) -> str:
    """Numbers rounded, so that a last digit doesn't move a row."""
    return repr([f"{value:.6g}" if isinstance(value, float) else value for value in row])


def _write(database: Path, which: str) -> None:
    tables = [
        f'{json.dumps(name)}: {{\n"columns": {json.dumps(table["columns"])},\n"rows": [\n'
        + ",\n".join(json.dumps(row) for row in table["rows"])
        + "\n]}"
        for name, table in read_tables(database, which).items()
    ]
    (FOLDER / f"{which}.json").write_text("{\n" + ",\n".join(tables) + "\n}\n", "utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]), "sample")
    _write(Path(sys.argv[2]), "integration")
