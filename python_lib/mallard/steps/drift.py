"""The Python step of a segmentation that looks for drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mallard.steps.terminal import refusals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from mallard.kmeans.points import Floats
    from mallard.lifecycle.passes import Pass


def write_drift(
    connection: DuckDBPyConnection, moments: Mapping[str, Mapping[str, Any]], features: Sequence[str]
) -> None:
    """Compare mallard__pass with the pass at the fit, and write how they differ into the table mallard__drift.

    Args:
        moments: the pass at the fit, one row by the id of each segment.
        features: names of the features that are numbers, in order.
    """
    with refusals():
        import pyarrow as pa

        from mallard.engines.duckdb.session import Session
        from mallard.lifecycle.drift import changes, kappa, overlap

        session = Session(connection)
        segments = sorted(map(int, moments))
        fit = _pass([moments[str(segment)] for segment in segments], len(features))
        names = ("n", "sums", "squares", "squared_distances", "fourth_powers")
        found = {
            row[0]: dict(zip(names, row[1:], strict=True))
            for row in session.query(f"select segment_id, {', '.join(names)} from mallard__pass")
        }
        empty = {"n": 0, "sums": [0] * len(features), "squares": [0] * len(features)}
        now = _pass([found.get(segment, empty) for segment in segments], len(features))
        both = session.query("select before, now, n from mallard__both")
        agreement, n_common = kappa(both)
        found_changes = changes(fit, now, overlap(n_common, agreement, fit, now))
        columns = {
            "measure": pa.array([change.measure for change in found_changes], pa.string()),
            "feature": pa.array(
                [None if change.feature is None else features[change.feature] for change in found_changes], pa.string()
            ),
            "size": pa.array([change.size for change in found_changes], pa.float64()),
            "bound": pa.array([change.bound for change in found_changes], pa.float64()),
            "p_value": pa.array([change.p_value for change in found_changes], pa.float64()),
            "is_material": pa.array([change.is_material for change in found_changes], pa.bool_()),
        }
        session.write("mallard__drift", pa.table(columns))


def _pass(rows: Sequence[Mapping[str, Any]], n_features: int) -> Pass:
    import numpy as np

    from mallard.lifecycle.passes import Pass

    def column(name: str) -> Floats:
        return np.array([row.get(name) or 0.0 for row in rows], dtype=float)

    def table(name: str) -> Floats:
        return np.array([row[name] for row in rows], dtype=float).reshape(len(rows), n_features)

    return Pass(column("n"), table("sums"), table("squares"), column("squared_distances"), column("fourth_powers"))
