"""A segmentation as a Keras model: raw columns in, segments and distances out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mallard.errors import MallardError
from mallard.export._keras import keras
from mallard.export.scoring import MISSING_TEXT, Arrays, scores
from mallard.sql.scaled_expression import TEXT, VECTOR, RawColumn
from mallard.tables.stored import StoredSegmentation

ops = keras.ops


class KerasArrays(Arrays[Any]):
    """Operations that Keras itself saves and loads, so that a model needs no code of ours."""

    def __init__(self, columns: Sequence[RawColumn]) -> None:
        self.inputs = {column.name: _input(column) for column in columns}
        self._places = {column.name: _places(column) for column in columns if column.kind == TEXT}

    def number(self, column: str, above: float | None) -> Any:
        return self.in_range(ops.expand_dims(self.inputs[column], -1), above)

    def vector(self, column: str, size: int) -> Any:
        return self.inputs[column]

    def is_text(self, column: str, text: str) -> Any:
        places, place = self._places[column]
        found = ops.expand_dims(place(self.inputs[column]), -1)
        is_same = ops.cast(ops.equal(found, places[text]), "float64")
        return self.either(ops.equal(found, places[MISSING_TEXT]), self.missing(), is_same)

    def constant(self, numbers: Sequence[float]) -> Any:
        return np.array([numbers], dtype=np.float64)

    def add(self, a: Any, b: Any) -> Any:
        return ops.add(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        return ops.subtract(a, b)

    def multiply(self, a: Any, b: Any) -> Any:
        return ops.multiply(a, b)

    def divide(self, a: Any, b: Any) -> Any:
        return ops.divide(a, b)

    def logarithm(self, a: Any) -> Any:
        return ops.log(a)

    def asinh(self, a: Any) -> Any:
        return ops.arcsinh(a)

    def sqrt(self, a: Any) -> Any:
        return ops.sqrt(a)

    def absolute(self, a: Any) -> Any:
        return ops.absolute(a)

    def rounded(self, a: Any) -> Any:
        return ops.round(a)

    def is_greater(self, a: Any, b: Any) -> Any:
        return ops.greater(a, b)

    def is_missing(self, a: Any) -> Any:
        return ops.isnan(a)

    def either(self, condition: Any, a: Any, b: Any) -> Any:
        return ops.where(condition, a, b)

    def sum(self, a: Any) -> Any:
        return ops.sum(a, axis=-1, keepdims=True)

    def beside(self, parts: Sequence[Any]) -> Any:
        return ops.concatenate(parts, axis=-1)

    def smallest(self, a: Any, n: int) -> tuple[Any, Any]:
        negative, places = ops.top_k(ops.negative(a), n)
        return ops.negative(negative), places

    def at(self, a: Any, position: int) -> Any:
        return a[:, position : position + 1]

    def flat(self, a: Any) -> Any:
        return ops.squeeze(a, axis=-1)

    def one_of(self, ids: Sequence[int], places: Any) -> Any:
        return ops.take(np.array(ids, dtype=np.int32), places)

    def id(self, value: int) -> Any:
        return np.array([[value]], dtype=np.int32)


def keras_model(stored: StoredSegmentation) -> Any:
    """A model that takes a dictionary of raw columns, and gives one of results.

    Raises:
        MallardError: Keras can't have an input of a column's name.
    """
    arrays = KerasArrays(stored.columns)
    return keras.Model(arrays.inputs, scores(stored, arrays))


def write_keras(stored: StoredSegmentation, file: Path) -> None:
    """Write the model in Keras's own format."""
    with tempfile.TemporaryDirectory() as folder:  # Keras insists on the ending
        whole = Path(folder, "model.keras")
        keras_model(stored).save(whole)
        shutil.copyfile(whole, file)


def _input(column: RawColumn) -> Any:
    if "/" in column.name:
        raise MallardError(
            f"column {column.name} has a slash in its name, which Keras doesn't take: give it another name in the "
            "select, or export another format."
        )
    shape = (column.size,) if column.kind == VECTOR else ()
    return keras.Input(shape, dtype="string" if column.kind == TEXT else "float64", name=column.name)


def _places(column: RawColumn) -> tuple[Mapping[str, int], Any]:
    """Numbers for the texts that matter, and a layer that finds them; 0 stands for all others.

    Raises:
        MallardError: a category is the text that stands for a missing one.
    """
    if MISSING_TEXT in column.categories:
        raise MallardError(
            f"column {column.name} has the category {MISSING_TEXT}, which stands for a missing text in what is "
            "exported: give it another word in the select."
        )
    texts = [*column.categories, MISSING_TEXT]
    return {text: place for place, text in enumerate(texts, start=1)}, keras.layers.StringLookup(vocabulary=texts)
