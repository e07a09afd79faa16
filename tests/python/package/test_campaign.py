"""Each part of the campaign in small numbers, so that it can be run in full at any time: `make campaign`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.campaign.parts import PARTS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", PARTS)
def test_a_part_finds_nothing_that_is_broken(name: str, tmp_path: Path) -> None:
    figures = PARTS[name].run(tmp_path / name, PARTS[name].quick)
    assert figures.rows
    assert figures.faults == []
