"""Lines of progress say what is known, and no more."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mallard import progress
from mallard.kmeans.assignment import assign_rows
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.search import Search
from mallard.progress import Status, duration


def _points(n_points: int) -> WeightedPoints:
    return WeightedPoints.from_rows(np.random.default_rng(0).normal(size=(n_points, 3)))


def test_a_step_of_unknown_length_says_how_long_it_has_taken_and_what_it_does() -> None:
    status = Status(started=0.0, step="searching", step_started=2.0, doing="round 3", n_done=97)
    assert status.line(now=12.4) == "searching: 12 s so far, round 3"


def test_a_step_of_known_length_says_what_is_left_once_its_speed_is_known() -> None:
    status = Status(started=0.0, step="pass 1", step_started=10.0, n_parts=40, n_done=3)
    assert status.line(now=13.0) == "pass 1: 13 s so far"
    status.n_done = 10
    assert status.line(now=20.0) == "pass 1: 20 s so far, 25% of this step done, about 30 s left in it"


def test_durations_are_in_minutes_from_one_on() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.4, 59.6, 125)] == ["0 s", "59 s", "1 min 0 s", "2 min 5 s"]


def _lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged from the start, without a pause."""
    monkeypatch.setattr(progress, "SECONDS_TO_FIRST", 0.001)
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.001)
    return []


def test_a_search_never_says_how_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it finds makes more work, so that nobody knows."""
    lines = _lines(monkeypatch)
    with progress.reported(lines.append):
        progress.begin("searching")
        Search().best_fits(_points(3000), range(2, 6), np.random.RandomState(0))
    said = {line.partition("so far")[2] for line in lines}
    assert {", first runs", ", round 1"} <= said
    assert not [line for line in lines if "%" in line or "left" in line]


def test_a_pass_over_rows_knows_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _lines(monkeypatch)
    points = _points(300_000)
    with progress.reported(lines.append):
        progress.begin("pass 1")
        assign_rows(points, np.zeros(3), [points.coordinates[:40]])
    shares = [line for line in lines if "% of this step done, about " in line]
    assert shares
    assert all("pass 1: " in line for line in shares)


def test_lines_come_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_TO_FIRST", 0.05)
    lines: list[str] = []
    with progress.reported(lines.append):
        progress.begin("waiting")
        time.sleep(1.0)
    assert 1 <= len(lines) <= 5  # at 0.05, 0.1, 0.2, 0.4 and 0.8 s
