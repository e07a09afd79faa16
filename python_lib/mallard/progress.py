"""Progress of long work: a log line every two seconds, inside `reported` only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field

SECONDS_BETWEEN = 2.0


@dataclass
class _Status:
    started: float = field(default_factory=time.monotonic)
    phase: str = ""
    phase_started: float = 0.0
    done: int = 0
    expected: int = 0

    def line(self) -> str:
        now = time.monotonic()
        parts = [f"{now - self.started:.0f} s"]
        if self.done and self.expected:
            parts.insert(0, f"{self.done / self.expected:.0%} done")
            parts.append(
                f"about {(now - self.phase_started) * (self.expected / self.done - 1):.0f} s left in this step"
            )
        return f"{self.phase}: {', '.join(parts)}"


_status: ContextVar[_Status | None] = ContextVar("status", default=None)


@contextmanager
def reported(log: Callable[[str], None]) -> Iterator[None]:
    """Log the progress of the work inside the context every two seconds; log nothing if it takes less."""
    status = _Status()
    is_over = threading.Event()

    def report() -> None:
        while not is_over.wait(SECONDS_BETWEEN):
            log(status.line())

    token = _status.set(status)
    reporter = threading.Thread(target=copy_context().run, args=(report,), daemon=True)
    reporter.start()
    try:
        yield
    finally:
        is_over.set()
        reporter.join()
        _status.reset(token)


def begin(phase: str) -> None:
    """Start a phase of the work."""
    status = _status.get()
    if status:
        status.phase, status.phase_started, status.done, status.expected = phase, time.monotonic(), 0, 0


def expect(steps: int) -> None:
    """Add steps to those expected in this phase."""
    status = _status.get()
    if status:
        status.expected += steps


def advance(steps: int = 1) -> None:
    """Count steps as done."""
    status = _status.get()
    if status:
        status.done += steps
