"""Long work ends soon after it is asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import mallard
from mallard.kmeans.parallel import each, n_cores, stream
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.search import Search
from mallard.stopping import StoppedError, seam, stopped_by

LONG_FIT = """
import numpy as np
from mallard import KMeans
KMeans(2).fit(np.random.rand(100, 3))
print("begins", flush=True)
X = np.random.RandomState(0).rand(100_000, 8)
try:
    KMeans(60, n_init=50).fit(X)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
SOON = 20
"""Seconds; the work itself would take minutes."""


def test_work_outside_of_a_request_meets_no_end() -> None:
    request = Event()
    request.set()
    seam()
    with stopped_by(request), pytest.raises(StoppedError):
        seam()
    seam()


def test_a_search_ends_at_its_next_seam() -> None:
    points = WeightedPoints.from_rows(np.random.default_rng(0).normal(size=(500, 3)))
    request = Event()
    request.set()
    with stopped_by(request), pytest.raises(StoppedError):
        Search().best_fits(points, range(2, 6), np.random.RandomState(0))


def test_a_call_in_another_thread_is_stopped_with_whoever_waits_for_it() -> None:
    request, begun, ended = Event(), Event(), Event()

    def work(_: int) -> None:
        begun.set()
        request.set()  # somebody asks in the midst of the work
        try:
            while True:
                seam()
                time.sleep(0.001)
        finally:
            ended.set()

    with stopped_by(request), pytest.raises(StoppedError):
        each(work, [0])
    assert begun.is_set()
    assert ended.wait(SOON)


def test_calls_that_nobody_waits_for_any_more_are_stopped() -> None:
    started: list[int] = []
    ended = Event()

    def work(item: int) -> int:
        started.append(item)
        if item == 0:
            return item
        try:
            while True:
                seam()
                time.sleep(0.001)
        finally:
            ended.set()

    results = stream(work, range(1000))
    assert next(results) == 0
    results.close()
    assert ended.wait(SOON)
    assert len(started) <= n_cores() + 2


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_stops_kmeans_in_plain_python() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(mallard.__file__).parent.parent)}
    command = [sys.executable, "-c", LONG_FIT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=SOON)[0] == "interrupted\n"
        assert process.returncode == 0
