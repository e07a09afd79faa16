"""Reads the history of a segmentation, as far as a report may show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.labels import plain
from mallard.report.data import UNNAMED, Feature, Row, Segment
from mallard.report.disclosure import Disclosure
from mallard.report.features import short
from mallard.report.history import Drift, Fate, Flow, History, Part
from mallard.report.history_suppression import without_few
from mallard.tables.find import SegmentationTables
from mallard.tables.history import history_rows, last_build

HISTORY = {
    "builds": ("build", "built_at", "version", "is_fit", "reason", "n_joined", "n_left", "n_moved"),
    "versions": ("version", "fitted_at"),
    "lineage": (
        "version",
        "segment_id",
        "segment_name",
        "fate",
        "new_segment_id",
        "share_of_old",
        "share_of_new",
        "keeps_id",
    ),
    "transitions": (
        "build",
        "part",
        "kind",
        "from_segment_id",
        "from_segment_name",
        "to_segment_id",
        "to_segment_name",
        "n_customers",
        "value_before",
        "value",
    ),
    "drift": (
        "build",
        "version",
        "against",
        "segment_id",
        "segment_name",
        "feature",
        "measure",
        "value_before",
        "value",
        "size",
        "bound",
        "is_significant",
        "is_material",
        "decides",
    ),
}
"""The columns that the report reads, by table. All of these tables may be left out."""
MEANS = ("feature mean", "mean")
"""Measures that say by how much a mean moved, and not where to."""
NAMED = (
    ("lineage", "segment"),
    ("transitions", "from_segment"),
    ("transitions", "to_segment"),
    ("drift", "segment"),
)
"""Columns with ids and names of segments, without their endings."""


def read_history(
    database: Database,
    tables: SegmentationTables,
    features: Sequence[Feature],
    hidden_features: Collection[str],
    segments: Sequence[Segment],
    disclosure: Disclosure,
    hides_value: bool,
) -> History | None:
    """What the last build found, compared with the build before and with the fit.

    Args:
        features: all that are known.
        hidden_features: names of those that have no figures.
        segments: those of today.
        hides_value: whether nothing may be said of what customers are worth.

    Returns:
        None if nobody knows, or at the first build.
    """
    last = last_build(database, tables)
    if last is None or last["n_joined"] is None:
        return None
    drift = history_rows(database, tables, "drift", "build", last["build"])
    found = {
        "lineage": history_rows(database, tables, "lineage", "version", last["version"]),
        "transitions": history_rows(database, tables, "transitions", "build", last["build"]),
        "drift": [row for row in drift if row["against"] == "fit" and row["size"] is not None],
    }
    fitted = history_rows(database, tables, "versions", "version", last["version"])
    labels = {feature.name: feature.label for feature in features}
    hidden = frozenset(Part(row["part"]) for row in found["transitions"] if row["n_customers"] is None)
    history = History(
        build=last["build"],
        built_at=last["built_at"],
        version=last["version"],
        fitted_at=fitted[0]["fitted_at"] if fitted else None,
        is_fit=last["is_fit"],
        reason=plain(last["reason"] or ""),
        n_joined=last["n_joined"],
        n_left=last["n_left"],
        n_moved=last["n_moved"],
        flows=[_flow(row, hides_value) for row in found["transitions"] if Part(row["part"]) not in hidden],
        hidden=hidden,
        fates=[_fate(row) for row in found["lineage"]],
        drift=[
            _drift(row, labels) for row in found["drift"] if row["measure"] not in MEANS or row["value"] is not None
        ],
        names=_names(found, segments, disclosure),
    )
    if disclosure.suppress_below <= 1:
        return history
    shown = [feature for feature in features if feature.name not in hidden_features]
    is_segment_hidden = any(segment.is_hidden for segment in segments)
    return without_few(history, disclosure, is_segment_hidden, _with_many_values(database, tables, shown))


def _with_many_values(database: Database, tables: SegmentationTables, features: Sequence[Feature]) -> set[str]:
    """Labels of the features that have more than two values: of two, a mean counts each."""
    found = set()
    for feature in features:
        value, customers = feature.value, tables.customers
        [(n_between,)] = database.tuples(
            f"select count(*) from {customers} cross join (select min({value}) as mallard__lowest, max({value}) as "
            f"mallard__highest from {customers}) where {value} > mallard__lowest and {value} < mallard__highest"
        )
        if n_between:
            found.add(feature.label)
    return found


def _names(found: Mapping[str, Sequence[Row]], segments: Sequence[Segment], disclosure: Disclosure) -> dict[int, str]:
    """What segments are called: those of today as everywhere in the report, and others as the tables call them.

    A segment by vectors is named after a customer, and with figures hidden the name of a small one tells of these few.
    """
    of_today = {segment.segment_id: segment.name for segment in segments}
    names_customers = any(segment.is_by_vector for segment in segments) and not (disclosure.ids and disclosure.rows)
    before: dict[int, str] = {}
    for what, column in NAMED:
        for row in found[what]:
            if row[f"{column}_id"] is not None:
                before[row[f"{column}_id"]] = short(row[f"{column}_name"] or "") or "(no name)"
    if names_customers:
        before = dict.fromkeys(before, UNNAMED)
    if disclosure.suppress_below > 1:
        before = {segment: f"segment {segment}" for segment in before}
    return before | of_today


def _flow(row: Row, hides_value: bool) -> Flow:
    return Flow(
        part=Part(row["part"]),
        kind=row["kind"],
        source=row["from_segment_id"],
        target=row["to_segment_id"],
        n_customers=row["n_customers"],
        value_before=None if hides_value else row["value_before"],
        value=None if hides_value else row["value"],
    )


def _fate(row: Row) -> Fate:
    return Fate(
        fate=row["fate"],
        segment=row["segment_id"],
        new_segment=row["new_segment_id"],
        share_of_old=row["share_of_old"],
        share_of_new=row["share_of_new"],
        keeps_id=row["keeps_id"],
    )


def _drift(row: Row, labels: Mapping[str, str]) -> Drift:
    return Drift(
        measure=row["measure"],
        version=row["version"],
        segment=row["segment_id"],
        label=None if row["feature"] is None else labels.get(row["feature"], short(row["feature"])),
        value_before=row["value_before"],
        value=row["value"],
        size=-abs(row["size"]) if row["measure"] in MEANS and row["value"] < row["value_before"] else row["size"],
        bound=row["bound"],
        is_significant=bool(row["is_significant"]),
        is_material=row["is_material"],
        decides=bool(row["decides"]),
    )
