"""Tables of the history of a segmentation, written by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

BUILDS = pa.schema(
    {
        "build": pa.int32(),
        "built_at": pa.timestamp("us"),
        "run_id": pa.string(),
        "version": pa.int32(),
        "is_fit": pa.bool_(),
        "reason": pa.string(),
        **dict.fromkeys(["n_rows", "n_customers", "n_joined", "n_left", "n_moved"], pa.int64()),
    }
)
VERSIONS = pa.schema(
    {
        "version": pa.int32(),
        "fitted_at": pa.timestamp("us"),
        "reason": pa.string(),
        "replaces": pa.int32(),
        "is_current": pa.bool_(),
    }
)
LINEAGE = pa.schema(
    {
        "version": pa.int32(),
        "from_version": pa.int32(),
        "segment_id": pa.int32(),
        "segment_name": pa.string(),
        "fate": pa.string(),
        "new_segment_id": pa.int32(),
        "new_segment_name": pa.string(),
        "n_shared": pa.int64(),
        **dict.fromkeys(["share_of_old", "share_of_new", "jaccard_now", "jaccard_then"], pa.float64()),
        "keeps_id": pa.bool_(),
    }
)
TRANSITIONS = pa.schema(
    {
        "build": pa.int32(),
        "built_at": pa.timestamp("us"),
        "run_id": pa.string(),
        "from_version": pa.int32(),
        "version": pa.int32(),
        "part": pa.string(),
        "kind": pa.string(),
        "from_segment_id": pa.int32(),
        "from_segment_name": pa.string(),
        "to_segment_id": pa.int32(),
        "to_segment_name": pa.string(),
        "n_customers": pa.int64(),
        **dict.fromkeys(["weight", "value_before", "value"], pa.float64()),
    }
)
DRIFT = pa.schema(
    {
        "build": pa.int32(),
        "built_at": pa.timestamp("us"),
        "run_id": pa.string(),
        "version": pa.int32(),
        "against": pa.string(),
        "segment_id": pa.int32(),
        "segment_name": pa.string(),
        "feature": pa.string(),
        "measure": pa.string(),
        **dict.fromkeys(["value_before", "value", "size", "bound", "p_value"], pa.float64()),
        **dict.fromkeys(["is_significant", "is_material", "decides"], pa.bool_()),
    }
)
SCHEMAS = {"builds": BUILDS, "versions": VERSIONS, "lineage": LINEAGE, "transitions": TRANSITIONS, "drift": DRIFT}
FIRST, SECOND = datetime(2026, 10, 12, 3), datetime(2026, 11, 2, 3, 30)
"""When the two builds were."""


def build(**values: Any) -> dict[str, Any]:
    """A row of a second build that fitted nothing, unless values say something else."""
    row = {"build": 2, "built_at": SECOND, "run_id": "r2", "version": 1, "is_fit": False, "reason": "nothing to fit"}
    return row | {"n_joined": 0, "n_left": 0, "n_moved": 0} | values


def fate(
    version: int, segment: int | None, name: str | None, verdict: str, new: int | None, **values: Any
) -> dict[str, Any]:
    """A row of the lineage, in which half of both segments is shared unless values say something else."""
    row = {
        "version": version,
        "from_version": version - 1,
        "segment_id": segment,
        "segment_name": name,
        "fate": verdict,
    }
    shares = {"share_of_old": 0.5, "share_of_new": 0.5} if None not in (segment, new) else {}
    return row | {"fate": verdict, "new_segment_id": new, "keeps_id": segment == new} | shares | values


def flow(part: str, kind: str, before: int | None, now: int | None, n: int, **values: Any) -> dict[str, Any]:
    """Customers of the second build; segment 7 is called "was 7" where it was and "is 7" where it is."""
    row = {"build": 2, "built_at": SECOND, "run_id": "r2", "from_version": 1, "version": 1, "part": part, "kind": kind}
    names = {
        "from_segment_name": None if before is None else f"was {before}",
        "to_segment_name": None if now is None else f"is {now}",
    }
    return (
        row | {"from_segment_id": before, "to_segment_id": now, "n_customers": n, "weight": float(n)} | names | values
    )


def flows(part: str, matrix: dict[tuple[int | None, int | None], int]) -> list[dict[str, Any]]:
    """Customers who stayed or moved, by the segments before and now."""
    return [flow(part, "stayed" if before == now else "moved", before, now, n) for (before, now), n in matrix.items()]


def drift(measure: str, size: float | None, **values: Any) -> dict[str, Any]:
    """A change since the fit that no chance explains, and that is too small to matter."""
    row = {"build": 2, "built_at": SECOND, "run_id": "r2", "version": 1, "against": "fit", "measure": measure}
    found = {"size": size, "p_value": 1e-9, "is_significant": True, "is_material": False, "decides": False}
    return row | found | {"value_before": 0.0, "value": size} | values


def add_history(database: Path, **tables: list[dict[str, Any]]) -> Path:
    """Add the tables of the history that are named, with these rows, and a first build beside the others."""
    if "builds" in tables:
        first = build(build=1, built_at=FIRST, run_id="r1", is_fit=True, reason="there was no version before")
        tables["builds"] = [first | {"n_joined": None, "n_left": None, "n_moved": None}, *tables["builds"]]
    with duckdb.connect(database) as connection:
        for name, rows in tables.items():
            connection.register("given", pa.Table.from_pylist(rows, SCHEMAS[name]))
            connection.execute(f"create table people__{name} as from given")
            connection.unregister("given")
    return database
