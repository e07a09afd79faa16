"""The Python step of a segmentation that measures drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import log, refusals

if TYPE_CHECKING:
    from mallard.engines.engine import Connection
    from mallard.kmeans.points import Floats
    from mallard.lifecycle.change import Change
    from mallard.lifecycle.passes import Pass

Moments = Mapping[str, Mapping[str, Any]]
"""A pass as it is kept: its sums by the id of each segment that has customers."""


def write_drift(
    connection: Connection,
    version: int,
    at_fit: Moments,
    at_build_before: Mapping[str, Any] | None,
    names: Mapping[str, str],
    features: Sequence[str],
    entity: str,
    may_fit: bool,
    scratch: str | None = None,
) -> None:
    """Compare mallard__pass with earlier passes, and write how they differ into the table mallard__drift.

    The table mallard__drifted has what asks for a fit, in a sentence, null if nothing does; and the overlap with the
    pass at the fit.

    Args:
        version: by which all passes are.
        at_fit: the pass at the fit.
        at_build_before: that at the build before, as `segments`, and its `overlap` with that at the fit; None if that
            build wasn't by this version.
        names: of the segments, by their ids.
        features: names of the features that are numbers, in order.
        entity: what a row is called.
        may_fit: whether drift leads to a fit.
        scratch: see `mallard.engines.engine.session_of`.
    """
    with refusals():
        import pyarrow as pa

        from mallard.engines.engine import session_of
        from mallard.lifecycle.drift import changes
        from mallard.lifecycle.of_segments import changes_of_segments
        from mallard.lifecycle.overlap import NO_OVERLAP, Overlap, Shared
        from mallard.lifecycle.psi import psi

        session = session_of(connection, scratch)
        segments = sorted(map(int, names))
        columns = [name.lower() for name in session.relation("mallard__pass").columns]
        rows = [dict(zip(columns, row, strict=True)) for row in session.query("from mallard__pass")]
        now = _pass({str(row["segment_id"]): row for row in rows}, segments, len(features))
        fit, before = (
            _pass(moments, segments, len(features)) for moments in (at_fit, (at_build_before or {}).get("segments", {}))
        )
        overlap = with_fit = NO_OVERLAP
        if at_build_before and before.total and now.total:
            overlap = Overlap.of([Shared(*row) for row in session.query("from mallard__both")], before, now)
            with_fit = Overlap(*at_build_before["overlap"]).then(overlap)
        found: list[tuple[str, Change, bool]] = []
        for against, earlier, of in (("fit", fit, with_fit), ("build before", before, overlap)):
            if earlier.total and now.total:
                found += [(against, change, against == "fit") for change in changes(earlier, now, of)]
                informing = [psi(earlier, now, of), *changes_of_segments(earlier, now, of)]
                found += [(against, change, False) for change in informing]
        session.write("mallard__drift", _table(version, found, segments, names, features))
        reason = _say([change for _, change, decides in found if decides], features, version, entity, may_fit)
        known = {"reason": reason, "overlap_of_shares": with_fit.shares, "overlap_of_values": with_fit.values}
        kinds = {"reason": pa.string(), "overlap_of_shares": pa.float64(), "overlap_of_values": pa.float64()}
        session.write("mallard__drifted", pa.Table.from_pylist([known], pa.schema(kinds)))


def _pass(moments: Moments, segments: Sequence[int], n_features: int) -> Pass:
    import numpy as np

    from mallard.lifecycle.passes import Pass

    rows = [moments.get(str(segment), {}) for segment in segments]

    def column(name: str) -> Floats:
        return np.array([row.get(name, 0.0) for row in rows], dtype=float)

    def table(name: str) -> Floats:
        return np.array([row.get(name, [0.0] * n_features) for row in rows], dtype=float).reshape(len(rows), n_features)

    return Pass(
        column("n"),
        column("weight"),
        column("squared_weights"),
        table("sums"),
        table("squares"),
        column("squared_distances"),
        column("fourth_powers"),
        column("largest"),
        column("n_far"),
    )


def _table(
    version: int,
    found: Sequence[tuple[str, Change, bool]],
    segments: Sequence[int],
    names: Mapping[str, str],
    features: Sequence[str],
) -> Any:
    import pyarrow as pa

    rows = [
        {
            "version": version,
            "against": against,
            "segment_id": None if change.segment is None else segments[change.segment],
            "segment_name": None if change.segment is None else names[str(segments[change.segment])],
            "feature": None if change.feature is None else features[change.feature],
            "measure": change.measure,
            "value_before": change.before,
            "value": change.value,
            "size": change.size,
            "bound": change.bound,
            "p_value": change.p_value,
            "is_significant": change.is_significant,
            "is_material": change.is_material,
            "decides": decides,
        }
        for against, change, decides in found
    ]
    text, number, flag = pa.string(), pa.float64(), pa.bool_()
    kinds = {"version": pa.int32(), "against": text, "segment_id": pa.int32(), "segment_name": text}
    kinds |= {"feature": text, "measure": text, "value_before": number, "value": number, "size": number}
    kinds |= {"bound": number, "p_value": number, "is_significant": flag, "is_material": flag, "decides": flag}
    return pa.Table.from_pylist(rows, pa.schema(kinds))


def _say(deciding: Sequence[Change], features: Sequence[str], version: int, entity: str, may_fit: bool) -> str | None:
    """Return the reason for a fit, if there is one; otherwise log what was found."""
    from mallard.lifecycle.words import described, foremost
    from mallard.nouns import noun

    many = noun(entity).many
    if not deciding:
        log(f"no drift can be measured since version {version} was fitted, because nobody has a segment")
        return None
    if material := [change for change in deciding if change.is_material]:
        reason = f"the data drifted: {described(foremost(material), features, version, many)}"
        if may_fit:
            return reason
        log(reason)
        return None
    if significant := [change for change in deciding if change.is_significant]:
        log(f"too little drift for a new fit: {described(foremost(significant), features, version, many)}")
    else:
        log(f"no drift since version {version} was fitted")
    return None
