"""Metrics as MetricFlow computes them, where its command `mf` is installed."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sample import Project

PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
MF = shutil.which("mf", path=PLACES)
METRICS = ["n_customers", "customer_share", "avg_annual_income", "avg_spending_score"]

pytestmark = pytest.mark.skipif(MF is None, reason="MetricFlow isn't installed: pip install dbt-metricflow gives mf")


def _ask(project: Project, metrics: list[str], group_by: str) -> list[dict[str, str]]:
    file = project.path / "answer.csv"
    command = [str(MF), "query", "--metrics", ",".join(metrics), "--group-by", group_by, "--order", group_by]
    result = subprocess.run(
        [*command, "--csv", str(file)], cwd=project.path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    with file.open() as answer:
        return list(csv.DictReader(answer))


def test_metrics_by_segment_are_what_the_profiles_say(built: Project) -> None:
    rows = _ask(built, METRICS, "segment__segment_name")
    columns = "segment_name, n_customers, share, avg_annual_income, avg_spending_score"
    expected = built.query(f"select {columns} from segment_profiles order by segment_name")
    assert [row["segment__segment_name"] for row in rows] == [name for name, *_ in expected]
    found = [[float(row[metric]) for metric in METRICS] for row in rows]
    assert found == [pytest.approx(numbers, rel=1e-12) for _, *numbers in expected]


def test_customers_are_counted_by_what_they_are(built: Project) -> None:
    rows = _ask(built, ["n_customers"], "customer__gender")
    assert rows == [
        {"customer__gender": "Female", "n_customers": "112"},
        {"customer__gender": "Male", "n_customers": "88"},
    ]


def test_the_only_day_is_today(built: Project) -> None:
    [row] = _ask(built, ["n_customers", "customer_share"], "metric_time")
    assert (float(row["n_customers"]), float(row["customer_share"])) == (200, pytest.approx(1, rel=1e-12))
