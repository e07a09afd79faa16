"""Progress of long work: a few log lines, inside `reported` only.

A line says what is known: the step, the time so far, what was done. How much is left is said only of a step whose
amount of work is known when it begins, such as a pass over the rows. A search isn't one: what it finds makes more work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field

SECONDS_TO_FIRST = 5.0
SECONDS_BETWEEN = 60.0
"""Most seconds from line to line. Before, a line comes when the work has taken twice as long as at the line before."""
PARTS_TO_JUDGE_BY = 4
"""From this many parts on, the time that they took says how long the others will take."""


@dataclass
class Status:
    """What is known of the work.

    Attributes:
        started: time at which the work began.
        step: the current step.
        step_started: time at which the step began.
        doing: what the step is doing.
        n_parts: number of equal parts of the step; 0 if it isn't known.
        n_done: number of parts that are done.
    """

    started: float = field(default_factory=time.monotonic)
    step: str = ""
    step_started: float = 0.0
    doing: str = ""
    n_parts: int = 0
    n_done: int = 0

    def line(self, now: float) -> str:
        """What to say at a time."""
        known = [f"{duration(now - self.started)} so far"]
        if self.doing:
            known.append(self.doing)
        if self.n_parts and self.n_done >= PARTS_TO_JUDGE_BY:
            left = (now - self.step_started) * (self.n_parts / self.n_done - 1)
            known.append(f"{self.n_done / self.n_parts:.0%} of this step done, about {duration(left)} left in it")
        return f"{self.step}: {', '.join(known)}"


_status: ContextVar[Status | None] = ContextVar("status", default=None)


@contextmanager
def reported(log: Callable[[str], None]) -> Iterator[None]:
    """Log the progress of the work inside the context; log nothing if it takes a few seconds."""
    status = Status()
    is_over = threading.Event()

    def report() -> None:
        wait = SECONDS_TO_FIRST
        while not is_over.wait(wait):
            now = time.monotonic()
            log(status.line(now))
            wait = min(now - status.started, SECONDS_BETWEEN)

    token = _status.set(status)
    reporter = threading.Thread(target=copy_context().run, args=(report,), daemon=True)
    reporter.start()
    try:
        yield
    finally:
        is_over.set()
        reporter.join()
        _status.reset(token)


def begin(step: str) -> None:
    """Start a step of the work."""
    status = _status.get()
    if status:
        status.step, status.step_started, status.doing = step, time.monotonic(), ""
        status.n_parts, status.n_done = 0, 0


def doing(what: str) -> None:
    """Say what the step is doing."""
    status = _status.get()
    if status:
        status.doing = what


def consists_of(n_parts: int) -> None:
    """Say that the step, which has just begun, consists of this many parts that take about the same time."""
    status = _status.get()
    if status:
        status.n_parts = n_parts


def advance() -> None:
    """Count a part as done."""
    status = _status.get()
    if status:
        status.n_done += 1


def duration(seconds: float) -> str:
    """Such as "45 s" or "2 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
