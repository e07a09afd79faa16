"""What keeps Spark from working is said in one line; the texts are those that Spark 4.3 wrote."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mallard.engines.spark.problems import check_environment, check_session, explained
from mallard.errors import MallardError

GATEWAY = "[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port number."
NO_CLIENT = (
    "org.apache.hadoop.hive.ql.metadata.HiveException: java.lang.RuntimeException: Unable to instantiate "
    "org.apache.hadoop.hive.ql.metadata.SessionHiveMetaStoreClient"
)
HELD = """An error occurred while calling o36.sql.
Caused by: ERROR XJ040: Failed to start database '/shop/spark-warehouse/metastore_db' with class loader jdk.internal.\
loader.ClassLoaders$AppClassLoader@1dbd16a6, see the next exception for details.
\tat org.apache.derby.iapi.error.StandardException.newException(Unknown Source)
Caused by: ERROR XSDB6: Another instance of Derby may have already booted the database \
/shop/spark-warehouse/metastore_db.
\tat org.apache.derby.iapi.error.StandardException.newException(Unknown Source)"""
NO_FOLDER = """An error occurred while calling o36.sql.
Caused by: ERROR XJ041: Failed to create database '/proc/nope/metastore_db', see the next exception for details.
Caused by: ERROR XSDB6: Another instance of Derby may have already booted the database null."""
TEXTS = {
    "a schema's folder can't be made": (
        "org.apache.hadoop.hive.ql.metadata.HiveException: MetaException(message:Unable to create database path "
        "file:/proc/nope/s.db, failed to create database s)",
        "Spark can't write to file:/proc/nope/s.db: make the folder of spark.sql.warehouse.dir, with the right to "
        "write there, or name another one (under server_side_parameters, in profiles.yml).",
    ),
    "a table's folder can't be made": (
        "An error occurred while calling o36.sql.\n: org.apache.spark.SparkException: Job aborted due to stage "
        "failure: Task 0 in stage 0.0 failed 1 times, most recent failure: Lost task 0.0 in stage 0.0 (TID 0) "
        "(192.0.2.2 executor driver): java.io.IOException: Mkdirs failed to create "
        "file:/proc/nope/t/_temporary/0/_temporary/attempt_202611270939598516682199030122242_0000_m_000000_0 "
        "(exists=false, cwd=file:/shop)",
        "Spark can't write to file:/proc/nope/t: make the folder of spark.sql.warehouse.dir, with the right to write "
        "there, or name another one (under server_side_parameters, in profiles.yml).",
    ),
    "the warehouse is a file": (
        "An error occurred while calling o36.sql.\n: org.apache.hadoop.fs.ParentNotDirectoryException: Parent path is "
        "not a directory: file:/shop/a file\n\tat org.apache.hadoop.fs.FileSystem.mkdirs",
        "Spark can't write to file:/shop/a file: make the folder of spark.sql.warehouse.dir, with the right to write "
        "there, or name another one (under server_side_parameters, in profiles.yml).",
    ),
    "there is no schema": (
        "[SCHEMA_NOT_FOUND] The schema `spark_catalog`.`nope` cannot be found. Verify the spelling and correctness of "
        "the schema and catalog.\nTo tolerate the error on drop use DROP SCHEMA IF EXISTS. SQLSTATE: 42704",
        "there is no schema `spark_catalog`.`nope`: create it (create schema ...), or name another one.",
    ),
    "there is no table": (
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nope`.`t` cannot be found. Verify the spelling and correctness "
        "of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`].",
        "there is no table `nope`.`t`: create it, and before it its schema, or name another one.",
    ),
    "another Python on the workers": (
        "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.10 than that in driver: 3.11, PySpark "
        "cannot run with different minor versions.\nPlease check environment variables PYSPARK_PYTHON and "
        "PYSPARK_DRIVER_PYTHON are correctly set.",
        "Python on the workers is 3.10, and here it is 3.11: name one of the same version that the workers have in the "
        "environment variable PYSPARK_PYTHON.",
    ),
    "no Python on the workers": (
        'java.io.IOException: Cannot run program "/nowhere/python": error=2, No such file or directory',
        "the workers have no Python /nowhere/python: name one that they have in the environment variable "
        "PYSPARK_PYTHON.",
    ),
    "no package for Connect": (
        "[PACKAGE_NOT_INSTALLED] grpcio-status >= 1.48.1 must be installed; however, it was not found.",
        "the Python package grpcio-status, which Spark Connect needs, isn't installed here: pip install "
        "'dbt-mallard[spark]'",
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_texts_of_spark_become_one_line(case: str) -> None:
    text, line = TEXTS[case]
    assert explained(Exception(text)) == line


def test_a_metastore_that_another_process_holds_is_found_among_the_causes() -> None:
    error = RuntimeError(NO_CLIENT)
    error.__cause__ = RuntimeError(NO_CLIENT)
    error.__cause__.__context__ = RuntimeError(HELD)
    assert explained(error) == (
        "another process uses the metastore /shop/spark-warehouse/metastore_db, and Derby lets in one at a time: wait "
        "until it has ended, or use a metastore service (spark.hadoop.hive.metastore.uris, under "
        "server_side_parameters, in profiles.yml)."
    )


def test_a_metastore_that_cannot_be_made_is_not_taken_for_one_that_is_held() -> None:
    assert explained(RuntimeError(NO_FOLDER)) == (
        "the metastore /proc/nope/metastore_db can't be created: make the folder that it is in, with the right to "
        "write there, or name another one in spark.hadoop.javax.jdo.option.ConnectionURL (under "
        "server_side_parameters, in profiles.yml)."
    )


def test_other_errors_are_left_alone() -> None:
    assert explained(RuntimeError("[DIVIDE_BY_ZERO] Division by zero.")) is None


class TestJava:
    REMEDY = "install Java 17 or later, and name its folder in the environment variable JAVA_HOME."

    def test_none(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert explained(RuntimeError(GATEWAY)) == f"Spark needs Java, and there is none here: {self.REMEDY}"

    def test_none_where_java_home_leads(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        line = f"Spark needs Java, and there is no {tmp_path}/bin/java, where JAVA_HOME leads: {self.REMEDY}"
        assert explained(RuntimeError(GATEWAY)) == line

    @pytest.mark.parametrize(
        ("version", "found"), [('openjdk version "11.0.13" 2021-10-19', 11), ('java version "1.8.0_402"', 8)]
    )
    def test_too_old(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, found: int) -> None:
        java = self._java(monkeypatch, tmp_path, version)
        line = f"{java} is Java {found}, and Spark needs 17 or later: {self.REMEDY}"
        assert explained(RuntimeError(GATEWAY)) == line

    @pytest.mark.parametrize("version", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "25.0.3" 2026-04-21'])
    def test_new_enough_stopped_for_another_reason(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
    ) -> None:
        self._java(monkeypatch, tmp_path, version)
        assert explained(RuntimeError(GATEWAY)) is None

    @pytest.mark.slow
    def test_spark_says_so(self, tmp_path: Path) -> None:
        pytest.importorskip("pyspark")
        code = (
            "from pyspark.sql import SparkSession\n"
            "from mallard.engines.spark.problems import explained\n"
            "try:\n    SparkSession.builder.getOrCreate()\nexcept Exception as error:\n    print(explained(error))"
        )
        environment = os.environ | {"JAVA_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-W", "ignore", "-c", code]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert result.stdout.startswith(f"Spark needs Java, and there is no {tmp_path}/bin/java"), result.stderr

    def _java(self, monkeypatch: pytest.MonkeyPatch, home: Path, version: str) -> Path:
        """A program that writes what `java -version` of another Java writes."""
        java = home / "bin" / "java"
        java.parent.mkdir()
        java.write_text(f"#!/bin/sh\necho '{version}' >&2\n")
        java.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(home))
        return java


class TestEnvironment:
    def test_this_one_is_fine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("pyspark")
        monkeypatch.delenv("SPARK_REMOTE", raising=False)
        check_environment()

    def test_pyspark_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyspark", None)
        with pytest.raises(MallardError, match=r"^the Python package pyspark isn't installed here: pip install 'dbt-"):
            check_environment()

    def test_pyspark_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("pyspark")
        monkeypatch.setattr("pyspark.__version__", "3.5.6")
        with pytest.raises(MallardError, match=r"^pyspark 3\.5\.6 is installed, and Mallard needs 4\.0 or later: pip"):
            check_environment()

    def test_no_connect_server_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("pyspark")
        monkeypatch.setenv("SPARK_REMOTE", "sc://127.0.0.1:1/;user_id=me")
        with pytest.raises(MallardError, match=r"^no Connect server answers at sc://127\.0\.0\.1:1/;user_id=me: start"):
            check_environment()

    def test_a_connect_server_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("pyspark")
        with socket.create_server(("127.0.0.1", 0)) as server:
            monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{server.getsockname()[1]}")
            check_environment()


class _Session:
    """A session of which only the time zone is known."""

    def __init__(self, zone: str) -> None:
        self.conf = {"spark.sql.session.timeZone": zone}


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "GMT", "Z"])
def test_names_of_utc(zone: str) -> None:
    check_session(_Session(zone))  # type: ignore[arg-type]


def test_another_time_zone() -> None:
    line = r"^the time zone of the session is Europe/Berlin, in which .*: set spark\.sql\.session\.timeZone to UTC"
    with pytest.raises(MallardError, match=line):
        check_session(_Session("Europe/Berlin"))  # type: ignore[arg-type]
