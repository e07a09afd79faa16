"""The Python step of a segmentation that finds its groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import refusals

if TYPE_CHECKING:
    from mallard.engines.engine import Connection


def write_groups(
    connection: Connection,
    meta: Any,
    config: Sequence[str],
    beside: Sequence[str],
    added: Sequence[str],
    scratch: str | None = None,
) -> None:
    """Look at mallard__customers, and write one row per value of the column of the groups into mallard__groups.

    Args:
        meta, config, beside, added: as in `mallard.steps.segmentation.write_plan`.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        import pyarrow as pa

        from mallard.engines.engine import columns_of, session_of
        from mallard.inputs.groups import groups_of
        from mallard.inputs.plan import checked
        from mallard.inputs.reading import check_misplaced, read_settings

        session, table = session_of(connection, scratch), "mallard__customers"
        check_misplaced(config, beside)
        settings = checked(columns_of(session.relation(table)), added, table, read_settings(meta), session.query)
        rows = [
            {"number": number, "name": group.name, "n_rows": group.n_rows, "value": value}
            for number, group in enumerate(groups_of(table, settings, session.query), start=1)
            for value in group.values
        ]
        kinds = {"number": pa.int32(), "name": pa.string(), "n_rows": pa.int64(), "value": pa.string()}
        session.write("mallard__groups", pa.Table.from_pylist(rows, pa.schema(kinds)))
