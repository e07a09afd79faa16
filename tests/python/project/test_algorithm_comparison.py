"""The sample's comparison of algorithms, against its own metrics and scikit-learn on its scaled customers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sample import Project
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score

MEASURES = "inertia, silhouette, davies_bouldin, calinski_harabasz"


def test_the_mart_is_of_the_types_agreed_on(built_once: Project) -> None:
    assert [(name, kind) for name, kind, *_ in built_once.query("describe algorithm_comparison")] == [
        ("algorithm", "VARCHAR"),
        ("n_clusters", "INTEGER"),
        ("parameter", "VARCHAR"),
        ("clusters_found", "INTEGER"),
        ("noise_share", "DOUBLE"),
        ("inertia", "DOUBLE"),
        ("silhouette", "DOUBLE"),
        ("davies_bouldin", "DOUBLE"),
        ("calinski_harabasz", "DOUBLE"),
        ("stability", "DOUBLE"),
        ("adjusted_rand_index", "DOUBLE"),
        ("can_score_in_sql", "BOOLEAN"),
        ("rows_used", "BIGINT"),
        ("seconds", "DOUBLE"),
        ("message", "VARCHAR"),
    ]


def test_ten_algorithms_run_on_all_customers_with_one_cluster_fewer_and_more_than_there_are_segments(
    built_once: Project,
) -> None:
    assert built_once.query(
        "select count(distinct algorithm), count(*), list(distinct n_clusters order by n_clusters), min(rows_used), "
        "count(seconds), count(message) from algorithm_comparison"
    ) == [(10, 30, [4, 5, 6], 200, 30, 0)]


def test_k_means_has_the_figures_of_the_segments(built_once: Project) -> None:
    found = built_once.query(
        f"select n_clusters, {MEASURES} from algorithm_comparison where algorithm = 'kmeans' order by all"
    )
    expected = built_once.query(
        f"select n_clusters, {MEASURES} from cluster_metrics where n_clusters in (4, 5, 6) order by 1"
    )
    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-9)
    assert built_once.query(
        "select adjusted_rand_index from algorithm_comparison where algorithm = 'kmeans' and n_clusters = 5"
    ) == [(1.0,)]


def test_ward_has_the_figures_of_scikit_learn_on_the_scaled_customers(built_once: Project) -> None:
    rows: Any = built_once.query(
        "select scaled_annual_income, scaled_spending_score, segment_id from int_mall__scaled_segments order by all"
    )
    scaled, segments = np.array([row[:2] for row in rows]), [row[2] for row in rows]
    labels = AgglomerativeClustering(5).fit_predict(scaled)
    inertia = sum(np.sum((scaled[labels == k] - scaled[labels == k].mean(axis=0)) ** 2) for k in range(5))
    [found] = built_once.query(
        f"select {MEASURES}, adjusted_rand_index from algorithm_comparison "
        "where algorithm = 'agglomerative_ward' and n_clusters = 5"
    )
    assert found == pytest.approx(
        (
            inertia,
            silhouette_score(scaled, labels),
            davies_bouldin_score(scaled, labels),
            calinski_harabasz_score(scaled, labels),
            adjusted_rand_score(segments, labels),
        )
    )
