"""What a step says to the person at the terminal, and what it knows of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

from mallard import __version__
from mallard.errors import MallardError

TENSORFLOW = "tensorflow"
DISTRIBUTIONS = {TENSORFLOW: "tensorflow-cpu, or any other distribution of TensorFlow"}
"""What to install for a package whose distribution has another name, or several."""


class BuildStoppedError(MallardError):
    """A refusal on its way to the terminal.

    dbt-duckdb prints the traceback and the qualified name of what a model raises. This one has no traceback, and its
    name is "mallard", so that its message looks like those of macros.
    """

    __traceback__ = None
    __module__ = "builtins"
    __qualname__ = "mallard"


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one line what the person can do something about."""
    try:
        _check_copy_of_pip()
        yield
    except MallardError as refusal:
        raise BuildStoppedError(str(refusal)) from None
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise BuildStoppedError(
            f"the Python package {package} isn't installed beside dbt: "
            f"pip install {DISTRIBUTIONS.get(package, package)}"
        ) from None


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
    from dbt.events.types import JinjaLogInfo
    from dbt_common.events.contextvars import get_node_info
    from dbt_common.events.functions import fire_event

    node = get_node_info()
    model = f"{node['node_name']}: " if node.get("resource_type") == "model" else ""
    fire_event(JinjaLogInfo(msg=f"mallard: {model}{message}", node_info=node))


def is_empty_run() -> bool:
    """Whether dbt was told to build without rows, with `--empty`."""
    from dbt.flags import get_flags

    return bool(getattr(get_flags(), "EMPTY", False))
