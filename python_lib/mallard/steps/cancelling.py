"""dbt cancels a run after Ctrl-C, and with --fail-fast after a failure: what it runs in Python stops then too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from dbt_common.events.event_manager_client import get_event_manager

from mallard.failures import was_interrupted
from mallard.stopping import StoppedError, seam, stopped_by

_cancelled = Event()


@contextmanager
def stopped_with_dbt() -> Iterator[None]:
    """The work inside the context ends at its next seam once dbt cancels the run.

    dbt interrupts the queries of its connections and waits for its threads; it has no other way to tell a thread than
    the lines CANCEL in its log.

    Raises:
        StoppedError: it was cancelled. Any other failure after that is only a consequence.
        KeyboardInterrupt: the work runs on dbt's main thread, and somebody pressed Ctrl-C.
    """
    callbacks = get_event_manager().callbacks  # dbt makes a new list for each invocation
    if _listen not in callbacks:
        _cancelled.clear()
        callbacks.append(_listen)
    try:
        with stopped_by(_cancelled):
            seam()
            yield
    except BaseException as failure:
        if not _cancelled.is_set() and not was_interrupted(failure):
            raise
        _leave_out_the_traceback()
        raise (StoppedError if _cancelled.is_set() else KeyboardInterrupt) from None


def _listen(event: Any) -> None:
    if event.info.name == "LogCancelLine":
        _cancelled.set()


def _leave_out_the_traceback() -> None:
    """After Ctrl-C, dbt's last words are where it waited for its threads. They stay in the log file."""
    for logger in get_event_manager().loggers:
        if logger.name == "stdout_log":
            logger.filter = _without_traceback(logger.filter)


def _without_traceback(admits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def is_shown(event: Any) -> bool:
        is_of_ctrl_c = (event.info.name == "MainEncounteredError" and not event.data.exc) or (
            event.info.name == "MainStackTrace" and event.data.stack_trace.rstrip().endswith("KeyboardInterrupt")
        )
        return admits(event) and not is_of_ctrl_c

    return is_shown
