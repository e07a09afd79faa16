"""What the summary says of versions, of the last build and of drift."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mallard.engines.duckdb.database import Database
from mallard.figures import figure
from mallard.labels import plain
from mallard.tables.find import SegmentationTables
from mallard.tables.history import history_rows, last_build


def history_lines(database: Database, tables: SegmentationTables) -> list[str]:
    """A line on the version, one on the last build, and one on drift, as far as their tables are there."""
    build = last_build(database, tables)
    if build is None:
        return []
    versions = history_rows(database, tables, "versions", "version", build["version"])
    drift = history_rows(database, tables, "drift", "build", build["build"])
    lines = [_version(row) for row in versions]
    counts = {"joined": "n_joined", "left": "n_left", "moved to another segment": "n_moved"}
    known = [f"{build[column]:,} {what}" for what, column in counts.items() if build[column] is not None]
    if known:
        lines.append(f"build {build['build']}, {_moment(build['built_at'])}: {', '.join(known)}")
    return lines + ([_drift(drift)] if drift else [])


def _version(row: dict[str, Any]) -> str:
    return f"version {row['version']}, fitted {_moment(row['fitted_at'])}, because {plain(row['reason'])}"


def _drift(rows: list[dict[str, Any]]) -> str:
    """Which changes since the fit are a reason for a new one."""
    reasons = [row for row in rows if row["against"] == "fit" and row["decides"] and row["is_material"]]
    found = ", ".join(f"{_what(row)} {figure(row['size'])} (bound {figure(row['bound'])})" for row in reasons)
    return f"drift since the fit of version {rows[0]['version']}: {found or 'no reason to fit again'}"


def _what(row: dict[str, Any]) -> str:
    return str(row["measure"]) if row["feature"] is None else f"{row['measure']} of {plain(row['feature'])}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
