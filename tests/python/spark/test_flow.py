"""The same customers are segmented alike in DuckDB and in Spark, and by Spark whatever the partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mallard.engines.engine import customers_of
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)


def _groups(n_rows: int, n_features: int) -> np.ndarray:
    centres = 4 * RNG.normal(size=(4, n_features))
    return RNG.normal(size=(n_rows, n_features)) + centres[RNG.integers(0, 4, n_rows)]


def _directions(n_rows: int, n_features: int) -> np.ndarray:
    rows = _groups(n_rows, n_features)
    return rows / np.linalg.norm(rows, axis=1)[:, None]


def _table(rows: np.ndarray, weights: np.ndarray | None = None) -> pa.Table:
    columns = {f"f{place}": np.ascontiguousarray(of) for place, of in enumerate(rows.T)}
    return pa.table(columns if weights is None else {**columns, "times": weights})


CASES: dict[str, tuple[pa.Table, dict[str, Any]]] = {
    "whole numbers": (_table(RNG.integers(0, 40, (10_000, 2)).astype(float)), {}),
    "a grid": (_table(_groups(300_000, 2)), {}),
    "a sample": (_table(_groups(200_000, 8)), {}),
    "weights": (_table(_groups(20_000, 2), RNG.lognormal(size=20_000)), {"max_points": 2_000}),
    "directions": (_table(_directions(50_000, 3)), {"metric": "cosine", "max_points": 5_000}),
    "equal customers": (_table(np.repeat(_groups(3_000, 4), 40, axis=0)), {"max_points": 1_000}),
}


def _segmented(relation: Any, **settings: Any) -> Segmentation:
    features = [name for name in relation.columns if name.startswith("f")]
    with customers_of(relation, features, "times" if "times" in relation.columns else None) as customers:
        return segment(customers, features, Settings(**settings))


def _assert_alike(one: Segmentation, other: Segmentation) -> None:
    assert one.selection == other.selection
    assert one.verdict == other.verdict
    assert len(one.compression.points) == len(other.compression.points)
    assert list(one.partitions) == list(other.partitions)
    for k, partition in one.partitions.items():
        same = other.partitions[k]
        assert partition.names == same.names
        assert partition.assignment.total_inertia == pytest.approx(same.assignment.total_inertia, rel=1e-9)
        np.testing.assert_allclose(partition.assignment.counts, same.assignment.counts, rtol=1e-9)
        np.testing.assert_allclose(partition.fit.centroids, same.fit.centroids, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_both_engines_find_the_same_segments(spark: SparkSession, case: str) -> None:
    table, settings = CASES[case]
    found = [_segmented(of, **settings) for of in (duckdb.from_arrow(table), spark.createDataFrame(table))]
    _assert_alike(*found)


def test_both_engines_find_the_same_segments_of_vectors(spark: SparkSession) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(_groups(20_000, 16).ravel()), 16)
    lists = pa.array(vectors.to_pylist())
    settings = {"max_points": 2_000}
    in_duckdb = _segmented(duckdb.from_arrow(pa.table({"f": vectors})), **settings)
    _assert_alike(in_duckdb, _segmented(spark.createDataFrame(pa.table({"f": lists})), **settings))


@pytest.mark.parametrize("case", ["a sample", "weights"])
def test_neither_partitions_nor_the_order_of_the_rows_change_a_bit(spark: SparkSession, case: str) -> None:
    table, _ = CASES[case]
    shuffled = table.take(pa.array(np.random.default_rng(1).permutation(len(table))))
    frames: list[DataFrame] = [
        spark.createDataFrame(table).coalesce(1),
        spark.createDataFrame(table).repartition(3),
        spark.createDataFrame(shuffled).repartition(17),
    ]
    found = []
    for frame in frames:
        features = [name for name in frame.columns if name.startswith("f")]
        with customers_of(frame, features, "times" if case == "weights" else None) as customers:
            points = customers.coresets([2_000], 0)[0]
            [assignment] = customers.assigned([points.coordinates[::500]])  # type: ignore[attr-defined]
            drawn = customers.even_sample(500, 0)
            found.append([values.tobytes() for values in (points.coordinates, points.weights, drawn, *assignment)])
    assert found == [found[0]] * 3
