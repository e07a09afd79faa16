"""A customer of weight 2 is as two customers that are alike; fractions, too, weigh what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pytest
from sklearn.cluster import KMeans

from mallard import MallardError
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings


def _customers(seed: int, n_features: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centers = 4 * rng.normal(size=(3, n_features))
    return centers[rng.integers(0, 3, 400)] + rng.normal(size=(400, n_features)), rng.integers(1, 6, 400)


def _figures(found: Segmentation) -> list[Any]:
    return [
        [
            partition.fit.centroids.tolist(),
            partition.assignment.counts.tolist(),
            partition.assignment.inertia.tolist(),
            partition.quality
            and [
                partition.quality.silhouette.mean,
                partition.quality.silhouette.of_clusters.tolist(),
                partition.quality.davies_bouldin,
                partition.quality.calinski_harabasz,
            ],
        ]
        for partition in found.partitions.values()
    ]


@pytest.mark.parametrize("compression", ["exact", "none"])
@pytest.mark.parametrize("seed", range(3))
def test_weights_are_numbers_of_customers(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], seed: int, compression: str
) -> None:
    rows, times = _customers(seed)
    weighted = segmented(in_duckdb(rows, weights=times), compression=compression, max_clusters=6)
    repeated = segmented(in_duckdb(np.repeat(rows, times, axis=0)), compression="exact", max_clusters=6)
    assert weighted.selection == repeated.selection
    for found, expected in zip(_figures(weighted), _figures(repeated), strict=True):
        for values, expected_values in zip(found[:3], expected[:3], strict=True):
            np.testing.assert_allclose(values, expected_values, rtol=1e-9)
        assert (found[3] is None) == (expected[3] is None)
        if found[3]:
            for value, expected_value in zip(found[3], expected[3], strict=True):
                np.testing.assert_allclose(value, expected_value, rtol=1e-9)


@pytest.mark.parametrize("n_features", [2, 5])
def test_few_points_weigh_what_the_customers_weigh_and_lie_where_they_lie(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], n_features: int
) -> None:
    rng = np.random.default_rng(0)
    rows = 4 * rng.normal(size=(3, n_features))[rng.integers(0, 3, 20_000)] + rng.normal(size=(20_000, n_features))
    weights = rng.lognormal(size=len(rows))
    customers = in_duckdb(rows, weights=weights)
    samples = [customers.coresets([2000], seed)[0] for seed in range(40)]
    assert samples[0].total_weight == pytest.approx(weights.sum(), rel=1e-12)
    means = np.array([points.mean for points in samples])
    errors = means.std(axis=0, ddof=1) / np.sqrt(len(means)) + 1e-9
    assert np.all(np.abs(means.mean(axis=0) - np.average(rows, axis=0, weights=weights)) < 4 * errors)
    found = segmented(customers, compression="coreset", max_points=2000, n_clusters=3).partitions[3]
    expected = KMeans(3, n_init=10, random_state=0).fit(rows, sample_weight=weights)
    assert found.assignment.inertia.sum() == pytest.approx(expected.inertia_, rel=1e-4)
    assert found.assignment.counts.sum() == pytest.approx(weights.sum(), rel=1e-12)


@pytest.mark.parametrize("n_features", [2, 5])
def test_a_feature_that_varies_by_next_to_no_weight_leaves_a_sample(
    in_duckdb: Callable[..., DuckDBRows], n_features: int
) -> None:
    """Its variance is rounded to 0, so no grid can be laid over it."""
    rows, weights = np.random.default_rng(1).normal(size=(5000, n_features)), np.full(5000, 1e6)
    rows[:, 1], rows[0, 1], weights[0] = 0, 1, 1e-11
    customers = in_duckdb(rows, weights=weights)
    [points] = customers.coresets([2000], 0)
    assert 300 < len(points) < 700
    assert points.total_weight == pytest.approx(weights.sum())
    assert len(customers.even_sample(500, 0)) == pytest.approx(500, abs=100)


def test_a_grid_of_weighted_customers_keeps_their_mean(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rng = np.random.default_rng(1)
    rows, weights = rng.normal(size=(5000, 2)), rng.lognormal(size=5000)
    points = in_duckdb(rows, weights=weights).coresets([1000], 0)[0]
    np.testing.assert_allclose(points.mean, np.average(rows, axis=0, weights=weights), rtol=1e-11)


@pytest.mark.slow
def test_an_even_sample_is_drawn_by_weight(in_duckdb: Callable[..., DuckDBRows]) -> None:
    """Of 40 customers with weights 1 to 40 one is drawn 8 x 2,000 times."""
    weights = np.arange(1.0, 41.0)
    customers = in_duckdb(np.arange(40.0)[:, None], weights=weights)
    drawn = np.concatenate([customers.even_sample(8, seed)[:, 0] for seed in range(2000)])
    expected = 8 * 2000 * weights / weights.sum()
    assert len(drawn) == pytest.approx(8 * 2000, rel=0.03)
    np.testing.assert_allclose(np.bincount(drawn.astype(int), minlength=40), expected, atol=1, rtol=0.25)


def test_whoever_weighs_more_than_a_piece_is_drawn_again(in_duckdb: Callable[..., DuckDBRows]) -> None:
    customers = in_duckdb(np.arange(4.0)[:, None], weights=np.array([1.0, 97.0, 1.0, 1.0]))
    assert np.bincount(customers.even_sample(4, 0)[:, 0].astype(int), minlength=4)[1] >= 3


@pytest.mark.parametrize("fraction", [1.0, 0.1, 1e-9])
def test_fractions_move_centroids_as_whole_numbers_do(
    in_duckdb: Callable[..., DuckDBRows], segmented: Callable[..., Segmentation], fraction: float
) -> None:
    rows, times = _customers(7)
    whole, parts = (
        segmented(in_duckdb(rows, weights=weights), n_clusters=3).partitions[3] for weights in (times, fraction * times)
    )
    np.testing.assert_allclose(parts.fit.centroids, whole.fit.centroids, rtol=1e-9)
    np.testing.assert_allclose(parts.assignment.inertia, fraction * whole.assignment.inertia, rtol=1e-9)


@pytest.mark.parametrize("compression", ["exact", "coreset"])
def test_the_order_of_the_customers_changes_no_bit(in_duckdb: Callable[..., DuckDBRows], compression: str) -> None:
    rows, _ = _customers(3)
    weights = np.random.default_rng(3).lognormal(size=400)
    rows = np.round(rows)
    shuffled = np.random.default_rng(4).permutation(400)
    one, other = in_duckdb(rows, 1, weights), in_duckdb(rows[shuffled], 4, weights[shuffled])
    found = [of.distinct_points() if compression == "exact" else of.coresets([1000], 0)[0] for of in (one, other)]
    assert found[0].coordinates.tobytes() == found[1].coordinates.tobytes()
    assert found[0].weights.tobytes() == found[1].weights.tobytes()


@pytest.mark.parametrize("weight", ["null", "0", "-1", "1e13", "1e-13", "'nan'::double", "'inf'::double"])
def test_customers_without_a_weight_are_refused(weight: str) -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(
            f"select i as x, case when i < 2 then {weight} else 1 end as times from range(9) as t(i)"
        )
        with pytest.raises(MallardError, match=r"the weight isn't a number above 0 .* for 2 of 9 customers:"):
            segment(DuckDBRows(relation, ["x"], "times"), ["x"], Settings())
