"""Builds as processes of their own, which can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Build:
    """A command that builds tables.

    Attributes:
        environment: variables besides those of this process.
        log: file for what it writes; the last build replaces it.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path

    def start(self) -> subprocess.Popen[bytes]:
        """A process in a group of its own, with all that it starts."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self) -> float:
        """Build without a kill.

        Returns:
            The seconds that it took.

        Raises:
            RuntimeError: the build failed; the message ends with what it wrote last.
        """
        began = time.monotonic()
        process = self.start()
        try:
            code = process.wait()
        finally:
            kill_group(process)
        if code:
            wrote = self.log.read_text(errors="replace").splitlines()
            raise RuntimeError(f"the build ended with {code}:\n" + "\n".join(wrote[-20:]))
        return time.monotonic() - began


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def dbt_build(folder: Path, *arguments: str, **environment: str) -> Build:
    """A build of the project in a folder, which has its profiles, too."""
    folders = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", *folders, *arguments]
    return Build(command, folder, environment, folder / "build.log")
