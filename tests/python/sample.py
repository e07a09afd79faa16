"""Copies of the project, each with a database of its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt_runs import Run, run_dbt

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "python_lib")
LEFT_OUT = ("__pycache__", "python", "golden", "versions", "bi")
PUBLIC_TABLES = (
    "customer_segments",
    "customer_segments__attributes",
    "customer_segments__borders",
    "customer_segments__centroids",
    "customer_segments__divisions",
    "customer_segments__profiles",
    "cluster_metrics",
    "segment_profiles",
    "algorithm_comparison",
)


@dataclass
class Project:
    """A copy of the project with a database of its own."""

    path: Path

    def dbt(self, *args: str, cwd: Path | None = None, **environment: str) -> Run:
        return run_dbt(*args, cwd=cwd or self.path, **environment)

    def build(self, *args: str, **variables: Any) -> Run:
        return self.dbt("build", "--vars", json.dumps(variables), *args)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.path / "mallard.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def public_tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every public table, its rows in order, its numbers to the last bit, but for seconds that passed."""
        return {
            table: [
                tuple(map(_exact, row))
                for row in self.query(f"select {lasting_columns(table)} from {table} order by all")
            ]
            for table in PUBLIC_TABLES
        }

    @property
    def seed(self) -> Path:
        return self.path / "seeds" / "mall_customers.csv"


def lasting_columns(table: str) -> str:
    """The columns of a table of the sample, as a select names them, without seconds that passed."""
    return "* exclude (seconds)" if table == "algorithm_comparison" else "*"


def _exact(value: Any) -> Any:
    return value.hex() if isinstance(value, float) else value


def copy_project(target: Path) -> Project:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(
                source,
                target / part,
                ignore=shutil.ignore_patterns("__pycache__", "python", "golden", "versions", "bi"),
            )
        else:
            shutil.copy(source, target / part)
    return Project(target)


def build_copy(target: Path) -> None:
    """Make a copy that is built with the default settings."""
    result = copy_project(target).build()
    assert result.returncode == 0, result.stdout
