"""The latest figures of all parts as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.markdown import table
from tests.campaign.parts import PARTS

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
PAGE, RESULTS = FOLDER / "CAMPAIGN.md", FOLDER / "campaign.json"
HEAD = """# Unbroken where things break

`make campaign` does to Mallard what a warehouse does to it over the years, and writes this page. `python -m
tests.campaign <part> --amount <n>` runs one part. A promise that wasn't kept is listed as a fault.
"""


def write_page() -> None:
    results = json.loads(RESULTS.read_text())
    sections = [_section(name, results[name]) for name in PARTS if name in results]
    PAGE.write_text("\n".join([HEAD, _overview(results), *sections]))


def _overview(results: dict[str, Any]) -> str:
    rows = [
        (
            f"[{name}](#{name})",
            part.title.format(results[name]["amount"]),
            f"{results[name]['seconds'] / 60:.1f} min",
            str(len(results[name]["faults"])),
        )
        for name, part in PARTS.items()
        if name in results
    ]
    return table(["part", "what", "duration", "faults"], rows) + "\n"


def _section(name: str, result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        f"## {name}",
        "",
        f"{result['date']}, mallard {machine['mallard']}, {machine['processor']}, {machine['system']}. "
        f"{machine['packages']}.",
        "",
        table(["what", "figure"], [(what, figure) for what, figure in result["rows"].items()]),
        "",
    ]
    if result["faults"]:
        lines += ["Faults:", "", *(f"- {fault}" for fault in result["faults"]), ""]
    return "\n".join(lines)
