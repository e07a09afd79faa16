"""A segmentation lives through the same builds on DuckDB and on Spark, and has the same tables after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from compare import DIFFERENT, Table, differences, duckdb_tables
from consumer import Consumer, make_consumer
from spark_consumer import make_spark_consumer, needs_spark

pytestmark = [pytest.mark.slow, needs_spark]

RNG = np.random.default_rng(1)
PLACES = np.repeat([[10.0, 10.0], [40.0, 12.0], [25.0, 45.0]], [60, 50, 40], axis=0)
FIRST = pd.DataFrame(
    {
        "customer_id": [f"c{i}" for i in range(len(PLACES))],
        "visits": PLACES[:, 0] + RNG.uniform(-4, 4, len(PLACES)),
        "revenue": PLACES[:, 1] + RNG.uniform(-4, 4, len(PLACES)),
        "age": RNG.uniform(20, 80, len(PLACES)),
    }
)
DRIFTED = FIRST.iloc[5:].assign(revenue=lambda customers: customers.revenue + 30 * (customers.visits < 15))
FEATURES = {"visits": {"scale": "standard"}, "revenue": {"scale": "standard"}}
SETTINGS: dict[str, Any] = {"id": "customer_id", "features": FEATURES, "n_clusters": 3, "history_days": 30}
NEW_FEATURE = {**SETTINGS, "features": {**FEATURES, "age": {"scale": "minmax"}}, "n_clusters": 4}
WITH_GAPS = DRIFTED.assign(revenue=DRIFTED.revenue.mask(DRIFTED.index % 11 == 0))
BY_RULES = {**SETTINGS, "assignment": "rules", "n_clusters": 5, "main_reason": True, "contamination": 0.05}


@dataclass(frozen=True)
class Step:
    """A run of dbt on some customers, and whether it succeeds."""

    customers: pd.DataFrame
    settings: dict[str, Any]
    arguments: tuple[str, ...] = ("build",)
    select: str = "select * from {source}"
    succeeds: bool = True


STEPS = {
    "a first fit": Step(FIRST, SETTINGS),
    "nothing to fit": Step(FIRST, SETTINGS),
    "drift": Step(DRIFTED, {**SETTINGS, "refit": "when_needed"}),
    "another k and a new feature": Step(DRIFTED, NEW_FEATURE),
    "a select that fails": Step(DRIFTED, NEW_FEATURE, select="select nothing from {source}", succeeds=False),
    "a fit that fails": Step(DRIFTED, {**NEW_FEATURE, "n_clusters": 400}, succeeds=False),
    "no customers": Step(DRIFTED, NEW_FEATURE, ("build", "--empty")),
    "a full refresh": Step(DRIFTED, NEW_FEATURE, ("build", "--full-refresh")),
    "rules give the segments": Step(WITH_GAPS, BY_RULES),
    "by rules, nothing to fit": Step(WITH_GAPS.iloc[5:], {**BY_RULES, "refit": "never"}),
    "rules give others": Step(WITH_GAPS.iloc[5:], {**BY_RULES, "rules": {"max_leaves": 9}}),
    "a new beginning": Step(
        FIRST, SETTINGS, ("run-operation", "mallard.forget_history", "--args", "{segmentation: segments}")
    ),
    "a first fit again": Step(FIRST, SETTINGS),
}
Tables = dict[str, Table]


def _lives(project: Consumer, source: str, tables: Callable[[], Tables]) -> dict[str, Tables]:
    """All tables after each step."""
    after = {}
    for name, step in STEPS.items():
        parquet.write_table(
            pa.Table.from_pandas(step.customers, preserve_index=False), project.path / "customers.parquet"
        )
        project.write_segmentation("segments", step.select.format(source=source), **step.settings)
        result = project.dbt(*step.arguments)
        assert (result.returncode == 0) == step.succeeds, f"{name}: {result.stdout}"
        after[name] = tables()
    return after


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    project = make_consumer(tmp_path_factory.mktemp("lifecycle_duckdb"))
    file = project.path / "customers.parquet"
    return _lives(project, f"read_parquet('{file}')", partial(duckdb_tables, project.database))


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    project = make_spark_consumer(tmp_path_factory.mktemp("lifecycle_spark"))
    file = project.path / "customers.parquet"
    return _lives(project, f"parquet.`{file}`", project.tables)


@pytest.mark.parametrize("step", STEPS)
def test_tables_are_the_same(on_duckdb: dict[str, Tables], on_spark: dict[str, Tables], step: str) -> None:
    found = differences(on_duckdb[step], on_spark[step])
    assert {name: said for name, (outcome, said) in found.items() if outcome == DIFFERENT} == {}
