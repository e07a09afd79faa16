"""A first `dbt build` of the Mall project, compared with a build whose fit only imports TensorFlow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.markdown import Section, at_most, seconds, table
from benchmarks.plan import Plan

REPOSITORY = Path(__file__).parents[2]
PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "python_lib")
NO_FIT = '''"""Stands in for the analysis: imports TensorFlow and returns what an earlier build found."""

import pyarrow.parquet as pq


def fit_segments(customers, meta):
    import mallard.kmeans._tensorflow  # noqa: F401

    return pq.read_table("kmeans.parquet")
'''
CONTESTANTS = {"build": "dbt build", "floor": "the same without the analysis"}
TARGET = 1.5


def measure(plan: Plan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "kmeans.parquet"
        _build(lambda project: None, lambda project: plan.workers.run(_export, project / "mallard.duckdb", found))

        def leave_out_fit(project: Path) -> None:
            shutil.copy(found, project)
            (project / "python_lib" / "mallard" / "dbt_model.py").write_text(NO_FIT)

        return plan.rounds({"build": lambda _: _build(lambda _: None), "floor": lambda _: _build(leave_out_fit)})


def report(figures: dict[str, Any]) -> Section:
    over = median(figures["build"]) - median(figures["floor"])
    body = [
        "Each run builds a fresh copy of the project, without a database or compiled bytecode of mallard. The time is "
        "that of the whole command, including all tests.",
        table(("command", "seconds"), [(what, seconds(figures[name])) for name, what in CONTESTANTS.items()]),
        f"The analysis takes {over:.2f} s.",
    ]
    return Section("\n\n".join(body), [at_most("cold dbt build of the Mall data: over the floor", over, TARGET, " s")])


def _build(prepare: Callable[[Path], Any], inspect: Callable[[Path], Any] = lambda project: None) -> float:
    """Seconds of `dbt build` in a new copy of the project.

    Args:
        prepare: function to call with the copy before the build.
        inspect: function to call with the copy after the build.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for part in PARTS:
            source = REPOSITORY / part
            if source.is_dir():
                shutil.copytree(source, project / part, ignore=shutil.ignore_patterns("__pycache__", "python"))
            else:
                shutil.copy(source, project)
        prepare(project)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "build"],
            cwd=project,
            env={**environment, "DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project)},
            check=True,
        )
        took = time.perf_counter() - started
        inspect(project)
        return took


def _export(database: Path, target: Path) -> None:
    import duckdb

    with duckdb.connect(database, read_only=True) as connection:
        connection.execute(f"copy mall_kmeans to '{target}' (format parquet)")
