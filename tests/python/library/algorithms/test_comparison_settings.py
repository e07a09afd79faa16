from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from mallard.algorithms.register import ALGORITHMS
from mallard.algorithms.settings import ComparisonSettings, read_comparison
from mallard.errors import MallardError


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ([1], r"the settings are \[1\]: give them as"),
        ({"algorithms": "kmeans"}, r'setting algorithms is "kmeans": give a list of kmeans, sklearn_kmeans, '),
        (
            {"algorithms": ["kmeans", "dbscan"]},
            r'setting algorithms is \["kmeans", "dbscan"\]: give a list of kmeans, ',
        ),
        ({"algorithms": []}, r"setting algorithms is \[\]: give a list of"),
        ({"algorithms": [["kmeans"]]}, "give a list of"),
        ({"min_clusters": 1}, "setting min_clusters is 1: set it to a whole number of 2 or more"),
        ({"max_clusters": True}, "setting max_clusters is true: set it to a whole number"),
        ({"min_clusters": 5, "max_clusters": 4}, "setting max_clusters is 4: it is below min_clusters, 5; raise it"),
        ({"max_rows": 9}, "setting max_rows is 9: set it to a whole number from 10 to 1000000"),
        ({"n_resamples": -1}, "setting n_resamples is -1: set it to a whole number from 0 to 1000"),
        ({"random_state": "0"}, 'setting random_state is "0": set it to a whole number'),
        ({"max_row": 10}, "setting max_row is 10: there is no such setting; did you mean max_rows?"),
        ({"colour": None}, "there is no such setting; choose from algorithms, min_clusters, "),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(meta: Any, said: str) -> None:
    with pytest.raises(MallardError, match=said) as refused:
        read_comparison(meta)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("lowest", "highest", "n_segments", "tried"),
    [
        (None, None, 5, [4, 5, 6]),
        (None, None, 1, [2]),
        (None, None, 2, [2, 3]),
        (None, None, None, [2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (3, None, 5, [3, 4, 5, 6]),
        (8, None, 5, [8]),
        (None, 3, 5, [3]),
        (None, 8, 5, [4, 5, 6, 7, 8]),
        (2, 3, 9, [2, 3]),
    ],
)
def test_which_numbers_are_tried(
    lowest: int | None, highest: int | None, n_segments: int | None, tried: list[int]
) -> None:
    settings = ComparisonSettings(min_clusters=lowest, max_clusters=highest)
    assert list(settings.tried(n_segments)) == tried


def test_algorithms_run_once_each_in_the_order_given_or_all_that_need_no_other_package() -> None:
    assert ComparisonSettings(["birch", "kmeans", "birch"]).chosen == ["birch", "kmeans"]
    assert ComparisonSettings().chosen == [name for name in ALGORITHMS if name != "kmedoids"]


def test_the_page_about_them_names_every_setting_and_algorithm() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "explanation" / "compare-algorithms.md").read_text("utf-8")
    names = [*ALGORITHMS, *(field.name for field in fields(ComparisonSettings))]
    assert [name for name in names if f"`{name}`" not in page] == []
