"""A Spark cluster on this machine, which nobody else can reach: a master, workers and a Connect server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyspark

HOST = "127.0.0.1"
SPARK_HOME = Path(pyspark.__file__).parent
SECONDS_TO_START = 120
SECONDS_TO_STOP = 15
APPLICATIONS = 2
"""Workers offer their cores and memory this often: to the Connect server, which keeps its share, and to a session."""
EXECUTOR = "CoarseGrainedExecutorBackend"
"""In the command of a process that computes."""
DEPLOYMENTS = ("standalone", "connect")
"""Where the driver is: in the process of dbt, or in the Connect server."""


class ClusterError(Exception):
    """A service didn't start; the message ends with what it wrote last."""


@dataclass(frozen=True)
class Cluster:
    """Where the services of a running cluster are.

    Attributes:
        folder: of everything that they write.
        master_url: for sessions whose driver runs in their own process, spark://...
        connect_url: for clients of the Connect server, sc://...
        processes: of the services by name: master, worker-1 and so on, connect.
    """

    folder: Path
    master_url: str
    connect_url: str
    processes: Mapping[str, subprocess.Popen[bytes]]

    def executors(self) -> list[int]:
        """Ids of the processes that compute, for all applications. The workers replace one that ends. Linux only."""
        workers = {process.pid for name, process in self.processes.items() if name.startswith("worker-")}
        return [
            process for process in map(int, filter(str.isdigit, os.listdir("/proc"))) if _computes(process, workers)
        ]

    def environment(self, deployment: str) -> dict[str, str]:
        """Variables that lead Spark, and so dbt-spark's method `session`, to this cluster.

        Args:
            deployment: of `DEPLOYMENTS`.
        """
        if deployment == "connect":
            return {"SPARK_REMOTE": self.connect_url}
        return {"MASTER": self.master_url, "SPARK_LOCAL_IP": HOST, "SPARK_CONF_DIR": str(self.folder / "conf")}


@contextmanager
def cluster(workers: int = 2, cores: int = 1, executor_gigabytes: int = 1) -> Iterator[Cluster]:
    """A cluster that is up when the block begins, and stopped, with its folder removed, however the block ends.

    The Connect server has a warehouse and a metastore of its own, since Derby lets in one process only.

    Args:
        workers: number of workers.
        cores: cores that an application gets on each worker.
        executor_gigabytes: memory that an application gets on each worker.

    Raises:
        ClusterError: a service didn't start.
    """
    share = {
        "spark.cores.max": str(workers * cores),
        "spark.executor.cores": str(cores),
        "spark.executor.memory": f"{executor_gigabytes}g",
    }
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="mallard-spark-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "conf").mkdir()
        (folder / "conf" / "spark-defaults.conf").write_text(
            "".join(f"{name} {value}\n" for name, value in share.items())
        )
        processes: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str, *command: str, is_up: Callable[[], bool]) -> None:
            processes[name] = process = stack.enter_context(_service(name, command, folder))
            _wait(name, process, is_up, folder)

        master, master_ui, connect = _free_ports(3)
        master_url = f"spark://{HOST}:{master}"
        start(
            "master",
            *("spark-class", "org.apache.spark.deploy.master.Master"),
            *("--host", HOST, "--port", str(master), "--webui-port", str(master_ui)),
            is_up=lambda: _answers(master_ui),
        )
        for number in range(1, workers + 1):
            start(
                f"worker-{number}",
                *("spark-class", "org.apache.spark.deploy.worker.Worker", "--host", HOST, "--webui-port", "0"),
                *("--cores", str(APPLICATIONS * cores), "--memory", f"{APPLICATIONS * executor_gigabytes}g"),
                *("--work-dir", str(folder / "work"), master_url),
                is_up=lambda number=number: _alive_workers(master_ui) == number,
            )
        settings = share | {
            "spark.master": master_url,
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(connect),
            "spark.driver.memory": "2g",
            "spark.ui.enabled": "false",
            "spark.sql.catalogImplementation": "hive",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        }
        start(
            "connect",
            *("spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
            *(f"--conf={name}={value}" for name, value in settings.items()),
            "spark-internal",
            is_up=lambda: _answers(connect),
        )
        yield Cluster(folder, master_url, f"sc://{HOST}:{connect}", processes)


@contextmanager
def _service(name: str, command: tuple[str, ...], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, so that Ctrl-C doesn't reach it before the end of the block."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    environment |= {
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # it would take a port that others may have
    }
    arguments = [str(SPARK_HOME / "bin" / command[0]), *command[1:]]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], is_up: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            wrote = (folder / f"{name}.log").read_text(errors="replace").strip()
            raise ClusterError(f"{name} didn't start:\n" + "\n".join(wrote.splitlines()[-20:]))
        time.sleep(0.2)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _alive_workers(master_ui: int) -> int:
    """Number of workers; 0 as long as the master is starting, when it answers that there is no such page."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{master_ui}/json/", timeout=10) as answer:
            return int(json.load(answer)["aliveworkers"])
    except (OSError, json.JSONDecodeError):
        return 0


def _computes(process: int, workers: set[int]) -> bool:
    """Whether one of the workers has started the process to compute."""
    folder = Path("/proc", str(process))
    with suppress(OSError):
        parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        return parent in workers and EXECUTOR in (folder / "cmdline").read_text()
    return False


def _free_ports(n: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for taken in sockets:
            taken.bind((HOST, 0))
        return [taken.getsockname()[1] for taken in sockets]
