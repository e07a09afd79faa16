"""The latest results of every case, and the report on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.markdown import Section, table

FIGURES, REPORT = "results.json", "RESULTS.md"


def store(folder: Path, case: str, result: dict[str, Any]) -> None:
    """Replace the result of a case, and write the report."""
    (folder / FIGURES).write_text(json.dumps({**_read(folder), case: result}, indent=1) + "\n")
    (folder / REPORT).write_text(_report(_read(folder)))


def _report(results: dict[str, Any]) -> str:
    ran = {name: results[name] for name in CASES if name in results}
    sections = {name: CASES[name].report(result["figures"]) for name, result in ran.items()}
    parts = [
        "# Benchmarks",
        "Written by `make bench`; [README.md](README.md) says what is measured and how. Seconds are medians.",
        "## Targets",
        *(["Some of these results are for fewer rows than the targets."] if _any_scaled(ran) else []),
        _targets(sections),
        *(_section(name, sections[name], ran[name]) for name in ran),
    ]
    return "\n\n".join(parts) + "\n"


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FIGURES
    return json.loads(path.read_text()) if path.exists() else {}


def _any_scaled(ran: dict[str, Any]) -> bool:
    return any(result["settings"]["scale"] > 1 for result in ran.values())


def _targets(sections: dict[str, Section]) -> str:
    rows = [
        (name, verdict.what, verdict.target, verdict.measured, "met" if verdict.is_met else "**missed**")
        for name, section in sections.items()
        for verdict in section.verdicts
    ]
    return table(("case", "what", "target", "measured", ""), rows)


def _section(name: str, section: Section, result: dict[str, Any]) -> str:
    machine, settings = result["machine"], result["settings"]
    about = [
        f"{result['date']}, `{result['command']}`, revision {machine['mallard']} of mallard",
        f"{machine['processor']}, {machine['memory']}, {machine['system']}",
        machine["packages"],
        f"up to {settings['runs']} runs, none started after {settings['budget']:g} s",
    ]
    if settings["scale"] > 1:
        about.append(f"numbers of rows divided by {settings['scale']}: **the targets are not for these**")
    return "\n\n".join([f"## {name}. {CASES[name].title}", section.body, "<sub>" + ". ".join(about) + ".</sub>"])
