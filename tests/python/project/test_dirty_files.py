"""Files as they come, in place of the seed: every row is accounted for, or one message says what to change."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sample import ROOT, Project

with (ROOT / "seeds" / "mall_customers.csv").open(newline="") as file:
    HEADINGS, *CUSTOMERS = csv.reader(file)
COLUMNS = dict(zip(("customer_id", "gender", "age", "annual_income", "spending_score"), HEADINGS, strict=True))
ONLY = ["--exclude", "resource_type:unit_test", "--indirect-selection", "cautious"]
STAGING = ["--select", "+stg_mall__customers", "+stg_mall__rejected_customers", *ONLY]


def _written(rows: list[list[str]], **dialect: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, **({"lineterminator": "\n"} | dialect)).writerows(rows)
    return text.getvalue().encode()


def _changed(row: int, **values: str) -> list[list[str]]:
    """The table with some values of a row changed."""
    places = list(COLUMNS)
    changed = [values.get(name, value) for name, value in zip(places, CUSTOMERS[row], strict=True)]
    return [HEADINGS, *CUSTOMERS[:row], changed, *CUSTOMERS[row + 1 :]]


TABLE = [HEADINGS, *CUSTOMERS]
CLEAN = {
    "line ends of Windows": _written(TABLE, lineterminator="\r\n"),
    "line ends of the old Macintosh": _written(TABLE, lineterminator="\r"),
    "byte order mark": b"\xef\xbb\xbf" + _written(TABLE),
    "everything quoted": _written(TABLE, quoting=csv.QUOTE_ALL),
    "blank lines": _written(TABLE).replace(b"\n", b"\n\n", 3),
    "an index column": _written([["", *HEADINGS], *([str(i), *row] for i, row in enumerate(CUSTOMERS))]),
    "another column": _written([[*HEADINGS, "Note"], *([*row, "x, y"] for row in CUSTOMERS)]),
    "other order of the columns": _written([row[::-1] for row in TABLE]),
    "ids with leading zeros": _written([HEADINGS, *([row[0].zfill(6), *row[1:]] for row in CUSTOMERS)]),
    "no-break spaces around numbers": _written(
        [HEADINGS, *([*row[:2], *(f"\u00a0{value}\u202f" for value in row[2:])] for row in CUSTOMERS)]
    ),
    "spaces around values": _written([HEADINGS, *([f" {value} " for value in row] for row in CUSTOMERS)]),
}
REJECTED = {
    "blank cells": (_changed(3, annual_income="", age=""), 1, "annual_income is missing or not a number"),
    "a question mark": (_changed(3, spending_score="?"), 1, "spending_score is missing or not a number"),
    "a negative age": (_changed(3, age="-20"), 1, "age is outside 0..120"),
    "a quoted thousand": (_changed(3, annual_income="1,200"), 1, "annual_income is missing or not a number"),
    "a repeated row": ([*TABLE, CUSTOMERS[0]], 1, "duplicate of another row"),
    "a repeated id": (_changed(3, customer_id="1"), 2, "customer_id is repeated with other data"),
}


@pytest.mark.parametrize("file", CLEAN)
def test_every_customer_of_a_file_in_another_form_is_used(project: Project, file: str) -> None:
    project.seed.write_bytes(CLEAN[file])
    result = project.build(*STAGING)
    assert result.returncode == 0, result.stdout
    rows = project.query("select * from stg_mall__customers order by customer_id")
    assert rows == [
        (int(i), gender, int(age), float(income), float(score)) for i, gender, age, income, score in CUSTOMERS
    ]


@pytest.mark.parametrize("file", REJECTED)
def test_rows_that_cannot_be_used_are_rejected_with_the_reason(project: Project, file: str) -> None:
    table, n_rejected, reason = REJECTED[file]
    project.seed.write_bytes(_written(table))
    result = project.build(*STAGING)
    assert result.returncode == 0, result.stdout
    rejected = project.query("select reject_reason from stg_mall__rejected_customers")
    assert rejected == [(reason,)] * n_rejected
    assert project.query("select count(*) from stg_mall__customers") == [(len(table) - 1 - n_rejected,)]


def test_a_file_with_other_headings_says_so_and_can_be_mapped(project: Project) -> None:
    project.seed.write_bytes(_written([[heading.replace("Gender", "Genre") for heading in HEADINGS], *CUSTOMERS]))
    result = project.build(*STAGING)
    assert result.returncode == 1
    assert (
        'mallard: setting mallard_columns is {"gender": "Gender"}: mall_customers has no such column; name one of '
        "CustomerID, Genre, Age, Annual Income (k$), Spending Score (1-100)." in result.stdout
    )
    assert "Traceback" not in result.stdout
    result = project.build(*STAGING, mallard_columns=COLUMNS | {"gender": "Genre"})
    assert result.returncode == 0, result.stdout
    assert project.query("select count(gender) from stg_mall__customers") == [(200,)]
    kinds = {kind for (kind,) in project.query("select column_type from (describe mall_customers)")}
    assert kinds == {"VARCHAR"}


def test_a_heading_is_needed_for_every_column(built: Project) -> None:
    result = built.build(*STAGING, mallard_columns={"gender": "Genre"})
    assert result.returncode != 0
    said = (
        'mallard: setting mallard_columns is {"gender": "Genre"}: give a heading for each of customer_id, gender, age,'
    )
    assert said in result.stdout


def test_a_file_with_semicolons_says_so_and_can_be_read(project: Project) -> None:
    project.seed.write_bytes(_written(TABLE, delimiter=";"))
    result = project.build(*STAGING)
    assert result.returncode == 1
    assert "if the file has another delimiter than a comma, set mallard_delimiter to it." in result.stdout
    result = project.build("--full-refresh", *STAGING, mallard_delimiter=";")
    assert result.returncode == 0, result.stdout
    assert project.query("select count(*) from stg_mall__customers") == [(200,)]
