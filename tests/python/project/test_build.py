"""What `dbt build` gives on the Mall data, and what it leaves alone."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sample import PUBLIC_TABLES, Project
from sklearn import metrics


def _scaled(built_once: Project) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Standardised features and labels of all customers, the former by numpy from the seed."""
    rows = np.loadtxt(built_once.seed, delimiter=",", skiprows=1, usecols=(0, 3, 4))
    labels = dict(built_once.query("select customer_id, segment_id from customer_segments"))
    features = rows[:, 1:]
    return (features - features.mean(axis=0)) / features.std(axis=0), np.array([labels[int(i)] for i in rows[:, 0]])


def test_five_segments_of_the_published_sizes(built_once: Project) -> None:
    profiles = built_once.query("select segment_name, n_customers from segment_profiles order by segment_id")
    assert profiles == [
        ("low income, high spending", 22),
        ("low income, low spending", 23),
        ("average customers", 81),
        ("high income, high spending", 39),
        ("high income, low spending", 35),
    ]


def test_five_is_chosen_by_elbow_and_silhouette(built_once: Project) -> None:
    columns = "n_clusters, inertia, silhouette, is_elbow, is_best_silhouette, converged, smallest_segment"
    [chosen] = built_once.query(f"select {columns} from cluster_metrics where is_selected")
    assert chosen == (
        5,
        pytest.approx(65.5684081557, rel=1e-11),
        pytest.approx(0.5546571631, rel=1e-9),
        *[True] * 3,
        22,
    )
    [(reason,)] = built_once.query("select selection_reason from cluster_metrics where is_selected")
    assert reason.startswith("k = 5, chosen at the elbow: ")
    assert reason.endswith("all three agree.")


def test_metrics_agree_with_scikit_learn(built_once: Project) -> None:
    scaled, labels = _scaled(built_once)
    columns = "silhouette, davies_bouldin, calinski_harabasz"
    [(silhouette, davies_bouldin, calinski_harabasz)] = built_once.query(
        f"select {columns} from cluster_metrics where is_selected"
    )
    assert silhouette == pytest.approx(metrics.silhouette_score(scaled, labels), abs=1e-9)
    assert davies_bouldin == pytest.approx(metrics.davies_bouldin_score(scaled, labels), abs=1e-9)
    assert calinski_harabasz == pytest.approx(metrics.calinski_harabasz_score(scaled, labels), rel=1e-9)
    assert built_once.query(f"select {columns} from cluster_metrics where n_clusters = 1") == [(None, None, None)]


def test_distances_and_confidence_agree_with_numpy(built_once: Project) -> None:
    scaled, labels = _scaled(built_once)
    centroids = np.array([scaled[labels == segment].mean(axis=0) for segment in range(1, 6)])
    distances = np.linalg.norm(scaled[:, None] - centroids, axis=2)
    first, second = np.sort(distances, axis=1)[:, :2].T
    columns = "distance_to_centroid, distance_to_second_centroid, confidence, second_segment_id"
    rows = np.array(built_once.query(f"select {columns} from customer_segments order by customer_id"))
    np.testing.assert_allclose(rows[:, 0], first, atol=1e-12)
    np.testing.assert_allclose(rows[:, 1], second, atol=1e-12)
    np.testing.assert_allclose(rows[:, 2], 1 - first / second, atol=1e-12)
    assert (rows[:, 3] == distances.argsort(axis=1)[:, 1] + 1).all()


def test_profiles_agree_with_numpy(built_once: Project) -> None:
    with built_once.seed.open() as file:
        rows = list(csv.DictReader(file))
    ages = np.array([float(row["Age"]) for row in rows])
    is_female = np.array([row["Gender"] == "Female" for row in rows])
    scaled, labels = _scaled(built_once)
    columns = "share, avg_age, female_share, z_age, z_annual_income, silhouette"
    found = np.array(built_once.query(f"select {columns} from segment_profiles order by segment_id"))
    samples = metrics.silhouette_samples(scaled, labels)
    for segment, row in enumerate(found, start=1):
        members = labels == segment
        z_age = (ages[members].mean() - ages.mean()) / ages.std()
        expected = [members.mean(), ages[members].mean(), is_female[members].mean(), z_age]
        expected += [scaled[members, 0].mean(), samples[members].mean()]
        np.testing.assert_allclose(row, expected, atol=1e-9)


