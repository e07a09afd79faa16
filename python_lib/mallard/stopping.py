"""Stopping long work before it is done: somebody asks for it, and the work looks at its seams whether anybody has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event


class StoppedError(Exception):
    """The work was stopped before it was done."""


_requests: ContextVar[tuple[Event, ...]] = ContextVar("requests", default=())


@contextmanager
def stopped_by(request: Event) -> Iterator[None]:
    """The work inside the context ends at its next seam once the event is set."""
    token = _requests.set((*_requests.get(), request))
    try:
        yield
    finally:
        _requests.reset(token)


def seam() -> None:
    """A place between two pieces of work, each of which takes a fraction of a second.

    Raises:
        StoppedError: the work has been asked to stop.
    """
    for request in _requests.get():
        if request.is_set():
            raise StoppedError
