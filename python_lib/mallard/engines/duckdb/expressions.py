"""Expressions of stored SQL, computed for rows that are in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from mallard.engines.duckdb.session import first_line
from mallard.errors import MallardError
from mallard.sql.text import quoted


def computed(rows: pa.Table, expressions: Sequence[str], columns: Mapping[str, str]) -> list[pa.ChunkedArray]:
    """The value of each expression for every row, in the order of the rows.

    Args:
        columns: SQL of what is taken for columns, by their names.

    Raises:
        MallardError: DuckDB can't compute an expression for a row.
    """
    with duckdb.connect() as connection:
        connection.register("mallard__rows", rows)
        replaced = ", ".join(f"{sql} as {quoted(name)}" for name, sql in columns.items())
        source = f"(select * replace ({replaced}) from mallard__rows)" if columns else "mallard__rows"
        selected = ", ".join(f"{sql} as mallard__{place}" for place, sql in enumerate(expressions))
        try:
            return list(connection.sql(f"select {selected} from {source}").to_arrow_table().columns)
        except duckdb.Error as error:
            raise MallardError(
                f"the rows can't be scaled ({first_line(error)}): convert the column to what it was at the fit."
            ) from None
