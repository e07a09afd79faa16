"""Projects that are built once, for all tests that only look at them, and a fresh interpreter."""

from __future__ import annotations

import os
import shutil
import sqlite3  # before TensorFlow, whose own copy of SQLite would answer for it, without mathematical functions
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from consumer import Consumer
from once import made_once
from sample import ROOT, Project, build_copy, copy_project

__all__ = ["sqlite3"]

NO_DEPRECATIONS = ("--warn-error-options", '{"error": ["Deprecations"]}')


class Integrated(Consumer):
    """The project in integration_tests."""

    @property
    def database(self) -> Path:
        return self.path / "integration_tests.duckdb"


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample, built with the default settings, to be read only."""
    return Project(made_once(tmp_path_factory, "built_sample", build_copy))


@pytest.fixture(scope="session")
def integrated(tmp_path_factory: pytest.TempPathFactory) -> Integrated:
    """The project in integration_tests, built from within its folder, to be read only."""
    return Integrated(made_once(tmp_path_factory, "built_integration", _build_integration) / "integration_tests")


@pytest.fixture(scope="session")
def run_python() -> Callable[..., str]:
    """Run a script in a fresh interpreter and return what it printed; environment variables given as None are unset."""

    def run(script: str, **environment: str | None) -> str:
        changed = {"TF_CPP_MIN_LOG_LEVEL": "2", **environment, "PYTHONPATH": str(ROOT / "python_lib")}
        kept = {name: value for name, value in os.environ.items() if name not in changed}
        given = {name: value for name, value in changed.items() if value is not None}
        finished = subprocess.run(
            [sys.executable, "-c", script], env=kept | given, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


def _build_integration(root: Path) -> None:
    copy_project(root)
    left_out = shutil.ignore_patterns("target", "dbt_packages", "logs", "*.duckdb")
    project = Integrated(shutil.copytree(ROOT / "integration_tests", root / "integration_tests", ignore=left_out))
    for command in (["deps"], [*NO_DEPRECATIONS, "build"]):
        result = project.dbt(*command)
        assert result.returncode == 0, result.stdout
