"""A segmentation as an ONNX graph: raw columns in, segments and distances out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from mallard.export.scoring import MISSING_TEXT, Arrays, scores
from mallard.sql.scaled_expression import TEXT, VECTOR, RawColumn
from mallard.tables.stored import StoredSegmentation

OPSET, IR_VERSION = 19, 9
"""The oldest operators that compare texts, and the files that came with them, so that old runtimes read the graph."""
ROWS = "n_rows"


class OnnxArrays(Arrays[str]):
    """Nodes of a graph; a value is the name of an output of one."""

    def __init__(self, columns: Sequence[RawColumn]) -> None:
        self.nodes: list[Any] = []
        self.inputs = [_input(column) for column in columns]
        self._constants: dict[tuple[Any, ...], str] = {}

    def number(self, column: str, above: float | None) -> str:
        return self.in_range(self._in_rows(column), above)

    def vector(self, column: str, size: int) -> str:
        return column

    def is_text(self, column: str, text: str) -> str:
        is_same = self._node("Cast", self._equals(column, text), to=onnx.TensorProto.DOUBLE)
        return self.either(self._equals(column, MISSING_TEXT), self.missing(), is_same)

    def constant(self, numbers: Sequence[float]) -> str:
        return self._array(np.array([numbers], dtype=np.float64))

    def add(self, a: str, b: str) -> str:
        return self._node("Add", a, b)

    def subtract(self, a: str, b: str) -> str:
        return self._node("Sub", a, b)

    def multiply(self, a: str, b: str) -> str:
        return self._node("Mul", a, b)

    def divide(self, a: str, b: str) -> str:
        return self._node("Div", a, b)

    def logarithm(self, a: str) -> str:
        return self._node("Log", a)

    def asinh(self, a: str) -> str:
        """By its definition, because runtimes have it for short floats only."""
        size = self.absolute(a)
        root = self.sqrt(self.add(self.multiply(size, size), self.constant([1.0])))
        return self.multiply(self._node("Sign", a), self.logarithm(self.add(size, root)))

    def sqrt(self, a: str) -> str:
        return self._node("Sqrt", a)

    def absolute(self, a: str) -> str:
        return self._node("Abs", a)

    def rounded(self, a: str) -> str:
        return self._node("Round", a)

    def is_greater(self, a: str, b: str) -> str:
        return self._node("Greater", a, b)

    def is_missing(self, a: str) -> str:
        return self._node("IsNaN", a)

    def either(self, condition: str, a: str, b: str) -> str:
        return self._node("Where", condition, a, b)

    def sum(self, a: str) -> str:
        return self._node("ReduceSum", a, self._array([-1]))

    def beside(self, parts: Sequence[str]) -> str:
        return self._node("Concat", *parts, axis=-1)

    def smallest(self, a: str, n: int) -> tuple[str, str]:
        number, values = self._array([n]), self._name()
        places = f"{values}_places"
        self.nodes.append(onnx.helper.make_node("TopK", [a, number], [values, places], largest=0))
        return values, places

    def at(self, a: str, position: int) -> str:
        return self._node("Gather", a, self._array([position]), axis=1)

    def flat(self, a: str) -> str:
        return self._node("Squeeze", a, self._array([-1]))

    def one_of(self, ids: Sequence[int], places: str) -> str:
        return self._node("Gather", self._array(np.array(ids, dtype=np.int32)), places)

    def id(self, value: int) -> str:
        return self._array(np.array([[value]], dtype=np.int32))

    def _in_rows(self, column: str) -> str:
        """A column of shape (n_rows, 1)."""
        return self._node("Unsqueeze", column, self._array([-1]))

    def _equals(self, column: str, text: str) -> str:
        return self._node("Equal", self._in_rows(column), self._array(np.array([[text]], dtype=object)))

    def _array(self, values: Any) -> str:
        """A constant, which is in the graph once. Lists are of whole numbers, as operators take them."""
        array: NDArray[Any] = np.asarray(values, dtype=np.int64) if isinstance(values, list) else values
        key = (array.dtype.str, array.shape, repr(array.tolist()))
        if key not in self._constants:
            self._constants[key] = self._node("Constant", value=onnx.numpy_helper.from_array(array))
        return self._constants[key]

    def _node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = self._name()
        self.nodes.append(onnx.helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _name(self) -> str:
        return f"mallard__{len(self.nodes)}"


def write_onnx(stored: StoredSegmentation, file: Path) -> None:
    """Write the graph."""
    arrays = OnnxArrays(stored.columns)
    found = scores(stored, arrays)
    arrays.nodes += [onnx.helper.make_node("Identity", [value], [name]) for name, value in found.items()]
    outputs = [onnx.helper.make_tensor_value_info(name, _type_of_output(name), [ROWS]) for name in found]
    graph = onnx.helper.make_graph(arrays.nodes, "segmentation", arrays.inputs, outputs)
    opset = onnx.helper.make_opsetid("", OPSET)
    model = onnx.helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[opset], producer_name="mallard")
    onnx.checker.check_model(model, full_check=True)
    file.write_bytes(model.SerializeToString())


def _input(column: RawColumn) -> Any:
    kind = onnx.TensorProto.STRING if column.kind == TEXT else onnx.TensorProto.DOUBLE
    shape = [ROWS, column.size] if column.kind == VECTOR else [ROWS]
    return onnx.helper.make_tensor_value_info(column.name, kind, shape)


def _type_of_output(name: str) -> int:
    return onnx.TensorProto.INT32 if name.endswith("_id") else onnx.TensorProto.DOUBLE  # type: ignore[no-any-return]
