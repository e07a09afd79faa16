"""Two ways to grow a threshold tree that follows segments, and the better of the two trees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from mallard.kmeans.points import Labels
from mallard.rules.points import SegmentedPoints
from mallard.rules.tree import Node, Split, divided, pruned

BEFORE_PRUNING = 4
"""Trees are grown with more leaves than they may keep, by this factor."""
NOTHING = 1e-9
"""What a leaf gains if this share of the customers is due to rounding."""


class Cut(NamedTuple):
    """A split that tells centroids apart; `left` and `right` divide them further."""

    feature: int
    rank: int
    left: Cut | None
    right: Cut | None


def threshold_tree(points: SegmentedPoints, max_leaves: int, least_gain: float = 0.0) -> Node:
    """The tree that follows the segments best, of two that are pruned to this number of leaves.

    One is a decision tree (CART), as scikit-learn grows it by Gini impurity, so that it agrees with the segments at
    least as often as scikit-learn's of as many leaves. It can leave out a small segment. The other begins with the
    iterative mistake minimization of Moshkovitz, Dasgupta, Rashtchian and Frost (ICML 2020), which gives every segment
    a leaf, and goes on in these leaves, as ExKMC does (Frost, Moshkovitz and Rashtchian, 2020), with decision trees.
    The one with leaves for more segments is better, then the one that agrees more often, then the cheaper one.

    Args:
        max_leaves: the most leaves; at least as many as there are segments.
        least_gain: the share of the customers that each leaf has to make agree, but for the first one of a segment.
    """
    rows = np.arange(len(points.labels))
    most_before = BEFORE_PRUNING * max_leaves
    least_weight = max(least_gain, NOTHING) * float(points.weights.sum())
    trees = [
        pruned(tree, max_leaves, least_weight)
        for tree in (
            _decision_tree(points, rows, most_before),
            _along(_mistake_minimizing(points, rows, np.arange(len(points.centroids))), points, rows, most_before),
        )
    ]
    return min(trees, key=lambda tree: _badness(tree, points))


def price_of_explanation(tree: Node, points: SegmentedPoints) -> float | None:
    """Inertia of the groups that the tree makes, over that of the segments; None if that is 0.

    Moshkovitz, Dasgupta, Rashtchian and Frost (ICML 2020) define it with the best segments possible.
    """
    inertia = points.inertia_of(points.labels)
    return points.inertia_of(tree.labels_of(points.ranks)) / inertia if inertia > 0 else None


def _badness(tree: Node, points: SegmentedPoints) -> tuple[int, float, float]:
    n_labels = len({leaf.label for leaf, _ in tree.leaves()})
    return -n_labels, -tree.agreeing, points.inertia_of(tree.labels_of(points.ranks))


def _decision_tree(points: SegmentedPoints, rows: Labels, max_leaves: int) -> Node:
    """A decision tree for some of the points, as scikit-learn grows it."""
    weights = points.weights_by_segment(rows)
    if np.count_nonzero(weights) < 2 or max_leaves < 2:
        return Node(weights)
    classifier = DecisionTreeClassifier(max_leaf_nodes=max_leaves, random_state=0)
    found = classifier.fit(points.ranks[rows], points.labels[rows], sample_weight=points.weights[rows]).tree_

    def node(place: int, rows: Labels) -> Node:
        weights = points.weights_by_segment(rows)
        if found.children_left[place] < 0:
            return Node(weights)
        feature, rank = int(found.feature[place]), int(np.floor(found.threshold[place]))
        (left, right), (lower, upper) = divided(points, rows, feature, rank)
        children = node(found.children_left[place], left), node(found.children_right[place], right)
        return Node(weights, Split(feature, lower, upper, *children, is_kept=False))

    return node(0, rows)


def _mistake_minimizing(points: SegmentedPoints, rows: Labels, segments: Labels) -> Cut | None:
    """Cuts that part these segments from each other, each with the fewest mistakes; None if none can.

    A mistake is a point that a cut parts from its centroid. It doesn't count any more below.

    Args:
        rows: points of these segments.
    """
    if len(segments) < 2:
        return None
    found = []
    for feature, values in enumerate(points.values):
        places = points.centroid_ranks[segments, feature]
        of_point, of_centroid = points.ranks[rows, feature], points.centroid_ranks[points.labels[rows], feature]
        # A place more, because centroids below all values have the rank -1.
        begin, end = (
            np.bincount(1 + ranks, points.weights[rows], len(values) + 1)
            for ranks in (np.minimum(of_point, of_centroid), np.maximum(of_point, of_centroid))
        )
        mistakes = np.cumsum(begin - end)[places.min() + 1 : places.max() + 1]
        if len(mistakes):
            best = int(np.argmin(mistakes))
            found.append((float(mistakes[best]), feature, int(places.min()) + best))
    if not found:
        return None
    _, feature, rank = min(found)
    goes_right = points.centroid_ranks[:, feature] > rank
    is_right = points.ranks[rows, feature] > rank
    stays = is_right == goes_right[points.labels[rows]]
    return Cut(
        feature,
        rank,
        _mistake_minimizing(points, rows[stays & ~is_right], segments[~goes_right[segments]]),
        _mistake_minimizing(points, rows[stays & is_right], segments[goes_right[segments]]),
    )


def _along(cut: Cut | None, points: SegmentedPoints, rows: Labels, max_leaves: int) -> Node:
    """The tree of these cuts, which goes on with decision trees where they end."""
    if cut is None:
        return _decision_tree(points, rows, max_leaves)
    goes_right = points.ranks[rows, cut.feature] > cut.rank
    if goes_right.all() or not goes_right.any():
        return _along(cut.right if goes_right.all() else cut.left, points, rows, max_leaves)
    (left, right), (lower, upper) = divided(points, rows, cut.feature, cut.rank)
    children = _along(cut.left, points, left, max_leaves), _along(cut.right, points, right, max_leaves)
    return Node(points.weights_by_segment(rows), Split(cut.feature, lower, upper, *children, is_kept=True))
