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
from mallard.inputs.rows import NOT_CONVERTED, arrow_columns, conversion_refusal

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
        inputs = self.model.inputs
        sizes = {of.name: of.shape[1] for of in inputs if _has_vectors(of)}
        found = arrow_columns(rows, [of.name for of in inputs], sizes)
        columns = {of.name: _array(found[of.name], of) for of in inputs}
        n_rows = len(found[inputs[0].name])
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


def _has_vectors(of: Any) -> bool:
    return len(of.shape) > 1


def _array(column: pa.Array | pa.ChunkedArray, of: Any) -> NDArray[Any]:
    """A column as the model takes it.

    Args:
        of: the input of the model.
    """
    try:
        if _has_vectors(of):
            return _vectors(column.to_pylist(), of.shape[1])
        if of.dtype == "string":
            texts: NDArray[Any] = column.cast(pa.string()).fill_null(MISSING_TEXT).to_numpy(zero_copy_only=False)
            return texts
        numbers: NDArray[Any] = column.cast(pa.float64(), safe=False).fill_null(MISSING).to_numpy(zero_copy_only=False)
        return numbers
    except NOT_CONVERTED as error:
        kind = f"vectors of {of.shape[1]}" if _has_vectors(of) else f"{of.dtype}s"
        raise conversion_refusal(of.name, kind, error) from None


def _vectors(vectors: Sequence[Any], size: int) -> NDArray[np.float64]:
    found = np.array([[MISSING] * size if vector is None else vector for vector in vectors], dtype=np.float64)
    found = found.reshape(len(vectors), -1 if vectors else size)
    if found.shape[1] != size:
        raise ValueError(f"they have {found.shape[1]} positions")
    return found
