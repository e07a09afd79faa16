"""Prints how the tables of a database differ from the golden ones, a line per difference, and exits 1 if any does.

`python tests/versions/compare.py mallard.duckdb sample`: run.py calls it with the Python of a corner, which has DuckDB.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))

from tables import differences, expected_tables, read_tables

if __name__ == "__main__":
    database, which = sys.argv[1:]
    found = differences(read_tables(Path(database), which), expected_tables(which))
    print("\n".join(found))
    sys.exit(1 if found else 0)
