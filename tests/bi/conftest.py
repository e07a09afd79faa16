"""One Superset and one copy of the project for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from published import build
from sample import Project, copy_project
from superset_client import Superset, initialize, start


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SUPERSET_HOME", str(tmp_path_factory.mktemp("superset")))
        environment.setenv("SUPERSET_CONFIG_PATH", str(Path(__file__).with_name("superset_config.py")))
        initialize()
        yield start()


@pytest.fixture
def superset(started_once: Superset) -> Iterator[Superset]:
    """Without anything that another test registered."""
    yield started_once
    started_once.forget_everything()


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """For tests that only read."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    result = build(project)
    assert result.returncode == 0, result.stdout
    return project


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """For a test that builds again."""
    return Project(shutil.copytree(built_once.path, tmp_path / "project"))
