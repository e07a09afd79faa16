"""A copy of the project that publishes, and what stands in the file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
from sample import ROOT, Project

DBT = ROOT / ".venv" / "bin" / "dbt"


def published_file(project: Project) -> Path:
    return project.path / "published" / "mallard.duckdb"


def build(project: Project, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Build with the dbt of the project's own environment; this one has none."""
    command = [str(DBT), "--no-use-colors", "build", "--vars", json.dumps(variables)]
    return subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=False)


def read(project: Project, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(published_file(project), read_only=True) as connection:
        return connection.execute(sql).fetchall()
