"""Threshold trees against scikit-learn's, against all possible cuts, and on customers held out."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from sample import ROOT
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_blobs
from sklearn.tree import DecisionTreeClassifier

from mallard.kmeans.points import WeightedPoints
from mallard.rules.grow import _mistake_minimizing, price_of_explanation, threshold_tree
from mallard.rules.points import SegmentedPoints
from mallard.rules.tree import Node

Table = tuple[np.ndarray, int]


def _tables() -> Iterator[Table]:
    with (ROOT / "seeds" / "mall_customers.csv").open() as file:
        mall = np.array([row[2:] for row in list(csv.reader(file))[1:]], dtype=float)
    yield mall[:, 1:], 5
    yield mall, 6
    for load in (load_iris, load_wine, load_breast_cancer):
        for k in (3, 5, 8):
            yield load().data, k
    digits = load_digits().data
    yield digits[:, digits.std(axis=0) > 0], 10
    random = np.random.default_rng(0)
    for n_features, k in ((2, 4), (2, 8), (5, 4), (5, 8), (16, 8)):
        yield make_blobs(4000, n_features, centers=k, cluster_std=2.5, random_state=1)[0], k
        yield random.normal(size=(4000, n_features)) @ random.normal(size=(n_features, n_features)), k
    yield np.column_stack([random.lognormal(size=4000), random.poisson(3, 4000), random.exponential(size=4000)]), 6


def _segmented(rows: np.ndarray, k: int) -> tuple[SegmentedPoints, KMeans]:
    found = KMeans(k, n_init=2, random_state=0).fit(rows)
    return SegmentedPoints.of(WeightedPoints.from_rows(rows), found.cluster_centers_), found


def _predicted(node: Node, points: SegmentedPoints, rows: np.ndarray) -> np.ndarray:
    labels = np.full(len(rows), node.label)
    if node.split is not None:
        goes_right = rows[:, node.split.feature] >= np.mean(points.values_beside(*node.split.place))
        labels[~goes_right] = _predicted(node.split.left, points, rows[~goes_right])
        labels[goes_right] = _predicted(node.split.right, points, rows[goes_right])
    return labels


def test_every_segment_has_a_leaf_and_scikit_learn_agrees_no_more_often() -> None:
    """On the customers themselves, with as many leaves, wherever scikit-learn's tree has a leaf for every segment."""
    for rows, k in _tables():
        points, found = _segmented(rows / rows.std(axis=0), k)
        for max_leaves in (k, 2 * k):
            tree = threshold_tree(points, max_leaves)
            leaves = [leaf for leaf, _ in tree.leaves()]
            assert len(leaves) <= max_leaves
            assert {leaf.label for leaf in leaves} == set(range(k))
            other = DecisionTreeClassifier(max_leaf_nodes=max_leaves, random_state=0)
            other.fit(points.ranks, points.labels, sample_weight=points.weights)
            said = other.predict(points.ranks)
            if len(set(said)) == k:
                assert tree.agreeing >= points.weights[said == points.labels].sum() - 1e-9
            agreeing = points.weights[tree.labels_of(points.ranks) == points.labels].sum()
            assert tree.agreeing == pytest.approx(agreeing)
            assert np.isclose(points.inertia_of(points.labels), found.inertia_, rtol=1e-3)


def test_on_customers_held_out_scikit_learn_agrees_no_more_often() -> None:
    """In the mean of all tables, and of large ones in each; with the default of the setting, and as many leaves."""
    ours, theirs, lost = [], [], []
    for rows, k in _tables():
        order = np.random.default_rng(2).permutation(len(rows))
        half = len(rows) // 2
        rows = rows / rows.std(axis=0)
        points, found = _segmented(rows[order[:half]], k)
        tree = threshold_tree(points, 2 * k, 0.01)
        other = DecisionTreeClassifier(max_leaf_nodes=len(list(tree.leaves())), random_state=0)
        other.fit(rows[order[:half]], found.labels_)
        held_out = rows[order[half:]]
        said = found.predict(held_out)
        ours.append(np.mean(_predicted(tree, points, held_out) == said))
        theirs.append(np.mean(other.predict(held_out) == said))
        lost.append(ours[-1] - theirs[-1] if len(rows) >= 1000 else 0.0)
    assert np.mean(ours) >= np.mean(theirs)
    assert np.min(lost) > -0.01


def test_mistakes_are_fewest() -> None:
    """The first cut of the iterative mistake minimization, against all cuts."""
    random = np.random.default_rng(3)
    for k in (2, 3, 6):
        rows = random.normal(size=(60, 3)).round(1)
        points = SegmentedPoints.of(WeightedPoints.from_rows(rows, random.integers(1, 5, 60)), rows[:k])
        cut = _mistake_minimizing(points, np.arange(len(points.labels)), np.arange(k))
        assert cut is not None

        def mistakes(feature: int, value: float, points: SegmentedPoints = points) -> float:
            is_right = points.coordinates[:, feature] > value
            centroid_is_right = points.centroids[points.labels, feature] > value
            return float(points.weights[is_right != centroid_is_right].sum())

        possible = [
            mistakes(feature, value)
            for feature in range(3)
            for value in points.values[feature]
            if len(set(points.centroids[:, feature] > value)) == 2
        ]
        assert mistakes(cut.feature, points.values[cut.feature][cut.rank]) == min(possible)


def test_price_of_explanation() -> None:
    """Of four customers in a line: {0, 1} and {9, 10} lose nothing; a tree of one leaf has the variance of all."""
    points = SegmentedPoints.of(WeightedPoints.from_rows([[0.0], [1], [9], [10]]), np.array([[0.5], [9.5]]))
    assert price_of_explanation(threshold_tree(points, 2), points) == 1.0
    assert price_of_explanation(Node(points.weights_by_segment(np.arange(4))), points) == 82.0


def test_large_and_close_values() -> None:
    """Single precision, in which scikit-learn grows trees, would tell none of these apart."""
    for values in ([0, 1e-9, 1, 1 + 1e-9], [1e150, 2e150, 3e150, 4e150]):
        rows = np.array(values)[:, None]
        points = SegmentedPoints.of(WeightedPoints.from_rows(rows), rows)
        assert threshold_tree(points, 4).agreeing == 4
