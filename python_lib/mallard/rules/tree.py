"""A threshold tree, and what is left of it when it may have only so many leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mallard.kmeans.points import Floats, Labels
from mallard.rules.points import Ranks, SegmentedPoints


@dataclass(frozen=True, eq=False)
class Split:
    """What divides the points of a node.

    Attributes:
        feature: index of the feature that is compared.
        rank: points with a higher rank go right.
        next_rank: the lowest rank among them.
        is_kept: whether pruning may not undo it.
    """

    feature: int
    rank: int
    next_rank: int
    left: Node
    right: Node
    is_kept: bool

    @property
    def place(self) -> tuple[int, int, int]:
        """Feature and ranks, by which equal splits of different nodes are the same."""
        return self.feature, self.rank, self.next_rank


@dataclass(frozen=True, eq=False)
class Node:
    """A node of a tree.

    Attributes:
        weights: weight of its points in each segment, shape (n_segments,).
        split: None for a leaf.
    """

    weights: Floats
    split: Split | None = None

    @property
    def label(self) -> int:
        """The segment with most weight, from 0."""
        return int(np.argmax(self.weights))

    @cached_property
    def agreeing(self) -> float:
        """Weight of the points whose segment is that of their leaf."""
        if self.split is None:
            return float(self.weights.max())
        return self.split.left.agreeing + self.split.right.agreeing

    def leaves(self) -> Iterator[tuple[Node, list[tuple[Split, bool]]]]:
        """Every leaf from left to right, with the splits that lead to it, and whether they lead right."""
        if self.split is None:
            yield self, []
            return
        for child, goes_right in ((self.split.left, False), (self.split.right, True)):
            for leaf, path in child.leaves():
                yield leaf, [(self.split, goes_right), *path]

    def labels_of(self, ranks: Ranks) -> Labels:
        """The segment of each point's leaf, shape (n_points,)."""
        labels = np.full(len(ranks), self.label, dtype=np.int64)
        if self.split is not None:
            goes_right = ranks[:, self.split.feature] > self.split.rank
            labels[~goes_right] = self.split.left.labels_of(ranks[~goes_right])
            labels[goes_right] = self.split.right.labels_of(ranks[goes_right])
        return labels


def divided(
    points: SegmentedPoints, rows: Labels, feature: int, rank: int
) -> tuple[tuple[Labels, Labels], tuple[int, int]]:
    """The rows that go left and right, and the ranks next to the split; both sides must have rows."""
    ranks = points.ranks[rows, feature]
    goes_right = ranks > rank
    return (rows[~goes_right], rows[goes_right]), (int(ranks[~goes_right].max()), int(ranks[goes_right].min()))


def pruned(tree: Node, max_leaves: int, least_gain: float) -> Node:
    """The part of a tree, from its root, that agrees with the segments best.

    Args:
        max_leaves: the most leaves that it may have.
        least_gain: the weight that each leaf has to make agree, as in minimal cost-complexity pruning (Breiman,
            Friedman, Olshen and Stone, 1984).
    """
    found = _prunings(tree, max_leaves)
    return max(found.items(), key=lambda part: part[1].agreeing - least_gain * part[0])[1]


def _prunings(node: Node, most: int) -> dict[int, Node]:
    """The best part of a tree for every number of leaves, in ascending order."""
    if node.split is None:
        return {1: node}
    split = node.split
    lefts, rights = _prunings(split.left, most), _prunings(split.right, most)
    found = {} if split.is_kept else {1: replace(node, split=None)}
    for n_leaves in range(2, most + 1):
        pairs = [(left, rights[n_leaves - n]) for n, left in lefts.items() if n_leaves - n in rights]
        if pairs:
            left, right = max(pairs, key=lambda pair: pair[0].agreeing + pair[1].agreeing)
            found[n_leaves] = replace(node, split=replace(split, left=left, right=right))
    return found
