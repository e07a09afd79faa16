"""Builds the sample and the project in integration_tests/ in several environments, and compares their tables.

`python tests/versions/run.py [corner ...]` runs the corners of corners.toml, or those that are named, and compares with
the tables in tests/golden/. Each corner has a virtual environment in .venv-versions/, which is made again only if its
packages change. A corner whose Python isn't there is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "python_lib", "integration_tests")
MADE = shutil.ignore_patterns("target", "logs", "dbt_packages", "published", "__pycache__", ".*", "*.duckdb", "*.wal")
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#]+)")
ASK_PYTHON = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


class StepError(Exception):
    """A step of a corner went wrong; the message is what its row of the table says."""


@dataclass(frozen=True)
class Corner:
    """A Python with the packages of requirements.txt, some of them in other versions."""

    name: str
    python: str
    packages: dict[str, str]

    def requirements(self, locked: str) -> str:
        """Lines of requirements.txt, those replaced that differ, and after them the packages that it hasn't got.

        Without the hashes: pip wants one for every package or for none, and the other versions have none.
        """
        missing = dict(self.packages)
        lines = [f"# Python {self.python}"]
        for line in locked.splitlines():
            match = REQUIREMENT.match(line)
            if match:
                version = missing.pop(match[1], None)
                lines.append(f"{match[1]}=={version}" if version else line.removesuffix("\\").rstrip())
        return "\n".join(lines + [f"{name}=={version}" for name, version in missing.items()]) + "\n"


@dataclass
class Row:
    """What the table says of a corner."""

    corner: Corner
    versions: dict[str, str]
    results: dict[str, str] = field(default_factory=lambda: {"sample": "-", "integration": "-"})
    warnings: list[str] = field(default_factory=list)

    def is_good(self) -> bool:
        return all(result == "equal" for result in self.results.values())

    def cells(self) -> list[str]:
        packages = [self.versions[name] for name in ("dbt-core", "duckdb")]
        return [self.corner.name, self.corner.python, *packages, *self.results.values(), str(len(self.warnings))]


def read_corners() -> dict[str, Corner]:
    """The corners of corners.toml by their names."""
    settings = tomllib.loads((HERE / "corners.toml").read_text("utf-8"))
    corners = {}
    for name, of in settings["corners"].items():
        packages: dict[str, str] = {}
        for difference in of["differences"]:
            packages |= settings["differences"][difference]
        corners[name] = Corner(name, of["python"], packages)
    return corners


def find_python(version: str) -> str | None:
    """A Python of a version that can make virtual environments: the first on the PATH, or one that pyenv installed."""
    name = f"python{version}"
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob(f"versions/{version}.*/bin"))
    for candidate in (shutil.which(name, path=str(folder)) for folder in folders):
        if candidate and (python := _answer(candidate, version)):
            return python
    return None


def _answer(candidate: str, version: str) -> str | None:
    """The path that a Python says it has, if it runs and is of the version: a shim may be there and refuse to run."""
    answer = subprocess.run([candidate, "-c", ASK_PYTHON], capture_output=True, text=True, check=False)
    found, _, path = answer.stdout.strip().partition(" ")
    return path if answer.returncode == 0 and found == version else None


def install(corner: Corner, python: str, requirements: str, folder: Path) -> Path:
    """The Python of the corner's virtual environment, with its packages."""
    inside = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text("utf-8") == requirements:
        return inside
    _say(corner, "installs")
    subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
    listed = folder / "requirements.txt"
    listed.write_text(requirements, "utf-8")
    # The list is complete. Without bytecode TensorFlow takes 20 s to import.
    options = ["--disable-pip-version-check", "--no-deps", "--compile", "--requirement", str(listed)]
    command = [str(inside), "-m", "pip", "install", "--quiet", *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        print(result.stdout + result.stderr)
        raise StepError("not installed")
    listed.replace(stamp)
    return inside


def copy_project(project: Path, target: Path) -> None:
    """The parts of the project that builds need, without what builds made."""
    for part in PARTS:
        if (project / part).is_dir():
            shutil.copytree(project / part, target / part, ignore=MADE)
        else:
            shutil.copy(project / part, target / part)


def run_dbt(python: Path, arguments: list[str], cwd: Path, warnings: list[str]) -> None:
    """Runs dbt and adds the warnings that it prints to the list."""
    command = [str(python.with_name("dbt")), "--no-use-colors", "--log-format", "json", *arguments]
    result = subprocess.run(command, cwd=cwd, env=_environment(), capture_output=True, text=True, check=False)
    events = [_event(line) for line in (result.stdout + result.stderr).splitlines()]
    warnings += [message for level, message in events if level == "warn"]
    if result.returncode:
        print("\n".join(message for level, message in events if level in ("error", "text")))
        raise StepError(f"dbt {arguments[0]} failed")


def _event(line: str) -> tuple[str, str]:
    """Level and message of a line that dbt printed; a line from elsewhere is of the level text."""
    try:
        info = json.loads(line)["info"]
        return info["level"], info["msg"]
    except (ValueError, KeyError, TypeError):
        return "text", line


def _environment() -> dict[str, str]:
    """The environment without what would lead a build elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "MALLARD_", "PYTHONPATH", "VIRTUAL_ENV"))}
    return kept | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}


def build_sample(python: Path, copy: Path, warnings: list[str]) -> None:
    run_dbt(python, ["build"], copy, warnings)


def build_integration(python: Path, copy: Path, warnings: list[str]) -> None:
    for command in ("deps", "build"):
        run_dbt(python, [command, "--profiles-dir", "."], copy / "integration_tests", warnings)


def compare(python: Path, database: Path, which: str) -> str:
    """Whether the tables of a database are the golden ones."""
    command = [str(python), str(HERE / "compare.py"), str(database), which]
    result = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return "equal"
    print(result.stdout + result.stderr)
    return f"differs in {len(result.stdout.splitlines())} places" if result.stdout else "not compared"


def run_corner(row: Row, python: Path, project: Path) -> None:
    """Builds both projects in a copy; a project that fails doesn't keep the other from being built."""
    steps = {
        "sample": (build_sample, "mallard.duckdb"),
        "integration": (build_integration, "integration_tests/integration_tests.duckdb"),
    }
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        copy_project(project, copy)
        for which, (build, database) in steps.items():
            _say(row.corner, f"builds the {which} project")
            try:
                build(python, copy, row.warnings)
                row.results[which] = compare(python, copy / database, which)
            except StepError as error:
                row.results[which] = str(error)
    for warning in dict.fromkeys(row.warnings):
        print(f"warning: {warning}")


def try_corner(corner: Corner, project: Path) -> Row | None:
    """The row of a corner, none if its Python isn't there."""
    python = find_python(corner.python)
    if python is None:
        print(f"{corner.name}: skipped, because Python {corner.python} isn't here", flush=True)
        return None
    requirements = corner.requirements((project / "requirements.txt").read_text("utf-8"))
    row = Row(corner, dict(REQUIREMENT.findall(requirements)))
    start = time.monotonic()
    try:
        inside = install(corner, python, requirements, project / ".venv-versions" / corner.name)
        installed = time.monotonic()
        run_corner(row, inside, project)
        _say(corner, f"took {installed - start:.0f} s to install and {time.monotonic() - installed:.0f} s to run")
    except StepError as error:
        row.results = dict.fromkeys(row.results, str(error))
    return row


def table(rows: list[Row]) -> str:
    """A Markdown table of the corners that ran."""
    heads = ["corner", "Python", "dbt-core", "duckdb", "sample", "integration project", "warnings"]
    lines = [heads, ["---"] * len(heads), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _say(corner: Corner, what: str) -> None:
    print(f"{corner.name}: {what}", flush=True)


def main() -> int:
    corners = read_corners()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corners", nargs="*", metavar="corner", help=f"all if left out: {', '.join(corners)}")
    parser.add_argument("--project", type=Path, default=HERE.parents[1], help="checkout to build, this one if left out")
    arguments = parser.parse_args()
    if unknown := set(arguments.corners) - corners.keys():
        parser.error(f"no such corner: {', '.join(sorted(unknown))}")
    chosen = [corners[name] for name in arguments.corners or corners]
    rows = [row for corner in chosen if (row := try_corner(corner, arguments.project.resolve()))]
    print("\n" + table(rows))
    return 0 if all(row.is_good() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
