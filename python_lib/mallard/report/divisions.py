"""Which segment came out of which, as far as a report may show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mallard.engines.duckdb.database import Database
from mallard.report.data import Link, Row, Segment
from mallard.report.disclosure import Disclosure
from mallard.tables.find import SegmentationTables

DIVISIONS = ("n_clusters", "segment_id", "parent_id", "share_of_segment", "share_of_parent")
"""The columns that the report reads."""
BEFORE, AFTER = 5, 2
"""How many numbers of segments are shown before and after the chosen one."""
HALF = 0.5


def read_divisions(
    database: Database,
    tables: SegmentationTables,
    n_clusters: int,
    segments: Sequence[Segment],
    n_customers: int,
    disclosure: Disclosure,
    is_weighted: bool,
) -> list[Link]:
    """The links between segments of numbers about the chosen one.

    With figures hidden, only those are left that give away no count of few customers: none if a segment is hidden, or
    if customers have weights; otherwise those steps around the chosen number in which no link is of few customers.

    Args:
        n_clusters: the chosen number of segments.
        segments: those that have customers.
        n_customers: number of customers with a segment.
    """
    if "divisions" not in tables.beside:
        return []
    rows = database.rows(
        f"select * from {tables.beside['divisions']} order by n_clusters asc, segment_id asc, parent_id asc"
    )
    steps: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        steps[row["n_clusters"]].append(row)
    steps = {k: of_k for k, of_k in steps.items() if all(row["share_of_segment"] is not None for row in of_k)}
    hides = disclosure.suppress_below > 1
    if hides and (is_weighted or any(segment.is_hidden for segment in segments)):
        return []
    linked = _with_shares(steps, n_clusters, {segment.segment_id: segment.share for segment in segments})
    before = _open(range(n_clusters, n_clusters - BEFORE, -1), linked, n_customers, disclosure)
    after = _open(range(n_clusters + 1, n_clusters + AFTER + 1), linked, n_customers, disclosure)
    return [link for k in sorted([*before, *after]) for link in linked[k]]


def _open(
    numbers: Iterable[int], linked: Mapping[int, Sequence[Link]], n_customers: int, disclosure: Disclosure
) -> list[int]:
    """The numbers up to the first that isn't known or gives away a count of few customers."""
    found: list[int] = []
    for k in numbers:
        links = linked.get(k)
        if not links or any(_is_of_few(link, n_customers, disclosure) for link in links):
            break
        found.append(k)
    return found


def _is_of_few(link: Link, n_customers: int, disclosure: Disclosure) -> bool:
    return disclosure.suppress_below > 1 and link.share * n_customers < disclosure.suppress_below - HALF


def _with_shares(
    steps: Mapping[int, Sequence[Row]], chosen: int, of_chosen: Mapping[int, float]
) -> dict[int, list[Link]]:
    """The links of every number of segments that leads to the chosen one, or from it, with their shares of all.

    Args:
        of_chosen: share of all customers of each segment of the chosen number; one without customers has none.
    """
    linked: dict[int, list[Link]] = {}
    shares = of_chosen
    for k in range(chosen, min(steps, default=chosen) - 1, -1):
        linked[k] = [
            _link(row, row["share_of_segment"] * shares.get(row["segment_id"], 0.0)) for row in steps.get(k, [])
        ]
        shares = _summed((link.parent, link.share) for link in linked[k])
    shares = of_chosen
    for k in range(chosen + 1, max(steps, default=chosen) + 1):
        linked[k] = [_link(row, row["share_of_parent"] * shares.get(row["parent_id"], 0.0)) for row in steps.get(k, [])]
        shares = _summed((link.segment, link.share) for link in linked[k])
    return linked


def _link(row: Row, share: float) -> Link:
    return Link(
        row["n_clusters"], row["segment_id"], row["parent_id"], row["share_of_segment"], row["share_of_parent"], share
    )


def _summed(shares: Iterable[tuple[int, float]]) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for segment, share in shares:
        found[segment] += share
    return found
