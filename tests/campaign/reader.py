"""Reads a published file again and again, as a BI tool does, until a file says stop; prints what it saw as JSON.

It runs as a process of its own, with whichever DuckDB its PYTHONPATH has.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

SEES = """
select run_id from publication
union all (select run_id from segments__builds order by build desc limit 1)
union all (select run_id from habits__builds order by build desc limit 1)
"""
MONTHS = "select distinct month from segments union select distinct month from habits"
COUNTS = "select (select count(*) from segments), (select n_rows from segments__builds order by build desc limit 1)"
HELD = 2.0
"""Seconds for which a connection stays open, so that most publications happen under one of each reader."""


def read(database: str, stop: Path) -> dict[str, object]:
    """Open the file until it's time to stop; each connection is asked twice, and mustn't see two runs."""
    opens, runs, failures = 0, set(), []
    while not stop.exists():
        opens += 1
        try:
            with duckdb.connect(database, read_only=True) as connection:
                seen = connection.execute(SEES).fetchall()
                months, [(found, counted)] = (
                    connection.execute(MONTHS).fetchall(),
                    connection.execute(COUNTS).fetchall(),
                )
                time.sleep(HELD)
                seen += connection.execute(SEES).fetchall()
        except duckdb.Error as error:
            failures.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
            continue
        if len(set(seen)) != 1 or len(months) != 1 or found != counted:
            failures.append(f"two runs in one view: {seen}, {months}, {found} customers of {counted}")
        runs.add(seen[0][0])
    return {"duckdb": duckdb.__version__, "opens": opens, "runs": sorted(runs), "failures": failures}


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1], Path(sys.argv[2]))))
