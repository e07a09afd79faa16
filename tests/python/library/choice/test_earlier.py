from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.random import RandomState
from sklearn.cluster import KMeans

from mallard.choice.earlier import kept_number, kept_where_as_good
from mallard.choice.evidence import Support
from mallard.choice.selection import Selection
from mallard.choice.version_before import Earlier
from mallard.kmeans.points import WeightedPoints
from mallard.kmeans.search import Search


def _cloud() -> np.ndarray:
    return RandomState(5).normal(size=(2000, 2))


def _search() -> Search:
    return Search(init="k-means++", n_init=10, spherical=False)


def _inertia(rows: np.ndarray, centroids: np.ndarray) -> float:
    return float(((rows[:, None, :] - centroids) ** 2).sum(axis=2).min(axis=1).sum())


def test_slices_of_a_cloud_stay_where_they_were_if_they_cost_no_more_than_the_tolerance() -> None:
    rows = _cloud()
    points = WeightedPoints.from_rows(rows)
    turned = np.array([[np.cos(turn), np.sin(turn)] for turn in np.arange(4) * np.pi / 2 + 0.6])
    local = KMeans(4, init=turned, n_init=1, tol=0).fit(rows)
    found = _search().best_fits(points, range(4, 5), RandomState(0))
    excess = local.inertia_ / found[4].inertia - 1
    assert 0 < excess < 0.05
    for tolerance, stays in ((excess * 1.1, True), (excess * 0.9, False)):
        earlier = Earlier(turned, None, tolerance)
        kept = kept_where_as_good(found, points, _search(), earlier, random_state=0)[4]
        same = kept.centroids[np.lexsort(kept.centroids.T[::-1])]
        expected = local.cluster_centers_ if stays else found[4].centroids
        assert same == pytest.approx(expected[np.lexsort(expected.T[::-1])], abs=1e-3)
        assert kept.inertia == pytest.approx(_inertia(rows, kept.centroids), rel=1e-9)


def _evidence(support: Support) -> Any:
    return SimpleNamespace(support=support)


def _selected(k: int, natural: int | None) -> Selection:
    return Selection(k, natural, None, None, False, f"k = {k}, as many as there are groups: reasons.")


def _kept(
    k: int, support: Support, natural: int | None, candidate: int | None = None, are_slices: bool = False
) -> tuple[int, int | None]:
    earlier = Earlier(np.zeros((3, 2)), candidate, 0.01)
    evidence = {3: _evidence(Support.NONE), k: _evidence(support)}
    selection = kept_number(_selected(k, natural), evidence, earlier, are_slices)
    return selection.n_clusters, selection.candidate


def test_another_number_takes_clear_borders_or_two_fits_running() -> None:
    assert _kept(4, Support.CLEAR, natural=4) == (4, None)
    assert _kept(4, Support.FAINT, natural=4) == (3, 4)
    assert _kept(4, Support.FAINT, natural=4, candidate=5) == (3, 4)
    assert _kept(4, Support.FAINT, natural=4, candidate=4) == (4, None)
    assert _kept(3, Support.FAINT, natural=3, candidate=4) == (3, None)


def test_a_cloud_has_no_number_of_its_own_so_its_slices_keep_theirs() -> None:
    assert _kept(5, Support.NONE, natural=None, are_slices=True) == (3, None)


def test_the_reason_says_that_the_number_was_kept_and_that_another_was_nearly_chosen() -> None:
    earlier = Earlier(np.zeros((3, 2)), None, 0.01)
    evidence = {3: _evidence(Support.NONE), 4: _evidence(Support.FAINT)}
    selection = kept_number(_selected(4, 4), evidence, earlier, are_slices=False)
    assert selection.reason == (
        "k = 3, as in the version before: reasons. The next build with other data looks again whether k = 4 is better."
    )


def test_without_its_number_among_those_tried_there_is_nothing_to_keep() -> None:
    earlier = Earlier(np.zeros((3, 2)), None, 0.01)
    assert kept_number(_selected(5, 5), {5: _evidence(Support.FAINT)}, earlier, False).n_clusters == 5
