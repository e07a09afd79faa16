"""Profiles of segments whose values or weights are many orders of magnitude apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from consumer import make_consumer


def test_small_values_are_not_lost_beside_large_ones_in_other_segments(tmp_path: Path) -> None:
    """Nor small weights: each segment has sums of its own."""
    consumer = make_consumer(tmp_path)
    consumer.write_segmentation(
        "amounts",
        "select i as id, case when i < 3 then 5 + i else 1e20 * i end as amount from range(6) t(i)",
        id="id",
        n_clusters=2,
    )
    consumer.write_segmentation(
        "weighted",
        "select i as id, case when i < 40 then 5 + sin(i) else 900 end as amount, "
        "case when i < 40 then 1e-6 * (1 + i % 7) else 1e6 end as weight from range(50) t(i)",
        id="id",
        n_clusters=2,
        weight_column="weight",
    )
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    assert consumer.query("select mean from amounts__profiles order by segment_id") == [(6.0,), (4e20,)]
    amounts, weights = 5 + np.sin(np.arange(40)), 1e-6 * (1 + np.arange(40) % 7)
    [(mean, share), _] = consumer.query("select mean, share from weighted__profiles order by segment_id")
    assert mean == pytest.approx(np.average(amounts, weights=weights), rel=1e-14)
    assert share == pytest.approx(weights.sum() / (weights.sum() + 1e7), rel=1e-14)
