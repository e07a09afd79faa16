"""A second build of the sample: its Python models keep the rows that are there, if they would make the same ones."""

from __future__ import annotations

from typing import Any

import pytest
from sample import Project

KEPT = "{}: nothing to compute: the rows that are there were made of the same customers with the same settings"
PYTHON_MODELS = ("mall_kmeans", "mall_algorithm_comparison")


def _kept(built: Project, *args: str, **variables: Any) -> list[str]:
    result = built.build(*args, **variables)
    assert result.returncode == 0, result.stdout
    return [model for model in PYTHON_MODELS if KEPT.format(model) in result.stdout]


def _rows(built: Project) -> list[list[tuple[Any, ...]]]:
    return [built.query(f"select * from {model} order by all") for model in PYTHON_MODELS]


def test_nothing_changed(built: Project, built_once: Project) -> None:
    assert _kept(built) == list(PYTHON_MODELS)
    assert _rows(built) == _rows(built_once)  # with the seconds that the algorithms took
    assert built.public_tables() == built_once.public_tables()


def test_a_customer_changed(built: Project) -> None:
    before = built.seed.read_text()
    built.seed.write_text(before.replace("\n1,Male,19,15,39", "\n1,Male,19,15,40"))
    assert built.seed.read_text() != before
    [(spread,)] = built.query("select stddev_pop(spending_score) from customer_segments")
    assert _kept(built) == []
    [(changed,)] = built.query("select stddev_pop(spending_score) from customer_segments")
    [(inertia,)] = built.query("select sum(segment_inertia) from mall_kmeans where n_clusters = 1")
    assert changed != spread
    assert inertia == pytest.approx(400, rel=1e-12)  # of 200 customers with two standardised features


def test_a_setting_changed(built: Project) -> None:
    assert _kept(built, mallard_max_clusters=6) == ["mall_algorithm_comparison"]  # the five segments are the same
    assert built.query("select max(n_clusters) from mall_kmeans") == [(6,)]


def test_a_full_refresh(built: Project, built_once: Project) -> None:
    assert _kept(built, "--full-refresh") == []
    assert built.public_tables() == built_once.public_tables()
