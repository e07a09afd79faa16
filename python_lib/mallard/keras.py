"""Segments from an exported Keras model, for rows that are in Python.

A plain `keras.models.load_model` loads the same file without Mallard. What is here turns rows into what it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mallard.errors import MallardError
from mallard.export._keras import keras
from mallard.export.scoring import MISSING, MISSING_TEXT

AT_ONCE = 100_000
"""Rows that go through the model together, so that memory stays bounded."""


@dataclass(frozen=True)
class Scorer:
    """A segmentation that was exported to Keras.

    Attributes:
        model: the Keras model, from a dictionary of raw columns to one of results.
    """

    model: Any

    def __call__(self, rows: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """The segments of rows, and how far they are: the columns of the segmentation, each of shape (n_rows,).

        Rows without a segment have the ids 0 and the distances NaN.

        Args:
            rows: columns by name, such as a dictionary of lists, a DataFrame or an Arrow table. A value is missing if
                it is None or NaN. Other columns may be there.

        Raises:
            MallardError: a column is missing, or isn't of the kind that the segmentation was fitted on.
        """
        columns = {column.name: _array(rows, column) for column in self.model.inputs}
        lengths = {name: len(column) for name, column in columns.items()}
        n_rows = max(lengths.values())
        short = next((name for name, length in lengths.items() if length < n_rows), None)
        if short is not None:
            raise MallardError(
                f"column {short} has {lengths[short]:,} values, and another has {n_rows:,}: give all rows."
            )
        parts = [
            self.model({name: column[start : start + AT_ONCE] for name, column in columns.items()})
            for start in range(0, max(n_rows, 1), AT_ONCE)
        ]
        return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0]}


def from_file(path: str | Path) -> Scorer:
    """The segmentation that `mallard export --format keras` wrote.

    Raises:
        MallardError: the file isn't there, or is none of Keras's.
    """
    if not Path(path).is_file():
        raise MallardError(f"there is no file {path}: export a segmentation first, or name another file.")
    try:
        return Scorer(keras.models.load_model(path, compile=False))
    except ValueError as error:
        raise MallardError(f"{path} can't be read by Keras ({str(error).splitlines()[0]}): export it again.") from None


def _array(rows: Mapping[str, Any], column: Any) -> NDArray[Any]:
    """A column as the model takes it.

    Args:
        column: the input of the model.
    """
    try:
        values = rows[column.name]
    except (KeyError, IndexError, TypeError):
        raise MallardError(f"column {column.name} isn't among the rows: add it.") from None
    try:
        if len(column.shape) > 1:
            return _vectors(values, column.shape[1])
        found = pa.array(values, from_pandas=True)
        if column.dtype == "string":
            texts: NDArray[Any] = found.cast(pa.string()).fill_null(MISSING_TEXT).to_numpy(zero_copy_only=False)
            return texts
        numbers: NDArray[Any] = found.cast(pa.float64(), safe=False).fill_null(MISSING).to_numpy(zero_copy_only=False)
        return numbers
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        kind = f"vectors of {column.shape[1]}" if len(column.shape) > 1 else f"{column.dtype}s"
        said = str(error).splitlines()[0]
        raise MallardError(f"column {column.name} can't be made {kind} ({said}): convert it.") from None


def _vectors(values: Sequence[Any], size: int) -> NDArray[np.float64]:
    vectors = values.to_pylist() if isinstance(values, pa.Array | pa.ChunkedArray) else values
    rows = [[MISSING] * size if _is_missing(vector) else vector for vector in vectors]
    found = np.array(rows, dtype=np.float64).reshape(len(rows), -1 if rows else size)
    if found.shape[1] != size:
        raise ValueError(f"they have {found.shape[1]} positions")
    return found


def _is_missing(vector: Any) -> bool:
    """Whether None, NaN or NA is in the place of a vector."""
    return np.ndim(vector) == 0 and pa.scalar(vector, from_pandas=True).as_py() is None
