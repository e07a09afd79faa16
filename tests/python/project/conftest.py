"""Projects to build."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sample import Project, copy_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that hasn't been built."""
    return copy_project(tmp_path)


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A copy of a built project, to build again."""
    return Project(shutil.copytree(built_once.path, tmp_path / "project"))
