"""Vega, Vega-Lite and Vega-Embed as one script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import altair as alt

from mallard.errors import MallardError

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
BUNDLE = """
import sys
import vl_convert

script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", sys.argv[1])
sys.stdout.buffer.write(script.encode())
"""


@contextmanager
def bundling() -> Iterator[Callable[[], str]]:
    """Bundle in a process of its own, which takes more than a second, and yield what waits for the script.

    A thread wouldn't do, because the bundler keeps Python's lock.
    """
    command = [sys.executable, "-c", BUNDLE, VEGA_LITE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield lambda: _script(process)
        finally:
            process.kill()


def _script(process: subprocess.Popen[bytes]) -> str:
    """What the process wrote.

    Raises:
        MallardError: it failed.
    """
    script, errors = process.communicate()
    if process.returncode:
        said = errors.decode(errors="replace").strip().splitlines()
        raise MallardError(f"vl_convert can't bundle the scripts of the page: {said[-1] if said else 'it was killed'}.")
    return script.decode()
