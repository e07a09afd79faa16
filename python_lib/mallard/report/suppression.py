"""Hides figures of few customers: of segments, of features within segments, and of categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mallard.engines.duckdb.database import Database
from mallard.report.data import Feature, Row, Segment
from mallard.report.disclosure import Disclosure, parts_to_hide
from mallard.report.features import column_of
from mallard.tables.find import SegmentationTables


@dataclass(frozen=True)
class Counted:
    """How many customers are behind the figures of a feature, by segment.

    Attributes:
        known: the number of customers with a value.
        larger: the number of those with the larger value, if there are but two; None otherwise.
    """

    known: dict[int, int]
    larger: dict[int, int] | None


@dataclass(frozen=True)
class Hidden:
    """What has no figures in a report.

    Attributes:
        segments: by id.
        features: by name.
        cells: pairs of a segment's id and a feature's name.
    """

    segments: frozenset[int] = frozenset()
    features: frozenset[str] = frozenset()
    cells: frozenset[tuple[int, str]] = frozenset()

    @property
    def has_anything(self) -> bool:
        """Whether anything is hidden."""
        return bool(self.segments or self.features or self.cells)

    def applied(self, segment: Segment, features: Sequence[Feature]) -> Segment:
        """The segment without what is hidden."""
        if segment.segment_id in self.segments:
            nothing = dict.fromkeys(segment.means)
            return replace(
                segment,
                name=f"segment {segment.segment_id}",
                n_customers=0,
                share=0.0,
                means=nothing,
                medians=nothing,
                z_scores=nothing,
                position=nothing,
                total_value=None,
                share_of_value=None,
                representatives=None,
                stability=None,
                rule_name=None,
                is_hidden=True,
            )
        gone = {f.key for f in features if (segment.segment_id, f.name) in self.cells}
        means, medians, z_scores, position = (
            {key: None if key in gone else value for key, value in of.items()}
            for of in (segment.means, segment.medians, segment.z_scores, segment.position)
        )
        return replace(segment, means=means, medians=medians, z_scores=z_scores, position=position)


def what_to_hide(
    database: Database,
    tables: SegmentationTables,
    features: Sequence[Feature],
    columns: Sequence[str],
    disclosure: Disclosure,
) -> Hidden:
    """Find what has to be hidden, so that no figure of fewer customers than allowed is shown or can be deduced.

    Args:
        columns: names of the columns of the customers.
    """
    fewest = disclosure.suppress_below
    if fewest <= 1:
        return Hidden()
    sizes, counted = _counted(database, tables, features)
    segments = parts_to_hide({segment: [n] for segment, n in sizes.items()}, fewest) | _without_size(database, tables)
    cells = {
        (segment, name)
        for name, of_feature in counted.items()
        for segment in parts_to_hide({segment: [n] for segment, n in of_feature.known.items()}, fewest)
        if segment not in segments
    }
    return Hidden(frozenset(segments), frozenset(_of_two_values(counted, columns, segments, fewest)), frozenset(cells))


def _without_size(database: Database, tables: SegmentationTables) -> set[int]:
    """The segments that the tables have no figures of."""
    rows = database.tuples(f"select distinct segment_id from {tables.beside['profiles']} where n_customers is null")
    return {segment for (segment,) in rows}


def without_small_counts(statuses: Sequence[Row], disclosure: Disclosure) -> list[Row]:
    """Special cases; the number of few customers is None."""
    return [row | {"n": None if disclosure.hides(row["n"]) else row["n"]} for row in statuses]


def _counted(
    database: Database, tables: SegmentationTables, features: Sequence[Feature]
) -> tuple[dict[int, int], dict[str, Counted]]:
    """The sizes of all segments, and the counts of each feature, by its name."""
    bounds, columns = [], []
    for i, value in enumerate(f.value for f in features):
        lowest, highest = f"mallard__lowest_{i}", f"mallard__highest_{i}"
        bounds.append(f"min({value}) as {lowest}, max({value}) as {highest}")
        are_two = f"coalesce(bool_and({value} in ({lowest}, {highest})), true)"
        columns.append(f"count({value}), count(*) filter (where {value} > {lowest}), {are_two}")
    found = database.tuples(
        f"select segment_id, count(*), {', '.join(columns)} from {tables.customers} "
        f"cross join (select count(*), {', '.join(bounds)} from {tables.customers} where segment_id is not null) "
        "where segment_id is not null group by segment_id"
    )
    counted = {}
    for i, feature in enumerate(features):
        of_feature = {segment: rest[3 * i : 3 * i + 3] for segment, _, *rest in found}
        counted[feature.name] = Counted(
            known={segment: known for segment, (known, _, _) in of_feature.items()},
            larger={segment: larger for segment, (_, larger, _) in of_feature.items()}
            if all(are_two for _, _, are_two in of_feature.values())
            else None,
        )
    return {segment: n for segment, n, *_ in found}, counted


def _of_two_values(
    counted: dict[str, Counted], columns: Sequence[str], hidden_segments: set[int], fewest: int
) -> set[str]:
    """Names of the categories, and of other features with but two values, that give away few customers of a segment.

    Of two values, the mean says how many customers have which.
    """
    by_column: dict[str, list[str]] = {}
    for name, of_feature in counted.items():
        if of_feature.larger is not None:
            by_column.setdefault(column_of(name, columns), []).append(name)
    hidden: set[str] = set()
    for names in by_column.values():
        parts: dict[str | None, list[int]] = {
            name: _groups(counted[name].larger or {}, hidden_segments) for name in names
        }
        known = _groups(counted[names[0]].known, hidden_segments)
        parts[None] = [n - sum(of_names) for n, *of_names in zip(known, *parts.values(), strict=True)]
        hidden |= {name for name in parts_to_hide(parts, fewest) if name is not None}
    return hidden


def _groups(of_segments: dict[int, int], hidden_segments: set[int]) -> list[int]:
    """A count for each segment, and one for all hidden segments, because their sum can be deduced."""
    return [n for segment, n in of_segments.items() if segment not in hidden_segments] + [
        sum(n for segment, n in of_segments.items() if segment in hidden_segments)
    ]
