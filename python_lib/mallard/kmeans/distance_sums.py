"""Sums of distances from points to groups of points, from which silhouettes are computed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mallard.kmeans import kernels
from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import Blocks, room_for
from mallard.kmeans.points import Floats, Labels, WeightedPoints

POINTS_PER_CALL = 1024
"""Most points per call of the kernel."""
MAX_GROUPS = 256
"""The kernel has room for at least this many groups, so that one compilation serves most calls."""
MIN_ROOM = 2**14
"""The kernel has room for at least this many members, so that one compilation serves many numbers of points."""
MEMBER_VALUES = 32
"""Approximate number of coordinates in a block of members; each adds an instruction or two to the kernel."""
FEW_FEATURES = 32
"""With more features, distances are computed from products."""
MEMBERS_PER_BLOCK = 128
"""Number of members in a block of products."""

DistanceSums = Callable[[Floats], Floats]
"""Maps coordinates, shape (n, n_features), to their summed distances to each group, shape (n_groups, n)."""


def euclidean_sums(points: WeightedPoints, groups: Labels) -> DistanceSums:
    """Sum Euclidean distances to the members of each group.

    Args:
        groups: the group of each point, shape (n_points,), without gaps.
    """
    if points.n_features <= FEW_FEATURES:
        origin, kernel = np.zeros(points.n_features), kernels.distance_sums
        members, group_of = _blocks_of_groups(points, groups)
    else:
        origin, kernel = points.mean, kernels.distance_sums_by_products
        members, group_of = _blocks_in_order(points.shifted(-origin), groups)
    n_groups = int(groups.max()) + 1

    def distance_sums(coordinates: Floats) -> Floats:
        filled_up = np.zeros((coordinates.shape[1], POINTS_PER_CALL))
        filled_up[:, : len(coordinates)] = (coordinates - origin).T
        room = max(MAX_GROUPS, room_for(n_groups))
        sums: Floats = kernel(members, group_of, room, tf.constant(filled_up)).numpy()
        return sums[:n_groups, : len(coordinates)]

    return distance_sums


def cosine_sums(points: WeightedPoints, groups: Labels) -> DistanceSums:
    """Sum cosine distances between unit vectors to the members of each group.

    The sum of 1 - x.y over all y of a group is their weight - x.(their sum), so no pairs are needed.

    Args:
        groups: the group of each point, shape (n_points,), without gaps.
    """
    weights = np.bincount(groups, points.weights)
    sums = np.array([np.bincount(groups, points.weights * feature) for feature in points.coordinates.T])
    return lambda coordinates: np.maximum(weights[:, None] - np.einsum("fg,pf->gp", sums, coordinates), 0.0)


def _blocks_in_order(points: WeightedPoints, group_of_point: Labels) -> tuple[Blocks, tf.Tensor]:
    """Lay out the points in blocks, and return the group of each point in them."""
    room = room_for(-(-len(points) // MEMBERS_PER_BLOCK))
    group_of_member = np.zeros(room * MEMBERS_PER_BLOCK, dtype=np.int32)
    group_of_member[: len(points)] = group_of_point
    members = Blocks.of(points.coordinates.T, points.weights, MEMBERS_PER_BLOCK, room)
    return members, tf.constant(group_of_member.reshape(room, MEMBERS_PER_BLOCK))


def _blocks_of_groups(points: WeightedPoints, group_of_point: Labels) -> tuple[Blocks, tf.Tensor]:
    """Lay out the points in blocks of one group each, and return the group of each block.

    Args:
        group_of_point: shape (n_points,), without gaps.
    """
    n_features = points.coordinates.shape[1]
    size = max(2, min(8, MEMBER_VALUES // n_features))
    counts = np.bincount(group_of_point)
    n_blocks = -(-counts // size)
    order = np.argsort(group_of_point, kind="stable")
    place_in_group = np.arange(len(points)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat((np.cumsum(n_blocks) - n_blocks) * size, counts) + place_in_group
    room = room_for(max(MIN_ROOM // size, int(np.sum(n_blocks))))
    features, weights = np.zeros((n_features, room * size)), np.zeros(room * size)
    features[:, places], weights[places] = points.coordinates[order].T, points.weights[order]
    group_of_block = np.zeros(room, dtype=np.int32)
    group_of_block[: np.sum(n_blocks)] = np.repeat(np.arange(len(counts)), n_blocks)
    members = Blocks.of(features, weights, size, room)
    return members._replace(n_used=tf.constant(np.sum(n_blocks, dtype=np.int32))), tf.constant(group_of_block)
