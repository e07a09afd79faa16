from __future__ import annotations

import numpy as np
import pytest

from mallard.choice.borders import Border, Cells, borders, neighbours
from mallard.choice.grids import Grid
from mallard.kmeans.points import Floats, WeightedPoints


def borders_of(rows: Floats, centroids: Floats, weights: Floats | None = None) -> list[Border]:
    points = WeightedPoints.from_rows(rows, weights)
    return borders(Cells.of(points, centroids), Grid.of(points, points.total_weight))


def even(lowest: float, highest: float, n: int) -> Floats:
    return lowest + (np.arange(n) + 0.5) * (highest - lowest) / n


def line(*stretches: tuple[float, float, int]) -> Floats:
    return np.concatenate([even(*stretch) for stretch in stretches])[:, None]


def test_the_gap_between_two_even_groups_has_the_depth_and_significance_of_the_formula() -> None:
    """Quartiles of a side are a quarter of the distance apart, so the border and the side should share 500 evenly."""
    [border] = borders_of(line((-3, -1, 1000), (1, 3, 1000)), np.array([[-2.0], [2.0]]))
    assert (border.first, border.second, border.n_border) == (0, 1, 0.0)
    assert border.n_inside == pytest.approx((500, 500), rel=0.01)
    assert border.depth == pytest.approx(0.5 / 500.5, rel=0.01)
    assert border.significance == pytest.approx(250 / np.sqrt(125), rel=0.01)


def test_the_profile_counts_customers_from_before_one_centroid_to_beyond_the_other() -> None:
    [border] = borders_of(line((-3, -1, 1000), (1, 3, 1000)), np.array([[-2.0], [2.0]]))
    expected = [0.0] * 5 + [100.0] * 10 + [0.0] * 10 + [100.0] * 10 + [0.0] * 5
    assert border.profile == pytest.approx(expected, abs=3)
    assert border.profile.sum() == pytest.approx(2000)


def test_a_cut_through_an_even_stretch_is_no_valley() -> None:
    [border] = borders_of(line((-2, 2, 2000)), np.array([[-1.0], [1.0]]))
    assert border.depth == pytest.approx(1.0, abs=0.02)
    assert border.significance == pytest.approx(0.0, abs=0.3)


def test_a_cut_through_a_normal_distribution_runs_along_its_crest() -> None:
    """The mass of the window is 0.1465 at its end; quartiles of half a normal are 0.832 apart, so 0.12 are expected."""
    from scipy.stats import norm

    rows = norm.ppf(even(0, 1, 4000))[:, None]
    [border] = borders_of(rows, np.array([[-np.sqrt(2 / np.pi)], [np.sqrt(2 / np.pi)]]))
    assert border.depth == pytest.approx(0.1465 / 0.12, rel=0.03)
    assert border.significance < -3


def test_the_valley_may_lie_beside_the_middle_where_groups_differ_in_size() -> None:
    wide, narrow = (-6, -0.5, 1000), (0.5, 1.5, 1000)
    rows = line(wide, narrow)
    [border] = borders_of(rows, np.array([[-3.25], [1.0]]))
    assert border.n_border < 30


def test_rows_that_are_copied_count_once_in_the_significance_and_in_full_in_the_depth() -> None:
    rows = np.random.default_rng(0).normal(size=(400, 2)) + np.repeat([[0.0, 0.0], [4.0, 0.0]], 200, axis=0)
    centroids = np.array([[0.0, 0.0], [4.0, 0.0]])
    [once], [copied] = (borders_of(rows, centroids, np.full(400, weight)) for weight in (1.0, 4.0))
    assert copied.significance == pytest.approx(once.significance, rel=0.05)
    assert copied.n_border == pytest.approx(4 * once.n_border)


def test_a_cut_through_customers_who_are_all_alike_far_from_each_other_is_no_valley() -> None:
    """All distances are the same: what is between two clusters is the pull of the customers on their own centroids."""
    rows = np.eye(20)
    [border] = borders_of(rows, np.array([rows[:7].mean(axis=0), rows[7:].mean(axis=0)]))
    assert border.depth > 1
    assert border.significance < 0


def test_customers_weighted_twice_are_two_where_their_values_are_common() -> None:
    rows, weights = line((-3, -1, 21), (1, 3, 21)).round(1), np.full(42, 50.0)
    centroids = np.array([[-2.0], [2.0]])
    [weighted], [repeated] = borders_of(rows, centroids, weights), borders_of(np.repeat(rows, 50, axis=0), centroids)
    assert weighted.significance == pytest.approx(repeated.significance)
    assert weighted.depth == pytest.approx(repeated.depth)


def test_whole_numbers_leave_no_valley_between_them() -> None:
    rows = np.repeat(np.arange(10.0), 100)[:, None]
    for low, high in ((2.0, 7.0), (2.5, 6.5)):
        [border] = borders_of(rows, np.array([[low], [high]]))
        assert border.depth > 0.9


def test_clusters_of_few_customers_have_no_borders() -> None:
    rows = np.concatenate([line((-3, -1, 1000)), [[9.0]] * 4])
    assert borders_of(rows, np.array([[-2.0], [9.0]])) == []
    assert len(borders_of(np.concatenate([rows, [[9.0]] * 10]), np.array([[-2.0], [9.0]]))) == 1


@pytest.mark.parametrize("n_clusters", [2, 3, 4, 5, 6, 8])
def test_cells_of_a_square_have_borders_without_valleys(n_clusters: int) -> None:
    """A plain projection on the line between two centroids would show the shapes of the cells as valleys."""
    from sklearn.cluster import KMeans

    rows = np.random.default_rng(n_clusters).random((5000, 2))
    centroids = KMeans(n_clusters, n_init=3, random_state=0).fit(rows).cluster_centers_
    found = borders_of(rows, centroids)
    assert max(border.depth for border in found) > 0.9


def test_neighbours_have_no_third_centroid_nearer_to_the_middle_between_them() -> None:
    assert neighbours(np.array([[0.0], [1.0], [2.0]])) == [(0, 1), (1, 2)]
    assert neighbours(np.array([[0.0], [1.0]])) == [(0, 1)]
    assert neighbours(np.array([[0.0]])) == []
    triangle = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.8]])
    assert neighbours(triangle) == [(0, 1), (0, 2), (1, 2)]
    assert neighbours(np.vstack([triangle, [[0.5, 0.1]]])) == [(0, 3), (1, 3), (2, 3)]


def test_centroids_in_the_same_place_have_no_border() -> None:
    assert borders_of(line((0, 1, 100)), np.array([[0.5], [0.5]])) == []
