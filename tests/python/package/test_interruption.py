"""A run that is cancelled while it fits ends at once, in one line, and leaves everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from consumer import Consumer, make_consumer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")]

SOON = 20
"""Seconds; the fits would take minutes. Measured: 1 to 3 s."""
FEATURES = ", ".join(f"hash(i * {k} + {k}) % 100003 as f{k}" for k in range(1, 4))
VECTOR = "list_transform(range(128), lambda j: (hash(i * 1000 + j) % 1000) / 1000.0)::float[128] as v"
SELECTS = {
    "few_features": (f"select i as id, {FEATURES} from range(60_000) t(i)", {"compression": "exact"}),
    "many_rows": (f"select i as id, {FEATURES} from range(3_000_000) t(i)", {"compression": "none"}),
    "vectors": (f"select i as id, {VECTOR} from range(8_000) t(i)", {"compression": "none"}),
}
SLOW_FAILURE = """
{{ config(materialized='table') }}

select error('broken on purpose: ' || sum(sqrt(a.i * b.i))) as s from range(60_000) a(i), range(60_000) b(i)
"""


class Running:
    """dbt in a process of its own, whose lines can be waited for."""

    def __init__(self, shop: Consumer, *arguments: str) -> None:
        folders = ["--project-dir", str(shop.path), "--profiles-dir", str(shop.path)]
        command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments, *folders]
        self.process = subprocess.Popen(
            command, cwd=shop.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.lines.extend(iter(lines.readline, ""))

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + 180
        while not any(words in line for line in self.lines):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def end(self, timeout: float = SOON) -> int:
        try:
            return self.process.wait(timeout)
        finally:
            self.process.kill()
            self._reader.join()

    @property
    def said(self) -> str:
        return "".join(self.lines)


@pytest.fixture
def shop(tmp_path: Path) -> Consumer:
    """A project with a segmentation that was built, of 300 customers."""
    shop = make_consumer(tmp_path / "shop")
    shop.write_segmentation("segments", f"select i as id, {FEATURES} from range(300) t(i)", id="id", n_clusters=3)
    assert shop.dbt("build").returncode == 0
    return shop


def _state(shop: Consumer) -> dict[str, list[tuple[Any, ...]]]:
    """All tables, and their rows."""
    names = shop.query("select table_name from information_schema.tables order by 1")
    return {name: shop.query(f"from {name} order by all") for (name,) in names}


def _make_slow(shop: Consumer, select: str, meta: dict[str, str]) -> None:
    shop.write_segmentation("segments", select, id="id", min_clusters=2, max_clusters=60, n_init=50, **meta)


def _assert_nothing_is_left(shop: Consumer, before: dict[str, list[tuple[Any, ...]]]) -> None:
    assert _state(shop) == before
    assert [path.name for path in shop.path.glob("shop.duckdb*")] == ["shop.duckdb"]
    shop.write_segmentation("segments", f"select i as id, {FEATURES} from range(200) t(i)", id="id", n_clusters=2)
    assert shop.dbt("build").returncode == 0
    assert shop.query("select count(*), count(distinct segment_id) from segments") == [(200, 2)]


@pytest.mark.parametrize("name", SELECTS)
def test_ctrl_c_during_a_fit(shop: Consumer, name: str) -> None:
    before = _state(shop)
    _make_slow(shop, *SELECTS[name])
    running = Running(shop, "build")
    running.wait_for(" s so far")
    running.process.send_signal(signal.SIGINT)
    assert running.end() not in (0, -signal.SIGKILL)
    assert running.said.count("mallard: segments: stopped before it was done; the tables are as they were") == 1
    assert "Exited because of keyboard interrupt" in running.said
    assert "Traceback" not in running.said
    _assert_nothing_is_left(shop, before)


def test_an_orchestrator_that_ends_the_process(shop: Consumer) -> None:
    before = _state(shop)
    _make_slow(shop, *SELECTS["few_features"])
    running = Running(shop, "build")
    running.wait_for(" s so far")
    running.process.send_signal(signal.SIGTERM)
    assert running.end() == -signal.SIGTERM
    assert "Traceback" not in running.said
    _assert_nothing_is_left(shop, before)


def test_fail_fast_when_another_node_fails(shop: Consumer) -> None:
    before = _state(shop)
    _make_slow(shop, *SELECTS["few_features"])
    shop.write("models/broken.sql", SLOW_FAILURE)
    running = Running(shop, "run", "--fail-fast")
    running.wait_for("ERROR creating sql table model main.broken")
    assert running.end() == 1
    assert "mallard: segments: stopped before it was done; the tables are as they were" in running.said
    assert "Traceback" not in running.said
    (shop.path / "models" / "broken.sql").unlink()
    _assert_nothing_is_left(shop, before)
