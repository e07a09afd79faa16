"""One call per core: a kernel uses a single core and releases Python's global interpreter lock while it runs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from mallard import progress

Item = TypeVar("Item")
Result = TypeVar("Result")


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_cores(), thread_name_prefix="mallard")


def stream(function: Callable[[Item], Result], items: Iterable[Item], n_items: int) -> Iterator[Result]:
    """Yield the results of a function for every item, in order; few items are in memory at a time.

    Args:
        n_items: number of items; each is one step of the progress.
    """
    progress.expect(n_items)
    running: deque[Future[Result]] = deque()
    for item in items:
        running.append(_pool().submit(function, item))
        if len(running) > n_cores():
            yield _finished(running.popleft())
    while running:
        yield _finished(running.popleft())


def each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results of a function for every item, in order."""
    return list(stream(function, items, len(items)))


def _finished(step: Future[Result]) -> Result:
    result = step.result()
    progress.advance()
    return result
