"""The project in integration_tests, built once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from consumer import Consumer
from project_copy import ROOT, copy_project

NO_DEPRECATIONS = ("--warn-error-options", '{"error": ["Deprecations"]}')


class Integrated(Consumer):
    """The project in integration_tests."""

    @property
    def database(self) -> Path:
        return self.path / "integration_tests.duckdb"


@pytest.fixture(scope="session")
def integrated(tmp_path_factory: pytest.TempPathFactory) -> Integrated:
    """The project, built from within its folder."""
    root = tmp_path_factory.mktemp("integration")
    copy_project(root)
    left_out = shutil.ignore_patterns("target", "dbt_packages", "logs", "*.duckdb")
    project = Integrated(shutil.copytree(ROOT / "integration_tests", root / "integration_tests", ignore=left_out))
    for command in (["deps"], [*NO_DEPRECATIONS, "build"]):
        result = project.dbt(*command)
        assert result.returncode == 0, result.stdout
    return project
