"""What can't be done is refused in one message, and the last good tables stay."""

from __future__ import annotations

from typing import Any

import pytest
from project_copy import Project

HEADER = "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"mallard_min_clusters": 0, "mallard_max_clusters": 3}, "setting mallard_min_clusters is 0: set it to"),
        ({"mallard_min_clusters": 5, "mallard_max_clusters": 3}, "setting mallard_min_clusters is 5: it is above"),
        (
            {"mallard_max_clusters": 197},
            "setting mallard_max_clusters is 197: the 200 customers have only 196 different",
        ),
        ({"mallard_selection": "best"}, "setting mallard_selection is 'best': choose from elbow, silhouette, or"),
        ({"mallard_selection": 11}, "setting mallard_selection is 11: choose from"),
        ({"mallard_n_init": 0}, "setting mallard_n_init is 0: set it to"),
        ({"mallard_random_state": -1}, "setting mallard_random_state is -1: set it to"),
        ({"mallard_scaling": "standrad"}, 'setting mallard_scaling is "standrad": choose from standard, minmax'),
        ({"mallard_features": ["shoe_size"]}, "stg_mall__customers has no column 'shoe_size'; choose from age"),
        ({"mallard_features": ["gender"]}, "'gender' isn't numeric but varchar; choose from age"),
        ({"mallard_features": ["customer_id"]}, "'customer_id' identifies a customer"),
        ({"mallard_features": []}, "setting mallard_features is []: give one or more columns of stg_mall__customers"),
        ({"mallard_features": "age"}, 'setting mallard_features is "age": give one or more columns'),
        ({"mallard_features": None}, "setting mallard_features is null: give one or more columns"),
        ({"mallard_selection": 5.0}, "setting mallard_selection is 5.0: choose from"),
        ({"mallard_features": ["age", "age"]}, "'age' is there twice; name it once"),
        (
            {"mallard_compression": "zip"},
            "setting mallard_compression is 'zip': choose from auto, exact, coreset, none.",
        ),
        (
            {"mallard_max_points": 999},
            "setting mallard_max_points is 999: set it to a whole number of 1000 or more.",
        ),
        (
            {"mallard_max_points": "all"},
            "setting mallard_max_points is 'all': set it to a whole number of 1000 or more.",
        ),
    ],
)
def test_settings_that_make_no_sense(built: Project, variables: dict[str, Any], message: str) -> None:
    before = built.public_tables()
    result = built.build(**variables)
    _assert_refused(result.returncode, result.stdout + result.stderr, message)
    assert built.public_tables() == before


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "there are no customers to segment"),
        ("1,Male,20,,40\n2,Male,20,30,0\n", "there are no customers to segment"),
        ("1,Male,20,30,40\n2,Male,20,31,40\n", "'spending_score' can't be scaled with mallard_scaling 'standard'"),
        ("1,Male,20,30,40\n2,Male,20,31,41\n", "setting mallard_max_clusters is 10: the 2 customers have only 2"),
    ],
    ids=["empty", "all rejected", "constant feature", "too few customers"],
)
def test_tables_that_cannot_be_segmented(built: Project, rows: str, message: str) -> None:
    before = built.public_tables()
    built.seed.write_text(HEADER + rows)
    result = built.build()
    _assert_refused(result.returncode, result.stdout + result.stderr, message)
    assert built.public_tables() == before


def _assert_refused(returncode: int, output: str, message: str) -> None:
    assert returncode != 0
    assert any(message in line for line in output.splitlines())
    assert "Traceback" not in output
    assert 'File "' not in output
