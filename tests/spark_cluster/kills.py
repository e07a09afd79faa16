"""Builds that are killed at moments spread over their duration, and what is left of the tables each time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Build:
    """A command that builds tables.

    Attributes:
        environment: variables besides those of this process.
        log: file for what it writes; the last build replaces it.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path

    def start(self) -> subprocess.Popen[bytes]:
        """A process in a group of its own, with all that it starts."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self) -> float:
        """Build without a kill.

        Returns:
            The seconds that it took.

        Raises:
            RuntimeError: the build failed; the message ends with what it wrote last.
        """
        began = time.monotonic()
        process = self.start()
        try:
            code = process.wait()
        finally:
            kill_group(process)
        if code:
            wrote = self.log.read_text(errors="replace").splitlines()
            raise RuntimeError(f"the build ended with {code}:\n" + "\n".join(wrote[-20:]))
        return time.monotonic() - began


@dataclass(frozen=True)
class Seen:
    """The tables at one moment.

    Attributes:
        run: name for the run that all public tables are of.
        scratch: the tables that aren't public.
    """

    run: str
    scratch: Sequence[str]


@dataclass(frozen=True)
class Kill:
    """What came of one kill.

    Attributes:
        moment: seconds from the start of the build.
        build: how the build ended: killed, succeeded or failed.
        tables: of the run before, or of this run.
        scratch: number of tables that weren't public before the next build.
    """

    moment: float
    build: str
    tables: str
    scratch: int


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_builds(
    build: Build,
    look: Callable[[], Seen],
    n_kills: int,
    victims: Callable[[], Sequence[int]] | None = None,
) -> Iterator[Kill]:
    """Kill builds at moments that are spread evenly over the duration of one, and build again after each.

    Args:
        look: function that looks at the tables, and raises an AssertionError if those that are public are of several
            runs, or if one is missing.
        victims: function that returns processes to kill in place of the build's own, such as executors. The build then
            goes on to its end.

    Raises:
        AssertionError: the tables are of several runs after a kill, or some aren't public after the next build.
        RuntimeError: a build without a kill failed.
    """
    build.run()
    seconds = build.run()  # as later ones: there are tables already
    before = look()
    for number in range(n_kills):
        moment = seconds * (number + 0.5) / n_kills
        ended = _disturbed(build, moment, victims)
        after = look()
        build.run()
        repaired = look()
        assert not repaired.scratch, f"the build after the kill at {moment:.1f} s left {', '.join(repaired.scratch)}"
        yield Kill(moment, ended, "the run before" if after.run == before.run else "this run", len(after.scratch))
        before = repaired


def _disturbed(build: Build, moment: float, victims: Callable[[], Sequence[int]] | None) -> str:
    """Kill a build or other processes at a moment; how the build ended."""
    process = build.start()
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        if victims is None:
            kill_group(process)
            return "killed"
        for victim in victims():
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        process.wait()
    finally:
        kill_group(process)
    return "failed" if process.returncode else "succeeded"


HEADER = "| killed after | build | tables | not public before the next build |\n| ---: | --- | --- | ---: |"


def row(kill: Kill) -> str:
    """A row of a table in Markdown, below `HEADER`."""
    return f"| {kill.moment:.1f} s | {kill.build} | of {kill.tables} | {kill.scratch} |"
