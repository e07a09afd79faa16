"""Rows that people have in Python: a dictionary of columns, a DataFrame or an Arrow table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mallard.errors import MallardError

NOT_CONVERTED = (pa.ArrowException, ValueError, TypeError, OverflowError)
"""What pyarrow and numpy raise at values of another type."""


def arrow_columns(rows: Any, names: Sequence[str], sizes: Mapping[str, int]) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Columns of rows by name, in which what is missing is null: None, NaN or NA.

    Args:
        sizes: the number of positions of those columns whose values are vectors.

    Raises:
        MallardError: a column isn't there, has values of several types, or is shorter than another.
    """
    columns = {name: _column(rows, name, sizes.get(name)) for name in names}
    n_rows = max(map(len, columns.values()))
    for name, column in columns.items():
        if len(column) < n_rows:
            raise MallardError(
                f"column {name} has {len(column):,} values, and another has {n_rows:,}: give each row a value, or None."
            )
    return columns


def conversion_refusal(name: str, wanted: str, error: Exception) -> MallardError:
    """The error to raise over a column that can't be made what is wanted."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return MallardError(f"column {name} can't be made {wanted} ({said}): convert it.")


def _column(rows: Any, name: str, size: int | None) -> pa.Array | pa.ChunkedArray:
    try:
        values = rows[name]
    except (KeyError, IndexError, TypeError):
        raise MallardError(f"column {name} isn't among the rows: add it.") from None
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    try:
        if size is not None:
            values = [None if _is_missing(vector) else vector for vector in values]
        return pa.array(values, from_pandas=True)
    except NOT_CONVERTED as error:
        raise conversion_refusal(name, "a column" if size is None else f"vectors of {size}", error) from None


def _is_missing(vector: Any) -> bool:
    """Whether None, NaN or NA is in the place of a vector."""
    return np.ndim(vector) == 0 and pa.scalar(vector, from_pandas=True).as_py() is None
