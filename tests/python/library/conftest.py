"""What the tests of the library share: the Mall data, customers in DuckDB, and their segments."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_limits

from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings

REPOSITORY = Path(__file__).parents[3]
SCALINGS = ("raw", "standardised")


@pytest.fixture(scope="session", autouse=True)
def one_thread_for_scikit_learn() -> Iterator[None]:
    """Its threads wait for each other at full speed, so that beside another process all take ten times as long."""
    with threadpool_limits(1, user_api="openmp"):
        yield


@pytest.fixture(scope="session")
def mall() -> dict[str, np.ndarray]:
    """Income and spending of the 200 customers, shape (200, 2), under each scaling."""
    with (REPOSITORY / "seeds" / "mall_customers.csv").open(newline="") as file:
        customers = list(csv.DictReader(file))
    columns = ("Annual Income (k$)", "Spending Score (1-100)")
    raw = np.array([[float(customer[column]) for column in columns] for customer in customers])
    assert raw.shape == (200, 2)
    return {"raw": raw, "standardised": (raw - raw.mean(axis=0)) / raw.std(axis=0)}


@pytest.fixture(scope="session")
def best_known() -> dict[str, dict[int, dict[str, Any]]]:
    """The best partition known of the Mall data, by scaling and k."""
    known = json.loads((Path(__file__).parent / "data" / "best_known_inertia.json").read_text())
    return {scaling: {int(k): figures for k, figures in known[scaling].items()} for scaling in SCALINGS}


@pytest.fixture
def in_duckdb() -> Iterator[Callable[..., DuckDBRows]]:
    """Put rows, shape (n_rows, n_features), into a table of DuckDB."""
    with ExitStack() as connections:

        def put(rows: np.ndarray, threads: int = 2, weights: np.ndarray | None = None) -> DuckDBRows:
            connection = connections.enter_context(duckdb.connect(config={"threads": threads}))
            features = pa.table({f"scaled_{i}": np.ascontiguousarray(feature) for i, feature in enumerate(rows.T)})
            if weights is not None:
                features = features.append_column("times", pa.array(weights))
            connection.execute("create table features as from features")
            return DuckDBRows(
                connection.table("features"),
                features.column_names[: rows.shape[1]],
                None if weights is None else "times",
            )

        yield put


@pytest.fixture
def segmented() -> Callable[..., Segmentation]:
    """Segment customers, with the default settings but for those that are given."""

    def run(customers: DuckDBRows, starts: np.ndarray | None = None, **settings: Any) -> Segmentation:
        names = ["annual_income", "spending_score", *(f"feature_{i}" for i in range(2, customers.n_features))]
        words = {"annual_income": "income", "spending_score": "spending"}
        given = Settings(**({"feature_words": words} | settings))
        return segment(customers, names[: customers.n_features], given, starts)

    return run
