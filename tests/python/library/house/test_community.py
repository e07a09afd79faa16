"""The seeds of the community are what their script writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sample import ROOT

INTEGRATION = ROOT / "integration_tests"
SEEDS = {f"community_{name}.csv" for name in ("activity", "customers", "reviews")}


def test_the_seeds_of_the_community_are_made_by_their_script_to_the_byte(tmp_path: Path) -> None:
    script = INTEGRATION / "scripts" / "make_community.py"
    subprocess.run([sys.executable, script, "--output", tmp_path], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {name: (INTEGRATION / "seeds" / name).read_bytes() for name in SEEDS}
