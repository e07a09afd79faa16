"""One call per core: a kernel uses a single core and releases Python's global interpreter lock while it runs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from threading import Event
from typing import TypeVar

from mallard import progress
from mallard.stopping import seam, stopped_by

Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS_TO_SEAM = 0.1


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_cores(), thread_name_prefix="mallard")


def stream(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results of a function for every item, in order; few items are in memory at a time.

    Whoever stops listening, because of Ctrl-C for example, stops the calls too: those that run end at their next seam.
    """
    given_up = Event()

    def call(item: Item) -> Result:
        with stopped_by(given_up):
            seam()
            return function(item)

    running: deque[Future[Result]] = deque()
    try:
        for item in items:
            running.append(_pool().submit(copy_context().run, call, item))
            if len(running) > n_cores():
                yield _finished(running.popleft())
        while running:
            yield _finished(running.popleft())
    finally:
        given_up.set()
        for call_left in running:
            call_left.cancel()


def each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results of a function for every item, in order."""
    return list(stream(function, items))


def _finished(call: Future[Result]) -> Result:
    """The result of a call, unless the work is stopped before: a call can be in the midst of a long compilation."""
    while not call.done():
        seam()
        wait([call], SECONDS_TO_SEAM)
    progress.advance()
    return call.result()
