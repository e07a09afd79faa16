"""Folders and files with names that some layer takes for something else, and the tests of such names and values."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from hostile import NAMES
from sample import ROOT
from tests.campaign.figures import Figures
from tests.campaign.shop import Shop

LONGEST = 80
"""Bytes, so that a name with what dbt and DuckDB add to it fits into a file system."""
SLASHES = ("/", "\\")
"""What separates folders; to DuckDB a backslash does everywhere, so dbt can't open a warehouse there."""
PATHS = {
    what: name
    for what, name in NAMES.items()
    if not any(slash in name for slash in SLASHES) and len(name.encode()) <= LONGEST
}
TESTS = (
    "tests/python/package/test_hostile_names.py",
    "tests/python/report/test_hostile.py",
    "tests/python/report/test_security.py",
    "tests/python/library/sql",
)
"""What tries names and values in SQL, the page and its Content-Security-Policy, a terminal and CSV."""
PROFILE = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 2}\n"


def run(folder: Path, amount: int) -> Figures:
    """Builds in so many folders of such names; with all of them, the tests of names and values, too."""
    faults = []
    paths = dict(list(PATHS.items())[:amount])
    for number, (what, name) in enumerate(paths.items()):
        faults += [f"{what}, {name!r}: {line}" for line in _build_in(folder / str(number) / name, name)]
    rows: dict[str, object] = {"folders and published files with such names": len(paths)}
    if amount >= len(PATHS):
        rows["tests of names and values"], wrong = _test()
        faults += wrong
    return Figures(rows | {"what ran, was lost or was refused": len(faults)}, faults)


def _build_in(folder: Path, name: str) -> list[str]:
    shop = Shop(folder)
    shop.consumer.write("profiles.yml", PROFILE)
    project = folder / "dbt_project.yml"
    file = f"published/{name}.duckdb"
    variables = json.dumps({"mallard_publish": {"dev": file}}, ensure_ascii=False)
    project.write_text(re.sub("(?m)^vars: .*$", lambda _: f"vars: {variables}", project.read_text()))
    shop.published = folder / file
    shop.next_month()
    result = shop.build()
    if result.returncode:
        return [f"dbt ended with {result.returncode}: {result.stdout[-600:]}"]
    beside = {path.name for path in folder.parent.iterdir()} - {name}
    return shop.problems() + [f"something else was written: {sorted(beside)}" for _ in beside]


def _test() -> tuple[str, list[str]]:
    """What pytest says last, and what failed."""
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *TESTS]
    tested = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = tested.stdout.splitlines()
    return lines[-1] if lines else "nothing", [line for line in lines if line.startswith(("FAILED", "ERROR"))]
