"""The locks pin every package by version and hash, and name no place to fetch them from."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
LOCKS = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_hashes_and_no_address(lock: Path) -> None:
    packages = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    pinned = [line for line in packages if not line.lstrip().startswith("#")]
    assert len(pinned) > 2
    assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []
    assert "://" not in lock.read_text("utf-8")
