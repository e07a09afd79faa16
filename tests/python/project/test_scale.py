"""More customers than may be clustered as points, and how their features are made comparable."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sample import Project, copy_project
from sklearn import preprocessing

N = 5000
COLUMNS = ("CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)")


def _write_customers(project: Project) -> None:
    """Around four places, with skewed incomes that have fractions."""
    rng = np.random.default_rng(0)
    place = rng.integers(0, 4, N)
    income = np.round(rng.lognormal(0, 0.25, N) * np.array([20, 45, 60, 110])[place], 3)
    score = np.clip(np.round(rng.normal(np.array([25, 80, 40, 70])[place], 9), 1), 1, 100)
    age = rng.integers(18, 80, N)
    gender = np.where(rng.random(N) < 0.5, "Female", "Male")
    with project.seed.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(zip(range(1, N + 1), gender, age, income, score, strict=True))


def _features(project: Project) -> NDArray[np.float64]:
    """Income and score of all customers, as the file has them, in the order of their numbers."""
    return np.loadtxt(project.seed, delimiter=",", skiprows=1, usecols=(3, 4))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project built with a coreset, to be read only."""
    project = copy_project(tmp_path_factory.mktemp("large"))
    _write_customers(project)
    result = project.build(mallard_compression="coreset", mallard_max_points=1000, mallard_max_clusters=6)
    assert result.returncode == 0, result.stdout
    return project


def test_a_coreset_stands_for_all_customers_and_the_silhouette_is_estimated(large: Project) -> None:
    columns = "n_clusters, compression, n_points, n_points * compression_ratio, silhouette is null"
    estimates = "silhouette_estimate, silhouette_standard_error"
    rows = large.query(f"select {columns}, {estimates} from cluster_metrics order by n_clusters")
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {row[1] for row in rows} == {"coreset"}
    assert all(100 < n_points <= 1100 for n_points in (row[2] for row in rows))
    assert [row[3] for row in rows] == pytest.approx([N] * 6, rel=1e-12)
    assert all(is_null for is_null in (row[4] for row in rows))
    assert rows[0][5:] == (None, None)
    assert all(0.2 < estimate < 0.9 and 0 < error < 0.05 for estimate, error in (row[5:] for row in rows[1:]))
    [(reason,)] = large.query("select selection_reason from cluster_metrics where is_selected")
    assert ", estimated)" in reason


def test_the_profiles_have_the_estimates_of_the_segments(large: Project) -> None:
    """Weighted by their customers they are the estimate of all."""
    [(of_segments, of_all, n_exact)] = large.query(
        "select sum(share * silhouette_estimate), "
        "(select silhouette_estimate from cluster_metrics where is_selected), count(silhouette) from segment_profiles"
    )
    assert of_segments == pytest.approx(of_all, rel=1e-9)
    assert n_exact == 0


def test_the_inertia_is_that_of_all_customers_as_sql_scores_them(large: Project) -> None:
    [(inertia, in_sql, in_profiles)] = large.query(
        "select inertia, (select sum(pow(distance_to_centroid, 2)) from customer_segments), "
        "(select sum(inertia) from segment_profiles) from cluster_metrics where is_selected"
    )
    assert in_sql == pytest.approx(inertia, rel=1e-9)
    assert in_profiles == pytest.approx(inertia, rel=1e-9)


def test_every_customer_is_in_the_segment_of_the_nearest_centroid(large: Project) -> None:
    scaled = preprocessing.StandardScaler().fit_transform(_features(large))
    segments = large.query("select segment_id, centroid from int_mall__segments order by segment_id")
    assert [segment_id for segment_id, _ in segments] == list(range(1, len(segments) + 1))
    distances = np.linalg.norm(scaled[:, None] - np.array([centroid for _, centroid in segments]), axis=2)
    rows = large.query("select customer_id, segment_id, distance_to_centroid from customer_segments order by 1")
    customer_ids, segment_ids, to_centroid = np.array(rows).T
    np.testing.assert_array_equal(customer_ids, np.arange(1, N + 1))
    np.testing.assert_array_equal(segment_ids, distances.argmin(axis=1) + 1)
    np.testing.assert_allclose(to_centroid, distances.min(axis=1), atol=1e-12)


def test_only_the_statistics_of_the_features_are_kept_and_scaling_is_a_view_of_them(large: Project) -> None:
    assert large.query("select view_name from duckdb_views() where view_name = 'int_mall__features'") != []
    income, score = _features(large).T
    statistics = large.query("select feature, center, spread from int_mall__feature_statistics order by feature")
    assert statistics == [
        ("annual_income", pytest.approx(income.mean(), rel=1e-13), pytest.approx(income.std(), rel=1e-13)),
        ("spending_score", pytest.approx(score.mean(), rel=1e-13), pytest.approx(score.std(), rel=1e-13)),
    ]


@pytest.mark.parametrize(
    ("scaling", "scaler"),
    [
        ("standard", preprocessing.StandardScaler()),
        ("minmax", preprocessing.MinMaxScaler()),
        ("robust", preprocessing.RobustScaler()),
    ],
)
def test_features_are_scaled_as_scikit_learn_scales_them(project: Project, scaling: str, scaler: Any) -> None:
    _write_customers(project)
    only = ["--resource-type", "seed", "--resource-type", "model"]
    result = project.build("--select", "+int_mall__features", *only, mallard_scale=scaling)
    assert result.returncode == 0, result.stdout
    columns = "scaled_annual_income, scaled_spending_score"
    found = np.array(project.query(f"select {columns} from int_mall__features order by customer_id"))
    np.testing.assert_allclose(found, scaler.fit_transform(_features(project)), rtol=1e-12, atol=1e-12)
