from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom, norm, ttest_ind

from mallard.lifecycle.change import Change
from mallard.lifecycle.of_segments import changes_of_segments
from mallard.lifecycle.overlap import NO_OVERLAP, Overlap
from mallard.lifecycle.passes import Pass

CENTROIDS = np.array([[0.0, 0.0], [90.0, 0.0]])
RNG = np.random.default_rng(5)
THEN = [RNG.normal(0, 1, (400, 2)), CENTROIDS[1] + RNG.normal(0, 1, (600, 2))]
TODAY = [RNG.normal(0.2, 1.5, (500, 2)), CENTROIDS[1] + RNG.normal(0, 1, (500, 2))]


def found(overlap: Overlap = NO_OVERLAP) -> dict[tuple[str, int | None, int | None], Change]:
    fit = Pass.of(np.concatenate(THEN), CENTROIDS)
    now = Pass.of(np.concatenate(TODAY), CENTROIDS, largest_at_fit=fit.largest)
    return {(of.measure, of.segment, of.feature): of for of in changes_of_segments(fit, now, overlap)}


def test_every_segment_has_every_measure() -> None:
    assert list(found()) == [
        key
        for segment in (0, 1)
        for key in (
            ("share", segment, None),
            ("mean", segment, 0),
            ("mean", segment, 1),
            ("spread", segment, 0),
            ("spread", segment, 1),
            ("mean distance", segment, None),
            ("far", segment, None),
        )
    ]
    assert {change.is_material for change in found().values()} == {None}


def test_a_share_is_compared_as_two_proportions() -> None:
    share = found()["share", 0, None]
    assert (share.before, share.value, share.size) == pytest.approx((0.4, 0.5, 0.1))
    assert share.p_value == pytest.approx(2 * norm.sf(0.1 / np.sqrt(0.45 * 0.55 * 2 / 1000)))
    half = found(Overlap(0.5, 0.0))["share", 0, None]
    assert half.p_value == pytest.approx(2 * norm.sf(0.1 / np.sqrt(0.45 * 0.55 / 1000)))


def test_a_mean_is_compared_as_by_welch() -> None:
    mean = found()["mean", 0, 1]
    then, today = THEN[0][:, 1], TODAY[0][:, 1]
    assert mean.size == pytest.approx(abs(today.mean() - then.mean()) / then.std())
    assert (mean.before, mean.value) == pytest.approx((then.mean(), today.mean()))
    assert mean.p_value == pytest.approx(ttest_ind(then, today, equal_var=False).pvalue, rel=0.05)


def test_a_spread_is_a_ratio_of_standard_deviations() -> None:
    spread = found()["spread", 0, 0]
    then, today = THEN[0][:, 0].std(), TODAY[0][:, 0].std()
    assert (spread.before, spread.value, spread.size) == pytest.approx((then, today, today / then))
    assert spread.is_significant
    assert not found()["spread", 1, 0].is_significant


def test_a_mean_distance_is_a_ratio_of_roots_of_mean_squares() -> None:
    distance = found()["mean distance", 0, None]
    then, today = ((of[0] ** 2).sum(axis=1) for of in (THEN, TODAY))
    assert distance.size == pytest.approx(np.sqrt(today.mean() / then.mean()))
    assert (distance.before, distance.value) == pytest.approx((np.sqrt(then.mean()), np.sqrt(today.mean())))
    error = np.sqrt(then.var() / 400 + today.var() / 500)
    assert distance.p_value == pytest.approx(2 * norm.sf((today.mean() - then.mean()) / error))


def test_far_has_the_distribution_of_exceedances() -> None:
    far = found()["far", 0, None]
    then, today = ((of[0] ** 2).sum(axis=1) for of in (THEN, TODAY))
    n = int((today > then.max()).sum())
    assert n > 3
    assert (far.before, far.value) == (0.0, n / 500)
    assert far.p_value == pytest.approx(np.prod([(500 - i) / (900 - i) for i in range(n)]))


def test_far_since_the_build_before_is_a_test_of_two_shares() -> None:
    fit = Pass.of(np.concatenate(THEN), CENTROIDS)
    now = Pass.of(np.concatenate(TODAY), CENTROIDS, largest_at_fit=fit.largest)
    before = now._replace(n_far=np.array([2.0, 0.0]))
    far = next(of for of in changes_of_segments(before, now) if of.measure == "far")
    n = int(now.n_far[0])
    assert far.before == 2 / 500
    assert far.p_value == pytest.approx(hypergeom.sf(n - 1, 1000, 500, n + 2))


def test_a_segment_without_customers_has_a_share_alone() -> None:
    fit, now = Pass.of(np.concatenate(THEN), CENTROIDS), Pass.of(TODAY[0], CENTROIDS)
    of_second = [of for of in changes_of_segments(fit, now) if of.segment == 1]
    assert (of_second[0].measure, of_second[0].value) == ("share", 0.0)
    assert {(of.size, of.value, of.p_value) for of in of_second[1:]} == {(None, None, None)}


def test_a_feature_that_is_the_same_for_all_of_a_segment() -> None:
    """Both were always 1, and are: nothing changed. Had it become 2, that would be no chance."""
    ones = np.column_stack([np.ones(50), np.arange(50.0)])
    centroid = np.array([[1.0, 25.0]])
    fit, same, other = Pass.of(ones, centroid), Pass.of(ones, centroid), Pass.of(ones + np.array([1.0, 0.0]), centroid)
    of_same, of_other = (
        {(of.measure, of.feature): of for of in changes_of_segments(fit, now)} for now in (same, other)
    )
    assert (of_same["mean", 0].size, of_same["mean", 0].p_value) == (0.0, 1.0)
    assert (of_other["mean", 0].size, of_other["mean", 0].p_value) == (None, 0.0)
    assert (of_same["spread", 0].size, of_same["spread", 0].p_value) == (None, None)
