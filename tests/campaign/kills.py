"""SIGKILL, SIGTERM and SIGINT at random moments of builds, and what is left of the tables each time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

import duckdb
import numpy as np
from build_process import Build, kill_group
from dbt_runs import Run
from tests.campaign.figures import Figures
from tests.campaign.sample_project import SampleUnderKills
from tests.campaign.shop_under_kills import ShopUnderKills

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
SEED = 23
ENDS_WITHIN = 120
"""Seconds from a signal to the end of the process."""
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*?.*python_lib.mallard.*")
MADE_BY_DBT = {"target", "logs", "dbt_packages"}
LEFT_BY_DBT_DUCKDB = re.compile(r"tmp/tmp\w+\.py")
"""It writes Python steps into temporary files, and a kill keeps it from removing them."""


class Project(Protocol):
    """A project whose builds are killed."""

    @property
    def folder(self) -> Path: ...

    def prepare(self) -> None:
        """Make the next build another one than the last."""

    def build(self) -> Build:
        """A process that can be killed."""

    def build_here(self) -> Run:
        """In this process, which saves the imports."""

    def look_after_kill(self) -> tuple[str, list[str]]:
        """Whether the tables are old or new, and what is wrong with them."""

    def look_after_build(self) -> list[str]:
        """What is wrong after a build without a kill."""


class Kill(NamedTuple):
    """What came of a kill.

    Attributes:
        signal: its name.
        ended: how the build ended: killed, or done before.
        tables: whether they were old or new.
        left: files and tables that were there until the next build.
        faults: what is wrong.
    """

    signal: str
    ended: str
    tables: str
    left: int
    faults: list[str]


def run(folder: Path, amount: int) -> Figures:
    """So many kills, of a shop and of the sample in turns of three; of a shop alone, if they are few."""
    projects: list[Project] = [ShopUnderKills(folder / "shop")]
    if amount >= 2 * len(SIGNALS):
        projects.append(SampleUnderKills(folder / "sample"))
    rng = np.random.default_rng(SEED)
    seconds = {id(project): _seconds(project) for project in projects}
    kills = []
    for number in range(amount):
        project = projects[number // len(SIGNALS) % len(projects)]
        moment = float(rng.uniform(0, seconds[id(project)]))
        kills.append(_kill(project, moment, SIGNALS[number % len(SIGNALS)]))
    return _figures(kills)


def _seconds(project: Project) -> float:
    project.prepare()
    return project.build().run()


def _kill(project: Project, moment: float, sent: signal.Signals) -> Kill:
    project.prepare()
    usual = _things(project.folder)
    build = project.build()
    ended, faults = _send(build, moment, sent)
    wrote = build.log.read_text(errors="replace")
    if TRACEBACK.search(wrote):
        faults.append("a traceback of Mallard's: " + wrote[-300:].replace("\n", " | "))
    left = len(_things(project.folder) - usual)
    tables, wrong = project.look_after_kill()
    faults += wrong
    again = project.build_here()
    if again.returncode:
        faults.append(f"the next build failed: {again.stdout[-500:]}")
    faults += project.look_after_build()
    faults += [f"piles up: {thing}" for thing in sorted(_things(project.folder) - usual)]
    print(f"  {sent.name} after {moment:.1f} s: {ended}, tables are {tables}, {len(faults)} faults", flush=True)
    return Kill(sent.name, ended, tables, left, [f"{sent.name} after {moment:.1f} s: {fault}" for fault in faults])


def _send(build: Build, moment: float, sent: signal.Signals) -> tuple[str, list[str]]:
    """How the build ended, and whether it ended at all. Ctrl-C goes to all processes, as from a terminal."""
    process = build.start()
    try:
        process.wait(moment)
        return "done before", []
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            (os.killpg if sent == signal.SIGINT else os.kill)(process.pid, sent)
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            return "went on", [f"went on for {ENDS_WITHIN} s"]
        return ("killed" if process.returncode else "done all the same"), []
    finally:
        kill_group(process)


def _things(folder: Path) -> set[str]:
    """Files of a project, temporary ones of Mallard included, and the tables in its databases."""
    files = {path.relative_to(folder) for path in folder.rglob("*")}
    of_mallard = {
        str(file) for file in files if file.parts[0] not in MADE_BY_DBT and not LEFT_BY_DBT_DUCKDB.fullmatch(str(file))
    }
    return of_mallard | {table for database in folder.glob("*.duckdb") for table in _relations(database)}


def _relations(database: Path) -> list[str]:
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    return [".".join(row) for row in rows]


def _figures(kills: list[Kill]) -> Figures:
    rows: dict[str, object] = {}
    for name in [sent.name for sent in SIGNALS]:
        own = [kill for kill in kills if kill.signal == name]
        ended = Counter(kill.ended for kill in own)
        tables = Counter(kill.tables for kill in own if kill.ended == "killed")
        rows[name] = f"{len(own)}: " + ", ".join(f"{n} {how}" for how, n in ended.most_common())
        rows[f"tables after {name}"] = ", ".join(f"{n} {state}" for state, n in tables.most_common()) or "-"
    rows["files and tables that a kill left until the next build, at most"] = max(kill.left for kill in kills)
    rows["torn tables, lost or doubled history, failed next builds, leftovers"] = sum(
        len(kill.faults) for kill in kills
    )
    return Figures(rows, [fault for kill in kills for fault in kill.faults])
