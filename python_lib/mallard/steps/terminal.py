"""What a step says to the person at the terminal, and what it knows of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mallard import __version__
from mallard.errors import LONGEST_MESSAGE, MallardError, shortened
from mallard.failures import explanation
from mallard.steps.cancelling import stopped_with_dbt
from mallard.stopping import StoppedError

_group: ContextVar[str | None] = ContextVar("group", default=None)
STOPPED = "stopped before it was done; the tables are as they were"


class BuildStoppedError(MallardError):
    """A refusal on its way to the terminal.

    dbt-duckdb prints the traceback and the qualified name of what a model raises. This one has no traceback, and its
    name is "mallard", so that its message looks like those of macros.
    """

    __traceback__ = None
    __module__ = "builtins"
    __qualname__ = "mallard"


class of_group:  # noqa: N801, a context manager, which reads like a function
    """What a step says inside the context is about a group of customers, or, if its name is None, about all.

    A refusal names the group. The rest stands in dbt's log file alone, because there can be hundreds of groups. A
    context manager made of a generator would give refusals a traceback.
    """

    def __init__(self, name: str | None) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._token = _group.set(self._name)

    def __exit__(self, *_: object) -> None:
        _group.reset(self._token)


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one line what the person can do something about."""
    try:
        with stopped_with_dbt():
            _check_copy_of_pip()
            yield
    except StoppedError:
        log(STOPPED)
        raise BuildStoppedError(STOPPED) from None
    except KeyboardInterrupt:
        log(STOPPED)
        raise
    except MallardError as refusal:
        raise BuildStoppedError(f"{_of_group()}{refusal}") from None
    except Exception as failure:
        said = explanation(failure)
        if said is None:
            raise
        raise BuildStoppedError(f"{_of_group()}{said}") from None


def _check_copy_of_pip() -> None:
    """The command line comes with pip, and has to fit the tables that the dbt package makes."""
    with suppress(PackageNotFoundError):
        installed = version("dbt-mallard")
        if installed != __version__:
            raise MallardError(
                f"pip installed dbt-mallard {installed}, and the dbt package is {__version__}: run pip install "
                f"'dbt-mallard=={__version__}', or pip uninstall dbt-mallard."
            )


def log(message: str) -> None:
    """Write a line into dbt's log, with the name of the model that is being built."""
    from dbt.events.types import JinjaLogDebug, JinjaLogInfo

    _fire(JinjaLogInfo if _group.get() is None else JinjaLogDebug, message)


def warn(message: str) -> None:
    """Write a warning into dbt's log. It stops no build, not even with --warn-error: it is about the customers."""
    from dbt.events.types import JinjaLogDebug, JinjaLogWarning

    _fire(JinjaLogWarning if _group.get() is None else JinjaLogDebug, message)


def _fire(event: type[Any], message: str) -> None:
    from dbt_common.events.contextvars import get_node_info
    from dbt_common.events.functions import fire_event

    node = get_node_info()
    model = f"{node['node_name']}: " if node.get("resource_type") == "model" else ""
    said = shortened(f"mallard: {model}{_of_group()}{message}", LONGEST_MESSAGE)
    fire_event(event(msg=said, node_info=node))


def _of_group() -> str:
    group = _group.get()
    return "" if group is None else f"group {group}: "


def is_empty_run() -> bool:
    """Whether dbt was told to build without rows, with `--empty`."""
    return _is_set("EMPTY")


def is_full_refresh() -> bool:
    """Whether dbt was told to make everything anew, with `--full-refresh`."""
    return _is_set("FULL_REFRESH")


def _is_set(flag: str) -> bool:
    from dbt.flags import get_flags

    return bool(getattr(get_flags(), flag, False))
