"""What the page suggests, from tables with known figures, and what each suggestion rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from database import make_database

from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.reading import read_report_data
from mallard.report.suggestions import suggestions

SIZES = [50, 30, 20]


def _read(
    folder: Path,
    features: dict[str, list[float]],
    worth: list[float] | None = None,
    sizes: list[int] = SIZES,
    columns: dict[str, list[float]] | None = None,
    entity: str = "customer",
    disclosure: Disclosure = Disclosure(),  # noqa: B008
) -> ReportData:
    """Segments of given sizes in which all customers have the same values, up to a hair."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    hair = 1e-6 * np.random.default_rng(0).random(size=len(labels))
    values = np.column_stack([np.repeat(of, sizes) + hair for of in features.values()]).astype(float)
    options: dict[str, Any] = {"worth": ("revenue", np.repeat(worth, sizes))} if worth else {}
    options["columns"] = {name: np.repeat(of, sizes).astype(float) for name, of in (columns or {}).items()}
    names = [f"name{i}" for i in range(len(sizes))]
    database = make_database(folder / "people.duckdb", values, labels, list(features), names, **options)
    with duckdb.connect(database) as connection:
        connection.execute(f"update people__metrics set entity = '{entity}'")
    return read_report_data(database, disclosure=disclosure)


def _advice(data: ReportData) -> list[str]:
    found = suggestions(data)
    return [found[segment].advice for segment in sorted(found)]


def _why(data: ReportData, segment: int) -> list[str]:
    return [": ".join(filter(None, reason)) for reason in suggestions(data)[segment].because]


def test_value_against_size_and_recency_decide_and_are_said(tmp_path: Path) -> None:
    # Of 1,000, the segments have 50, 150 and 800; means of recency are 200, 60 and 10, and 120 of all.
    data = _read(tmp_path, {"recency_days": [200, 60, 10]}, worth=[1, 5, 40])
    assert _advice(data) == [
        "Try one cheap message with a deadline, and stop if nothing comes back.",
        "They still come: raise what they spend each time, by bundles for example.",
        "Keep them: serve them first, and give no discount that they don't need.",
    ]
    assert _why(data, 1) == [
        "5.0% of revenue comes from 50% of customers",
        "recency days: high, mean 200.0 against 120.0",
    ]
    assert _why(data, 3) == ["80% of revenue comes from 20% of customers", "recency days: low, mean 10.0 against 120.0"]


def test_those_that_are_away_for_much_longer_than_usual_come_first(tmp_path: Path) -> None:
    features = {"recency_days": [80, 60, 70], "days_between_orders": [70, 55, 14]}
    data = _read(tmp_path, features, worth=[1, 5, 40])
    assert _advice(data)[2] == "Win them back first: write or call in person, and ask what has changed."
    assert _why(data, 3)[1] == "recency days: median 70.0, with a median of 14.0 days between orders"
    other = _read(
        _folder(tmp_path), {"recency_days": [80, 60, 27], "days_between_orders": [70, 55, 14]}, worth=[1, 5, 40]
    )
    assert _advice(other)[2] != _advice(data)[2]


def test_new_ones_are_welcomed(tmp_path: Path) -> None:
    data = _read(tmp_path, {"days_since_first_order": [900, 800, 20]}, worth=[10, 10, 10])
    assert _advice(data)[2] == "Welcome them: make the next order easy, and show what else there is."
    assert _why(data, 3) == ["days since first order: low, mean 20.0 against 694.0"]


@pytest.mark.parametrize(
    ("score", "income", "advice"),
    [
        (90, 90, "Keep them: offer early access and personal service, and thank them."),
        (90, 10, "Keep prices within their reach: loyalty points, bundles, instalments."),
        (10, 90, "Ask why they don't buy more; they could afford it."),
        (10, 10, "Serve them at low cost, and watch for those that spend more over time."),
    ],
)
def test_without_a_value_column_names_of_features_say_what_is_value(
    tmp_path: Path, score: float, income: float, advice: str
) -> None:
    data = _read(tmp_path, {"spending_score": [50, 50, score], "annual_income": [50, 50, income]})
    assert _advice(data)[2] == advice
    assert {reason.split(":")[0] for reason in _why(data, 3)} == {"spending score", "annual income"}


