"""The Python step of a segmentation that finds the ids of new segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def write_ids(connection: DuckDBPyConnection, old_names: Mapping[str, str], next_id: int) -> None:
    """Match the new segments to the old ones by mallard__shared, and write what becomes of them.

    The table mallard__ids has the id and name of each new segment, and mallard__fates what became of the old ones.

    Args:
        old_names: the names of the old segments by their ids.
        next_id: the first id that no segment ever had.
    """
    with refusals():
        import numpy as np
        import pyarrow as pa

        from mallard.engines.duckdb.session import Session
        from mallard.lifecycle.matching import match

        session = Session(connection)
        rule_names = dict(session.query("select segment_id, segment_name from mallard__segments order by 1 asc"))
        old_ids, new_ids = sorted(map(int, old_names)), list(rule_names)
        tables = {kind: np.zeros((len(old_ids), len(new_ids))) for kind in ("now", "near", "then")}
        left = np.zeros(len(old_ids))
        for kind, old, new, n, n_near in session.query("from mallard__shared"):
            if old not in old_ids:
                continue
            if kind == "left":
                left[old_ids.index(old)] += n
            elif new is None:
                continue
            elif kind == "then":
                tables["then"][old_ids.index(old), new_ids.index(new)] = n
            else:
                tables["now"][old_ids.index(old), new_ids.index(new)] = n
                tables["near"][old_ids.index(old), new_ids.index(new)] = n_near
        sizes = tables["now"].sum(axis=0) if tables["now"].any() else tables["then"].sum(axis=0)
        matching = match(tables["near"], sizes, tables["then"], left)
        ids, names = [], []
        for new, old in zip(new_ids, matching.kept, strict=True):
            ids.append(next_id if old is None else old_ids[old])
            next_id += old is None
            names.append(rule_names[new] if old is None else old_names[str(old_ids[old])])
        session.write(
            "mallard__ids",
            pa.table(
                {
                    "rule_id": pa.array(new_ids, pa.int32()),
                    "segment_id": pa.array(ids, pa.int32()),
                    "segment_name": pa.array(_unique(names, ids), pa.string()),
                    "rule_name": pa.array([rule_names[new] for new in new_ids], pa.string()),
                }
            ),
        )
        for fate in matching.fates:
            if fate.what != "survived":
                old = f"segment {old_ids[fate.old]} " if fate.old is not None else "a segment "
                into = ", ".join(str(ids[new]) for new in fate.new)
                log(f"{old}{fate.what}{f': {into}' if into else ''}")


def _unique(names: Sequence[str], ids: Sequence[int]) -> list[str]:
    """The names; one that another segment has, too, with its number."""
    return [name if names.count(name) == 1 else f"{name} ({segment})" for name, segment in zip(names, ids, strict=True)]
