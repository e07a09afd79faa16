"""How long the vectors of a table are."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.inputs.columns import Query
from mallard.inputs.settings import Settings
from mallard.sql.columns import Column
from mallard.sql.text import quoted


def sizes_of_vectors(columns: Sequence[Column], settings: Settings, table: str, query: Query) -> dict[str, int]:
    """The length of the longest value of each feature that is a list or an array, by its column.

    Args:
        columns: all of the table.
        table: by the name that SQL uses.
        settings: spelled as in the table, with every feature listed.
        query: runs a query on the table.
    """
    features = set(settings.features or ())
    names = [column.name for column in columns if column.element is not None and column.name in features]
    if not names:
        return {}
    [longest] = query(f"select {', '.join(f'max(len({quoted(name)}))' for name in names)} from {table}")
    return {name: size or 0 for name, size in zip(names, longest, strict=True)}
