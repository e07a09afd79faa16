"""The generic tests fail on segmentations that were broken on purpose."""

from __future__ import annotations

import duckdb
import pytest
from consumer import Consumer


@pytest.mark.parametrize(
    ("breakage", "test"),
    [
        (
            "update shop_segments set segment_id = second_segment_id, "
            "distance_to_centroid = distance_to_second_centroid "
            "where customer_id = 'c-001'",
            "is_nearest_centroid",
        ),
        ("update shop_segments set orders = 60 where customer_id = 'c-002'", "is_nearest_centroid"),
        ("delete from shop_segments where customer_id = 'c-005'", "no_rows_lost"),
        ("update shop_segments set customer_id = 'c-999' where customer_id = 'c-003'", "no_rows_lost"),
        ("update shop_segments set segment_id = 1 where segment_id = 2 and customer_id > 'c-025'", "min_segment_share"),
        ("update shop_segments set segment_id = 4 where segment_id = 3", "segment_ids_are_current"),
        ("update shop_segments set version = 0 where customer_id = 'c-001'", "segment_ids_are_current"),
        ("update shop_segments__metrics set silhouette = 0.4 where is_selected", "selected_metric_at_least"),
        ("update shop_segments__metrics set silhouette = null", "selected_metric_at_least"),
    ],
)
def test_fails_on_a_broken_segmentation(integrated_copy: Consumer, breakage: str, test: str) -> None:
    with duckdb.connect(integrated_copy.database) as connection:
        connection.execute(breakage)
    result = integrated_copy.dbt("test", "--select", f"shop_segments,test_name:{test}")
    assert result.returncode == 1, result.stdout
    assert [status for status, _ in integrated_copy.messages().values()] == [
        "success",
        "fail",
        "success",
    ]  # between hooks
