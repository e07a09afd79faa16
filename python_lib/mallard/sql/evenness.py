"""A number for every row that looks drawn at random between 0 and 1, and depends on its values and a seed alone.

Engines have hashes of their own. This one is made of what all compute to the same bits, whatever the order of the
rows: IEEE's sums, differences, products, square roots and floors. Of values, the last digits don't count, so that the
last bit of a logarithm, in which engines differ, hardly ever matters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mallard.sql.columns import Scaled
from mallard.sql.text import double, literal, quoted

EVEN = "mallard__even"
"""The column with the number."""
ROUGH, FINE_SUM, MIXED, LAST = (f'"mallard__{step}"' for step in ("rough", "fine", "mixed", "last"))
LOWEST, HIGHEST = 2.0**19, 2.0**20
"""Of factors that spread roots over many whole numbers: what is behind the point looks like chance, in 30 bits."""
FINE = 2.0**20
"""Tells values apart that are close to each other."""
SPLITTER = double(2.0**14 + 1)
"""Takes 14 of the 53 bits away. T. J. Dekker, "A floating-point technique for extending the available precision",
1971, doi 10.1007/BF01397083."""
SPLITTER_OF_SUMS = double(2.0**29 + 1)
"""Takes 29 bits away: engines add up products in orders of their own."""


def even_sql(rows: str, columns: Sequence[Scaled], random_state: int) -> str:
    """A query for the rows of a query with their number besides.

    Equal rows have the same number. Two seeds give numbers that have nothing to do with each other. Values from 1e-40
    to 1e25 in size are told apart.

    Args:
        columns: those that the number is made of.
    """
    rng = np.random.RandomState(random_state)
    values = [value for column in columns for value in _values(column)]
    names = [f'"mallard__root_{place}"' for place in range(len(values))]

    def factor(size: float = 1.0) -> str:
        return double(float(rng.uniform(LOWEST, HIGHEST)) * size)

    def with_columns(columns: str, query: str) -> str:
        return f"select *, {columns} from ({query})"

    roots = ", ".join(f"{_root(value)} as {name}" for value, name in zip(values, names, strict=True))
    splitters = [SPLITTER if column.size is None else SPLITTER_OF_SUMS for column in columns for _ in _values(column)]
    rounded = {
        name: f"({name} * {splitter} - ({name} * {splitter} - {name}))"
        for name, splitter in zip(names, splitters, strict=True)
    }
    start = double(float(rng.random_sample()))
    rough = " + ".join([start, *(f"sqrt(abs({of}) + 2) * {factor()}" for of in rounded.values())])
    fine = " + ".join([start, *(f"{of} * {factor(FINE)}" for of in rounded.values())])
    query = with_columns(roots, rows)
    query = with_columns(f"{rough} as {ROUGH}, {fine} as {FINE_SUM}", query)
    mixed = f"{_behind_point(ROUGH)} + {_behind_point(FINE_SUM)} + 2"
    query = with_columns(f"sqrt({mixed}) * {factor()} as {MIXED}", query)
    last = f"{_behind_point(MIXED)} + {start} + 2"
    query = with_columns(f"sqrt({last}) * {factor()} as {LAST}", query)
    return with_columns(f"{_behind_point(LAST)} as {EVEN}", query)


def _values(column: Scaled) -> list[str]:
    """What tells rows apart: the value itself, or two sums of those of a vector."""
    name = quoted(column.name)
    if column.size is None:
        return [f"cast({name} as double)"]
    rng, kind = np.random.RandomState(column.size), f"double[{column.size}]"
    factors = [literal(repr(rng.uniform(-1, 1, column.size).tolist())) for _ in range(2)]
    return [f"array_inner_product(cast({name} as {kind}), cast({of} as {kind}))" for of in factors]


def _root(value: str) -> str:
    """The fourth root, with the sign of the value: small and large values come closer in size."""
    return f"sqrt(sqrt(abs({value}))) * sign({value})"


def _behind_point(name: str) -> str:
    return f"({name} - floor({name}))"
