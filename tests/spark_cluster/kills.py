"""Builds that are killed at moments spread over their duration, and what is left of the tables each time."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from build_process import Build, kill_group


@dataclass(frozen=True)
class Tables:
    """What is looked at after a kill.

    Attributes:
        run: function that returns a name for the run that the public tables are of, and raises an AssertionError if
            they are of several, or if one is missing.
        scratch: function that returns the names of the tables that aren't public.
    """

    run: Callable[[], str]
    scratch: Callable[[], Sequence[str]]


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
    tables: Tables,
    n_kills: int,
    victims: Callable[[], Sequence[int]] | None = None,
) -> list[Kill]:
    """Kill builds at moments that are spread evenly over the duration of one, and build again after each.

    Args:
        victims: function that returns processes to kill in place of the build's own, such as executors. The build then
            goes on to its end.

    Raises:
        AssertionError: the tables are of several runs after a kill, or some aren't public after the next build.
        RuntimeError: a build without a kill failed.
    """
    build.run()
    seconds = build.run()  # as later ones: there are tables already
    kills = []
    for number in range(n_kills):
        moment = seconds * (number + 0.5) / n_kills
        before = tables.run()
        ended = _disturbed(build, moment, victims)
        after, scratch = tables.run(), len(tables.scratch())
        build.run()
        tables.run()
        left = tables.scratch()
        assert not left, f"the build after the kill at {moment:.1f} s left {', '.join(left)}"
        kills.append(Kill(moment, ended, "the run before" if after == before else "this run", scratch))
    return kills


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


def report(kills: Sequence[Kill]) -> str:
    """A table in Markdown."""
    lines = ["| killed after | build | tables | not public before the next build |", "| ---: | --- | --- | ---: |"]
    lines += [f"| {kill.moment:.1f} s | {kill.build} | of {kill.tables} | {kill.scratch} |" for kill in kills]
    return "\n".join(lines)
