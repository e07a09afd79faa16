"""Separate processes for the measurements."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


class Outcome(NamedTuple):
    """Return value of a function, and the peak memory of its process, in bytes."""

    result: Any
    peak_memory: int


class Workers:
    """Runs module-level functions in other processes, one at a time.

    A process inherits the peak memory of its parent, so the process that owns this object must stay small.

    Args:
        fresh: use a new process for every call. Otherwise, imports and compiled kernels stay in memory, and the peak
            memory means little.
    """

    def __init__(self, fresh: bool) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1 if fresh else None)

    def run(self, function: Callable[..., Any], *args: Any) -> Outcome:
        return self._pool.submit(_observed, function, args).result()

    def close(self) -> None:
        self._pool.shutdown()


def _observed(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    result = function(*args)
    return Outcome(result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_MAXRSS)
