"""Each generic test passes on what was built and fails on a table broken on purpose."""

from __future__ import annotations

import duckdb
import pytest
from sample import Project


def _fails(project: Project, select: str) -> bool:
    result = project.dbt("test", "--select", select)
    assert result.returncode in (0, 1), result.stdout
    assert "Nothing to do" not in result.stdout
    return result.returncode == 1


@pytest.mark.parametrize(
    ("breakage", "select"),
    [
        (
            "update customer_segments set segment_id = 1, distance_to_centroid = distance_to_second_centroid "
            "where customer_id = 200",
            "test_name:is_nearest_centroid",
        ),
        (
            "update customer_segments set distance_to_centroid = distance_to_centroid + 1e-6 where customer_id = 7",
            "test_name:is_nearest_centroid",
        ),
        ("update customer_segments set segment_id = 9 where segment_id = 5", "test_name:is_nearest_centroid"),
        ("update segment_profiles set segment_id = 6 where segment_id = 3", "test_name:segment_ids_are_current"),
        ("update customer_segments set segment_id = 0 where segment_id = 1", "test_name:segment_ids_are_current"),
        ("delete from customer_segments where segment_id = 2", "test_name:segment_ids_are_current"),
        (
            "update int_mall__segments set segment_id = 6 where segment_id = 3",
            "int_mall__segments,test_name:within_bounds",
        ),
        ("delete from customer_segments where customer_id = 42", "test_name:no_rows_lost"),
        ("update customer_segments set customer_id = 4200 where customer_id = 42", "test_name:no_rows_lost"),
        ("delete from stg_mall__customers where customer_id = 42", "no_rows_lost_mall_customers_*"),
        ("update cluster_metrics set smallest_segment = 0 where n_clusters = 4", "test_name:metric_at_least"),
        ("update customer_segments set confidence = 1.01 where customer_id = 3", "test_name:within_bounds"),
        ("update cluster_metrics set silhouette = 'nan'::double where n_clusters = 3", "test_name:within_bounds"),
        ("update cluster_metrics set silhouette_estimate = -1.01 where n_clusters = 3", "test_name:within_bounds"),
        ("update cluster_metrics set is_selected = false", "test_name:exactly_one_row_where"),
        ("update cluster_metrics set is_selected = true where n_clusters = 2", "test_name:exactly_one_row_where"),
        ("update cluster_metrics set inertia = 500 where n_clusters = 7", "test_name:never_rises"),
        (
            "update segment_profiles set n_customers = 80 where segment_id = 3",
            "assert_sql_and_python_agree_on_segments",
        ),
        ("update mall_kmeans set segment_inertia = segment_inertia + 1e-6", "assert_sql_and_python_agree_on_segments"),
    ],
)
def test_fails_on_a_broken_table(built: Project, breakage: str, select: str) -> None:
    with duckdb.connect(built.path / "mallard.duckdb") as connection:
        connection.execute(breakage)
    assert _fails(built, select)


def test_a_tie_goes_to_the_lower_id(built: Project) -> None:
    """Two segments with the same centroid: the customers of the second belong to the first."""
    with duckdb.connect(built.path / "mallard.duckdb") as connection:
        connection.execute(
            "update int_mall__segments set centroid = (select centroid from int_mall__segments where segment_id = 5) "
            "where segment_id = 4"
        )
    assert _fails(built, "test_name:is_nearest_centroid")


def test_all_pass_on_what_was_built(built: Project) -> None:
    assert not _fails(built, "test_type:data")
