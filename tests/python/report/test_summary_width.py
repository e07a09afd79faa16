"""On a terminal, the table of the summary keeps room for the names of segments."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from database import groups, make_database
from rich.console import Console

from mallard.summary import print_summary

LONG = ["days_since_last_order", "average_basket_value", "number_of_orders", "returned_items_share", "visits_per_month"]
NAMES = ["lapsed, few orders, low basket value", "recent, many orders, high basket value"]


def _lines(database: Path, width: int, is_terminal: bool = True) -> list[str]:
    """The table, with its headings."""
    said = io.StringIO()
    print_summary(database, Console(file=said, width=width, force_terminal=is_terminal, color_system=None))
    lines = [line.rstrip() for line in said.getvalue().splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("k = "))
    return lines[start + 1 : -1]


def _database(folder: Path, features: list[str], names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    values, labels = groups(60, len(features), len(names))
    worth = ("revenue", values[:, 0])
    return make_database(folder / "people.duckdb", values, labels, features, names, worth=worth)


def _words(lines: list[str]) -> list[str]:
    return " ".join(lines).split()


@pytest.mark.parametrize(("width", "n_shown"), [(60, 0), (80, 2), (120, 4)])
def test_names_keep_their_room_and_fewer_features_are_shown(tmp_path: Path, width: int, n_shown: int) -> None:
    """Beside 24 letters of a name, id, customers and shares take 31, and features 9 to 12 each."""
    lines = _lines(_database(tmp_path, LONG, NAMES), width)
    assert max(map(len, lines)) <= width
    [heading] = [line for line in lines if "segment" in line]
    start, end = heading.index("segment"), heading.index("customers") - 2
    assert end - start >= 24
    assert _words([line[start:end] for line in lines]) == ["segment", *" ".join(NAMES).split()]
    assert _words(lines).count("mean") == n_shown


def test_a_name_that_needs_less_takes_less(tmp_path: Path) -> None:
    lines = _lines(_database(tmp_path, LONG, ["low", "high"]), 80)
    assert _words(lines).count("mean") == 4
    assert [line[:10] for line in lines[-2:]] == ["1  low    ", "2  high   "]


def test_a_feature_that_is_too_wide_makes_no_name_vanish(tmp_path: Path) -> None:
    features = ["internationalisationaffiliations", "age"]
    lines = _lines(_database(tmp_path, features, NAMES), 70)
    assert "internationalisationaffiliations" not in _words(lines)
    assert {"age", *" ".join(NAMES).split()} <= set(_words(lines))


def test_long_ids_leave_names_their_room(tmp_path: Path) -> None:
    """Names and ids share the 46 letters, or one more, that the other columns leave over."""
    database = _database(tmp_path, LONG, NAMES)
    ids = ", ".join(f"customer{i}@example.com" for i in range(3))
    with duckdb.connect(database) as connection:
        connection.execute("update people__profiles set representatives = ?", [ids])
    lines = _lines(database, 80)
    [heading] = [line for line in lines if "segment" in line]
    start, end = heading.index("segment"), heading.index("customers") - 2
    assert end - start == 23
    assert _words([line[start:end] for line in lines]) == ["segment", *" ".join(NAMES).split()]
    assert "".join(_words([line[heading.index("centroid") :] for line in lines])).count(ids.replace(" ", "")) == 2


@pytest.mark.parametrize("width", [60, 80, 120])
def test_what_goes_into_a_pipe_has_all_features(tmp_path: Path, width: int) -> None:
    lines = _lines(_database(tmp_path, LONG, NAMES), width, is_terminal=False)
    assert max(map(len, lines)) <= width
    if width == 120:
        assert lines == _lines(_database(tmp_path / "again", LONG, NAMES), width)
    assert _words(lines).count("mean") == 4
