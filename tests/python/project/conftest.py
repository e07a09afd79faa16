"""Projects to build, and one that is built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from project_copy import Project, built_copy, copy_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that hasn't been built."""
    return copy_project(tmp_path)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project built with the default settings, to be read only."""
    return built_copy(tmp_path_factory.mktemp("built"))


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A copy of a built project, to build again."""
    return Project(shutil.copytree(built_once.path, tmp_path / "project"))
