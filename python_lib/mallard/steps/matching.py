"""The Python step of a segmentation that finds the ids of new segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mallard.steps.segmentation import PREFIX
from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    import pyarrow as pa

    from mallard.engines.engine import Connection, Session
    from mallard.kmeans.points import Floats
    from mallard.lifecycle.lineage import Descent
    from mallard.lifecycle.matching import Shared


def write_ids(
    connection: Connection,
    old_names: Mapping[str, str],
    next_id: int,
    features: Sequence[str],
    scratch: str | None = None,
) -> None:
    """Match the new segments to the old ones by mallard__shared, and write what becomes of them.

    The table mallard__ids has the id and name of each new segment, and mallard__fates what became of the old ones.

    Args:
        old_names: the names of the old segments by their ids.
        next_id: the first id that no segment ever had.
        features: those by which mallard__old_places has the old centroids in the scale of today, for segments that
            share no customers.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        import pyarrow as pa

        from mallard.engines.engine import session_of
        from mallard.lifecycle.lineage import lineage
        from mallard.lifecycle.matching import match, match_by_centroids
        from mallard.lifecycle.names import names_beside

        session = session_of(connection, scratch)
        rule_names = dict(session.query("select segment_id, segment_name from mallard__segments order by 1 asc"))
        old_ids, new_ids, rules = sorted(map(int, old_names)), list(rule_names), list(rule_names.values())
        shared = _shared(session, old_ids, new_ids)
        matching = match_by_centroids(*_places(session, features)) if shared.is_nobody and features else match(shared)
        ids, names = [], []
        for old in matching.kept:
            ids.append(next_id if old is None else old_ids[old])
            next_id += old is None
            names.append(None if old is None else old_names[str(old_ids[old])])
        session.write(
            "mallard__ids",
            pa.table(
                {
                    "rule_id": pa.array(new_ids, pa.int32()),
                    "segment_id": pa.array(ids, pa.int32()),
                    "segment_name": pa.array(names_beside(names, rules, ids), pa.string()),
                    "rule_name": pa.array(rules, pa.string()),
                }
            ),
        )
        descents = lineage(matching, shared)
        session.write("mallard__fates", _table(descents, old_ids, ids))
        for fate in matching.fates:
            if fate.what != "survived":
                who = "a segment" if fate.old is None else f"segment {old_ids[fate.old]}"
                into = ", ".join(str(ids[new]) for new in fate.new)
                log(f"{who} {fate.what}{f': {into}' if into else ''}")


def _shared(session: Session, old_ids: Sequence[int], new_ids: Sequence[int]) -> Shared:
    """What mallard__shared says, for the segments with these ids."""
    import numpy as np

    from mallard.lifecycle.matching import Shared

    tables = {kind: np.zeros((len(old_ids), len(new_ids))) for kind in ("now", "near", "then")}
    left = np.zeros(len(old_ids))
    for kind, old_id, new_id, n, n_near in session.query("from mallard__shared where old_id is not null"):
        if old_id not in old_ids:
            continue
        old = old_ids.index(old_id)
        if new_id is None:
            left[old] += n
        else:
            tables[kind][old, new_ids.index(new_id)] = n
            if kind == "now":
                tables["near"][old, new_ids.index(new_id)] = n_near
    can_score = bool(tables["now"].any())
    sizes = tables["now" if can_score else "then"].sum(axis=0)
    return Shared(tables["near"] if can_score else None, sizes, tables["then"], left)


def _places(session: Session, features: Sequence[str]) -> tuple[Floats, Floats]:
    """The centroids of the old segments and of the new ones, in the order of their ids, by the features of both."""
    import numpy as np

    from mallard.sql.text import quoted

    columns = ", ".join(quoted(PREFIX + feature) for feature in features)
    old = session.query(f"select {columns} from mallard__old_places order by segment_id asc")
    new = []
    for names, centroid in session.query("select features, centroid from mallard__segments order by segment_id asc"):
        new.append([x for feature in features for name, x in zip(names, centroid, strict=True) if name == feature])
    return np.array([np.concatenate([np.atleast_1d(place) for place in row]) for row in old]), np.array(new)


def _table(descents: Sequence[Descent], old_ids: Sequence[int], ids: Sequence[int]) -> pa.Table:
    import pyarrow as pa

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([getattr(descent, name) for descent in descents], kind)

    return pa.table(
        {
            "segment_id": pa.array([None if d.old is None else old_ids[d.old] for d in descents], pa.int32()),
            "fate": column("fate", pa.string()),
            "new_segment_id": pa.array([None if d.new is None else ids[d.new] for d in descents], pa.int32()),
            "n_shared": column("n_shared", pa.int64()),
            "share_of_old": column("share_of_old", pa.float64()),
            "share_of_new": column("share_of_new", pa.float64()),
            "jaccard_now": column("jaccard_now", pa.float64()),
            "jaccard_then": column("jaccard_then", pa.float64()),
            "keeps_id": column("keeps_id", pa.bool_()),
        }
    )
