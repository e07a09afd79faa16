"""The project in integration_tests, to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from consumer import Consumer


@pytest.fixture
def integrated_copy(integrated: Consumer, tmp_path: Path) -> Consumer:
    """A copy of the built project and its database."""
    return type(integrated)(shutil.copytree(integrated.path, tmp_path / "integration_tests", symlinks=True))
