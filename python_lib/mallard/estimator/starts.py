"""Initial centroids that the user gives, as an array or by a function, refused in scikit-learn's words."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array

Init = str | ArrayLike | Callable[..., ArrayLike]
N_CALLS = 10
"""How often a function is asked for centroids, with n_init="auto"."""


def given_starts(
    init: Init, X: NDArray[Any], n_clusters: int, n_init: int | str, random_state: RandomState
) -> list[NDArray[Any]]:
    """Centroids to start from, each of shape (n_clusters, n_features): the array, or what the function returns.

    Raises:
        ValueError: the centroids have the wrong shape, or aren't finite.
    """
    if callable(init):
        n_calls = N_CALLS if n_init == "auto" else int(n_init)
        answers = (init(X, n_clusters, random_state=random_state) for _ in range(n_calls))
        return [_checked(answer, X, n_clusters) for answer in answers]
    start = _checked(init, X, n_clusters)
    if n_init not in ("auto", 1):
        warnings.warn(
            f"Explicit initial center position passed: performing only one init in KMeans instead of n_init={n_init}.",
            RuntimeWarning,
            stacklevel=4,
        )
    return [start]


def _checked(centroids: ArrayLike, X: NDArray[Any], n_clusters: int) -> NDArray[Any]:
    checked: NDArray[Any] = check_array(centroids, dtype=X.dtype, order="C")
    for found, what, expected in (
        (checked.shape[0], "number of clusters", n_clusters),
        (checked.shape[1], "number of features of the data", X.shape[1]),
    ):
        if found != expected:
            raise ValueError(f"The shape of the initial centers {checked.shape} does not match the {what} {expected}.")
    return checked
