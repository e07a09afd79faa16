"""Builds that are killed at moments spread over their duration, and what is left of the tables each time."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from build_process import Build, kill_group


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
