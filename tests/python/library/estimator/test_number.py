"""The number that "auto" chooses is the one that a segmentation has in a warehouse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mallard import KMeans
from mallard.errors import MallardError

GOLDEN = Path(__file__).parents[3] / "golden" / "sample.json"


def _golden(table: str) -> pd.DataFrame:
    """A table of the sample, as dbt built it."""
    found = json.loads(GOLDEN.read_text())[table]
    return pd.DataFrame(found["rows"], columns=[name for name, _ in found["columns"]])


def _blobs() -> np.ndarray:
    centres = np.repeat([[0.0, 0.0, 0.0], [8.0, 0.0, 1.0], [0.0, 8.0, 2.0], [8.0, 8.0, 0.0]], 80, axis=0)
    return centres + np.random.default_rng(1).normal(size=centres.shape)


def _cloud() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(400, 2))


def test_the_mall_gets_the_segments_that_dbt_gives_it() -> None:
    customers, metrics = _golden("customer_segments"), _golden("cluster_metrics").sort_values("n_clusters")
    columns = ["annual_income", "spending_score"]
    scaled = (customers[columns] - customers[columns].mean()) / customers[columns].std(ddof=0)
    model = KMeans("auto", selection="elbow", random_state=0).fit(scaled)  # the sample's settings
    np.testing.assert_array_equal(model.labels_ + 1, customers["segment_id"])
    assert model.n_clusters_ == 5
    assert model.reason_ == metrics["selection_reason"].dropna().item().replace("customers", "rows")
    assert model.verdict_ == metrics["verdict"].dropna().item()
    assert model.verdict_reason_ == metrics["verdict_reason"].dropna().item().replace("customers", "rows")
    tried = pd.DataFrame(model.tried_)
    for column in ("n_clusters", "inertia", "silhouette", "davies_bouldin", "border_depth", "bend", "is_selected"):
        np.testing.assert_allclose(tried[column].astype(float), metrics[column].astype(float), rtol=1e-9)


@pytest.mark.parametrize(
    ("rows", "is_weighted", "why"),
    [(_blobs(), True, "k = 4, as many as there are groups"), (_cloud(), False, "slices of one cloud")],
    ids=["blobs", "cloud"],
)
def test_the_answer_is_that_of_a_segmentation(
    in_duckdb: Callable[..., Any], segmented: Callable[..., Any], rows: np.ndarray, is_weighted: bool, why: str
) -> None:
    weights = np.random.default_rng(3).integers(1, 4, len(rows)).astype(float) if is_weighted else None
    expected = segmented(in_duckdb(rows, weights=weights), random_state=7)
    model = KMeans("auto", random_state=7).fit(rows, sample_weight=weights)
    chosen = expected.partitions[expected.selection.n_clusters]
    assert model.n_clusters_ == expected.selection.n_clusters
    assert model.reason_ == expected.selection.reason.replace("customers", "rows")
    assert (model.verdict_, model.verdict_reason_.replace("rows", "customers")) == expected.verdict
    assert why in model.reason_
    assert model.cluster_centers_.tobytes() == chosen.fit.centroids.tobytes()
    assert model.inertia_ == pytest.approx(chosen.assignment.total_inertia, rel=1e-12)
    np.testing.assert_array_equal(model.labels_, model.predict(rows))


def test_rows_of_weight_zero_count_for_nothing() -> None:
    rows = np.vstack([_blobs(), [[99.0, 99.0, 99.0]]])
    weights = np.append(np.ones(len(rows) - 1), 0.0)
    model = KMeans("auto", random_state=0).fit(rows, sample_weight=weights)
    without = KMeans("auto", random_state=0).fit(rows[:-1])
    np.testing.assert_allclose(model.cluster_centers_, without.cluster_centers_, rtol=1e-14)
    assert len(model.labels_) == len(rows)


def test_the_range_and_the_rule_are_the_users() -> None:
    model = KMeans("auto", min_clusters=2, max_clusters=3, selection="silhouette", random_state=0).fit(_blobs())
    assert model.tried_["n_clusters"].tolist() == [2, 3]
    best = model.tried_["silhouette"].argmax()
    assert model.n_clusters_ == model.tried_["n_clusters"][best]
    with pytest.raises(MallardError, match="max_clusters is 9: the 3 rows have only 3 different combinations of x0"):
        KMeans("auto", max_clusters=9).fit([[1.0], [2.0], [3.0]])


def test_a_fit_into_a_fixed_number_keeps_nothing_of_the_choice_before() -> None:
    model = KMeans("auto", random_state=0).fit(_blobs())
    model.set_params(n_clusters=2).fit(_blobs())
    assert model.n_clusters_ == 2
    assert not any(hasattr(model, name) for name in ("reason_", "verdict_", "verdict_reason_", "tried_"))


def test_given_centroids_leave_nothing_to_choose() -> None:
    with pytest.raises(ValueError, match="n_clusters='auto' tries several numbers, but init gives one"):
        KMeans("auto", init=[[0.0], [1.0]]).fit([[0.0], [1.0], [2.0]])
