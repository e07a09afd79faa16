from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from mallard.choice.grids import Grid
from mallard.choice.sketch import Sketch
from mallard.choice.stability import Resampling
from mallard.kmeans.points import Floats, WeightedPoints


def resampling(rows: Floats, weights: Floats | None = None) -> Resampling:
    points = WeightedPoints.from_rows(rows, weights)
    sketch = Sketch(points, None, points, Grid.of(points, points.total_weight))
    return Resampling.of(sketch, spherical=False, random_state=0)


def bootstrapped(rows: Floats, centroids: Floats, n_resamples: int = 60) -> Floats:
    """The same by scikit-learn: find clusters in rows that are drawn, assign all rows to them, compare."""
    random = np.random.default_rng(1)
    labels = np.argmin(((rows[:, None] - centroids) ** 2).sum(axis=2), axis=1)
    total = np.zeros(len(centroids))
    for _ in range(n_resamples):
        drawn = rows[random.integers(len(rows), size=len(rows))]
        found = KMeans(len(centroids), n_init=10, random_state=0).fit(drawn).predict(rows)
        for i in range(len(centroids)):
            mine = labels == i
            total[i] += max((mine & (found == j)).sum() / (mine | (found == j)).sum() for j in range(len(centroids)))
    return total / n_resamples


def test_clear_groups_always_come_back() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 2)) + np.repeat([[0, 0], [20, 0], [0, 20]], 100, axis=0)
    assert resampling(rows).stability(np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.slow
@pytest.mark.parametrize(("n_features", "n_clusters"), [(2, 3), (2, 4), (3, 5)])
def test_slices_of_a_cloud_come_back_as_often_as_scikit_learn_says(n_features: int, n_clusters: int) -> None:
    rows = np.random.default_rng(n_features).normal(size=(400, n_features))
    centroids = KMeans(n_clusters, n_init=20, random_state=0).fit(rows).cluster_centers_
    found = resampling(rows).stability(centroids)
    assert found == pytest.approx(bootstrapped(rows, centroids), abs=0.1)


def test_a_group_that_is_clear_comes_back_beside_slices_that_do_not() -> None:
    random = np.random.default_rng(0)
    rows = np.concatenate([random.normal(size=(400, 2)), random.normal(size=(100, 2)) * 0.2 + [12, 0]])
    centroids = KMeans(4, n_init=20, random_state=0).fit(rows).cluster_centers_
    found = resampling(rows).stability(centroids)
    clear = centroids[:, 0].argmax()
    assert found[clear] == 1.0
    assert np.delete(found, clear).max() < 0.9


def test_a_weight_of_three_is_three_customers_where_values_are_common() -> None:
    rows = np.random.default_rng(0).integers(0, 6, size=(200, 2)).astype(float)
    centroids = KMeans(3, n_init=10, random_state=0).fit(rows).cluster_centers_
    weighted = resampling(rows, np.full(200, 3.0)).stability(centroids)
    assert weighted == pytest.approx(resampling(np.repeat(rows, 3, axis=0)).stability(centroids))


def test_the_same_seed_draws_the_same_customers() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 2))
    centroids = rows[:3]
    assert resampling(rows).stability(centroids).tolist() == resampling(rows).stability(centroids).tolist()
