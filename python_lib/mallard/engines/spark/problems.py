"""What keeps a newcomer's Spark from working, in one line with the remedy.

Spark says it in a hundred lines, or only in the last cause of a chain, or waits for minutes in silence.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mallard.errors import MallardError, shortened

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
OLDEST_PYSPARK = 4
INSTALL = "pip install 'dbt-mallard[spark]'"
SETTINGS = "server_side_parameters, in profiles.yml"

CONNECT_PORT = 15002
"""Where a Connect server listens unless somebody chose another port."""
SECONDS_TO_ANSWER = 5.0
"""For a Connect server. Spark's own client tries again for ten minutes, in silence."""

UTC = frozenset(
    {"UTC", "Etc/UTC", "UCT", "Etc/UCT", "GMT", "Etc/GMT", "Z", "Zulu", "Etc/Zulu", "+00:00", "UTC+00:00", "GMT+00:00"}
)
"""Names that Spark has for the time zone."""

JAVA_EXITED = "[JAVA_GATEWAY_EXITED]"
JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')

CAUSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        # Derby's next cause is the one for a folder that another process holds, but with the name null.
        (
            r"Failed to create database '([^']+)'",
            "the metastore {0} can't be created: make the folder that it is in, with the right to write there, or name "
            f"another one in spark.hadoop.javax.jdo.option.ConnectionURL (under {SETTINGS}).",
        ),
        (
            r"Another instance of Derby may have already booted the database (\S.*?)\.?(?:\n|$)",
            "another process uses the metastore {0}, and Derby lets in one at a time: wait until it has ended, or use "
            f"a metastore service (spark.hadoop.hive.metastore.uris, under {SETTINGS}).",
        ),
        (
            r"Unable to create database path (.+?), failed|Mkdirs failed to create (.+?)(?:/_temporary\S*)? \(exists"
            r"|Parent path is not a directory: (.+)",
            "Spark can't write to {0}: make the folder of spark.sql.warehouse.dir, with the right to write there, or "
            f"name another one (under {SETTINGS}).",
        ),
        (
            r"\[SCHEMA_NOT_FOUND\] The schema (\S+) cannot be found",
            "there is no schema {0}: create it (create schema ...), or name another one.",
        ),
        (
            r"\[TABLE_OR_VIEW_NOT_FOUND\] The table or view (\S+) cannot be found",
            "there is no table {0}: create it, and before it its schema, or name another one.",
        ),
        (
            r"Python in worker has different version: (\S+) than that in driver: (\S+?),",
            "Python on the workers is {0}, and here it is {1}: name one of the same version that the workers have in "
            "the environment variable PYSPARK_PYTHON.",
        ),
        (
            r'Cannot run program "([^"]*python[^"]*)"',
            "the workers have no Python {0}: name one that they have in the environment variable PYSPARK_PYTHON.",
        ),
        (
            r"\[PACKAGE_NOT_INSTALLED\] (\S+)",
            f"the Python package {{0}}, which Spark Connect needs, isn't installed here: {INSTALL}",
        ),
    )
)
"""What texts of Spark mean: a pattern, and a message with what its groups found. The first that fits counts."""


def check_environment() -> None:
    """Look for what would stop Spark from starting, or have it wait in silence.

    Raises:
        MallardError: pyspark is missing or too old, or no Connect server answers where SPARK_REMOTE says there is one.
    """
    try:
        from pyspark import __version__ as version
    except ImportError:
        raise MallardError(f"the Python package pyspark isn't installed here: {INSTALL}") from None
    if int(version.partition(".")[0]) < OLDEST_PYSPARK:
        raise MallardError(f"pyspark {version} is installed, and Mallard needs {OLDEST_PYSPARK}.0 or later: {INSTALL}")
    remote = os.environ.get("SPARK_REMOTE", "")
    if remote.startswith("sc://"):
        _check_answers(remote)


def check_session(session: SparkSession) -> None:
    """Look for settings of a session that would give other tables.

    Raises:
        MallardError: the time zone isn't UTC.
    """
    zone = session.conf.get("spark.sql.session.timeZone")
    if zone not in UTC:
        raise MallardError(
            f"the time zone of the session is {zone}, in which dates differ from those of other sessions: set "
            f"spark.sql.session.timeZone to UTC (under {SETTINGS})."
        )


def explained(error: BaseException) -> str | None:
    """What an error of Spark or of its start means, and the remedy; None if it is no newcomer's.

    Only texts are read, so the error may have gone through dbt, if its causes went with it.
    """
    text = "\n".join(_texts(error))
    if JAVA_EXITED in text:
        return _problem_with_java()
    for pattern, message in CAUSES:
        if found := pattern.search(text):
            return message.format(*(shortened(group) for group in found.groups() if group))
    return None


def _texts(error: BaseException | None) -> Iterator[str]:
    """What an error says, and what the errors say that it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield str(error)
        error = error.__cause__ or error.__context__


def _problem_with_java() -> str | None:
    """Why no Java started: none, or too old; looked up as Spark does."""
    remedy = f"install Java {OLDEST_JAVA} or later, and name its folder in the environment variable JAVA_HOME."
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None:
        return f"Spark needs Java, and there is none here: {remedy}"
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return f"Spark needs Java, and there is no {java}, where JAVA_HOME leads: {remedy}"
    found = JAVA_VERSION.search(answer.stderr + answer.stdout)
    if found and int(found[1]) < OLDEST_JAVA:
        return f"{java} is Java {found[1]}, and Spark needs {OLDEST_JAVA} or later: {remedy}"
    return None


def _check_answers(remote: str) -> None:
    address = urlsplit(remote)
    try:
        place = address.hostname or "localhost", address.port or CONNECT_PORT
        socket.create_connection(place, SECONDS_TO_ANSWER).close()
    except (OSError, ValueError):
        raise MallardError(
            f"no Connect server answers at {remote}: start it, or name another one in the environment variable "
            "SPARK_REMOTE."
        ) from None
