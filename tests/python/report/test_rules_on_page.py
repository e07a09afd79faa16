"""What the page says about rules, and what it hides."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from database import make_database

from mallard.report.data import ReportData
from mallard.report.disclosure import Disclosure
from mallard.report.page import render
from mallard.report.reading import read_report_data
from mallard.report.rule_words import how_many, how_well

LABELS = np.repeat([0, 1, 2], [40, 60, 50])
Rules = list[tuple[int, int, str, int | None, int | None]]
RULES: Rules = [
    (1, 1, "x is below <5>", 39, 39),
    (2, 2, "x is at least 5 and y is below 2", 58, 57),
    (3, 3, "x is at least 5 and y is at least 2", 53, 50),
]
"""Rule, segment, words, customers whom it catches, and those of the segment."""


BY_RULES: Rules = [
    (1, 1, "x is below 5", 40, 40),
    (2, 2, "x is at least 5 and y is below 2", 57, 57),
    (3, 2, "x is at least 11 and y is at least 2", 3, 3),
    (4, 3, "x is at least 5 and below 11 and y is at least 2", 50, 50),
]


def _data(folder: Path, rules: Rules, disclosure: Disclosure, gives_segments: bool | None = None) -> ReportData:
    random = np.random.default_rng(0)
    values = np.array([[0.0, 0], [9, 0], [9, 9]])[LABELS] + random.normal(size=(150, 2))
    file = make_database(folder / "shop.duckdb", values, LABELS, ["x", "y"], ["low", "high", "other"])
    agreement = sum(n_of_segment or 0 for *_, n_of_segment in rules) / 150
    with duckdb.connect(file) as connection:
        [(segmentation,)] = connection.execute(
            "select replace(table_name, '__metrics', '') from duckdb_tables() where table_name like '%__metrics'"
        ).fetchall()
        types = "rule integer, segment_id integer, rule_text varchar, n_customers bigint, n_of_segment bigint"
        connection.execute(
            f"create table {segmentation}__rules "
            f"({types}, rule_path varchar, agreement double, price_of_explanation double)"
        )
        for rule in rules:
            path = json.dumps(rule[2].split(" and "))
            values_of = f"(?, ?, ?, ?, ?, ?, {agreement}, 1.05)"
            connection.execute(f"insert into {segmentation}__rules values {values_of}", [*rule, path])
        if gives_segments is not None:
            connection.execute(
                f"alter table {segmentation}__rules add column gives_segments boolean default {gives_segments}"
            )
    return read_report_data(file, disclosure=disclosure)


def test_sentences(tmp_path: Path) -> None:
    data = _data(tmp_path, RULES, Disclosure())
    assert data.rules is not None
    page = render(data, "")
    assert (
        "Segment 2, <bdi>high</bdi>: <bdi>x is at least 5 and y is below 2</bdi>. It catches 57 of 60 customers" in page
    )
    assert "<bdi>x is below &lt;5&gt;</bdi>" in page
    assert how_many(data, data.rules.rules[1], data.segments[1]) == (
        "It catches 57 of 60 customers (95%), and 98% of those it catches belong to it."
    )
    assert "For 97% of the customers" in how_well(data, data.rules)
    assert "inertia would be 5.0% higher" in how_well(data, data.rules)


def test_what_rules_that_give_the_segments_change(tmp_path: Path) -> None:
    """Nothing is said by distances, and what is of the nearest centroids says so."""
    data = _data(tmp_path, BY_RULES, Disclosure(), gives_segments=True)
    assert data.rules is not None
    assert how_well(data, data.rules) == (
        "These rules give the segments: each customer falls under exactly one. Inertia is 5.0% higher than with the "
        "nearest centroids, which they follow."
    )
    assert how_many(data, data.rules.rules[1], data.segments[1]) == "It catches 57 customers."
    page = render(data, "")
    assert "There is no finder, because rules say who is in which segment, and distances do not." in page
    assert "These figures are of the segments of the nearest centroids, which the rules follow." in page
    assert "The line is the mean of the segments of the nearest centroids" in page
    assert "what speaks most for the segment" not in page
    (tmp_path / "follows").mkdir()
    follows = _data(tmp_path / "follows", RULES, Disclosure(), gives_segments=False)
    assert "which the rules follow" not in render(follows, "")


def test_the_rest_of_a_segment_is_hidden_with_few_customers(tmp_path: Path) -> None:
    """Rule 3 catches 3, and the 57 of rule 2 would tell."""
    data = _data(tmp_path, BY_RULES, Disclosure(rows=False, suppress_below=5), gives_segments=True)
    assert data.rules is not None
    assert {rule.text: rule.n_customers for rule in data.rules.rules if rule.segment == 2} == {BY_RULES[1][2]: None}


def test_few_customers_are_hidden(tmp_path: Path) -> None:
    """Rule 1 leaves 1 of its segment, rule 2 catches 1 of another, rule 3 catches 3: each gives away few customers."""
    data = _data(tmp_path, RULES, Disclosure(rows=False, suppress_below=5))
    assert data.rules is not None
    assert [(rule.n_customers, rule.n_of_segment) for rule in data.rules.rules] == [(None, None)] * 3
    assert data.rules.agreement is None
    assert "For nearly all of the customers" in how_well(data, data.rules)


def test_what_the_table_hides_stays_hidden(tmp_path: Path) -> None:
    data = _data(tmp_path, [RULES[0], RULES[1], (*RULES[2][:3], None, None)], Disclosure(rows=False, suppress_below=5))
    assert data.rules is not None
    assert [(rule.text, rule.n_customers) for rule in data.rules.rules] == [(RULES[0][2], None), (RULES[1][2], None)]
    assert data.rules.n_hidden == 1


def test_a_rule_for_few_customers_is_hidden(tmp_path: Path) -> None:
    rules: Rules = [
        (1, 1, "x is below 5", 50, 40),
        (2, 2, "y is below 2", 50, 50),
        (3, 3, "y is 3", 47, 40),
        (4, 2, "y is 7", 3, 3),
    ]
    data = _data(tmp_path, rules, Disclosure(rows=False, suppress_below=5))
    assert data.rules is not None
    assert [rule.text for rule in data.rules.rules] == ["x is below 5", "y is below 2", "y is 3"]
    assert "Rules for fewer than 5 customers are left out." in how_well(data, data.rules)


@pytest.mark.parametrize("disclosure", [Disclosure(), Disclosure(rows=False, suppress_below=5)])
def test_without_rules(tmp_path: Path, disclosure: Disclosure) -> None:
    data = _data(tmp_path, [], disclosure)
    assert data.rules is None
    assert 'id="rules"' not in render(data, "")
