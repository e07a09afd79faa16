"""What can't be done is refused in one message, and the last good tables stay."""

from __future__ import annotations

from typing import Any

import pytest
from sample import Project

HEADER = "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"mallard_min_clusters": 0, "mallard_max_clusters": 3}, "setting min_clusters is 0: set it to"),
        ({"mallard_min_clusters": 5, "mallard_max_clusters": 3}, "setting min_clusters is 5: it is above"),
        (
            {"mallard_max_clusters": 197},
            "setting max_clusters is 197: the 200 customers have only 196 different",
        ),
        ({"mallard_selection": "best"}, 'setting selection is "best": choose from evidence, elbow, silhouette.'),
        ({"mallard_n_clusters": 11}, "setting n_clusters is 11: only 1 to 10 are tried"),
        ({"mallard_n_init": 0}, "setting n_init is 0: set it to"),
        ({"mallard_random_state": -1}, "setting random_state is -1: set it to"),
        ({"mallard_scale": "standrad"}, 'setting scale is "standrad": choose from auto, standard, minmax'),
        ({"mallard_features": ["shoe_size"]}, "stg_mall__customers has no column 'shoe_size'; choose from age"),
        ({"mallard_features": ["gender"]}, "'gender' is not numeric but string; choose from age"),
        ({"mallard_features": ["customer_id"]}, "'customer_id' identifies a customer"),
        ({"mallard_features": []}, "setting features is []: give one or more columns"),
        ({"mallard_features": "age"}, 'setting features is "age": give one or more columns'),
        ({"mallard_features": None}, "setting features is null: give one or more columns"),
        ({"mallard_n_clusters": 5.0}, "setting n_clusters is 5.0: set it to auto or to a whole number"),
        ({"mallard_features": ["age", "age"]}, "'age' is listed twice; list it once"),
        (
            {"mallard_compression": "zip"},
            'setting compression is "zip": choose from auto, exact, coreset, none.',
        ),
        (
            {"mallard_max_points": 999},
            "setting max_points is 999: set it to a whole number of 1000 or more.",
        ),
        (
            {"mallard_max_points": "all"},
            'setting max_points is "all": set it to a whole number of 1000 or more.',
        ),
    ],
)
def test_settings_that_make_no_sense(built: Project, variables: dict[str, Any], message: str) -> None:
    before = built.public_tables()
    result = built.build(**variables)
    _assert_refused(result.returncode, result.stdout, message)
    assert built.public_tables() == before


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "there are no customers to segment"),
        (
            "1,Male,20,,40\n2,Male,20,30,0\n",
            "no row of mall_customers can be used: annual_income is missing or not a number (1 of 2 rows); "
            "spending_score is outside 1..100 (1 of 2 rows). Correct the file;",
        ),
        (
            "C001,Male,20,30,40\nC002,Male,20,31,0\nC003,Male,20,32,0\n",
            "no row of mall_customers can be used: customer_id is missing or not a whole number (3 of 3 rows); "
            "spending_score is outside 1..100 (2 of 3 rows). Correct the file;",
        ),
        (
            "1,Male,20,30,40\n2,Male,20,31,40\n",
            "feature spending_score can't be scaled, because it varies too little among the 2 customers",
        ),
        ("1,Male,20,30,40\n2,Male,20,31,41\n", "setting max_clusters is 10: the 2 customers have only 2"),
    ],
    ids=["empty", "all rejected", "ids with letters", "constant feature", "too few customers"],
)
def test_tables_that_cannot_be_segmented(built: Project, rows: str, message: str) -> None:
    before = built.public_tables()
    built.seed.write_text(HEADER + rows)
    result = built.build()
    _assert_refused(result.returncode, result.stdout, message)
    assert built.public_tables() == before


def _assert_refused(returncode: int, output: str, message: str) -> None:
    assert returncode != 0
    assert any(message in line for line in output.splitlines())
    assert "Traceback" not in output
    assert 'File "' not in output
