"""Two builds of the Mall project, compared with builds whose Python models only import TensorFlow."""

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
STORED = ("mall_kmeans", "mall_algorithm_comparison")
NO_ANALYSIS = '''"""Stands in for the analysis: imports TensorFlow and returns what an earlier build found."""

import pyarrow.parquet as pq


def fit_segments(customers, meta, this):
    import mallard.kmeans._tensorflow  # noqa: F401

    return pq.read_table("mall_kmeans.parquet")


def compare_algorithms(customers, meta, this):
    return pq.read_table("mall_algorithm_comparison.parquet")
'''
CONTESTANTS = {"build": "dbt build", "floor": "the same without the analysis"}
BUILDS = ("first", "again")
TARGETS = {"first": 0.5, "again": 0.0}


def measure(plan: Plan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder)
        _builds(1, lambda project: None, lambda project: plan.workers.run(_export, project / "mallard.duckdb", found))

        def leave_out_analysis(project: Path) -> None:
            shutil.copytree(found, project, dirs_exist_ok=True)
            (project / "python_lib" / "mallard" / "dbt_model.py").write_text(NO_ANALYSIS)

        return plan.rounds(
            {
                "build": lambda _: _builds(len(BUILDS), lambda project: None),
                "floor": lambda _: _builds(len(BUILDS), leave_out_analysis),
            }
        )


def report(figures: dict[str, Any]) -> Section:
    found = {
        name: {of: [run[number] for run in figures[name]] for number, of in enumerate(BUILDS)} for name in CONTESTANTS
    }
    over = {of: median(found["build"][of]) - median(found["floor"][of]) for of in BUILDS}
    body = [
        "Each run builds a fresh copy of the project, without a database or compiled bytecode of mallard, and builds "
        "it again with nothing changed. The time is that of the whole command, including all tests. The analysis is "
        "that of K-means, and of the ten algorithms that it is compared with.",
        table(
            ("command", *BUILDS),
            [(what, *(seconds(found[name][of]) for of in BUILDS)) for name, what in CONTESTANTS.items()],
        ),
        f"The analysis takes {over['first']:.2f} s.",
    ]
    verdicts = [
        at_most(f"dbt build of the Mall data, {of}: over the floor", over[of], TARGETS[of], " s") for of in BUILDS
    ]
    return Section("\n\n".join(body), verdicts)


def _builds(
    times: int, prepare: Callable[[Path], Any], inspect: Callable[[Path], Any] = lambda project: None
) -> list[float]:
    """Seconds of each `dbt build` in a new copy of the project.

    Args:
        times: how often it is built.
        prepare: function to call with the copy before the first build.
        inspect: function to call with the copy after the last build.
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
        took = []
        for _ in range(times):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "build"],
                cwd=project,
                env={**environment, "DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project)},
                check=True,
            )
            took.append(time.perf_counter() - started)
        inspect(project)
        return took


def _export(database: Path, folder: Path) -> None:
    import duckdb

    with duckdb.connect(database, read_only=True) as connection:
        for model in STORED:
            connection.execute(f"copy {model} to '{folder / model}.parquet' (format parquet)")
