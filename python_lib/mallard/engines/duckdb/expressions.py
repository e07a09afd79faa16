"""Expressions of stored SQL, computed for rows that are in Python."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from mallard.engines.duckdb.session import first_line
from mallard.errors import MallardError


def computed(rows: pa.Table, expressions: Sequence[str]) -> list[pa.ChunkedArray]:
    """The value of each expression for every row, in the order of the rows.

    Raises:
        MallardError: DuckDB can't compute an expression for a row.
    """
    with duckdb.connect() as connection:
        connection.register("mallard__rows", rows)
        columns = ", ".join(f"{sql} as mallard__{place}" for place, sql in enumerate(expressions))
        try:
            return list(connection.sql(f"select {columns} from mallard__rows").to_arrow_table().columns)
        except duckdb.Error as error:
            raise MallardError(
                f"the rows can't be scaled ({first_line(error)}): convert the column to what it was at the fit."
            ) from None
