"""Runs of dbt: in the test's own process, which saves the imports, unless they need another environment."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """How a run of dbt ended: with 0, with 1 if something failed, or with 2 if dbt itself stopped."""

    returncode: int
    stdout: str  # of a process, with what it wrote to stderr


def run_dbt(*arguments: str, cwd: Path, **environment: str) -> Run:
    """Run dbt in a folder.

    Args:
        environment: variables that are set for this run, which is then a process of its own.
    """
    command = ["--no-use-colors", *arguments]
    return _in_a_process(command, cwd, environment) if environment else _in_this_process(command, cwd)


def _in_a_process(command: list[str], cwd: Path, environment: dict[str, str]) -> Run:
    finished = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *command],
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(finished.returncode, finished.stdout)


def _in_this_process(command: list[str], cwd: Path) -> Run:
    from dbt.cli.main import dbtRunner

    printed = io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = dbtRunner().invoke(command)
        finally:
            _close_databases()
    return Run(0 if result.success else 1 if result.exception is None else 2, printed.getvalue())


def _close_databases() -> None:
    """As at the end of a process; dbt-duckdb would keep them open for the next run."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()
