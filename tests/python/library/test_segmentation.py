from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from mallard import MallardError
from mallard.distances import nearest
from mallard.points import WeightedPoints
from mallard.segmentation import segment
from mallard.settings import Settings


def _settings(**changed: Any) -> Settings:
    given = {
        "features": ["annual_income", "spending_score"],
        "feature_words": {"annual_income": "income", "spending_score": "spending"},
        "scaling": "standard",
        "min_clusters": 1,
        "max_clusters": 10,
        "selection": "elbow",
        "n_init": 10,
        "random_state": 0,
    }
    return Settings.from_meta(given | changed)


def test_the_mall_customers_fall_into_five_named_segments(
    mall: dict[str, np.ndarray], best_known: dict[str, dict[int, dict[str, Any]]]
) -> None:
    partitions, selection = segment(WeightedPoints.from_rows(mall["standardised"]), _settings())
    assert selection.n_clusters == 5
    assert selection.criteria_agree
    assert sorted(partitions[5].names) == [
        "average income, average spending",
        "high income, high spending",
        "high income, low spending",
        "low income, high spending",
        "low income, low spending",
    ]
    assert list(partitions) == list(range(1, 11))
    for k, known in best_known["standardised"].items():
        partition = partitions[k]
        assert partition.inertia.sum() == pytest.approx(known["inertia"], rel=1e-9)
        assert sorted(partition.sizes.tolist(), reverse=True) == known["sizes_sorted"]
        for metric in ("silhouette", "davies_bouldin", "calinski_harabasz"):
            if metric in known:
                assert getattr(partition.quality, metric) == pytest.approx(known[metric], rel=1e-6), (k, metric)


def test_the_figures_of_each_segment_are_those_of_its_customers(mall: dict[str, np.ndarray]) -> None:
    rows = mall["standardised"]
    partitions, _ = segment(WeightedPoints.from_rows(rows), _settings(min_clusters=6, max_clusters=6))
    partition = partitions[6]
    labels, squared = nearest(rows, partition.fit.centroids)
    silhouettes = silhouette_samples(rows, labels)
    for cluster in range(6):
        members = labels == cluster
        assert partition.sizes[cluster] == members.sum()
        assert partition.inertia[cluster] == pytest.approx(squared[members].sum(), rel=1e-12)
        assert partition.quality is not None
        assert partition.quality.silhouettes[cluster] == pytest.approx(silhouettes[members].mean(), rel=1e-9)


def test_one_segment_and_a_segment_for_every_customer_have_no_quality() -> None:
    points = WeightedPoints.from_rows([[0.0, 0.0], [1.0, 3.0], [9.0, 9.0]])
    partitions, selection = segment(points, _settings(max_clusters=3))
    assert [partition.quality is None for partition in partitions.values()] == [True, False, True]
    assert selection.best_silhouette == 2


@pytest.mark.parametrize(
    ("rows", "changed", "message"),
    [
        ([], {}, "there are no customers to segment"),
        (
            [[0.0, np.nan], [1.0, np.nan]],
            {"scaling": "robust"},
            "setting mallard_features is .*: 'spending_score' can't be scaled with mallard_scaling 'robust'",
        ),
        (
            [[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]],
            {"max_clusters": 3},
            "setting mallard_max_clusters is 3: the 3 customers have only 2 different combinations of "
            "annual_income, spending_score; set it to 2 or less",
        ),
    ],
)
def test_customers_that_cannot_be_segmented_are_refused(
    rows: list[list[float]], changed: dict[str, Any], message: str
) -> None:
    points = WeightedPoints.from_rows(np.reshape(np.array(rows, dtype=float), (-1, 2)))
    with pytest.raises(MallardError, match=message):
        segment(points, _settings(**changed))
