"""Tables of every shape through the library: they are fitted right, or refused in a line."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.campaign.figures import Figures

from mallard import KMeans

ELEMENTS = {
    "whole": st.integers(-3, 3).map(float),
    "money": st.floats(0, 1e5).map(lambda x: round(x, 2)),
    "any": st.floats(-1e6, 1e6, allow_subnormal=False),
    "large": st.floats(-1e120, 1e120),
    "tiny": st.floats(-1e-120, 1e-120),
    "far away": st.floats(0, 1).map(lambda x: 1e9 + x),
    "not all finite": st.floats(width=64),
}

SQUARES = 1e-140, 1e150
"""Sizes of values whose squares are ordinary numbers. Distances, here as in scikit-learn, are sums of squares."""


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray | None, int]:
    """Rows, weights or none, and a number of clusters."""
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 4)))
    X = draw(arrays(float, shape, elements=ELEMENTS[draw(st.sampled_from(sorted(ELEMENTS)))]))
    weights = draw(st.none() | arrays(float, shape[0], elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 1000.0])))
    return X, weights, draw(st.integers(1, 6))


def check_fit(X: np.ndarray, weights: np.ndarray | None, k: int) -> str:
    """Fit, and compare with what the centroids say.

    Returns:
        What came of it.

    Raises:
        AssertionError: a refusal of several lines, or a fit that isn't one.
    """
    model = KMeans(k, n_init=2, random_state=0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels = model.fit(X, sample_weight=weights).labels_
    except ValueError as error:
        said = str(error).split("\nKMeans does not accept missing values")[0]  # what follows is scikit-learn's advice
        assert "\n" not in said, said
        return "refused"
    weights = np.ones(len(X)) if weights is None else weights
    used = weights > 0
    scale = float(np.abs(X).max()) or 1.0
    if not SQUARES[0] < scale < SQUARES[1]:
        return "fitted, and distances are 0 or infinite"
    rows, centroids = X / scale, model.cluster_centers_ / scale
    squares = ((rows[:, None, :] - centroids) ** 2).sum(axis=2)
    own = squares[np.arange(len(X)), labels]
    assert len(labels) == len(X)
    assert np.all(own <= squares.min(axis=1) + 1e-12), "another centroid is nearer"
    with np.errstate(over="ignore"):
        inertia = (weights * own).sum() * scale * scale
        assert abs(model.inertia_ - inertia) <= 1e-6 * inertia + 1e-12 * scale * scale, "another inertia"
    for label in np.unique(labels[used]):
        inside = used & (labels == label)
        mean = np.average(rows[inside], axis=0, weights=weights[inside])
        assert np.allclose(mean, centroids[label], rtol=1e-9, atol=1e-9), "a centroid isn't the mean of its rows"
    order = np.random.default_rng(0).permutation(len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shuffled = KMeans(k, n_init=2, random_state=0).fit(X[order], sample_weight=weights[order])
    assert shuffled.cluster_centers_.tobytes() == model.cluster_centers_.tobytes(), "the order of the rows changes bits"
    assert np.array_equal(shuffled.labels_, labels[order]), "the order of the rows changes labels"
    return "fitted"


def run(folder: Path, amount: int) -> Figures:
    """Fit so many tables; hypothesis makes a counterexample as small as it can."""
    came: Counter[str] = Counter()
    faults: list[str] = []

    @settings(max_examples=amount, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(tables())
    def fit_each(table: tuple[np.ndarray, np.ndarray | None, int]) -> None:
        came[check_fit(*table)] += 1

    try:
        fit_each()
    except Exception as error:
        faults.append(f"{error} {' '.join(getattr(error, '__notes__', []))}")
    return Figures({**came, "counterexamples": len(faults)}, faults)
