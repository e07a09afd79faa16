"""The number of groups in tables where it is known: the suites of the benchmark, found as a build finds it."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.choosing import in_duckdb, searched
from benchmarks.groups import ATTAINABLE, OTHER, TUNED, Known, suite
from sklearn.metrics import adjusted_rand_score

from mallard.choice.evidence import natural, weigh, with_bends
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings
from mallard.kmeans.distances import nearest


def segmented(known: Known, **settings: object) -> Segmentation:
    features = [f"x{i}" for i in range(known.rows.shape[1])]
    with in_duckdb(known.rows, known.weights) as customers:
        return segment(customers, features, Settings(n_init=4, **settings))  # type: ignore[arg-type]


def n_groups_found(known: Known) -> tuple[int, bool]:
    """Number of groups, and whether K-means finds these at their number."""
    fits, sketch = searched(known, range(1, max(10, known.n_groups + 3) + 1), n_init=2)
    centroids = {k: fit.centroids for k, fit in fits.items()}
    evidence = with_bends(weigh(sketch, centroids), {k: fit.inertia for k, fit in fits.items()})
    best = natural(evidence)
    labels, _ = nearest(known.rows, centroids[known.n_groups])
    agreement = adjusted_rand_score(known.truth, labels)
    return evidence[best].n_groups if best else 1, bool(agreement >= ATTAINABLE)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [TUNED[0], OTHER[0]])  # the benchmark has all
def test_groups_are_found_where_there_are_some_and_none_where_there_are_none(seed: int) -> None:
    groups, clouds = {}, {}
    for known in suite(seed, n_each=1, most_rows=100_000):
        n_found, is_attainable = n_groups_found(known)
        if known.n_groups == 1:
            clouds[known.name] = n_found
        elif is_attainable:
            groups[known.name] = n_found - known.n_groups
    wrong = {name: off for name, off in groups.items() if off}
    assert len(groups) >= 10
    assert len(wrong) <= 1, wrong
    assert max(map(abs, groups.values())) <= 1, wrong
    assert len(clouds) == 15
    assert set(clouds.values()) == {1}, clouds


def blobs(n_groups: int, n_rows: int = 1000) -> Known:
    random = np.random.default_rng(0)
    centers = 8.0 * np.array([[i % 4, i // 4] for i in range(n_groups)])
    truth = random.integers(n_groups, size=n_rows)
    return Known("blobs", n_groups, centers[truth] + random.normal(size=(n_rows, 2)), np.ones(n_rows), truth)


@pytest.mark.parametrize("n_groups", [4, 5, 12, 16])
def test_more_than_ten_groups_are_looked_for_where_there_may_be_more(n_groups: int) -> None:
    found = segmented(blobs(n_groups))
    assert (found.selection.n_clusters, found.n_groups) == (n_groups, n_groups)
    assert found.verdict.name in ("natural", "reproducible")
    assert max(found.partitions) == (20 if n_groups > 10 else 10)


def test_the_largest_number_that_is_set_is_kept_to() -> None:
    found = segmented(blobs(12), max_clusters=10)
    assert max(found.partitions) == 10


def test_two_groups_cut_into_six_segments_are_called_both() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(1000, 2)) + np.array([[0, 0], [7, 0]])[random.integers(2, size=1000)]
    found = segmented(Known("two", 2, rows, np.ones(1000), np.zeros(1000, int)), n_clusters=6)
    chosen = found.partitions[6].evidence
    assert found.n_groups == chosen.n_groups == 2
    assert found.verdict.reason.startswith("The customers form 2 groups; of the ")
    left = found.partitions[6].fit.centroids[:, 0] < 3.5
    assert all(chosen.is_separate(b) == (left[b.first] != left[b.second]) for b in chosen.borders)


def test_a_scale_that_crowds_nearly_all_into_one_point_does_not_flatter() -> None:
    """The silhouette of two segments is near 1 where a few customers are far away, which says nothing."""
    random = np.random.default_rng(0)
    revenue = np.exp(2.5 * random.normal(size=(2000, 2)))
    rows = (revenue - np.median(revenue, axis=0)) / (
        np.quantile(revenue, 0.75, axis=0) - np.quantile(revenue, 0.25, axis=0)
    )
    found = segmented(Known("crowded", 1, rows, np.ones(2000), np.zeros(2000, int)))
    assert found.partitions[2].quality is not None
    assert found.partitions[2].quality.silhouette.mean > 0.95
    assert found.n_groups == 1
    assert found.verdict.name in ("reproducible", "constructive")
    assert any("% of the customers, because a few are far from all others" in said for said in found.cautions)


@pytest.mark.parametrize("n_rows", [1, 2, 3, 4, 9])
def test_a_handful_of_customers_has_a_verdict_too(n_rows: int) -> None:
    rows = np.random.default_rng(n_rows).normal(size=(n_rows, 2))
    found = segmented(Known("few", 1, rows, np.ones(n_rows), np.zeros(n_rows, int)))
    assert found.n_groups == 1
    assert (found.verdict.name == "none") == (found.selection.n_clusters == 1)