def test_another_column_counts_as_a_feature_does(tmp_path: Path) -> None:
    data = _read(tmp_path, {"x": [1, 2, 3]}, worth=[1, 5, 40], columns={"recency_days": [200, 60, 10]})
    assert _advice(data)[2] == "Keep them: serve them first, and give no discount that they don't need."


def test_what_people_call_a_column_counts_as_its_name_does(tmp_path: Path) -> None:
    _read(tmp_path, {"x17": [200, 60, 10]}, worth=[1, 5, 40])
    with duckdb.connect(tmp_path / "people.duckdb") as connection:
        connection.execute("update people__profiles set label = 'days since the last visit'")
    data = read_report_data(tmp_path / "people.duckdb")
    assert _advice(data)[2] == "Keep them: serve them first, and give no discount that they don't need."
    assert _why(data, 3)[1].startswith("days since the last visit: low")


def test_no_two_get_the_same_advice(tmp_path: Path) -> None:
    """Four segments bring much and were there lately; three rules fit, and the fourth gets what sets it apart."""
    sizes = [60, 10, 10, 10, 10]
    data = _read(
        tmp_path,
        {"recency_days": [200, 10, 11, 12, 13], "depth": [5, 5, 5, 5, 9]},
        worth=[1, 40, 39, 38, 37],
        sizes=sizes,
    )
    found = _advice(data)
    assert len(set(found)) == 5
    assert found[1:3] == [
        "Keep them: serve them first, and give no discount that they don't need.",
        "Keep them: thank them, and ask what they would miss.",
    ]
    assert found[4] == "Find out why depth is high here, and decide whether that calls for something of its own."


def test_names_that_say_nothing_give_differences_with_figures(tmp_path: Path) -> None:
    data = _read(tmp_path, {"a": [1, 9, 9], "b": [2, 2, 7]})
    assert _advice(data) == [
        "Find out why a is low here, and decide whether that calls for something of its own.",
        "Find out why a is high here, and decide whether that calls for something of its own.",
        "Find out why b is high here, and decide whether that calls for something of its own.",
    ]
    assert _why(data, 3) == ["b: high, mean 7.00 against 3.00"]


def test_two_that_differ_in_the_same_features_are_told_apart_by_more_of_them(tmp_path: Path) -> None:
    # In both of the last two, a is high and differs most; in the last one, b is high, too.
    data = _read(tmp_path, {"a": [1, 9, 9.5], "b": [2, 2, 2.6]}, sizes=[60, 20, 20])
    found = _advice(data)
    assert len(set(found)) == 3


def test_where_nothing_is_different_the_advice_is_that_of_all(tmp_path: Path) -> None:
    data = _read(tmp_path, {"a": [1, 5, 9]}, sizes=[40, 40, 40])
    assert _advice(data)[1] == "These resemble the average customer: what works for all should work here."
    assert _why(data, 2) == ["no feature is 0.5 standard deviations or more from the average"]


def test_products_get_neutral_advice(tmp_path: Path) -> None:
    features = {"recency_days": [200.0, 60.0, 10.0]}
    data = _read(tmp_path, features, worth=[1, 5, 40], sizes=[55, 25, 20], entity="product")
    assert _advice(data) == [
        "Ask what so many are for: each brings little.",
        "Check whether these are worth what they cost.",
        "Look after these before others: they are few and bring much.",
    ]
    assert _why(data, 3) == ["82% of revenue comes from 20% of products"]
    for words in ("them", "write", "thank", "customer"):
        assert not any(f" {words} " in advice for advice in _advice(data))


def test_without_a_value_nothing_is_said_of_the_worth_of_products(tmp_path: Path) -> None:
    data = _read(tmp_path, {"revenue": [1, 5, 9]}, entity="spare part")
    assert all(advice.startswith(("Look after", "Check", "Find", "These", "Ask")) for advice in _advice(data))


def test_hidden_segments_get_none(tmp_path: Path) -> None:
    shown = Disclosure(suppress_below=5)
    data = _read(tmp_path, {"a": [1, 5, 9, 12]}, sizes=[60, 30, 3, 10], disclosure=shown)
    assert set(suggestions(data)) == {1, 2}


def _folder(folder: Path) -> Path:
    other = folder / "other"
    other.mkdir()
    return other