def test_public_tables_are_of_the_types_agreed_on(built_once: Project) -> None:
    described = {
        table: [(name, kind) for name, kind, *_ in built_once.query(f"describe {table}")] for table in PUBLIC_TABLES
    }
    assert described["customer_segments"] == [
        ("customer_id", "BIGINT"),
        ("gender", "VARCHAR"),
        ("age", "INTEGER"),
        ("annual_income", "DOUBLE"),
        ("spending_score", "DOUBLE"),
        ("segment_id", "INTEGER"),
        ("segment_name", "VARCHAR"),
        ("distance_to_centroid", "DOUBLE"),
        ("second_segment_id", "INTEGER"),
        ("distance_to_second_centroid", "DOUBLE"),
        ("confidence", "DOUBLE"),
        ("n_clusters", "INTEGER"),
    ]
    assert described["cluster_metrics"] == [
        ("n_clusters", "INTEGER"),
        ("entity", "VARCHAR"),
        ("metric", "VARCHAR"),
        ("inertia", "DOUBLE"),
        ("silhouette", "DOUBLE"),
        ("silhouette_estimate", "DOUBLE"),
        ("silhouette_standard_error", "DOUBLE"),
        ("davies_bouldin", "DOUBLE"),
        ("calinski_harabasz", "DOUBLE"),
        ("border_depth", "DOUBLE"),
        ("border_significance", "DOUBLE"),
        ("bend", "DOUBLE"),
        ("least_stability", "DOUBLE"),
        ("n_groups", "INTEGER"),
        ("verdict", "VARCHAR"),
        ("verdict_reason", "VARCHAR"),
        ("smallest_segment", "BIGINT"),
        ("n_iter", "INTEGER"),
        ("converged", "BOOLEAN"),
        ("is_natural", "BOOLEAN"),
        ("is_elbow", "BOOLEAN"),
        ("is_best_silhouette", "BOOLEAN"),
        ("is_selected", "BOOLEAN"),
        ("selection_reason", "VARCHAR"),
        ("compression", "VARCHAR"),
        ("n_points", "BIGINT"),
        ("compression_ratio", "DOUBLE"),
    ]
    assert described["segment_profiles"] == [
        ("segment_id", "INTEGER"),
        ("segment_name", "VARCHAR"),
        ("n_customers", "BIGINT"),
        ("share", "DOUBLE"),
        ("avg_age", "DOUBLE"),
        ("avg_annual_income", "DOUBLE"),
        ("avg_spending_score", "DOUBLE"),
        ("female_share", "DOUBLE"),
        ("inertia", "DOUBLE"),
        ("silhouette", "DOUBLE"),
        ("silhouette_estimate", "DOUBLE"),
        ("radius", "DOUBLE"),
        ("z_age", "DOUBLE"),
        ("z_annual_income", "DOUBLE"),
        ("z_spending_score", "DOUBLE"),
    ]


def test_the_mall_customers_are_compressed_without_loss_and_nothing_is_estimated(built_once: Project) -> None:
    columns = "compression, n_points, compression_ratio, silhouette_estimate, silhouette_standard_error"
    assert built_once.query(f"select distinct {columns} from cluster_metrics") == [
        ("exact", 196, pytest.approx(200 / 196, rel=1e-15), None, None)
    ]
    assert built_once.query("select count(silhouette), count(silhouette_estimate) from segment_profiles") == [(5, 0)]


def test_customers_are_scored_as_they_stream_by(built_once: Project) -> None:
    """Reading and arithmetic alone; the profiles, which need more than that, show that the plan would tell."""

    def operators(model: str) -> set[str]:
        compiled = built_once.path / "target" / "compiled" / "mallard" / "models" / "marts" / f"{model}.sql"
        [(_, plan)] = built_once.query(f"explain (format json) {compiled.read_text()}")
        return set(_names(json.loads(plan)))

    def _names(nodes: list[dict[str, Any]]) -> Iterator[str]:
        for node in nodes:
            yield node["name"].strip()
            yield from _names(node["children"])

    assert operators("customer_segments") == {"PROJECTION", "SEQ_SCAN"}
    assert {"HASH_JOIN", "PERFECT_HASH_GROUP_BY", "ORDER_BY"} <= operators("segment_profiles")


def test_row_order_and_threads_change_no_bit(built_once: Project, project: Project) -> None:
    header, *rows = project.seed.read_text().splitlines()
    random.Random(0).shuffle(rows)
    project.seed.write_text("\n".join([header, *rows]) + "\n")
    profiles = project.path / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("threads: 2", "threads: 1\n      settings: {threads: 1}"))
    threads = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    assert project.dbt("build", **threads).returncode == 0
    assert project.public_tables() == built_once.public_tables()


