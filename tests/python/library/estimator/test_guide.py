"""The guide's programs run, one after the other, and print what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[4] / "docs/how-to/use-the-estimator.md").read_text("utf-8")


@pytest.mark.slow
def test_the_programs_of_the_guide_print_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for program in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL):
        exec(program, names)
    said = " ".join(capsys.readouterr().out.split())
    quoted = " ".join(line.removeprefix(">").strip() for line in GUIDE.splitlines() if line.startswith(">"))
    assert " ".join(quoted.split()) in said
    assert len(names["tried"]) == 10  # type: ignore[arg-type]
