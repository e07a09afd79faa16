"""Customers in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from mallard.engines.duckdb.session import first_line
from mallard.engines.queried_rows import QueriedRows
from mallard.errors import MallardError
from mallard.kmeans.points import Floats
from mallard.sql import points as queries
from mallard.sql.columns import Scaled
from mallard.stopping import seam

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

TABLE = "mallard__rows"
"""Name of the relation in queries; no view beneath the relation may refer to this name."""
BATCH_ROWS = 2**17


@contextmanager
def rows_in_order(relation: DuckDBPyRelation) -> Iterator[None]:
    """Read rows in the order of the table, also where the setting preserve_insertion_order is off.

    The last bits of sums over chunks depend on that order, and no query can ask for it without a sort.

    Raises:
        MallardError: the setting is off and locked.
    """
    name = "preserve_insertion_order"
    [(is_on,)] = _run(relation, f"select current_setting('{name}')")
    if is_on:
        yield
        return
    try:
        _run(relation, f"set {name} = true")
    except duckdb.Error as error:
        raise MallardError(
            f"DuckDB's setting {name} is off and can't be turned on for the fit ({first_line(error)}): turn it on in "
            "profiles.yml."
        ) from None
    try:
        yield
    finally:
        _run(relation, f"set {name} = false")


def _run(relation: DuckDBPyRelation, statement: str) -> list[tuple[Any, ...]]:
    """What a statement returns on the connection of a relation. DuckDB 2.0 runs it when its result is read."""
    result = relation.query(TABLE, statement)
    return [] if result is None else result.fetchall()


def rows_where(relation: DuckDBPyRelation, table: str, condition: str) -> pa.Table | None:
    """Rows of a table in the database of a relation; None if there is no such table, or a column of the condition."""
    try:
        found = relation.query(TABLE, f"select * from {table} where {condition}")
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    assert found is not None  # None only for statements without a result
    return found.to_arrow_table()


class DuckDBRows(QueriedRows):
    """Some columns of a relation, numbers or arrays of numbers; NULL becomes NaN."""

    def __init__(self, relation: DuckDBPyRelation, columns: Sequence[str], weight_column: str | None = None) -> None:
        self._relation = relation
        super().__init__(TABLE, scaled_columns(relation, columns), weight_column)

    def chunks(self, size: int) -> Iterator[tuple[Floats, Floats | float]]:
        """Yield chunks of shape (n_features, rows in chunk), in the order of the relation, and their weights."""
        widths = [*(of or 1 for of in self.sizes), *([1] if self._weight else [])]
        n_columns, ends = sum(widths), np.cumsum(widths)
        places = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
        piece, n_filled = np.empty((n_columns, size)), 0
        for columns in self._batches():  # their size depends on the number of threads, unlike ours
            start, stop = 0, len(columns[0])
            while start < stop:
                n_taken = min(stop - start, size - n_filled)
                for place, column in zip(places, columns, strict=True):
                    piece[place, n_filled : n_filled + n_taken] = column[start : start + n_taken].T
                start, n_filled = start + n_taken, n_filled + n_taken
                if n_filled == size:
                    yield self._with_weights(piece)
                    piece, n_filled = np.empty((n_columns, size)), 0
        if n_filled:
            yield self._with_weights(piece[:, :n_filled])

    def _with_weights(self, piece: Floats) -> tuple[Floats, Floats | float]:
        return (piece[:-1], piece[-1]) if self._weight else (piece, 1.0)

    def _batches(self) -> Iterator[list[Floats]]:
        """Yield all rows in batches, in the order of the relation: columns, the last one with the weights, if any."""
        for batch in self._query(queries.rows_sql(TABLE, self._columns, self._weight)).to_arrow_reader(BATCH_ROWS):
            yield [values_of(column) for column in batch.columns]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._query(sql).fetchall()

    def _fetch(self, sql: str, *others: str) -> tuple[Floats, ...]:
        found = self._query(sql).to_arrow_table()
        coordinates = np.column_stack([values_of(found[column.name].combine_chunks()) for column in self._columns])
        return coordinates, *(values_of(found[other].combine_chunks()) for other in others)

    def _query(self, sql: str) -> DuckDBPyRelation:
        seam()
        result = self._relation.query(TABLE, sql)
        assert result is not None  # None only for statements without a result
        return result


def scaled_columns(relation: DuckDBPyRelation, columns: Sequence[str]) -> list[Scaled]:
    """Columns of a relation, with the sizes of vectors."""
    kinds = dict(zip(relation.columns, relation.types, strict=True))
    return [Scaled(column, _size_of(kinds[column])) for column in columns]


def _size_of(kind: DuckDBPyType) -> int | None:
    """Number of positions of an array; None for a number."""
    size = dict(kind.children)["size"] if kind.id == "array" else None
    return size if isinstance(size, int) else None


def values_of(column: pa.Array) -> Floats:
    """The values of a column, NaN where there is none: shape (n_rows,), or (n_rows, n_positions) of arrays."""
    if isinstance(column, pa.FixedSizeListArray):
        rows = values_of(column.values).reshape(-1, column.type.list_size)[column.offset : column.offset + len(column)]
        return np.where(column.is_valid().to_numpy(zero_copy_only=False)[:, None], rows, np.nan)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
