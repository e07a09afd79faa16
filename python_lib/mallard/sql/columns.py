"""Columns of a table, as queries need them."""

from __future__ import annotations

from typing import NamedTuple

FRACTIONS = {"float", "double"}
SMALL_WHOLE_NUMBERS = {"tinyint", "smallint", "integer", "bigint"}
WHOLE_NUMBERS = {u + size for u in ("", "u") for size in ("tinyint", "smallint", "integer", "bigint", "hugeint")}
NUMBERS = WHOLE_NUMBERS | FRACTIONS | {"decimal", "bignum"}
"""Types, as `Column.kind` has them."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        kind: the engine's name for the type, in lower case and without parameters, such as "double".
        element: the type of the elements of a list or an array; None for other types.
    """

    name: str
    kind: str
    element: str | None = None


class Scaled(NamedTuple):
    """A column with a scaled feature.

    Attributes:
        size: number of positions of a vector, which is a DOUBLE[size]; None for a number.
    """

    name: str
    size: int | None = None


Bounds = tuple[float, float]
"""Lowest and highest value."""
