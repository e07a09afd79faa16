"""One run of an algorithm: the cluster of every row, or why there is none."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from mallard.algorithms.register import Algorithm
from mallard.errors import shortened
from mallard.failures import explanation
from mallard.kmeans.points import Floats, Labels
from mallard.stopping import StoppedError, seam


class Run(NamedTuple):
    """What came of it.

    Attributes:
        labels: the cluster of every row, from 0, and -1 for noise, shape (n_rows,); None if it failed.
        seconds: how long it took; None if it failed.
        message: why it failed, or what the algorithm warned of.
    """

    labels: Labels | None
    seconds: float | None
    message: str | None


def run(algorithm: Algorithm, value: int, rows: Floats, random_state: int) -> Run:
    """Run an algorithm with a value of its parameter. What goes wrong becomes its message.

    Args:
        rows: in lexicographic order, so that their order before can't change anything, shape (n_rows, n_features).
    """
    seam()
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            estimator = algorithm.make(value, rows, random_state)
            started = perf_counter()
            labels = estimator.fit_predict(rows)
            seconds = perf_counter() - started
    except StoppedError:
        raise
    except Exception as failure:
        return Run(None, None, _said(failure))
    cautions = [str(of.message) for of in warned if issubclass(of.category, ConvergenceWarning)]
    return Run(np.asarray(labels, dtype=np.int64), seconds, _line(cautions[0]) if cautions else None)


def labels_of(algorithm: Algorithm, values: Sequence[int], rows: Floats, random_state: int) -> dict[int, Labels]:
    """The cluster of every row by each value of its parameter, without those with which it fails."""
    if algorithm.at_once is not None:
        seam()
        try:
            return algorithm.at_once(values, rows, random_state)
        except StoppedError:
            raise
        except Exception:
            return {}
    runs = {value: run(algorithm, value, rows, random_state) for value in values}
    return {value: of.labels for value, of in runs.items() if of.labels is not None}


def _said(failure: Exception) -> str:
    if isinstance(failure, MemoryError):
        return "the memory ran out: lower max_rows"
    return explanation(failure) or _line(str(failure)) or type(failure).__name__


def _line(text: str) -> str:
    return shortened(" ".join(text.split()))
