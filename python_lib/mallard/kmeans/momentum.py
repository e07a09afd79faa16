"""The kernel of the search: Lloyd's algorithm with momentum, for candidates that are compared with each other.

Lloyd's algorithm creeps where clusters overlap: it takes many small steps in nearly the same direction. Momentum
carries the centroids further in that direction, as in Y. Nesterov, "A method for solving the convex programming problem
with convergence rate O(1/k^2)", 1983, and starts anew whenever inertia rises (B. O'Donoghue and E. Candes, "Adaptive
restart for accelerated gradient schemes", 2015, doi 10.1007/s10208-013-9150-3).

The last bits don't matter here, since plain Lloyd iterations follow.
"""

from __future__ import annotations

from enum import IntEnum

from mallard.kmeans._tensorflow import tf
from mallard.kmeans.blocks import Blocks
from mallard.kmeans.e_step import nearest_to_most_digits
from mallard.kmeans.kernels import TURNS, compiled, of_all_turns, sums_in_turns

PLAIN_ITERATIONS = 3
"""Iterations before the first that has momentum: the first steps point in other directions than those that follow."""
MOST_MOMENTUM = 0.9
HOPE = 10.0
"""A run is abandoned if it couldn't win even if it gained this many times what its last iteration did."""


class State(IntEnum):
    """Columns of the state of a run; the run can pause between two iterations, and needs no more to go on."""

    INERTIA = 0
    MOMENTUM = 1
    """Iterations with momentum since inertia last rose."""
    N_ITER = 2
    STAGE = 3


class RaceStage(IntEnum):
    """How a run is; it is over in all but the first."""

    RUNS = 0
    RESTED = 1
    ABANDONED = 2
    OUT_OF_ITERATIONS = 3


@compiled
def race(
    blocks: Blocks,
    centroids: tf.Tensor,
    means: tf.Tensor,
    states: tf.Tensor,
    n_clusters: tf.Tensor,
    limits: tf.Tensor,
    n_runs: tf.Tensor,
    max_iter: tf.Tensor,
    tol: tf.Tensor,
    pause: tf.Tensor,
    spherical: bool,
) -> tuple[tf.Tensor, ...]:
    """Continue runs, one after the other, until each rests, is abandoned, or has had `pause` iterations.

    Args:
        centroids: shape (n_slots, most clusters, n_features), of which the first `n_runs` and of them the first
            `n_clusters` are used; the others are `FAR` away.
        means: where the centroids would be without momentum; the same shape.
        states: shape (n_slots, len(State)).
        n_clusters: of each run, shape (n_slots,).
        limits: inertia below which a run is worth continuing, shape (n_slots,).
        max_iter: iterations after which a run is over, paused or not.
        tol: a run rests when an iteration lowers inertia by at most this fraction of it.
        pause: most iterations of a run in this call.
        spherical: keep the centroids on the unit sphere.

    Returns:
        `centroids`, `means` and `states` again. Weights of the clusters, shape (n_slots, most clusters). The inertia is
        that of the centroids before the last step, less what that step gains at least: the means aren't worse.
    """
    n_slots, most_clusters, _ = centroids.shape
    number = centroids.dtype

    def run(slot: tf.Tensor, *of_all: tf.Tensor) -> tuple[tf.Tensor, ...]:
        is_used = tf.range(most_clusters) < n_clusters[slot]

        def iterate(
            steps: tf.Tensor, centroids: tf.Tensor, means: tf.Tensor, state: tf.Tensor, _: tf.Tensor
        ) -> tuple[tf.Tensor, ...]:
            before, momentum, n_iter, _ = tf.unstack(state)
            sums, inertia = _sums(blocks, centroids, n_clusters[slot])
            counts = sums[:, -1]
            pulls = tf.norm(sums[:, :-1], axis=1) if spherical else counts
            is_moved = is_used & (counts > 0) & (pulls > 0)
            moved = tf.math.divide_no_nan(sums[:, :-1], pulls[:, None])
            moved = tf.where(is_moved[:, None], moved, centroids)
            certain = tf.reduce_sum(pulls * tf.reduce_sum(tf.math.squared_difference(moved, centroids), axis=1))
            is_filled = tf.reduce_all((counts > 0) | ~is_used)
            goes_back = (momentum > 0) & ((inertia > before) | ~is_filled)
            gain = before - inertia
            n_iter += 1
            rests = ~goes_back & ((gain <= tol * inertia) | (certain == 0))
            is_hopeless = ~goes_back & (n_iter > PLAIN_ITERATIONS) & (inertia - certain - HOPE * gain > limits[slot])
            stage = tf.where(n_iter >= max_iter, RaceStage.OUT_OF_ITERATIONS, RaceStage.RUNS)
            stage = tf.where(rests, RaceStage.RESTED, tf.where(is_hopeless, RaceStage.ABANDONED, stage))
            has_momentum = ~goes_back & (n_iter > PLAIN_ITERATIONS)
            next_momentum = tf.where(has_momentum, momentum + 1, tf.zeros_like(momentum))
            push = tf.minimum(momentum / (momentum + 3), MOST_MOMENTUM)
            ahead = moved + tf.where(has_momentum, push, tf.zeros_like(push)) * (moved - means)
            if spherical:
                ahead = tf.where(is_used[:, None], tf.math.l2_normalize(ahead, axis=1), ahead)
            inertia = tf.where(
                goes_back, before, tf.where(stage == RaceStage.RUNS, inertia, tf.maximum(inertia - certain, 0.0))
            )
            state = tf.stack([inertia, next_momentum, n_iter, tf.cast(stage, number)])
            return (
                steps + 1,
                tf.where(goes_back, means, ahead),
                tf.where(goes_back, means, moved),
                state,
                counts,
            )

        start = (tf.constant(0), *(values[slot] for values in of_all))
        _, *found = tf.while_loop(
            lambda steps, _, __, state, ___: (steps < pause) & (state[State.STAGE] == RaceStage.RUNS), iterate, start
        )
        return slot + 1, *(
            tf.tensor_scatter_nd_update(all_runs, [[slot]], of_run[None])
            for all_runs, of_run in zip(of_all, found, strict=True)
        )

    counts = tf.zeros((n_slots, most_clusters), number)
    _, *found = tf.while_loop(lambda slot, *_: slot < n_runs, run, (tf.constant(0), centroids, means, states, counts))
    return tuple(found)


def _sums(blocks: Blocks, centroids: tf.Tensor, n_clusters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Weighted sums of the points nearest to each centroid and of 1, shape (n_slots, n_features + 1), and inertia."""
    n_slots, n_features = centroids.shape

    def add_block(block: tf.Tensor, sums: tf.Tensor, inertia: tf.Tensor) -> tuple[tf.Tensor, ...]:
        x, weights = blocks.coordinates[block], blocks.weights[block]
        label, squared, x, weights = nearest_to_most_digits(x, weights, centroids, n_clusters)
        sums += sums_in_turns(tf.concat([x, tf.ones_like(x[:1])], axis=0) * weights, label, n_slots)
        return block + 1, sums, inertia + tf.reduce_sum(squared * weights)

    nothing = tf.zeros((n_slots * TURNS, n_features + 1), centroids.dtype), tf.zeros((), centroids.dtype)
    _, sums, inertia = tf.while_loop(lambda block, *_: block < blocks.n_used, add_block, (tf.constant(0), *nothing))
    return of_all_turns(sums), inertia
