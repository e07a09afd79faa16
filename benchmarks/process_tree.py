"""CPU time and memory of this process and of those that it started, such as Spark's Java. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROCESSES = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
CPU_FIELDS = slice(11, 15)
"""Of /proc/<id>/stat behind the name: utime, stime, and both of children that have ended."""


def cpu_seconds() -> float:
    """CPU seconds of the processes so far, of those that have ended too."""
    ticks = sum(int(field) for process in _tree(os.getpid()) for field in _status(process)[CPU_FIELDS])
    return ticks / TICKS_PER_SECOND


def peak_memory() -> dict[str, int]:
    """Largest resident size of each process so far, in bytes, by its program; equal programs are added up."""
    sizes: dict[str, int] = {}
    for process in _tree(os.getpid()):
        lines = dict(line.split(":", 1) for line in (PROCESSES / str(process) / "status").read_text().splitlines())
        if "VmHWM" in lines:  # not of one that has ended, and that nobody has waited for
            name = lines["Name"].strip()
            sizes[name] = sizes.get(name, 0) + int(lines["VmHWM"].removesuffix("kB")) * 1024
    return sizes


def _tree(root: int) -> Iterator[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit() and (found := _status(int(folder.name))):
            children.setdefault(int(found[1]), []).append(int(folder.name))
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children.get(process, [])


def _status(process: int) -> list[str]:
    """The fields behind the name, which may contain spaces; none if the process has ended."""
    try:
        return (PROCESSES / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