def test_every_row_of_a_dirty_file_is_used_or_rejected(built: Project) -> None:
    """The file as dbt loads it: blanks are nulls, and what isn't a number is text."""
    dirty = {
        "201, f ,30,40,50": None,
        "208.0,f,30,40,50": None,
        "209.5,f,30,40,50": "customer_id is missing or not a whole number",
        "202,Male,,40,50": None,
        "203,Male,30,,50": "annual_income is missing or not a number",
        '204,Male,30,"1,000",50': "annual_income is missing or not a number",
        "205,Male,30,40,?": "spending_score is missing or not a number",
        ",Male,30,40,50": "customer_id is missing or not a whole number",
        "1,Male,19,15,39": "duplicate of another row",
        "206,Male,30,40,50": "customer_id is repeated with other data",
        "206,Male,31,40,50": "customer_id is repeated with other data",
        "207,Male,-3,-1,0": "annual_income is negative; spending_score is outside 1..100; age is outside 0..120",
    }
    built.seed.write_text(built.seed.read_text() + "\n".join(dirty) + "\n")
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert built.query("select count(*) from customer_segments") == [(203,)]
    assert built.query("select gender, age from stg_mall__customers where customer_id > 200 order by customer_id") == [
        ("Female", 30),
        ("Male", None),
        ("Female", 30),
    ]
    rejected = built.query("select reject_reason from stg_mall__rejected_customers order by 1")
    assert rejected == sorted((reason,) for reason in dirty.values() if reason)


def test_own_names_stand_over_the_rule(built: Project) -> None:
    seed = built.path / "seeds" / "segment_names.csv"
    seed.write_text(
        seed.read_text() + '"high income, high spending","The ""Stars"" & O\'Neills"\nno such segment,Nobody\n'
    )
    result = built.build()
    assert result.returncode == 0, result.stdout
    assert "in test assert_own_names_are_used" in result.stdout
    has_name = 'segment_name = $$The "Stars" & O\'Neills$$'
    assert built.query(f"select n_customers from segment_profiles where {has_name}") == [(39,)]
    assert built.query(f"select count(*) from customer_segments where {has_name}") == [(39,)]


@pytest.mark.parametrize(
    ("variables", "n_clusters", "reason"),
    [
        (
            {"mallard_selection": "silhouette", "mallard_min_clusters": 2, "mallard_max_clusters": 4},
            4,
            "chosen by silhouette",
        ),
        ({"mallard_n_clusters": 3, "mallard_scale": "minmax"}, 3, "set by hand"),
        ({"mallard_max_clusters": 1, "mallard_scale": "robust"}, 1, "the smallest k tried"),
        ({"mallard_features": ["age", "annual_income", "spending_score"], "mallard_n_clusters": 6}, 6, "set by hand"),
    ],
)
def test_settings_decide(project: Project, variables: dict[str, Any], n_clusters: int, reason: str) -> None:
    result = project.build(**variables)
    assert result.returncode == 0, result.stdout
    [(chosen, why)] = project.query("select n_clusters, selection_reason from cluster_metrics where is_selected")
    assert chosen == n_clusters
    assert f"k = {n_clusters}, {reason}" in why
    assert project.query("select count(*), max(segment_id) from customer_segments") == [(200, n_clusters)]


def test_scaling_none_clusters_the_figures_as_they_are(project: Project) -> None:
    assert project.build(mallard_scale="none").returncode == 0
    [(inertia,)] = project.query("select inertia from cluster_metrics where n_clusters = 5")
    assert math.isclose(inertia, 44448.4554479337, rel_tol=1e-11)  # as four public analyses have it


def test_another_folder_with_only_the_project_dir_set(built: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = built.dbt("build", "--select", "mall_kmeans+", cwd=elsewhere, DBT_PROJECT_DIR=str(built.path))
    assert result.returncode == 0, result.stdout
    assert not (elsewhere / "mallard.duckdb").exists()


def test_commands_that_only_look_at_the_project_need_no_table(project: Project) -> None:
    for command in (["compile"], ["docs", "generate"]):
        result = project.dbt(*command)
        assert result.returncode == 0, result.stdout


def test_a_build_without_rows_makes_every_table_with_its_columns(project: Project, built_once: Project) -> None:
    result = project.dbt("build", "--empty")
    assert result.returncode == 0, result.stdout
    assert "published/mallard.duckdb stays as it is, because dbt built tables without rows." in result.stdout
    for table in PUBLIC_TABLES:
        assert project.query(f"describe {table}") == built_once.query(f"describe {table}")
        assert project.query(f"select count(*) from {table}") == [(0,)]
