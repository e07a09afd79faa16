"""Run dbt in this process, and say what it says of the segmentation alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mallard.errors import MallardError
from mallard.failures import was_interrupted
from mallard.fitting.project import PROFILE, TARGET

OURS = "mallard: "
"""How lines begin that are for the person at the terminal."""


def run_dbt(project: Path, full_refresh: bool, say: Callable[[str], None]) -> None:
    """Build the one model of a project.

    Raises:
        MallardError: it can't be built, in one line.
        KeyboardInterrupt: somebody pressed Ctrl-C.
    """
    from dbt.cli.main import dbtRunner

    heard: set[str] = set()

    def listen(event: Any) -> None:
        heard.add(event.info.name)
        if event.info.name in ("JinjaLogInfo", "JinjaLogWarning") and event.data.msg.startswith(OURS):
            say(event.data.msg.removeprefix(OURS))

    folders = [f"--{what}-dir={project}" for what in ("project", "profiles")]
    folders += [f"--{what}-path={project / what}" for what in ("target", "log")]
    quiet = ["--log-level=none", "--log-level-file=none", "--no-print", "--no-use-colors", "--no-partial-parse"]
    command = [
        "run",
        *folders,
        *quiet,
        f"--profile={PROFILE}",
        f"--target={TARGET}",
        *(["--full-refresh"] if full_refresh else []),
    ]
    try:
        result = dbtRunner(callbacks=[listen]).invoke(command)
    finally:
        _close_database()
    if "LogCancelLine" in heard or (result.exception is not None and was_interrupted(result.exception)):
        raise KeyboardInterrupt
    if result.exception is not None:
        raise MallardError(_reason(str(result.exception)))
    for of_node in result.result or ():
        if of_node.status not in ("success", "pass"):
            raise MallardError(_reason(of_node.message))


def _reason(message: str) -> str:
    """The line that is for people; of what another program says, the first one that isn't a heading of dbt's."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    ours = [line.removeprefix(OURS) for line in lines if line.startswith(OURS)]
    return (ours or lines[1:] or lines)[0]


def _close_database() -> None:
    """dbt-duckdb keeps the file open as long as the process lives."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()
