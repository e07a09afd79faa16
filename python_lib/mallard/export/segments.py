"""The segments of a segmentation, and those that somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mallard.engines.duckdb.database import Database
from mallard.errors import MallardError
from mallard.inputs.values import enumerated, listed
from mallard.labels import in_list, plain
from mallard.nouns import Noun


class Segment(NamedTuple):
    """A segment that has customers. Its name is plain."""

    id: int
    name: str

    @property
    def label(self) -> str:
        """What it is called in a list."""
        return f"{self.id} {in_list(self.name)}"


def segments_of(database: Database, customers: str) -> list[Segment]:
    """The segments that the customers of a table are in, by id."""
    rows = database.tuples(
        f"select segment_id, any_value(segment_name) from {customers} where segment_id is not null "
        "group by segment_id order by segment_id asc"
    )
    return [Segment(segment_id, plain(name or "")) for segment_id, name in rows]


def chosen_segments(segments: Sequence[Segment], asked: Sequence[str], rows: Noun) -> list[Segment]:
    """The segments with these ids or names, each once, by id. The case of letters in a name doesn't matter.

    Args:
        rows: what the rows of the segmentation are called.

    Raises:
        MallardError: no segment is called so, or several are.
    """
    return sorted({_segment(segments, one, rows) for one in asked})


def _segment(segments: Sequence[Segment], asked: str, rows: Noun) -> Segment:
    name = plain(asked).casefold()
    found = [segment for segment in segments if str(segment.id) == name]
    found = found or [segment for segment in segments if segment.name.casefold() == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise MallardError(
            f"{len(found)} segments are called {asked}: give an id, one of {listed([segment.id for segment in found])}."
        )
    names = enumerated([segment.label for segment in segments])
    raise MallardError(f"there is no segment {asked} with {rows.many}: choose the id or the name of one of {names}.")
