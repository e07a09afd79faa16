"""Kills find a build that mixes tables of two runs, and none that swaps them at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from build_process import Build
from tests.spark_cluster.kills import Kill, Seen, kill_builds, row

WRITES_ONE_BY_ONE = """
import pathlib, time, uuid
run = uuid.uuid4().hex
for name in ("customers", "centroids"):
    time.sleep(0.2)
    pathlib.Path(name).write_text(run)
"""
SWAPS = """
import pathlib, shutil, time, uuid
run = uuid.uuid4().hex
for left in pathlib.Path(".").glob("scratch-*"):
    shutil.rmtree(left)
folder = pathlib.Path(f"scratch-{run}")
folder.mkdir()
for name in ("customers", "centroids"):
    time.sleep(0.2)
    (folder / name).write_text(run)
before = pathlib.Path("public").resolve()
pointer = pathlib.Path("pointer")
pointer.unlink(missing_ok=True)
pointer.symlink_to(folder.rename(f"run-{run}"))
pointer.rename("public")
if before.name.startswith("run-"):
    shutil.rmtree(before)
"""


def test_a_build_that_mixes_runs_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="of several runs"):
        list(kill_builds(_build(tmp_path, WRITES_ONE_BY_ONE), _look(tmp_path, tmp_path), n_kills=8))


def test_a_build_that_swaps_its_tables_passes(tmp_path: Path) -> None:
    kills = list(kill_builds(_build(tmp_path, SWAPS), _look(tmp_path, tmp_path / "public"), n_kills=5))
    assert (kills[0].build, kills[0].tables) == ("killed", "the run before")
    assert any(kill.scratch for kill in kills)


def test_a_build_goes_on_if_others_are_killed(tmp_path: Path) -> None:
    look = _look(tmp_path, tmp_path / "public")
    [kill] = kill_builds(_build(tmp_path, SWAPS), look, n_kills=1, victims=list)
    assert (kill.build, kill.tables) == ("succeeded", "this run")


def test_a_build_that_fails_says_what_it_wrote(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nno such table"):
        _build(tmp_path, "print('no such table'); raise SystemExit(3)").run()


def test_a_row_of_the_table() -> None:
    assert row(Kill(1.25, "killed", "the run before", 3)) == "| 1.2 s | killed | of the run before | 3 |"


def _build(folder: Path, code: str) -> Build:
    return Build([sys.executable, "-c", code], folder, {}, folder / "build.log")


def _look(folder: Path, public: Path) -> Callable[[], Seen]:
    def look() -> Seen:
        runs = {(public / name).read_text() for name in ("customers", "centroids")}
        assert len(runs) == 1, f"the tables are of several runs: {runs}"
        return Seen(runs.pop(), [path.name for path in folder.glob("scratch-*")])

    return look
